import Expressions
import Testing
import Values

@Suite("What the checker knows of types")
struct TypeTests {
  private static let item = RecordType(
    name: "item", [.init("sku", .string), .init("qty", .int), .init("note", .string, isRequired: false)])
  private static let record = RecordType(
    name: "shop/orders",
    [
      .init("id", .int), .init("name", .string), .init("price", .number), .init("remark", .string.orNull),
      .init("buyer", .record(RecordType([.init("code", .string)])), isRequired: false),
      .init("status", .enumeration(["Paid", "Sent"])), .init("items", .list(.record(item))),
      .init("extra", .map(.string, .dyn)), .init("either", .union(of: [.int, .string])), .init("any", .dyn),
      .init("modified", .timestamp), .init("flag", .bool),
    ])
  private static let environment = ExpressionEnvironment().adding(types: ["record": .record(record)])

  private static let optionalHelp =
    "write x.orValue(...) for what the optional holds, with what to take where it has none"

  @Test(
    "every expression has the type of its value",
    arguments: [
      ("record.id + 1", "int"), ("record.price * record.id", "number"), ("record.price * 0.5", "decimal"),
      ("record.id * 0.5", "decimal"), ("2 * 0.5", "none"), ("record.name + 'x'", "string"),
      ("record.remark", "string or null"),
      ("record.items.map(i, i.qty)", "list(int)"), ("record.items.filter(i, i.qty > 1)[0].sku", "string"),
      ("record.items[0].qty", "int"), ("record.?buyer.code", "optional_type(string)"),
      ("record.?buyer.code.orValue('')", "string"), ("record.flag ? 1 : 'x'", "int or string"),
      ("record.extra.a", "dyn"), ("[1, 2].size()", "int"), ("{'a': 1}.a", "int"),
      ("cel.bind(x, record.id, [x])", "list(int)"),
      ("record.items.transformMap(i, v, v.sku)", "map(int, string)"), ("record.modified.getFullYear()", "int"),
      ("record.modified + duration('1h')", "timestamp"), ("record.items.sortBy(i, i.qty)[0].sku", "string"),
      ("record.name.split(',')", "list(string)"), ("record.items.exists(i, i.qty == 0)", "bool"),
      ("decimal(record.name)", "decimal"), ("dyn(1)", "dyn"), ("[?record.?buyer]", "list(map)"),
      ("math.greatest(record.id, 3)", "int"), ("record.flag || record.any", "bool"),
      ("record.items.map(i, i.qty).sum()", "int"), ("[1, 2].map(x, x * 0.9)", "list(decimal)"),
      ("cel.bind(n, record.id, n * 0.9)", "decimal"), ("[1].map(x, cel.bind(n, x, n * 0.9))", "list(decimal)"),
      ("(record.id + 1) * 2.5", "decimal"), ("record.?buyer.code.orValue(null)", "string or null"),
      ("(record.flag ? [1] : ['x']).map(i, i)", "list(int or string)"),
      ("(record.flag ? [1] : ['x']).distinct()", "list(int or string)"),
      ("(record.flag ? [1] : [record.items]).distinct().first()", "optional_type(int or list(map))"),
      ("type(record.either) == string ? 0 : record.either", "int"),
      ("type(record.either) != string ? record.either : 0", "int"),
      ("type(record.remark) == null_type ? '' : record.remark", "string"),
      ("type(record.items) == list ? 1 : record.items", "int or list(map)"),
    ])
  func types(source: String, expected: String) throws {
    if expected == "none" {
      #expect(throws: ExpressionIssues.self) { try Expression(source, environment: TypeTests.environment) }
    } else {
      #expect(try Expression(source, environment: TypeTests.environment).type.description == expected)
    }
  }

  @Test(
    "what never fits is an issue of its class, at its place",
    arguments: [
      ("record.nmae", "unknownField", "record.nmae", "did you mean 'name'?"),
      ("record.items[0].sk", "unknownField", "record.items[0].sk", "did you mean 'sku'?"),
      ("record.items.map(i, i.size)", "unknownField", "i.size", nil),
      ("has(record.nothing)", "unknownField", "has(record.nothing)", nil),
      ("record.?nothing.orValue(1)", "unknownField", "record.?nothing", nil),
      (
        "record.name + 1", "noOverload", "record.name + 1",
        "write string(x) to make it text, or int(x) or decimal(x) to calculate"
      ),
      ("size(record.id)", "noOverload", "size(record.id)", nil),
      ("record.name.foo()", "unknownFunction", "record.name.foo()", nil),
      ("record.id.trim()", "noOverload", "record.id.trim()", nil), ("record.name.x", "noOverload", "record.name", nil),
      ("record.id == '1'", "neverEqual", "record.id == '1'", "write string(x) around the number, or quotes around it"),
      ("record.status == 'Payed'", "enumMismatch", "record.status == 'Payed'", "did you mean 'Paid'?"),
      ("record.status in ['Payd', 'X']", "enumMismatch", "record.status in ['Payd', 'X']", "did you mean 'Paid'?"),
      ("'a' in record.items.map(i, i.qty)", "neverEqual", "'a' in record.items.map(i, i.qty)", nil),
      ("record.id ? 1 : 2", "noOverload", "record.id", nil), ("!record.name", "noOverload", "record.name", nil),
      ("record.name < 3", "noOverload", "record.name < 3", nil),
      ("record.name.all(x, true)", "noOverload", "record.name", nil),
      ("record.name.substring('a')", "noOverload", "record.name.substring('a')", nil),
      ("record.items['a']", "noOverload", "'a'", nil), ("-record.name", "noOverload", "record.name", nil),
      ("(1 + 1) * 2.5", "noOverload", "(1 + 1) * 2.5", "a double is not exact; write decimal(x), or double(x)"),
      ("cel.bind(n, 2, n * 0.9)", "noOverload", "n * 0.9", nil),
      ("size('abc') / 2.0", "noOverload", "size('abc') / 2.0", nil),
      (
        "[1, 2].map(x, cel.bind(n, 2, n + x) * 0.5)[0] + [3].map(x, 0.5 * size([1]))[0]", "noOverload",
        "0.5 * size([1])", nil
      ),
      ("record.?buyer.code + '!'", "noOverload", "record.?buyer.code + '!'", TypeTests.optionalHelp),
      ("record.?buyer.code == 'x'", "neverEqual", "record.?buyer.code == 'x'", TypeTests.optionalHelp),
      ("record.?buyer.code.trim()", "noOverload", "record.?buyer.code.trim()", TypeTests.optionalHelp),
      ("record.?flag ? 1 : 2", "noOverload", "record.?flag", TypeTests.optionalHelp),
      ("size(record.?buyer.code) > 2", "noOverload", "size(record.?buyer.code)", TypeTests.optionalHelp),
      ("0.5.round(2)", "noOverload", "0.5.round(2)", nil),
    ] as [(String, String, String, String?)])
  func issues(source: String, kind: String, place: String, help: String?) throws {
    let error = #expect(throws: ExpressionIssues.self) { try Expression(source, environment: TypeTests.environment) }
    let issue = try #require(error?.issues.first)
    #expect(error?.issues.count == 1)
    #expect(issue.kind.rawValue == kind)
    #expect(String(decoding: Array(source.utf8)[issue.range], as: UTF8.self) == place)
    if let help { #expect(issue.help == help) }
  }

  @Test(
    "what goes wrong with some values only is a doubt",
    arguments: [
      ("record.remark + '!'", "possibleNull", "record.remark"),
      ("record.remark.size()", "possibleNull", "record.remark"),
      ("record.buyer.code", "possiblyMissing", "record.buyer"),
      ("record.either + 1", "possibleMismatch", "record.either"),
      ("record.items.map(i, i.note)", "possiblyMissing", "i.note"),
      ("record.remark < 'x'", "possibleNull", "record.remark"),
    ])
  func doubts(source: String, kind: String, place: String) throws {
    let expression = try Expression(source, environment: TypeTests.environment)
    let doubt = try #require(expression.doubts.first)
    #expect(expression.doubts.count == 1)
    #expect(doubt.kind.rawValue == kind)
    #expect(String(decoding: Array(source.utf8)[doubt.range], as: UTF8.self) == place)
  }

  @Test("what an optional gives says nothing of its field")
  func orValueTellsNothing() throws {
    let source = "record.?buyer.orValue({'code': ''}) == {} ? '' : record.buyer.code"
    #expect(try Expression(source, environment: TypeTests.environment).doubts.count == 1)
  }

  @Test("a quotient of more digits than a decimal has is an error")
  func hugeQuotient() throws {
    let source = "divide(decimal('-170141183460469231731687303715884105727') - decimal('1'), 1, 0)"
    let environment = ExpressionEnvironment.standard
    let expression = try Expression(source, environment: environment)
    #expect(throws: EvaluationError.self) { try expression.evaluate(Activation(environment: environment)) }
  }

  @Test(
    "a condition takes a doubt away",
    arguments: [
      "record.remark == null ? '' : record.remark + '!'", "record.remark != null && record.remark.size() > 3",
      "record.remark == null || record.remark.size() > 3", "has(record.buyer) ? record.buyer.code : ''",
      "!has(record.buyer) ? '' : record.buyer.code", "record.items.filter(i, has(i.note)).map(i, i.note)",
      "record.items.map(i, has(i.note), i.note)", "type(record.either) == int ? record.either + 1 : 0",
      "type(record.either) == string ? 0 : record.either + 1", "type(record.either) != int || record.either + 1 > 2",
      "!(type(record.either) == string) ? record.either + 1 : 0", "(record.flag ? [1] : ['x']).distinct().size()",
      "record.?buyer.code.orValue('')", "'buyer' in record && record.buyer.code == 'x'",
      "record.?buyer.hasValue() ? record.buyer.code : ''",
      "record.remark == 'x' ? record.remark + 'y' : ''",
    ])
  func narrowing(source: String) throws {
    #expect(try Expression(source, environment: TypeTests.environment).doubts == [])
  }

  @Test(
    "parts of which nothing is known are told, each once",
    arguments: [
      ("record.id + 1", []), ("record.any.a.b + 1", ["record.any.a.b"]), ("record.extra.a", ["record.extra.a"]),
      ("parseJson(record.name).x", ["parseJson(record.name).x"]),
      ("record.any + record.any", ["record.any", "record.any"]),
      ("other + 1", ["other"]),
    ])
  func unchecked(source: String, parts: [String]) throws {
    let environment = TypeTests.environment.adding(variables: ["other"])
    let expression = try Expression(source, environment: environment)
    #expect(expression.uncheckedRanges.map { String(decoding: Array(source.utf8)[$0], as: UTF8.self) } == parts)
  }

  @Test("what is known of nothing is never wrong before it is evaluated")
  func dynamic() throws {
    let environment = ExpressionEnvironment(variables: ["record"])
    for source in ["record.a + record.b * 2", "record.x.size() > 'a'.size()", "record.a.map(i, i.b).join(',')"] {
      #expect(try Expression(source, environment: environment).doubts == [])
    }
  }

  @Test("the result of a look-up by name has the type its table has")
  func lookups() throws {
    let environment = TypeTests.environment
      .adding(function: "value", arity: 2...2, signatures: ["value(string, dyn) -> dyn"]) { $0[1] }
      .adding(resultTypesOf: "value") { $0 == "customers" ? .string : nil }
    #expect(try Expression("value('customers', record.id)", environment: environment).type == .string)
    #expect(try Expression("value('others', record.id)", environment: environment).type == .dyn)
  }

  @Test("a text that is compared with one that is written out is that one")
  func narrowingTexts() throws {
    let narrow = TypeTests.environment.refined(by: "record.status == 'Paid'")
    #expect(try Expression("record.status", environment: narrow).type.strings == ["Paid"])
    let among = TypeTests.environment.refined(by: "record.name in ['a', 'b'] && record.flag")
    #expect(try Expression("record.name", environment: among).type.strings == ["a", "b"])
    #expect(throws: ExpressionIssues.self) {
      try Expression("record.status == 'Sent' && record.status == 'Payed'", environment: TypeTests.environment)
    }
  }

  @Test("a condition that holds narrows the variables of an environment")
  func refining() throws {
    let narrow = TypeTests.environment.refined(by: "has(record.buyer) && record.remark != null")
    #expect(try Expression("record.buyer.code + record.remark", environment: narrow).doubts == [])
    #expect(try Expression("record.buyer.code", environment: TypeTests.environment).doubts.count == 1)
  }
}
