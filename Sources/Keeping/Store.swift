public import Plans
public import Values

/// The store of one tenant: queue tasks, kept records, deployments, watermarks and the ledger of what was sent.
///
/// Each call is one transaction: it happens whole and durably, or not at all. Whoever settles a task must hold its
/// lease; where the lease is no longer good, the call changes nothing and throws ``StoreError/leaseLost``.
///
/// ## Topics
/// - Deployments: ``deploy(_:)``, ``deployment()``, ``deployments(limit:)``
/// - Sessions: ``openSession()``, ``rescueOrphans(now:)``, ``extendLeases(owner:until:)``
/// - Source side: ``openPull(_:)``, ``pull(hub:)``, ``claim(_:)``, ``settlePage(_:_:)``
/// - Target side: ``pendingRecords(hub:after:limit:)``, ``enqueueWrites(hub:_:unsendable:now:)``, ``settleWrite(_:_:)``
/// - What workers share of a connector: ``GateStore``
/// - What operators ask about the store itself: ``MaintainedStore``; moving it: ``PortableStore``, ``StoreCopy``
/// - Lookups: ``keepLookups(_:onlyThese:)``, ``find(_:)``
/// - Hubs that are fed by others: ``UpstreamStore``; that ask for each of some parents: ``ParentStore``
/// - Schedules: ``ScheduleStore``; looking for work: ``WorkStore``
/// - What persons do: ``OperatorStore``, ``ValueStore``, ``AuditStore``
/// - Looking: ``records(_:)``, ``record(hub:key:)``, ``tasks(_:)``, ``task(_:)``, ``status(hub:now:)``
public protocol Store: DeliveryStore, GateStore, ScheduleStore, UpstreamStore, ParentStore, WorkStore, OperatorStore,
  ValueStore, MaintainedStore, PortableStore
{
  /// Keeps a plan as the next generation.
  func deploy(_ deployment: NewDeployment) async throws -> Int
  /// The generation in force.
  func deployment() async throws -> Deployment?
  /// The generations, newest first, without their plans.
  func deployments(limit: Int) async throws -> [Deployment]

  /// Makes this process known as a worker; its name is what tasks are claimed with. The session ends with the process,
  /// however that ends.
  func openSession() async throws -> any WorkerSession
  /// Gives tasks of workers that are gone back to their queues: queries become ready; writes become ready too where they may
  /// be sent again, else uncertain.
  @discardableResult
  func rescueOrphans(now: Timestamp) async throws -> Int
  /// Keeps the tasks of a worker its own for longer.
  func extendLeases(owner: String, until: Timestamp) async throws

  /// Starts a pull: puts its queries into the source queue; does nothing, and returns nil, where the hub has an open pull.
  func openPull(_ pull: NewPull) async throws -> Pull?
  /// The hub's open pull.
  func openPull(hub: String) async throws -> Pull?
  /// Up to where the hub's source has been read whole.
  func watermark(hub: String) async throws -> Timestamp?

  /// Hands over the first tasks of a queue that are due, in order, and marks them running. For a write the ledger says
  /// `sending` from here on.
  func claim(_ request: ClaimRequest) async throws -> [ClaimedTask]
  /// When the first task of a queue that is not final is due, where there is one that nobody runs.
  func nextDue(hub: String, side: Side) async throws -> Timestamp?
  /// How many tasks of a queue workers are running.
  func runningCount(hub: String, side: Side) async throws -> Int

  /// Ends a query: keeps its records, puts the queries that follow in its place, and, when it was the last of its pull,
  /// moves the watermark.
  func settlePage(_ lease: TaskLease, _ page: SettledPage) async throws -> SettledPageResult
  /// Records that a task did not succeed.
  func setBack(_ lease: TaskLease, _ setback: TaskSetback, _ failure: Failure, now: Timestamp) async throws

  /// The records to be sent next, in order.
  func pendingRecords(hub: String, after position: Int64, limit: Int) async throws -> [PendingRecord]
  /// Makes the hub's waiting records pending again, in their old order, so that they are tried once more; gives how many.
  @discardableResult
  func wakeWaiting(hub: String, now: Timestamp) async throws -> Int
  /// Puts writes into the target queue and marks their records queued; marks records that cannot be sent. A record whose
  /// revision is no longer the one that was rendered makes its whole write void: it stays pending. Returns how many writes were queued.
  ///
  /// A record that waits for something of the store's own becomes pending, in its old place, in the transaction that brings
  /// it; where that is there already, the record stays pending.
  func enqueueWrites(
    hub: String, _ writes: [NewWrite], unsendable: [UnsendableRecord], now: Timestamp
  ) async throws -> Int
  /// Ends a write with the outcome of each of its records, and claims what comes next in the same transaction.
  func settleWrite(_ lease: TaskLease, _ settlement: WriteSettlement) async throws -> [ClaimedTask]

  /// Sees to it that records are found by these lookups: those that are kept already, and from now on each that comes or
  /// changes, as part of the transaction that keeps it. Returns when all of them can be asked.
  ///
  /// - Parameter onlyThese: forgets all other lookups.
  func keepLookups(_ lookups: [LookupPlan], onlyThese: Bool) async throws
  /// The kept records that questions ask for, in their order, whatever states the records are in; never by looking
  /// through all of them. Where a question's lookup is not kept, throws ``StoreError/Code/lookupNotKept``.
  func find(_ questions: [LookupQuestion]) async throws -> [LookupAnswer]

  /// Records, as a filter wants them.
  func records(_ filter: RecordFilter) async throws -> [RecordSummary]
  /// One record, whole.
  func record(hub: String, key: String) async throws -> RecordDetail?
  /// Tasks, as a filter wants them.
  func tasks(_ filter: TaskFilter) async throws -> [TaskSummary]
  /// One task, whole.
  func task(_ id: Int64) async throws -> TaskDetail?
  /// How a hub stands.
  func status(hub: String, now: Timestamp) async throws -> HubStatus

  /// Waits for what is under way and closes the store.
  func close() async
}

/// A process that is known to the store as a worker.
public protocol WorkerSession: Sendable {
  /// The name tasks are claimed with.
  var owner: String { get }
  /// Ends the session; its tasks may be taken by others at once.
  func close() async
}

/// Why a store did not do what was asked.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  public struct Code: Sendable, Hashable {
    private enum Kind {
      case leaseLost, unavailable, damaged, otherVersion, otherTenant, stale, lookupNotKept, busy, notEmpty, unfinished
      case badAddress
    }
    private let kind: Kind
    private init(_ kind: Kind) { self.kind = kind }
    /// The task belongs to another by now.
    public static let leaseLost = Code(.leaseLost)
    /// The store cannot be reached, or is busy or full.
    public static let unavailable = Code(.unavailable)
    /// What the store holds cannot be right.
    public static let damaged = Code(.damaged)
    /// The store was made by another version.
    public static let otherVersion = Code(.otherVersion)
    /// Another plan was deployed since this one was compared with the one in force.
    public static let stale = Code(.stale)
    /// A question was asked for which the store has no index.
    public static let lookupNotKept = Code(.lookupNotKept)
    /// Workers are at work on the store.
    public static let busy = Code(.busy)
    /// The store was used before.
    public static let notEmpty = Code(.notEmpty)
    /// The store is a copy that is not whole.
    public static let unfinished = Code(.unfinished)
    /// The address of the store cannot be used as it is written.
    public static let badAddress = Code(.badAddress)
    /// The store belongs to another tenant.
    public static let otherTenant = Code(.otherTenant)
  }

  /// The kind.
  public let code: Code
  /// What happened, in words.
  public let message: String

  /// An error of its parts.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// What happened, in words.
  public var description: String { message }
}
