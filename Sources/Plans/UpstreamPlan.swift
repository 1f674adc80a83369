/// A source that is another hub: the records its target has.
public struct UpstreamPlan: Codable, Sendable, Equatable {
  /// The hub.
  public var hub: String
  /// What identifies a record, over `record`; the other hub's key of it where this is nil.
  public var key: String?
  /// The number people know a record by, over `record`; the other hub's where this is nil.
  public var number: String?

  /// A source of its parts.
  public init(hub: String, key: String? = nil, number: String? = nil) {
    self.hub = hub
    self.key = key
    self.number = number
  }
}
