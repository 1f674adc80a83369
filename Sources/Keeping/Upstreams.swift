/// What hubs that are fed by other hubs ask of a store.
///
/// Records of a hub have positions. One that is done has the position it got when it became so, or when its content changed
/// and it stayed so; it is greater than all that were given before. So what is done and stands behind a position is what has
/// become so since.
///
/// - Important: once ``latestDelivery(of:)`` has given a position, no record may come to be seen as done at it or before it.
public protocol UpstreamStore: Sendable {
  /// Makes the store ready to give a hub's delivered records in order; does nothing where it is.
  func keepDeliveries(of hub: String) async throws
  /// The greatest position of a hub's delivered records; nil where it has delivered none.
  func latestDelivery(of hub: String) async throws -> Int64?
  /// The delivered records of a hub behind a position and up to another one, in order.
  func deliveredRecords(
    of hub: String, after position: Int64, upTo end: Int64, limit: Int
  ) async throws -> [DeliveredRecord]
  /// Up to which position a hub has read another one's delivered records; nil where it has read none.
  func cursor(hub: String, upstream: String) async throws -> Int64?
}

/// A record that a hub has delivered.
public struct DeliveredRecord: Sendable, Equatable {
  /// Its place among the delivered records of its hub.
  public var position: Int64
  /// What identifies it in its hub.
  public var key: String
  /// The number people know it by.
  public var number: String?
  /// What is kept of it: JSON.
  public var content: [UInt8]
  /// What the target knows of it.
  public var delivered: Delivered
  /// What was done for it beside its write.
  public var steps: [DoneStep]

  /// A record of its parts.
  public init(
    position: Int64, key: String, number: String?, content: [UInt8], delivered: Delivered, steps: [DoneStep] = []
  ) {
    self.position = position
    self.key = key
    self.number = number
    self.content = content
    self.delivered = delivered
    self.steps = steps
  }
}

/// How far a hub has read the delivered records of another one.
public struct UpstreamCursor: Sendable, Equatable {
  /// The other hub.
  public var upstream: String
  /// The position up to which all is read.
  public var position: Int64

  /// A cursor of its parts.
  public init(upstream: String, position: Int64) {
    self.upstream = upstream
    self.position = position
  }
}
