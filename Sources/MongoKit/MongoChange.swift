public import Values

/// One change of documents: which, and what.
public struct MongoChange: Sendable {
  let value: Value

  /// A change of the one document that fits a filter, or of all that do.
  ///
  /// - Parameter update: operators such as `["$set": ...]`, or a list of stages.
  public init(_ filter: Value, _ update: Value, many: Bool = false, upsert: Bool = false) {
    value = ["q": filter, "u": update, "multi": .bool(many), "upsert": .bool(upsert)]
  }
}
