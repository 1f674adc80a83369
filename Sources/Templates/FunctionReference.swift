public import Expressions
import Values

/// The reference of the functions, in Markdown: made from the functions themselves, with what their examples give.
public enum FunctionReference {
  /// The record of the examples.
  private static let record = """
    {"id": 7, "no": 42, "code": "W01", "name": " Lamp ", "file": "orders.csv", "path": "a/b", "phone": "139-1234", \
    "remark": "urgent", "enabled": "true", "qty": 2, "weight": "1.5", "price": 12.30, "rate": 0.12345, "balance": -3, \
    "prices": [9.90, 12.30], "tags": ["new", "red"], "codes": ["b", "a"], "body": "text", \
    "extra": "{\\"color\\": \\"red\\"}", "modified": "2026-01-31 08:00:00", \
    "shop_id": 10001, "customer": "C001", \
    "items": [{"sku": "a", "qty": 1, "note": "gift"}, {"sku": "b", "qty": 2}]}
    """

  /// A function with what its example gives.
  public struct Entry: Sendable {
    /// The function.
    public let function: FunctionDescription
    /// What the example gives, as JSON; nil where it cannot be evaluated by itself.
    public let result: String?
    /// Why it cannot.
    public let problem: String?
  }

  /// Every function that a mapping may call, by name, then those of a connector's parameters.
  public static func entries() throws -> [Entry] {
    let mapping = ExpressionScope.mappingEnvironment(
      MappingLookups(
        value: { _, _, isReverse, _ in isReverse ? "10001" : "C001" },
        record: { _, _, wantsDelivered, _ in
          wantsDelivered ? ["id": "77", "revision": 1, "state": "done"] : ["code": "C001", "name": "Ann"]
        }))
    let parameters = ExpressionScope.parameterEnvironment(
      secret: { _ in "(the secret)" }, variable: { _ in nil })
    let standard = Set(mapping.functionDescriptions.map(\.name))
    return try mapping.functionDescriptions.map { try entry($0, mapping) }
      + parameters.functionDescriptions.filter { !standard.contains($0.name) }.map { try entry($0, parameters) }
  }

  private static func entry(_ function: FunctionDescription, _ environment: ExpressionEnvironment) throws -> Entry {
    var sample = try Value(json: record).mapValue.map { Array($0.entries) } ?? []
    let date = Timestamp("2026-01-31T00:00:00Z").map { Value.timestamp($0) } ?? .null
    sample += [(.string("io_date"), date), (.string("created"), date)]
    let all = environment.adding(variables: ["record"])
    var activation = Activation(environment: all)
    activation.set(
      "record",
      .map(ValueMap(sample.map { key, value in (key.value.stringValue ?? "", value) })))
    do {
      let value = try Expression(function.example, environment: all).evaluate(activation)
      return Entry(function: function, result: value.json(), problem: nil)
    } catch {
      return Entry(function: function, result: nil, problem: "\(error)")
    }
  }

  /// The page.
  public static func page() throws -> String {
    var text = """
      # The functions

      Made from the program's own tables. The examples' `record` is

      ```json
      \(record)
      ```

      and its `io_date` and `created` are the timestamp 2026-01-31T00:00:00Z. `value()`, `reverseValue()`, `find()` and `findDelivered()` are there in
      mappings, `secret()` and `env()` in a connector's parameters, all others everywhere. Macros: `has(a.b)`, `list.all(x, p)`, `exists`, `exists_one`, `filter`, `map`, `sortBy`
      and, with two variables, `all`, `exists`, `existsOne`, `transformList`, `transformMap`, `transformMapEntry`; `cel.bind(x, value, expression)`,
      where the value is worked out once it is asked for; `cel.block([a, b], expression)` with `cel.index(0)`; `optMap`, `optFlatMap`.

      | function | what | example | gives |
      |---|---|---|---|

      """
    for entry in try entries() {
      let forms = entry.function.signatures.map { "`\($0)`" }.joined(separator: "<br>")
      let cells = [forms, entry.function.summary, "`\(entry.function.example)`", "`\(entry.result ?? "")`"]
      text += "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |\n"
    }
    return text
  }
}
