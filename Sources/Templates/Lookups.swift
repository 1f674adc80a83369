public import Expressions
public import Values

/// What `value()` and `reverseValue()` ask.
///
/// - Parameters:
///   - table: the name of a value mapping.
///   - code: the code, never null.
///   - isReverse: whether the other side's code is given.
///   - fallback: what the call says to take where there is no entry.
/// - Throws: ``EvaluationError`` where there is no entry and nothing to take; of kind `waiting` where it may still come.
public typealias ValueLookup =
  @Sendable (
    _ table: String, _ code: Value, _ isReverse: Bool, _ fallback: Value?
  ) throws -> Value

extension ExpressionScope {
  /// The functions that ask value mappings by name.
  public static let lookupFunctions: Set<String> = ["value", "reverseValue"]

  /// The environment of mappings, with what answers `value()` and `reverseValue()`.
  public static func mappingEnvironment(_ lookup: @escaping ValueLookup) -> ExpressionEnvironment {
    let plain = ExpressionEnvironment.standard.adding(variables: ExpressionScope.mapping.variables)
    return adding(
      "value", isReverse: false, "What a code becomes by a value mapping.", #"value("customers", record.shop_id)"#,
      adding(
        "reverseValue", isReverse: true, "The code that becomes another by a value mapping.",
        #"reverseValue("customers", record.customer)"#, plain, lookup), lookup)
  }

  private static func adding(
    _ name: String, isReverse: Bool, _ summary: String, _ example: String, _ environment: ExpressionEnvironment,
    _ lookup: @escaping ValueLookup
  ) -> ExpressionEnvironment {
    environment.adding(
      function: name, arity: 2...3,
      signatures: ["\(name)(string, dyn) -> dyn", "\(name)(string, dyn, dyn) -> dyn"], summary: summary,
      example: example
    ) { arguments in
      guard let table = arguments[0].stringValue else {
        throw EvaluationError(
          .noSuchOverload, "\(name)() takes the name of a value mapping, then a code", help: "write \(example)")
      }
      let fallback: Value? = arguments.count == 3 ? .some(arguments[2]) : .none
      guard !arguments[1].isNull else {
        if let fallback { return fallback }
        throw EvaluationError(
          .missingValue, "\(name)(\"\(table)\", ...) was given null for a code",
          help: "say what to take then: \(name)(\"\(table)\", x, \"...\")")
      }
      return try lookup(table, arguments[1], isReverse, fallback)
    }
  }
}
