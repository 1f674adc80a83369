public import Expressions
public import Values

/// What answers the functions that ask for something outside of the record: value mappings, and records of other hubs.
///
/// An answer of nil means: there is nothing, take the fallback. It is only given where the call has one; otherwise the answer
/// is an error, of kind `waiting` where what is missing may still come.
public struct MappingLookups: Sendable {
  /// Answers `value()` and `reverseValue()`.
  ///
  /// - Parameters:
  ///   - table: the name of a value mapping.
  ///   - code: the code, never null.
  ///   - isReverse: whether the other side's code is given.
  public typealias ValueLookup =
    @Sendable (_ table: String, _ code: Value, _ isReverse: Bool, _ hasFallback: Bool) throws -> Value?

  /// Answers `find()` and `findDelivered()`.
  ///
  /// - Parameters:
  ///   - hub: the name of the hub whose kept records are asked.
  ///   - values: what fields of the record are to be; none is null.
  ///   - wantsDelivered: whether what the target knows of the record is asked for, instead of its content.
  public typealias RecordLookup =
    @Sendable (_ hub: String, _ values: [(field: String, value: Value)], _ wantsDelivered: Bool, _ hasFallback: Bool)
    throws -> Value?

  let value: ValueLookup
  let record: RecordLookup

  /// Lookups of two answers.
  public init(value: @escaping ValueLookup, record: @escaping RecordLookup) {
    self.value = value
    self.record = record
  }

  /// Lookups of a place where nothing can be asked: every call is an error that says so.
  public static func unavailable(
    _ reason: @escaping @Sendable (_ function: String) -> EvaluationError
  )
    -> MappingLookups
  {
    MappingLookups(
      value: { _, _, isReverse, _ in throw reason(isReverse ? "reverseValue" : "value") },
      record: { _, _, wantsDelivered, _ in throw reason(wantsDelivered ? "findDelivered" : "find") })
  }
}

extension ExpressionScope {
  /// The functions that ask value mappings by name.
  public static let lookupFunctions: Set<String> = ["value", "reverseValue"]
  /// The functions that ask for records of a hub by name.
  public static let findFunctions: Set<String> = ["find", "findDelivered"]

  /// The environment of mappings, with what answers the functions that ask.
  ///
  /// - Parameter fellBack: called when a call takes its fallback.
  public static func mappingEnvironment(
    _ lookups: MappingLookups, fellBack: @escaping @Sendable () -> Void = {}
  ) -> ExpressionEnvironment {
    ExpressionEnvironment.standard.adding(variables: ExpressionScope.mapping.variables)
      .adding(lookups: lookups, fellBack: fellBack)
  }
}

extension ExpressionEnvironment {
  /// This environment and the functions that ask.
  public func adding(
    lookups: MappingLookups, fellBack: @escaping @Sendable () -> Void = {}
  ) -> ExpressionEnvironment {
    let (value, record) = (lookups.value, lookups.record)
    return
      adding(
        asking: "value", "the name of a value mapping, then a code",
        ["value(string, dyn) -> dyn", "value(string, dyn, dyn) -> dyn"],
        "What a code becomes by a value mapping.", example: #"value("customers", record.shop_id)"#, fellBack
      ) { try ask(code: $0, $1, isReverse: false, $2, value) }
      .adding(
        asking: "reverseValue", "the name of a value mapping, then a code",
        ["reverseValue(string, dyn) -> dyn", "reverseValue(string, dyn, dyn) -> dyn"],
        "The code that becomes another by a value mapping.", example: #"reverseValue("customers", record.customer)"#,
        fellBack
      ) { try ask(code: $0, $1, isReverse: true, $2, value) }
      .adding(
        asking: "find", "the name of a hub, then the fields that are compared",
        ["find(string, map(string, dyn)) -> dyn", "find(string, map(string, dyn), dyn) -> dyn"],
        "The kept record of a hub whose fields have these values; a record that finds none waits for it.",
        example: #"find("customers", {"code": record.customer}).name"#, fellBack
      ) { try ask(record: $0, $1, wantsDelivered: false, $2, record) }
      .adding(
        asking: "findDelivered", "the name of a hub, then the fields that are compared",
        ["findDelivered(string, map(string, dyn)) -> dyn", "findDelivered(string, map(string, dyn), dyn) -> dyn"],
        "What the target of a hub knows of the kept record with these values: `id`, `revision` and `state`; a record waits "
          + "until that one has been delivered.",
        example: #"findDelivered("customers", {"code": record.customer}).id"#, fellBack
      ) { try ask(record: $0, $1, wantsDelivered: true, $2, record) }
  }

  /// This environment and one function that takes a name, what is asked, and maybe what to take where there is nothing.
  private func adding(
    asking name: String, _ takes: String, _ signatures: [String], _ summary: String, example: String,
    _ fellBack: @escaping @Sendable () -> Void,
    _ ask: @escaping @Sendable (_ name: String, _ asked: Value, _ hasFallback: Bool) throws -> Value?
  ) -> ExpressionEnvironment {
    adding(function: name, arity: 2...3, signatures: signatures, summary: summary, example: example) { arguments in
      guard let resource = arguments[0].stringValue else {
        throw EvaluationError(.noSuchOverload, "\(name)() takes \(takes)", help: "write \(example)")
      }
      if let found = try ask(resource, arguments[1], arguments.count == 3) { return found }
      fellBack()
      return arguments[2]
    }
  }
}

private func ask(
  code table: String, _ code: Value, isReverse: Bool, _ hasFallback: Bool, _ lookup: MappingLookups.ValueLookup
) throws -> Value? {
  guard code.isNull else { return try lookup(table, code, isReverse, hasFallback) }
  if hasFallback { return nil }
  let name = isReverse ? "reverseValue" : "value"
  throw EvaluationError(
    .missingValue, "\(name)(\"\(table)\", ...) was given null for a code",
    help: "say what to take then: \(name)(\"\(table)\", x, \"...\")")
}

private func ask(
  record hub: String, _ asked: Value, wantsDelivered: Bool, _ hasFallback: Bool, _ lookup: MappingLookups.RecordLookup
) throws -> Value? {
  let name = wantsDelivered ? "findDelivered" : "find"
  guard case .map(let map) = asked, map.count > 0 else {
    throw EvaluationError(
      .noSuchOverload, "\(name)() takes a map of the fields that are compared, not \(asked.typeName)",
      help: "write \(name)(\"\(hub)\", {\"code\": record.code})")
  }
  var values: [(field: String, value: Value)] = []
  for (key, value) in map.entries {
    guard case .string(let field) = key else {
      throw EvaluationError(.noSuchOverload, "a field is named by a text in \(name)(\"\(hub)\", ...)")
    }
    if value.isNull {
      if hasFallback { return nil }
      throw EvaluationError(
        .missingValue, "\(name)(\"\(hub)\", ...) was given null for '\(field)'",
        help: "say what to take then: \(name)(\"\(hub)\", {...}, null)")
    }
    values.append((field, value))
  }
  return try lookup(hub, values, wantsDelivered, hasFallback)
}
