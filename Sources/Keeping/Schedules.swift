public import Values

/// What is started by a schedule.
///
/// The raw values are what stores keep.
public enum ScheduleKind: Int, Sendable, CaseIterable, Codable {
  /// The source is asked at times.
  case source = 0
  /// Writes are queued at times.
  case target = 1
  /// The source is asked for what is missing.
  case remedy = 2
  /// The source is asked when another hub's pull has ended.
  case after = 3
  /// The source is another hub's delivered records, and is read when there are new ones.
  case fed = 4

  /// The kind's name, as commands show it.
  public var name: String { "\(self)" }

  /// Whether its slots mean something else where it says something new: what was seen and done before tells nothing then.
  public var countsAnew: Bool { self == .fed }
}

/// Which schedule of a store is meant: a hub has at most one of each kind.
public struct ScheduleKey: Sendable, Hashable, Comparable {
  /// The hub.
  public var hub: String
  /// What is started.
  public var kind: ScheduleKind

  /// A key of its parts.
  public init(_ hub: String, _ kind: ScheduleKind) {
    self.hub = hub
    self.kind = kind
  }

  /// By hub, then by kind.
  public static func < (left: ScheduleKey, right: ScheduleKey) -> Bool {
    (left.hub, left.kind.rawValue) < (right.hub, right.kind.rawValue)
  }
}

/// A schedule to be kept in mind.
public struct NewSchedule: Sendable, Equatable {
  /// Which one.
  public var key: ScheduleKey
  /// What it says; where that is another than before, what came before the change is not made up for, unless it
  /// ``ScheduleKind/countsAnew``: then its runs are forgotten.
  public var rule: String
  /// Up to which slot nothing is to be started any more.
  public var seen: Int64

  /// A schedule of its parts.
  public init(key: ScheduleKey, rule: String, seen: Int64) {
    self.key = key
    self.rule = rule
    self.seen = seen
  }
}

/// What a store knows of a schedule.
public struct ScheduleState: Sendable, Equatable {
  /// Which one.
  public var key: ScheduleKey
  /// What it said when it was looked at last.
  public var rule: String
  /// The last slot that was looked at.
  ///
  /// A slot is a time in milliseconds since 1970, for `after` the number of a pull, for `fed` a position among delivered records.
  public var seen: Int64
  /// The runs that have not ended, and the latest one, in the order of their slots.
  public var runs: [ScheduledRun]

  /// A state of its parts.
  public init(key: ScheduleKey, rule: String, seen: Int64, runs: [ScheduledRun]) {
    self.key = key
    self.rule = rule
    self.seen = seen
    self.runs = runs
  }
}

/// Where a run of a schedule stands.
///
/// The raw values are what stores keep.
public enum ScheduledRunState: Int, Sendable, CaseIterable, Codable {
  /// It will be started when what is in its way has ended.
  case waiting = 0
  /// A scheduler is queueing its tasks.
  case begun = 1
  /// Its tasks are in the queue; what became of them is the queue's to say.
  case dispatched = 2
  /// The run before it had not ended.
  case skipped = 3
  /// No scheduler ran at its time.
  case missed = 4

  /// The state's name, as commands show it.
  public var name: String { "\(self)" }
  /// True where nothing more is to be done for it.
  public var isOver: Bool { self != .waiting && self != .begun }
}

/// One run of a schedule.
public struct ScheduledRun: Sendable, Equatable {
  /// Whose run it is.
  public var key: ScheduleKey
  /// Which one: the time it is for, for `after` the pull that was waited for, for `fed` the position up to which there was something new.
  public var slot: Int64
  /// Where it stands.
  public var state: ScheduledRunState
  /// How many times before it were passed over because no scheduler ran.
  public var missed: Int
  /// When it was looked at first.
  public var enteredAt: Timestamp
  /// When its tasks were in the queue, or it was given up.
  public var endedAt: Timestamp?
  /// The pull it started.
  public var pull: Int64?
  /// How that pull stands: `open`, `complete` or `failed`.
  public var pullState: String?
  /// How many records it looked at, where it queued writes.
  public var records: Int
  /// How many writes it queued.
  public var writes: Int
  /// What there is to say.
  public var note: String?

  /// A run of its parts.
  public init(
    key: ScheduleKey, slot: Int64, state: ScheduledRunState, missed: Int = 0, enteredAt: Timestamp,
    endedAt: Timestamp? = nil, pull: Int64? = nil, pullState: String? = nil, records: Int = 0, writes: Int = 0,
    note: String? = nil
  ) {
    self.key = key
    self.slot = slot
    self.state = state
    self.missed = missed
    self.enteredAt = enteredAt
    self.endedAt = endedAt
    self.pull = pull
    self.pullState = pullState
    self.records = records
    self.writes = writes
    self.note = note
  }
}

/// The next step of a run.
public struct RunStep: Sendable {
  /// What is to be done.
  public enum Action: Sendable {
    /// Start a pull. Where the hub has an open one, the run waits or is skipped; it always waits for a pull of another kind.
    case pull(NewPull, waitsForItsLike: Bool)
    /// Queue writes: the run is the owner's until a time, or until ``ScheduleStore/endRun(_:slot:owner:records:writes:now:)``.
    case begin(until: Timestamp)
    /// Note that there is nothing to do.
    case end(note: String)
    /// Wait for what is in its way.
    case wait(note: String)
    /// Pass over it.
    case skip(note: String)
    /// Note that its time was missed.
    case miss(note: String)
  }

  /// Whose run it is.
  public var key: ScheduleKey
  /// Which one.
  public var slot: Int64
  /// How many times before it were passed over because no scheduler ran.
  public var missed: Int
  /// The worker's name, from ``Store/openSession()``.
  public var owner: String
  /// The lead under which it is done; where that is lost, nothing is.
  public var lead: Lead?
  /// What is to be done.
  public var action: Action
  /// The time now.
  public var now: Timestamp

  /// A step of its parts.
  public init(
    key: ScheduleKey, slot: Int64, missed: Int = 0, owner: String, lead: Lead? = nil, action: Action, now: Timestamp
  ) {
    self.key = key
    self.slot = slot
    self.missed = missed
    self.owner = owner
    self.lead = lead
    self.action = action
    self.now = now
  }
}

/// The right to be the one among many who does something.
public struct Lead: Sendable, Equatable {
  /// What is led.
  public var name: String
  /// The worker's name.
  public var owner: String
  /// Grows with every change of the leader; a lead of an earlier epoch is worth nothing.
  public var epoch: Int64
  /// When it ends unless it is taken again.
  public var until: Timestamp

  /// A lead of its parts.
  public init(name: String, owner: String, epoch: Int64, until: Timestamp) {
    self.name = name
    self.owner = owner
    self.epoch = epoch
    self.until = until
  }
}

/// The end of a pull, for those who wait for it.
public struct PullEnd: Sendable, Equatable {
  /// The hub.
  public var hub: String
  /// The latest pull that has ended; 0 where there is none.
  public var latest: Int64
  /// The latest pull that read everything; 0 where there is none.
  public var latestComplete: Int64
  /// True where nothing of the hub is left to be sent.
  public var isDelivered: Bool

  /// An end of its parts.
  public init(hub: String, latest: Int64, latestComplete: Int64, isDelivered: Bool) {
    self.hub = hub
    self.latest = latest
    self.latestComplete = latestComplete
    self.isDelivered = isDelivered
  }
}
