public import Keeping
import Plans
public import ServiceRuntime
public import Values

/// What all work of one process shares.
public struct RunContext: Sendable {
  /// The store.
  public let store: any Store
  /// The name this process claims tasks with.
  public let owner: String
  /// The time.
  public let now: @Sendable () -> Timestamp
  /// Whether work is to come to an end.
  public let stop: StopSignal
  /// How many tasks may be begun; any number where this is nil.
  public let budget: TaskBudget?
  /// How long a claimed task is this process's own, unless it says it still lives.
  public let lease = TimeSpan(seconds: 30)
  /// Until when this process's leases are known to last.
  let leases: LeaseWatch
  /// The calls under way, which a person may want to end.
  let cancellations: Cancellations
  /// How many records may still fail; any number where this is nil.
  let errors: ErrorBudget?

  /// What work shares.
  public init(
    store: any Store, owner: String, now: @escaping @Sendable () -> Timestamp, stop: StopSignal,
    budget: TaskBudget? = nil
  ) {
    self.init(store, owner, now, stop, budget, leases: LeaseWatch(), cancellations: Cancellations(), errors: nil)
  }

  private init(
    _ store: any Store, _ owner: String, _ now: @escaping @Sendable () -> Timestamp, _ stop: StopSignal,
    _ budget: TaskBudget?, leases: LeaseWatch, cancellations: Cancellations, errors: ErrorBudget?
  ) {
    self.budget = budget
    self.store = store
    self.owner = owner
    self.now = now
    self.stop = stop
    self.leases = leases
    self.cancellations = cancellations
    self.errors = errors
  }

  /// True where nothing new is to be begun: work is to come to an end, another part of it or too many records have failed.
  var isStopping: Bool {
    stop.isStopping || Task.isCancelled || budget?.isSpent == true || errors?.isSpent == true
  }

  /// The same with a signal, and a budget, of its own: what is known of leases and of calls under way stays common.
  func with(_ stop: StopSignal, _ budget: TaskBudget?) -> RunContext {
    RunContext(store, owner, now, stop, budget, leases: leases, cancellations: cancellations, errors: errors)
  }

  /// The same for a run of one hub, which ends where too many records fail.
  func with(_ errors: ErrorBudget?) -> RunContext {
    RunContext(store, owner, now, stop, budget, leases: leases, cancellations: cancellations, errors: errors)
  }

  /// A claim for the next task of a queue; nil once work is to come to an end.
  ///
  /// - Parameter further: what the task that is being settled comes to.
  func claim(_ flow: Flow, _ side: Side, with further: RunCounts = RunCounts()) -> ClaimRequest? {
    guard !isStopping, errors?.isSpent(with: further) != true else { return nil }
    let concurrency = side == .source ? 1 : flow.plan.target.concurrency
    return ClaimRequest(
      hub: flow.name, side: side, limit: 1, concurrency: concurrency, owner: owner, now: now(), lease: lease)
  }

  /// Keeps this process's tasks its own until cancelled; independent of what the tasks are doing.
  func keepLeases() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .seconds(10))
        let now = now()
        try await store.extendLeases(owner: owner, until: now + lease)
        leases.extended(at: now, until: now + lease)
        for task in try await store.cancelRequests(owner: owner) { cancellations.cancel(task) }
      } catch is CancellationError {
        return
      } catch {
        // The store is busy or gone: the tasks' own calls meet the same and report it; the lease lasts two more rounds.
        continue
      }
    }
  }
}
