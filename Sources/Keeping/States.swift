/// Where a record stands.
///
/// The raw values are what stores keep.
public enum RecordState: Int, Sendable, CaseIterable, Codable {
  /// To be sent.
  case pending = 0
  /// In a write task.
  case queued = 1
  /// The target has it.
  case done = 2
  /// It cannot be sent as it is; the error says why.
  case failed = 3
  /// Something it needs is missing; it is tried again when that appears.
  case waiting = 4
  /// The hub does not select it.
  case filtered = 5
  /// A person must release it.
  case held = 6
  /// It may or may not have arrived, and nobody may decide that but a person.
  case uncertain = 7

  /// The state's name, as commands show it.
  public var name: String { "\(self)" }

  /// The state of a name.
  public init?(name: String) {
    guard let state = RecordState.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }

  /// The states this one may turn into.
  public var successors: Set<RecordState> { RecordState.machine.successors(of: self) }
}

/// Where a queue task stands.
///
/// The raw values are what stores keep.
public enum TaskState: Int, Sendable, CaseIterable, Codable {
  /// To be run.
  case ready = 0
  /// A worker has it.
  case running = 1
  case done = 2
  /// To be run again at a time.
  case retrying = 3
  /// Every attempt failed.
  case dead = 4
  /// A person took it out.
  case cancelled = 5
  /// Its request may or may not have arrived, and nobody may decide that but a person.
  case uncertain = 6

  /// The state's name, as commands show it.
  public var name: String { "\(self)" }

  /// The state of a name.
  public init?(name: String) {
    guard let state = TaskState.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }

  /// True where no worker will run the task again by itself.
  public var isFinal: Bool { self == .done || self == .dead || self == .cancelled || self == .uncertain }

  /// The states this one may turn into.
  public var successors: Set<TaskState> { TaskState.machine.successors(of: self) }
}

/// Where a sending stands in the ledger.
///
/// The raw values are what stores keep.
public enum SendPhase: Int, Sendable, CaseIterable, Codable {
  /// Committed before the first byte; after a crash this means: nobody knows.
  case sending = 0
  case acknowledged = 1
  case rejected = 2
  case notSent = 3
  case uncertain = 4

  /// The phase's name, as commands show it.
  public var name: String { "\(self)" }
}

/// The two sides of a hub; each has a queue of its own.
public enum Side: Int, Sendable, CaseIterable, Codable {
  case source = 0
  case target = 1

  /// `source` or `target`.
  public var name: String { "\(self)" }
}
