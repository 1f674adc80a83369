public import Values

/// Which records to show, or to change.
public struct RecordFilter: Sendable {
  /// The hub.
  public var hub: String
  /// Only these states; all where empty.
  public var states: Set<RecordState>
  /// Only these keys; all where empty.
  public var keys: [String]
  /// Only keys or numbers that contain this text.
  public var text: String?
  /// Only those whose error is of one of these kinds; all where empty.
  public var errors: Set<String>
  /// Only those whose last change is no earlier.
  public var since: Timestamp?
  /// Only those whose last change is earlier.
  public var before: Timestamp?
  /// The most to show.
  public var limit: Int

  /// A filter of its parts.
  public init(
    hub: String, states: Set<RecordState> = [], keys: [String] = [], text: String? = nil, errors: Set<String> = [],
    since: Timestamp? = nil, before: Timestamp? = nil, limit: Int = 50
  ) {
    self.hub = hub
    self.states = states
    self.keys = keys
    self.text = text
    self.errors = errors
    self.since = since
    self.before = before
    self.limit = limit
  }
}

/// A record in a list.
public struct RecordSummary: Sendable, Codable {
  /// The number in the hub's records.
  public var id: Int64
  /// What identifies it in its hub.
  public var key: String
  /// The number people know it by.
  public var number: String?
  /// The name of its state.
  public var state: String
  /// Grows by one each time its content changes.
  public var revision: Int64
  /// The name the target gave it.
  public var targetID: String?
  /// Why it is failed, waiting or uncertain.
  public var error: Failure?
  /// RFC 3339.
  public var updatedAt: String

  /// A summary of its parts.
  public init(
    id: Int64, key: String, number: String?, state: String, revision: Int64, targetID: String?, error: Failure?,
    updatedAt: String
  ) {
    self.id = id
    self.key = key
    self.number = number
    self.state = state
    self.revision = revision
    self.targetID = targetID
    self.error = error
    self.updatedAt = updatedAt
  }
}

/// A record, whole.
public struct RecordDetail: Sendable, Codable {
  /// What the list shows.
  public var summary: RecordSummary
  /// The record as it came.
  public var content: Value
  /// The revision the target has.
  public var deliveredRevision: Int64?
  /// RFC 3339.
  public var firstSeenAt: String
  /// The query task that brought the latest revision.
  public var sourceTask: Int64?
  /// The write task that last carried it.
  public var targetTask: Int64?
  /// The parent it was asked for with, of a hub that asks for each of some.
  public var parent: String?
  /// What was done for it beside its write: follow-up calls, further documents, voids; nil where there is nothing.
  public var steps: [StepView]?

  /// A record of its parts.
  public init(
    summary: RecordSummary, content: Value, deliveredRevision: Int64?, firstSeenAt: String, sourceTask: Int64?,
    targetTask: Int64?
  ) {
    self.summary = summary
    self.content = content
    self.deliveredRevision = deliveredRevision
    self.firstSeenAt = firstSeenAt
    self.sourceTask = sourceTask
    self.targetTask = targetTask
  }
}

/// Which tasks to show, or to change.
public struct TaskFilter: Sendable {
  /// Only these numbers; all where empty.
  public var ids: [Int64]
  /// Only this hub's.
  public var hub: String?
  /// Only this side's.
  public var side: Side?
  /// Only these states; all where empty.
  public var states: Set<TaskState>
  /// Only those that last carried, or brought, a record of one of these keys, which needs the hub; all where empty.
  public var keys: [String]
  /// Only those that last carried, or brought, a record whose key or number contains this text; needs the hub.
  public var text: String?
  /// Only those whose error is of one of these kinds; all where empty.
  public var errors: Set<String>
  /// Only those that ended, or where they have not were queued, no earlier.
  public var since: Timestamp?
  /// Only those that ended, or where they have not were queued, earlier.
  public var before: Timestamp?
  /// The most to show.
  public var limit: Int

  /// A filter of its parts.
  public init(
    ids: [Int64] = [], hub: String? = nil, side: Side? = nil, states: Set<TaskState> = [], keys: [String] = [],
    text: String? = nil, errors: Set<String> = [], since: Timestamp? = nil, before: Timestamp? = nil, limit: Int = 50
  ) {
    self.ids = ids
    self.hub = hub
    self.side = side
    self.states = states
    self.keys = keys
    self.text = text
    self.errors = errors
    self.since = since
    self.before = before
    self.limit = limit
  }
}

/// A task in a list.
public struct TaskSummary: Sendable, Codable {
  /// The task's number.
  public var id: Int64
  /// The hub.
  public var hub: String
  /// `source` or `target`.
  public var side: String
  /// The name of its state.
  public var state: String
  /// How many attempts failed.
  public var attempts: Int
  /// How many records a write carries.
  public var records: Int
  /// RFC 3339; when it is due, where it is not now.
  public var runAt: String?
  /// What went wrong last.
  public var error: Failure?
  /// When it was queued; RFC 3339.
  public var createdAt: String
  /// When it ended; RFC 3339.
  public var finishedAt: String?

  /// A summary of its parts.
  public init(
    id: Int64, hub: String, side: String, state: String, attempts: Int, records: Int, runAt: String?,
    error: Failure?, createdAt: String, finishedAt: String?
  ) {
    self.id = id
    self.hub = hub
    self.side = side
    self.state = state
    self.attempts = attempts
    self.records = records
    self.runAt = runAt
    self.error = error
    self.createdAt = createdAt
    self.finishedAt = finishedAt
  }
}

/// A task, whole.
public struct TaskDetail: Sendable, Codable {
  /// What the list shows.
  public var summary: TaskSummary
  /// The worker that has it or had it last.
  public var owner: String?
  /// How often it was claimed.
  public var epoch: Int64
  /// How often it was taken from a worker that was gone.
  public var rescues: Int
  /// What it asks for or sends.
  public var payload: Value
  /// The keys of the records a write carries.
  public var keys: [String]
  /// What the ledger says of each attempt to send it.
  public var sendings: [SendingView]
  /// The task it is a part or a follower of, and the tasks that follow it; nil where there is none.
  public var origin: Int64?
  /// The tasks that were made of this one: parts it was split into, follow-up calls.
  public var followers: [Int64]?

  /// A task of its parts.
  public init(
    summary: TaskSummary, owner: String?, epoch: Int64, rescues: Int, payload: Value, keys: [String],
    sendings: [SendingView]
  ) {
    self.summary = summary
    self.owner = owner
    self.epoch = epoch
    self.rescues = rescues
    self.payload = payload
    self.keys = keys
    self.sendings = sendings
  }
}

/// One line of the ledger.
public struct SendingView: Sendable, Codable {
  /// Which claim of the task it was.
  public var epoch: Int64
  /// What is known of it.
  public var phase: String
  /// The status the target answered with.
  public var status: Int?
  /// The target's answer, cut to a reasonable length.
  public var answer: String?
  /// When it began; RFC 3339.
  public var startedAt: String
  /// How long the exchange took.
  public var durationMilliseconds: Int64?

  /// A line of its parts.
  public init(
    epoch: Int64, phase: String, status: Int?, answer: String?, startedAt: String, durationMilliseconds: Int64?
  ) {
    self.epoch = epoch
    self.phase = phase
    self.status = status
    self.answer = answer
    self.startedAt = startedAt
    self.durationMilliseconds = durationMilliseconds
  }
}

/// How a hub stands.
public struct HubStatus: Sendable, Codable {
  /// The hub.
  public var hub: String
  /// How many records are in each state, by its name.
  public var records: [String: Int]
  /// How many tasks of each side are in each state: `source.ready`, ...
  public var tasks: [String: Int]
  /// Up to where the source has been read whole; RFC 3339.
  public var watermark: String?
  /// The pull under way.
  public var pull: Pull?
  /// Since when the task that is to be run next has been in its queue, where one is due; RFC 3339.
  public var oldestReadyAt: String?
  /// When the first task that waits for another attempt is due, where none is due now; RFC 3339.
  public var nextDue: String?
  /// What went wrong last, of a record or a task.
  public var lastError: Failure?
  /// How many parents it has, of a hub that asks for each of some.
  public var parents: ParentCounts?

  /// A status of its parts.
  public init(
    hub: String, records: [String: Int], tasks: [String: Int], watermark: String?, pull: Pull?,
    oldestReadyAt: String? = nil, nextDue: String? = nil, lastError: Failure? = nil
  ) {
    self.hub = hub
    self.records = records
    self.tasks = tasks
    self.watermark = watermark
    self.pull = pull
    self.oldestReadyAt = oldestReadyAt
    self.nextDue = nextDue
    self.lastError = lastError
  }
}

/// A plan to be deployed.
public struct NewDeployment: Sendable {
  /// The plan's canonical bytes.
  public var plan: [UInt8]
  /// The plan's digest.
  public var digest: String
  /// The generation it was compared with, 0 for none; another one in force makes the plan stale.
  ///
  /// Nil asks for no comparison.
  public var replaces: Int?
  /// Who deploys.
  public var by: String
  /// The Git commit.
  public var commit: String?
  /// When.
  public var at: Timestamp
  /// What the audit log calls it: `deploy`, `rollback`.
  public var action = "deploy"
  /// Why, in the person's words.
  public var reason: String?

  /// A deployment of its parts.
  public init(plan: [UInt8], digest: String, replaces: Int?, by: String, commit: String?, at: Timestamp) {
    self.plan = plan
    self.digest = digest
    self.replaces = replaces
    self.by = by
    self.commit = commit
    self.at = at
  }
}

/// A deployed plan.
public struct Deployment: Sendable {
  /// Its number; the highest one is in force.
  public var generation: Int
  /// The plan's bytes; empty in lists.
  public var plan: [UInt8]
  /// The plan's digest.
  public var digest: String
  /// Who deployed it.
  public var by: String
  /// The Git commit.
  public var commit: String?
  /// RFC 3339.
  public var at: String

  /// A deployment of its parts.
  public init(generation: Int, plan: [UInt8], digest: String, by: String, commit: String?, at: String) {
    self.generation = generation
    self.plan = plan
    self.digest = digest
    self.by = by
    self.commit = commit
    self.at = at
  }
}
