public import Values

/// A query task to be put into a source queue.
public struct NewQuery: Sendable, Equatable {
  /// What to ask for; the worker's own form.
  public var payload: Value
  /// The parent it asks for, of a hub that asks for each of some; where it ends without success the pull goes on.
  public var parent: String?

  /// A query of its payload.
  public init(payload: Value) { self.init(payload: payload, parent: nil) }

  /// A query for a parent.
  public init(payload: Value, parent: String?) {
    self.payload = payload
    self.parent = parent
  }
}

/// A write task to be put into a target queue.
public struct NewWrite: Sendable {
  /// The records it carries, in the order they stand in the body.
  public var items: [WriteItem]
  /// What to send, rendered: the worker's own form.
  ///
  /// It is kept, so that an attempt sends the same bytes as the one before.
  public var payload: [UInt8]
  /// True where an attempt of unknown outcome may be made again without a person.
  public var sendsAgain: Bool
  /// Keeps other writes of the hub with the same lock from being queued until this one is done or given up.
  public var lock: String?
  /// True where what it carries may have arrived already, with a write before it.
  public var isDoubtful = false
  /// For a write that goes on with records of another: the task whose part it is, where that is not the one that was settled.
  public var origin: Int64?
  /// For a write that goes on with records of another: when it is to be tried, where that is later.
  public var due: Timestamp?
  /// For a write that goes on with records of another: how many attempts of it failed already.
  public var attempts = 0
  /// What it means that it arrived, where that is more than that the target has its records: a person may have to say so.
  public var arrival: WriteArrival?

  /// A write of its parts.
  public init(items: [WriteItem], payload: [UInt8], sendsAgain: Bool, lock: String? = nil, isDoubtful: Bool = false) {
    self.items = items
    self.payload = payload
    self.sendsAgain = sendsAgain
    self.lock = lock
    self.isDoubtful = isDoubtful
  }
}

/// One record in a write task.
public struct WriteItem: Sendable, Hashable {
  /// The record's number in the hub's records.
  public var record: Int64
  /// The revision that was rendered.
  public var revision: Int64

  /// A record at a revision.
  public init(record: Int64, revision: Int64) {
    self.record = record
    self.revision = revision
  }
}

/// The right to run a task: whoever settles one must hold the lease it was claimed with.
public struct TaskLease: Sendable, Hashable {
  /// The task's number.
  public let task: Int64
  /// The worker's name.
  public let owner: String
  /// How often the task has been claimed; a lease of an earlier epoch is worth nothing.
  public let epoch: Int64

  /// A lease of its parts.
  public init(task: Int64, owner: String, epoch: Int64) {
    self.task = task
    self.owner = owner
    self.epoch = epoch
  }
}

/// A task a worker has claimed.
public struct ClaimedTask: Sendable {
  /// The right to settle it.
  public let lease: TaskLease
  /// The hub.
  public let hub: String
  /// The side.
  public let side: Side
  /// The pull a query belongs to.
  public let pull: Int64?
  /// How many attempts were made before this one.
  public let attempts: Int
  /// What to ask for or send; the JSON of a query's payload or the bytes of a write's.
  public let payload: [UInt8]
  /// The records a write carries.
  public let items: [WriteItem]
  /// Until when it is the worker's, unless its lease is made longer.
  public let leasedUntil: Timestamp
  /// That what a write carries may have arrived already; nil where it cannot have.
  public var doubt: SendDoubt?

  /// A task of its parts.
  public init(
    lease: TaskLease, hub: String, side: Side, pull: Int64?, attempts: Int, payload: [UInt8], items: [WriteItem],
    leasedUntil: Timestamp
  ) {
    self.leasedUntil = leasedUntil
    self.lease = lease
    self.hub = hub
    self.side = side
    self.pull = pull
    self.attempts = attempts
    self.payload = payload
    self.items = items
  }
}

/// What a worker asks for when it asks for tasks.
public struct ClaimRequest: Sendable {
  /// The hub.
  public var hub: String
  /// The side.
  public var side: Side
  /// The most tasks to hand over.
  public var limit: Int
  /// The most tasks of the queue that may be running at once, all workers together.
  public var concurrency: Int
  /// The worker's name, from ``Store/openSession()``.
  public var owner: String
  /// The time now.
  public var now: Timestamp
  /// For how long the tasks are the worker's.
  public var lease: TimeSpan

  /// A request of its parts.
  public init(
    hub: String, side: Side, limit: Int, concurrency: Int = .max, owner: String, now: Timestamp, lease: TimeSpan
  ) {
    self.hub = hub
    self.side = side
    self.limit = limit
    self.concurrency = concurrency
    self.owner = owner
    self.now = now
    self.lease = lease
  }
}

/// Why something failed, as it is kept beside a task or a record.
public struct Failure: Sendable, Equatable, Codable {
  /// The kind: `notSent`, `rateLimited`, `unauthenticated`, `rejected`, `alreadyExists`, `uncertain`, `mapping`, `noKey`,
  /// `unexpectedAnswer`, ...
  public var kind: String
  /// What happened, in words.
  public var message: String
  /// The field of the mapping or of the record it is about.
  public var field: String?
  /// The platform's own code or status.
  public var status: Int?
  /// When.
  public var at: Timestamp?

  /// The kind of a second call that did not give a record of a list whole.
  public static let detailKind = "detail"

  private enum CodingKeys: String, CodingKey { case kind, message, field, status, at }

  /// A failure of its parts.
  public init(kind: String, message: String, field: String? = nil, status: Int? = nil, at: Timestamp? = nil) {
    self.kind = kind
    self.message = message
    self.field = field
    self.status = status
    self.at = at
  }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decode(String.self, forKey: .kind)
    message = try values.decode(String.self, forKey: .message)
    field = try values.decodeIfPresent(String.self, forKey: .field)
    status = try values.decodeIfPresent(Int.self, forKey: .status)
    at = try values.decodeIfPresent(String.self, forKey: .at).flatMap { Timestamp($0) }
  }

  /// Writes the failure with its time as RFC 3339.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(message, forKey: .message)
    try values.encodeIfPresent(field, forKey: .field)
    try values.encodeIfPresent(status, forKey: .status)
    try values.encodeIfPresent(at?.description, forKey: .at)
  }
}

/// What became of a task that did not succeed.
public enum TaskSetback: Sendable, Equatable {
  /// Try again at a time; counts as an attempt unless it was only made to wait.
  case retry(at: Timestamp, countsAsAttempt: Bool)
  /// Every attempt failed: the task is dead, and its records are failed.
  case give
  /// The outcome is unknown and only a person may decide: task and records are uncertain.
  case uncertain
}
