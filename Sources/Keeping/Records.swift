public import Values

/// A record as it came from a source.
public struct IncomingRecord: Sendable {
  /// What identifies it in its hub.
  public var key: String
  /// The number people know it by.
  public var number: String?
  /// Its content as JSON.
  public var content: [UInt8]
  /// A digest of the content: another digest may be a change, the same digest is none.
  public var digest: [UInt8]
  /// `pending`, `filtered`, `held` or `failed`.
  public var state: RecordState
  /// Why it is failed or held.
  public var failure: Failure?
  /// True where a change of what the target has already is kept and not sent.
  public var ignoresChange: Bool
  /// True where a change of what the target has, or is being sent, waits for a person.
  public var holdsChange: Bool
  /// True for one that is to be taken back where the target has it: it is pending then, whatever its own state.
  public var voidsDelivered: Bool
  /// True where this is only what a list tells of a record that could not be had whole: what is kept of one that is there
  /// stays, and the failure is noted.
  public var keepsContent: Bool
  /// The parent it was asked for with, of a hub that asks for each of some.
  public var parent: String?

  /// A record of its parts.
  public init(
    key: String, number: String?, content: [UInt8], digest: [UInt8], state: RecordState, failure: Failure? = nil,
    ignoresChange: Bool = false, holdsChange: Bool = false, voidsDelivered: Bool = false, keepsContent: Bool = false
  ) {
    self.key = key
    self.number = number
    self.content = content
    self.digest = digest
    self.state = state
    self.failure = failure
    self.ignoresChange = ignoresChange
    self.holdsChange = holdsChange
    self.voidsDelivered = voidsDelivered
    self.keepsContent = keepsContent
  }
}

/// A record to be sent.
public struct PendingRecord: Sendable {
  /// Its number in the hub's records.
  public let id: Int64
  /// Its place in the order of what is to be sent.
  public let position: Int64
  /// What identifies it in its hub.
  public let key: String
  /// Grows by one each time its content changes, or a person has it sent anew.
  public let revision: Int64
  /// Its content as JSON.
  public let content: [UInt8]
  /// What the target knows of it, where it was delivered before.
  public let delivered: Delivered?
  /// When its source brought it for the first time.
  public let firstSeenAt: Timestamp

  /// A record of its parts.
  public init(
    id: Int64, position: Int64, key: String, revision: Int64, content: [UInt8], delivered: Delivered?,
    firstSeenAt: Timestamp
  ) {
    self.id = id
    self.position = position
    self.key = key
    self.revision = revision
    self.content = content
    self.delivered = delivered
    self.firstSeenAt = firstSeenAt
  }
}

/// What the target knows of a record.
public struct Delivered: Sendable, Equatable, Codable {
  /// The revision that arrived.
  public var revision: Int64
  /// The name the target gave it.
  public var id: String?

  /// A delivery of its parts.
  public init(revision: Int64, id: String?) {
    self.revision = revision
    self.id = id
  }
}

/// A record that cannot be sent as it is, found while its document was rendered.
public struct UnsendableRecord: Sendable {
  /// The record.
  public var item: WriteItem
  /// Why.
  public var failure: Failure
  /// True where what it lacks may still come: it waits, and is not failed.
  public var isWaiting: Bool
  /// What wakes it when it comes, where it waits for what the store itself keeps.
  public var awaits: [Awaited]
  /// What it waits for, as whoever can supply it names it: it is woken when that appears, see ``EntryChange/supplies``.
  public var waitsFor: String?
  /// The version of the kept value mappings it was rendered with; where they are newer by now it stays pending.
  public var valuesVersion: Int64?
  /// True where it is not to be sent any more: it is filtered, and not failed.
  public var isFiltered: Bool

  /// A record and why it cannot be sent.
  public init(
    item: WriteItem, failure: Failure, isWaiting: Bool = false, awaits: [Awaited] = [], waitsFor: String? = nil,
    valuesVersion: Int64? = nil, isFiltered: Bool = false
  ) {
    self.item = item
    self.failure = failure
    self.isWaiting = isWaiting
    self.awaits = awaits
    self.waitsFor = waitsFor
    self.valuesVersion = valuesVersion
    self.isFiltered = isFiltered
  }
}

/// What a record may wait for in the store.
public enum Awaited: Sendable, Hashable {
  /// A record that answers a question.
  case record(LookupQuestion)
  /// That the record of a key is delivered.
  case delivery(hub: String, key: String)
}

/// What became of one record of a write.
public struct ItemOutcome: Sendable {
  /// What became of it.
  public enum Result: Sendable, Equatable {
    /// The target has it, under a name of its own where it gave one.
    case done(id: String?)
    /// The target will not take it.
    case failed(Failure)
    /// Nobody knows, and it may be sent again with the same key: it becomes pending.
    case again(Failure)
    /// Nobody knows, and only a person may decide.
    case uncertain(Failure)
    /// A write that follows goes on with it; see ``WriteSettlement/followers``.
    case goesOn
    /// The target has it, under a name of its own where it gave one, and a write that follows does what is left to be done.
    case delivered(id: String?)
    /// The target had it and has it no more: it is filtered, and no longer delivered.
    case voided
  }

  /// The record.
  public var item: WriteItem
  /// What became of it.
  public var result: Result

  /// An outcome of its parts.
  public init(item: WriteItem, result: Result) {
    self.item = item
    self.result = result
  }
}

/// How many records of a page were what.
public struct PageCounts: Sendable, Equatable, Codable {
  /// All of them: the new, the changed and the unchanged ones.
  public var read = 0
  /// Those whose keys were not there.
  public var new = 0
  /// Those whose content is another by now.
  public var changed = 0
  /// Those whose content is what it was.
  public var unchanged = 0
  /// Of the new and changed ones, and of those the hub no longer selects, how many are not to be sent.
  public var filtered = 0
  /// Of the new and changed ones, how many cannot be sent as they are.
  public var failed = 0

  /// No records.
  public init() {}

  /// Adds the counts of another page.
  public static func += (left: inout PageCounts, right: PageCounts) {
    left.read += right.read
    left.new += right.new
    left.changed += right.changed
    left.unchanged += right.unchanged
    left.filtered += right.filtered
    left.failed += right.failed
  }
}
