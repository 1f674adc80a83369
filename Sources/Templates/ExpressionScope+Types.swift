public import Expressions

extension ExpressionScope {
  /// What is known of the variables, whatever the platform and the API are.
  ///
  /// Only the compiler checks with it: a worker takes the plan it is given, and evaluates.
  public var types: [String: ExpressionType] {
    Dictionary(uniqueKeysWithValues: variables.compactMap { name in type(of: name).map { (name, $0) } })
  }

  /// What an expression may name here, with what is known of it.
  public var typedEnvironment: ExpressionEnvironment { ExpressionScope.typed[self] ?? environment }

  private static let typed = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, $0.environment.adding(types: $0.types)) })

  /// A text by any name: headers, parameters of a URL.
  private static let texts = ExpressionType.map(.string, .string)

  /// What the target knows of a record, where it has it.
  public static let delivered = ExpressionType.union(
    of: [.record(RecordType([.init("revision", .int), .init("id", .string.orNull)])), .null])

  private func type(of variable: String) -> ExpressionType? {
    switch (variable, self) {
    // These depend on what the call is for, which only the checker of its API can tell.
    case ("delivered", .apiRequest), ("delivered", .item), ("key", .apiRequest), ("keys", .apiRequest): nil
    default: type(named: variable)
    }
  }

  private func type(named variable: String) -> ExpressionType? {
    switch variable {
    case "now": .timestamp
    case "token", "idempotencyKey", "group", "key": .string
    case "keys": .list(.string)
    case "index": .int
    case "items", "records": .list(.dyn)
    case "delivered": ExpressionScope.delivered
    case "page":
      .record(
        RecordType([
          .init("number", .int), .init("offset", .int), .init("size", .int), .init("cursor", .string.orNull),
        ]))
    case "window": .record(RecordType([.init("from", .timestamp), .init("to", .timestamp)]))
    case "request":
      .record(
        RecordType([
          .init("method", .string), .init("path", .string), .init("query", Self.texts), .init("form", Self.texts),
          .init("headers", Self.texts), .init("body", .string),
        ]))
    case "response":
      .record(
        RecordType([
          .init("status", .int), .init("headers", Self.texts), .init("body", .dyn), .init("text", .string.orNull),
        ]))
    default: nil
    }
  }
}
