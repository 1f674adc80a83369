import Keeping
public import Plans

/// A hub of a worker that is left alone, since more of its records failed than it allows.
public struct StoppedHub: Sendable {
  /// The hub.
  public let hub: String
  /// What it allows.
  public let allowed: StopAfterPlan
  /// What its run has come to.
  public let counts: RunCounts
}

/// The runs of a worker's hubs that say how many records may fail: each lasts from when there is something to do until there
/// is nothing left.
struct HubRuns {
  private let whole: RunCounters
  private var budgets: [String: ErrorBudget] = [:]
  private var stopped: Set<String> = []

  /// - Parameter whole: what all hubs together have come to.
  init(_ whole: RunCounters) { self.whole = whole }

  /// The counters of a hub's run, and its budget where it has one.
  mutating func run(of flow: Flow) -> (counters: RunCounters, errors: ErrorBudget?) {
    if flow.plan.stopAfter == nil { return (whole, nil) }
    if let budget = budgets[flow.name] { return (budget.counters, budget) }
    let counters = RunCounters(partOf: whole)
    let budget = ErrorBudget(flow, counters)
    budgets[flow.name] = budget
    return (counters, budget)
  }

  /// The work of the hubs that are not to be left alone; runs of hubs without any are over.
  ///
  /// - Parameter isRunning: whether a hub is being worked for.
  mutating func left(of work: [OpenWork], isRunning: (String) -> Bool) -> [OpenWork] {
    if budgets.isEmpty { return work }
    let open = Set(work.map(\.hub))
    for hub in Array(budgets.keys) where !open.contains(hub) && !isRunning(hub) {
      budgets[hub] = nil
      stopped.remove(hub)
    }
    return work.filter { budgets[$0.hub]?.isSpent != true }
  }

  /// Those whose budgets have been spent since this was asked last.
  mutating func newlyStopped() -> [StoppedHub] {
    budgets.sorted { $0.key < $1.key }.compactMap { hub, budget in
      guard budget.isSpent, stopped.insert(hub).inserted else { return nil }
      return StoppedHub(hub: hub, allowed: budget.allowed, counts: budget.counters.counts)
    }
  }
}
