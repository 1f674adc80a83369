import Connecting
import Keeping
import Plans
import Running
import ServiceRuntime
import Synchronization
import Values

/// What runs for as long as it is let: it serves the plan in force, and goes on with the next one as soon as it is deployed.
///
/// A new generation is served at once, while what was begun under the old one comes to its end: the store sees to it that
/// both together keep to a hub's limits.
struct Service: Sendable {
  /// One generation, ready to be served.
  struct Generation: Sendable {
    let number: Int
    let plan: ExecutionPlan
    let flows: [Flow]
    let context: RunContext
  }

  let open: OpenStore
  let session: any WorkerSession
  let command: CommandContext
  /// Only hubs whose names fit.
  var pattern = "*"
  /// The most attempts at a task, where that is not what hubs say.
  var tries: Int?
  /// The longest a request may take, where that is shorter than what platforms say.
  var timeout: TimeSpan?
  /// How many tasks may be begun, all generations together.
  var budget: TaskBudget?

  private enum Event: Sendable {
    case served(Int)
    case changed(from: Int)
    case none
  }

  /// Serves until told to stop, or until a body ends by itself.
  func run(_ body: @escaping @Sendable (Generation) async throws -> Void) async throws {
    let stop = StopSignal()
    try await endingOnSignals(
      stop, command.console, saying: "stopping: what is under way comes to its end; again to stop at once"
    ) {
      try await withThrowingTaskGroup(of: Event.self) { group in
        try await serve(&group, stop, body)
        group.cancelAll()
      }
    }
  }

  private func serve(
    _ group: inout ThrowingTaskGroup<Event, any Error>, _ stop: StopSignal,
    _ body: @escaping @Sendable (Generation) async throws -> Void
  ) async throws {
    var current = 0
    var served = 0
    var pause = StopSignal()
    var isOver = false
    var mustStart = true
    while true {
      if mustStart {
        let (deployment, plan) = try await open.deployedPlan()
        let signal = StopSignal()
        (current, pause, mustStart) = (deployment.generation, signal, false)
        if served == 0, hubs(of: plan).isEmpty { throw OpenStore.unknownHub(pattern, plan) }
        served += 1
        let number = current
        group.addTask {
          try await serve(number, adjusted(plan), signal, body)
          return .served(number)
        }
        group.addTask {
          await stop.wait()
          signal.stop()
          return .none
        }
        group.addTask { await waitForChange(from: number) }
      }
      switch try await group.next() {
      case .changed(let number) where number == current && !stop.isStopping && !isOver:
        pause.stop()
        mustStart = true
      case .served(let number):
        served -= 1
        if number == current { isOver = true }
        if isOver, served == 0 { return }
      case .changed, .some(.none), nil: continue
      }
    }
  }

  private func serve(
    _ number: Int, _ plan: ExecutionPlan, _ pause: StopSignal, _ body: @Sendable (Generation) async throws -> Void
  ) async throws {
    let run = RunContext(
      store: open.store, owner: session.owner, now: { currentTime() }, stop: pause, budget: budget)
    let hubs = hubs(of: plan)
    // Hubs may come back with the next generation.
    guard !hubs.isEmpty else { return await pause.wait() }
    try await FlowMaker(hubs, of: plan, open.store, pause, command).withFlows { flows in
      try await body(Generation(number: number, plan: plan, flows: flows, context: run))
    }
  }

  private func hubs(of plan: ExecutionPlan) -> [HubPlan] { plan.hubs.filter { matches($0.name, pattern: pattern) } }

  /// The plan with what the command line says otherwise.
  private func adjusted(_ plan: ExecutionPlan) -> ExecutionPlan {
    var plan = plan
    if let tries {
      for index in plan.hubs.indices {
        plan.hubs[index].source.retryMilliseconds = ladder(plan.hubs[index].source.retryMilliseconds, tries)
        plan.hubs[index].target.retryMilliseconds = ladder(plan.hubs[index].target.retryMilliseconds, tries)
        plan.hubs[index].source.backoff?.attempts = max(tries - 1, 0)
        plan.hubs[index].target.backoff?.attempts = max(tries - 1, 0)
      }
    }
    if let timeout {
      for index in plan.connectors.indices {
        plan.connectors[index].timeoutMilliseconds = min(
          plan.connectors[index].timeoutMilliseconds, max(timeout.milliseconds, 1))
      }
    }
    return plan
  }

  /// The waits before so many attempts; what a hub says last goes on.
  private func ladder(_ waits: [Int64], _ tries: Int) -> [Int64] {
    let last = waits.last ?? 20_000
    return (0..<max(tries - 1, 0)).map { $0 < waits.count ? waits[$0] : last }
  }

  /// Waits until another generation is in force.
  private func waitForChange(from generation: Int) async -> Event {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .seconds(2))
        if try await open.store.deployments(limit: 1).first?.generation != generation {
          return .changed(from: generation)
        }
      } catch is CancellationError {
        return .none
      } catch {
        // The store is busy or gone: the work's own calls meet the same and report it.
        continue
      }
    }
    return .none
  }
}

extension OpenStore {
  /// Opens a session for a body and closes it afterwards.
  func withSession<Result>(_ body: (any WorkerSession) async throws -> Result) async throws -> Result {
    let session = try await store.openSession()
    do {
      let result = try await body(session)
      await session.close()
      return result
    } catch {
      await session.close()
      throw error
    }
  }
}

/// The counts of workers that came one after the other.
final class CountSum: Sendable {
  private let counters = Mutex<[RunCounters]>([])

  /// Counts a worker in.
  func add(_ worker: RunCounters) { counters.withLock { $0.append(worker) } }

  /// What all have come to.
  var counts: RunCounts {
    counters.withLock { $0 }.reduce(into: RunCounts()) { sum, each in
      let counts = each.counts
      sum.pages += counts.pages
      sum.sent += counts.sent
      sum.done += counts.done
      sum.failed += counts.failed
      sum.retried += counts.retried
      sum.uncertain += counts.uncertain
      sum.requests += counts.requests
    }
  }
}

extension RunCounts {
  /// Writes what was done, for people or programs.
  func show(_ console: Console) throws {
    if console.format == .json { return try console.json(self) }
    console.line(
      "read \(grouped(pages.read)), sent \(grouped(sent)), done \(grouped(done)), "
        + "failed \(grouped(failed)), to be tried again \(grouped(retried)), "
        + "uncertain \(grouped(uncertain))")
  }
}
