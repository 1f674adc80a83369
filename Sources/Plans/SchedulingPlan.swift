/// What becomes of times that were missed, and of runs that overlap; nil is the usual.
public struct SchedulingPlan: Codable, Sendable, Equatable {
  /// Which missed times are made up for; the latest where this is nil.
  public var misfire: MisfirePolicy?
  /// How far back missed times are made up for.
  public var catchUpMilliseconds: Int64?
  /// What becomes of a time that comes while the run before goes on; it is passed over where this is nil.
  public var overlap: OverlapPolicy?

  /// A plan of its parts.
  public init(misfire: MisfirePolicy? = nil, catchUpMilliseconds: Int64? = nil, overlap: OverlapPolicy? = nil) {
    self.misfire = misfire
    self.catchUpMilliseconds = catchUpMilliseconds
    self.overlap = overlap
  }
}

/// Which times are made up for that passed while no scheduler ran.
public enum MisfirePolicy: String, Codable, Sendable, CaseIterable {
  /// The latest one.
  case latest
  /// Each of them, the oldest first.
  case all
  /// None.
  case skip
}

/// What becomes of a time that comes while the run before it goes on.
public enum OverlapPolicy: String, Codable, Sendable, CaseIterable {
  /// It is passed over.
  case skip
  /// It waits for the end of the run.
  case queue
}

/// The hub after whose pulls a source is asked.
public struct TriggerPlan: Codable, Sendable, Equatable {
  /// Which ends count.
  public enum Condition: String, Codable, Sendable, CaseIterable {
    /// A pull that read everything.
    case success
    /// Any pull that ended.
    case any
    /// A pull that read everything, once nothing of the hub is left to be sent.
    case delivered
  }

  /// The hub's name.
  public var hub: String
  /// Which ends count.
  public var on: Condition

  /// A trigger of its parts.
  public init(hub: String, on: Condition) {
    self.hub = hub
    self.on = on
  }
}
