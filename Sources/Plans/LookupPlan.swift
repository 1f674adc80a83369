/// How a hub's mapping finds kept records of a hub: by the fields that `find()` names, which the store keeps an index for.
public struct LookupPlan: Codable, Sendable, Hashable {
  /// The hub whose records are looked at.
  public var hub: String
  /// The fields of its records that are compared, sorted; `buyer.code` is a field of a map in the record.
  public var fields: [String]

  /// A lookup; its fields in any order.
  public init(hub: String, fields: some Sequence<String>) {
    self.hub = hub
    self.fields = Set(fields).sorted()
  }
}

extension ExecutionPlan {
  /// Every lookup that a hub of the plan asks, sorted.
  public var lookups: [LookupPlan] {
    Set(hubs.flatMap { $0.lookups ?? [] }).sorted {
      $0.hub == $1.hub ? $0.fields.lexicographicallyPrecedes($1.fields) : $0.hub < $1.hub
    }
  }
}
