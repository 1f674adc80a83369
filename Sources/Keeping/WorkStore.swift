public import Values

/// What a store offers workers that serve many hubs: one look for all of them, and a bell.
public protocol WorkStore: Sendable {
  /// The hubs with something to do, all in one look.
  func openWork() async throws -> [OpenWork]
  /// Calls a body soon after something in the store may have changed, whoever changed it, for as long as the watch is kept; nil
  /// where changes by others only show by looking.
  func watch(_ changed: @escaping @Sendable () -> Void) -> (any StoreWatch)?
}

/// A watch of a store; it ends when it is let go.
public protocol StoreWatch: Sendable {}

/// What there is to do for a hub.
public struct OpenWork: Sendable, Equatable {
  /// The hub.
  public var hub: String
  /// How many records wait for a write.
  public var pendingRecords: Int
  /// The tasks of its source.
  public var source: OpenQueue
  /// The tasks of its target.
  public var target: OpenQueue

  /// Work of its parts.
  public init(hub: String, pendingRecords: Int, source: OpenQueue, target: OpenQueue) {
    self.hub = hub
    self.pendingRecords = pendingRecords
    self.source = source
    self.target = target
  }
}

/// What stands in a queue.
public struct OpenQueue: Sendable, Equatable {
  /// How many tasks are due.
  public var ready: Int
  /// How many tasks workers run.
  public var running: Int
  /// When the first of those that are to be tried again is due.
  public var retryAt: Timestamp?

  /// A queue of its parts.
  public init(ready: Int, running: Int, retryAt: Timestamp?) {
    self.ready = ready
    self.running = running
    self.retryAt = retryAt
  }

  /// How many tasks are due at a time; those to be tried again count as one.
  public func due(at now: Timestamp) -> Int { ready + (retryAt.map { $0 <= now } == true ? 1 : 0) }
}
