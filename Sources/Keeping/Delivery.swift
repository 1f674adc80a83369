/// What the hard cases of delivery need of a store: splitting a write, follow-up calls, looking up before sending again.
public protocol DeliveryStore: Sendable {
  /// The records a write carries, as it was rendered from them; nil for one that has changed since or is not in a write any
  /// more. In the order of the items.
  func recordsInWrite(hub: String, _ items: [WriteItem]) async throws -> [PendingRecord?]
  /// What became of a write and of all that it was split into.
  func splitProgress(of origin: Int64) async throws -> SplitProgress
  /// What has been done for the present revisions of records, beside their write; by the records' numbers.
  func doneSteps(hub: String, records: [Int64]) async throws -> [Int64: [DoneStep]]
  /// Which of these records the source has no more, see ``SettledPage/voidsVanished``.
  func vanished(hub: String, records: [Int64]) async throws -> Set<Int64>
  /// The locks that writes of the hub hold, see ``NewWrite/lock``.
  func heldLocks(hub: String) async throws -> Set<String>
}

/// That an attempt to send a write, before the present one, may have been carried out.
public struct SendDoubt: Sendable, Equatable {
  /// When the last attempt of unknown outcome ended, as far as that is known; in milliseconds since 1970.
  public var sinceMilliseconds: Int64
  /// How often what it carries was looked up since then and not found.
  public var looks: Int

  /// A doubt of its parts.
  public init(sinceMilliseconds: Int64, looks: Int) {
    self.sinceMilliseconds = sinceMilliseconds
    self.looks = looks
  }
}

/// What it means for its records that a write arrived, where a person says so.
public struct WriteArrival: Sendable, Equatable {
  /// What has been done for them then, see ``DoneStep``.
  public var steps: [String]
  /// True where more is to be sent then, a call that follows or further documents: they are pending.
  public var goesOn: Bool
  /// What the target has of them then.
  public var effect: Effect

  /// What the target has of a write's records when it arrived.
  public enum Effect: String, Sendable {
    /// The revision that was sent, under the name the target gave it.
    case delivered
    /// What it had before: the write is a call beside theirs, or one of several that a record becomes.
    case unchanged
    /// Nothing any more.
    case takenBack
  }

  /// An arrival of its parts.
  public init(steps: [String] = [], goesOn: Bool = false, effect: Effect = .delivered) {
    self.steps = steps
    self.goesOn = goesOn
    self.effect = effect
  }
}

/// How far a write that was split has come.
public struct SplitProgress: Sendable, Equatable {
  /// How many of its parts, and it itself, were refused as a whole.
  public var refused: Int
  /// How many of its parts the target took.
  public var taken: Int

  /// A progress of its parts.
  public init(refused: Int, taken: Int) {
    self.refused = refused
    self.taken = taken
  }
}

/// Something that was done for a record: a follow-up call, one of several documents, a void.
public struct DoneStep: Sendable, Equatable {
  /// The record and the revision it was done for.
  public var item: WriteItem
  /// The step's name, unique for the record.
  public var name: String
  /// The name the target gave to what was made.
  public var id: String?

  /// A step of its parts.
  public init(item: WriteItem, name: String, id: String? = nil) {
    self.item = item
    self.name = name
    self.id = id
  }
}

/// A step in a record's view.
public struct StepView: Sendable, Codable, Equatable {
  /// The step's name.
  public var name: String
  /// The revision it was done for.
  public var revision: Int64
  /// The name the target gave to what was made.
  public var id: String?
  /// The task that did it.
  public var task: Int64
  /// When; RFC 3339.
  public var at: String

  /// A step of its parts.
  public init(name: String, revision: Int64, id: String?, task: Int64, at: String) {
    self.name = name
    self.revision = revision
    self.id = id
    self.task = task
    self.at = at
  }
}
