/// What a person may change in a store: tasks of the queue, and kept records.
///
/// A large act is cut into calls of at most some hundred numbers, each one transaction: workers go on between them. First
/// the numbers are chosen, ``taskNumbers(_:)`` or ``recordNumbers(_:)``, and shown; then exactly those are changed. What has moved
/// on in between is left alone and reported as skipped, with the reason. Each change is noted in the audit log in the same
/// transaction; a call that changes nothing leaves no entry.
public protocol OperatorStore: AuditStore {
  /// The numbers of the tasks a filter chooses, in the order of their queues: by hub, side and place.
  func taskNumbers(_ filter: TaskFilter) async throws -> [Int64]
  /// Changes tasks, in the order of their numbers in the list.
  func change(tasks: [Int64], _ change: TaskChange, _ act: Act) async throws -> ChangeReport
  /// Replaces what a task asks for or sends, where it is neither running, uncertain nor done.
  ///
  /// For a write the revisions of its records grow with it, so that what is sent has another idempotency key; a record that has
  /// changed meanwhile makes the edit void (skipped).
  ///
  /// - Parameters:
  ///   - expected: the payload that was edited; where it is another by now, the edit is void.
  ///   - payload: makes the new payload of the records' old and new revisions.
  func edit(
    task: Int64, expecting expected: [UInt8],
    payload: @escaping @Sendable (_ items: [EditedItem]) throws -> [UInt8], _ act: Act
  ) async throws -> ChangeReport
  /// The bytes of what a task asks for or sends.
  func payload(ofTask task: Int64) async throws -> [UInt8]?
  /// Of the tasks a worker runs, those a person wants cancelled.
  func cancelRequests(owner: String) async throws -> [Int64]

  /// The numbers of the records a filter chooses, in the order they first came.
  func recordNumbers(_ filter: RecordFilter) async throws -> [Int64]
  /// Changes records of a hub.
  func change(hub: String, records: [Int64], _ change: RecordChange, _ act: Act) async throws -> ChangeReport
  /// Records with their contents, in the order they first came, after a number: for reading through very many.
  func recordPage(_ filter: RecordFilter, after number: Int64) async throws -> [RecordDetail]
}

/// What a person does to tasks.
public enum TaskChange: Sendable, Equatable {
  /// Before all others of its queue, in the order given; one that waits for another attempt is due at once.
  case front
  /// Run once more: what is dead or cancelled becomes ready, in its old place or behind all others; one that waits for another
  /// attempt is due at once.
  ///
  /// A write goes out as it was rendered, with the same keys; where one of its records has changed or moved on it is skipped.
  /// A query is taken up again with all that its pull had left, where no newer pull reads its window.
  case retry(atEnd: Bool)
  /// Taken out. The records of a write are held, or become pending, to be rendered anew. With a query its whole pull is closed; the
  /// watermark stays. A running task is marked: it is cancelled when its worker comes to a point where nothing was sent, and
  /// settled as what it is where the request was on its way.
  case cancel(rendersAnew: Bool)
  /// Says of an uncertain write that its records arrived, a single one under a name of the target's.
  case arrived(id: String?)
  /// Says of an uncertain write that its records did not arrive: they become pending, in their old places.
  case notArrived
  /// Removes a task that is done, dead or cancelled, with what the ledger has of it.
  case prune
}

/// What a person does to records.
public enum RecordChange: Sendable, Equatable {
  /// Failed and waiting ones are tried once more, behind all others, in the order they first came. One that the target refused has
  /// a new revision, and so another idempotency key.
  case retry
  /// As ``retry``, and those the target has, which are sent anew with another idempotency key.
  case sendAnew
  /// Held ones are sent.
  case release
  /// Kept from being sent until a person releases them.
  case hold
  /// Says of an uncertain record that it arrived, under a name of the target's where one is given.
  case arrived(id: String?)
  /// Says of an uncertain record that it did not arrive: it becomes pending, in its old place.
  case notArrived
  /// Removes records and their contents; those that are to be sent, or of which nobody knows, only by force. One that is
  /// in a write is never removed.
  case purge(byForce: Bool)
}

/// A record of a write that is edited.
public struct EditedItem: Sendable, Hashable {
  /// The record's key.
  public let key: String
  /// The revision that was rendered.
  public let oldRevision: Int64
  /// The revision the edited write is of.
  public let newRevision: Int64

  /// An item of its parts.
  public init(key: String, oldRevision: Int64, newRevision: Int64) {
    self.key = key
    self.oldRevision = oldRevision
    self.newRevision = newRevision
  }
}

/// What one call of an act came to.
public struct ChangeReport: Sendable {
  /// Something that was left as it is.
  public struct Skip: Sendable, Equatable {
    /// The number of the task or record.
    public let number: Int64
    /// Why.
    public let reason: String

    /// A number and why it was skipped.
    public init(_ number: Int64, _ reason: String) {
      self.number = number
      self.reason = reason
    }
  }

  /// The act's number in the audit log; nil where nothing has been changed yet.
  public var act: Int64?
  /// How many tasks or records were changed.
  public var changed = 0
  /// How many of those are only marked, since a worker runs them.
  public var requested = 0
  /// What was left as it is.
  public var skipped: [Skip] = []

  /// A report of nothing.
  public init(act: Int64? = nil) { self.act = act }
}

/// Ends the transaction of an act that is a trial (``Act/isTrial``), and with it what the act changed.
public struct TrialEnd: Error {
  /// What would have been changed.
  public let report: ChangeReport

  /// The end of a trial with this report; it has no entry in the audit log.
  public init(_ report: ChangeReport) {
    var report = report
    report.act = nil
    self.report = report
  }
}
