public import Values

/// One hub of a plan: where records come from, what becomes of them, where they go.
public struct HubPlan: Codable, Sendable, Equatable {
  /// The hub's name.
  public var name: String
  /// What people call it.
  public var title: String?
  /// The source side.
  public var source: SourcePlan
  /// Which records are to be sent; the others are kept, marked `filtered`.
  public var select: String?
  /// What becomes of a record that changed after it was sent; it is sent again where this is nil.
  public var onChange: ChangePolicy?
  /// Which of the selected records wait for a person before they are sent.
  public var hold: String?
  /// The target document as a template over the source record.
  public var mapping: Value
  /// How many records become one document; each becomes one of its own where this is nil.
  public var group: GroupPlan?
  /// The value mappings its mapping asks by name, sorted; nil where there is none.
  public var valueMappings: [String]?
  /// How its mapping finds records of other hubs, sorted; nil where it asks for none.
  public var lookups: [LookupPlan]?
  /// The target side.
  public var target: TargetPlan
  /// The zone of its schedules, where it is not the plan's.
  public var timeZone: String?
  /// What becomes of missed times and overlapping runs, where the hub says so.
  public var scheduling: SchedulingPlan?
  /// What is written back when the target has a record.
  public var writeBack: WriteBackPlan?
  /// How many records of a run may fail before it stops; any number where this is nil.
  public var stopAfter: StopAfterPlan?
  /// SHA-256 over the hub, its connectors and its value mappings.
  public var digest: String

  /// A hub; its digest is worked out when it becomes part of a plan.
  public init(
    name: String, title: String?, source: SourcePlan, select: String?, onChange: ChangePolicy? = nil,
    hold: String? = nil, mapping: Value,
    valueMappings: [String] = [], lookups: [LookupPlan] = [], target: TargetPlan, timeZone: String? = nil,
    scheduling: SchedulingPlan? = nil
  ) {
    self.name = name
    self.title = title
    self.source = source
    self.select = select
    self.onChange = onChange
    self.hold = hold
    self.mapping = mapping
    self.valueMappings = valueMappings.isEmpty ? nil : valueMappings
    self.lookups = lookups.isEmpty ? nil : lookups
    self.target = target
    self.timeZone = timeZone
    self.scheduling = scheduling
    digest = ""
  }

  private struct Sealed: Encodable {
    let hub: HubPlan
    let connectors: [ConnectorPlan]
    let tables: [ValueMappingPlan]?
  }

  mutating func seal(with connectors: [String: ConnectorPlan], _ tables: [String: ValueMappingPlan]) throws {
    digest = ""
    // The third is only there where something is written back to it.
    let third = writeBack.flatMap { [source.connector, target.connector].contains($0.connector) ? nil : $0.connector }
    let used = [source.connector, target.connector, third].compactMap { name in name.flatMap { connectors[$0] } }
    let asked = valueMappings?.compactMap { tables[$0] }
    digest = try planDigest(Sealed(hub: self, connectors: used, tables: asked))
  }
}

/// The source side of a hub.
public struct SourcePlan: Codable, Sendable, Equatable {
  /// The connector's name; nil where the source is another hub.
  public var connector: String?
  /// The standard API, as this hub uses it; nil where the source is another hub.
  public var api: APIPlan?
  /// The hub whose delivered records are the source.
  public var upstream: UpstreamPlan?
  /// The parents for each of which the API is asked; nil where it is asked once.
  public var parents: ParentsPlan?
  /// The parameters the hub gives the API.
  public var with: Value
  /// When the source is to be asked, in cron's form.
  public var schedule: String?
  /// The hub after whose pulls the source is asked.
  public var after: TriggerPlan?
  /// A second, wider pull that only fills gaps.
  public var remedy: RemedyPlan?
  /// How far behind the watermark a window starts again.
  public var overlapMilliseconds: Int64
  /// How long the newest records are left to settle.
  public var settleMilliseconds: Int64
  /// How far back the first window starts, counted from the first run.
  public var lookBackMilliseconds: Int64
  /// Where the first window starts, where it is a fixed moment (RFC 3339).
  public var start: String?
  /// How long to wait before each further attempt; after the last one the task is dead.
  public var retryMilliseconds: [Int64]
  /// Chance decides how long to wait, within bounds that grow; in place of ``retryMilliseconds``.
  public var backoff: BackoffPlan?

  /// A source side of its parts.
  public init(
    connector: String?, api: APIPlan?, with: Value, schedule: String?, after: TriggerPlan? = nil,
    remedy: RemedyPlan? = nil, overlapMilliseconds: Int64, settleMilliseconds: Int64, lookBackMilliseconds: Int64,
    start: String?, retryMilliseconds: [Int64], backoff: BackoffPlan? = nil
  ) {
    self.connector = connector
    self.api = api
    self.with = with
    self.schedule = schedule
    self.after = after
    self.remedy = remedy
    self.overlapMilliseconds = overlapMilliseconds
    self.settleMilliseconds = settleMilliseconds
    self.lookBackMilliseconds = lookBackMilliseconds
    self.start = start
    self.retryMilliseconds = retryMilliseconds
    self.backoff = backoff
  }
}

/// The target side of a hub.
public struct TargetPlan: Codable, Sendable, Equatable {
  /// The connector's name.
  public var connector: String
  /// The standard API, as this hub uses it.
  public var api: APIPlan
  /// The parameters the hub gives the API.
  public var with: Value
  /// When records are to be sent, in cron's form.
  public var schedule: String?
  /// How many records go into one request.
  public var batch: Int
  /// How many requests may be on the way at once.
  public var concurrency: Int
  /// What becomes of a write whose outcome is not known.
  public var delivery: DeliveryPolicy
  /// How long to wait before each further attempt; after the last one the task is dead.
  public var retryMilliseconds: [Int64]
  /// Chance decides how long to wait, within bounds that grow; in place of ``retryMilliseconds``.
  public var backoff: BackoffPlan?
  /// How a record that may have been written is found; there where the policy is to check before writing.
  public var lookup: TargetLookupPlan?
  /// The calls that follow a write that succeeded, in order.
  public var followUps: [FollowUpPlan]?
  /// The call that changes a record that was delivered before; it is written as any other where this is nil.
  public var update: CallPlan?
  /// How a record that was delivered is taken back.
  public var void: VoidPlan?

  /// A target side of its parts.
  public init(
    connector: String, api: APIPlan, with: Value, schedule: String?, batch: Int, concurrency: Int,
    delivery: DeliveryPolicy, retryMilliseconds: [Int64], backoff: BackoffPlan? = nil
  ) {
    self.connector = connector
    self.api = api
    self.with = with
    self.schedule = schedule
    self.batch = batch
    self.concurrency = concurrency
    self.delivery = delivery
    self.retryMilliseconds = retryMilliseconds
    self.backoff = backoff
  }
}

/// Waits of which chance decides: before attempt n, anything up to `base * 2^n`, and never more than the maximum.
///
/// "Full jitter" of M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog.
public struct BackoffPlan: Codable, Sendable, Equatable {
  /// The bound before the first further attempt.
  public var baseMilliseconds: Int64
  /// The bound that is never exceeded.
  public var maximumMilliseconds: Int64
  /// How many further attempts there are; after the last one the task is dead.
  public var attempts: Int

  /// Waits of their parts.
  public init(baseMilliseconds: Int64, maximumMilliseconds: Int64, attempts: Int) {
    self.baseMilliseconds = baseMilliseconds
    self.maximumMilliseconds = maximumMilliseconds
    self.attempts = attempts
  }
}

/// What may be done about a write of which nobody knows whether it arrived.
public enum DeliveryPolicy: String, Codable, Sendable, CaseIterable {
  /// The target knows a write by its key: send it again with the same key.
  case idempotencyKey = "idempotency-key"
  /// The target replaces what it has under the record's own identity: send it again.
  case upsert
  /// The target can be asked: look the record up, and send it again only where it is not there.
  case checkBeforeWrite = "check-before-write"
  /// Better missing than twice: leave it to a person.
  case atMostOnce = "at-most-once"
  /// Better twice than missing: send it again, and count it.
  case atLeastOnce = "at-least-once"

  /// True where an uncertain write is sent again by itself.
  public var sendsAgain: Bool { self != .atMostOnce }
}
