public import Keeping
public import Plans
import ServiceRuntime
public import Values

/// Runs one hub now, from source to target.
public struct HubRunner: Sendable {
  /// How a run is to go.
  public struct Options: Sendable {
    /// Read from the very start again.
    public var full = false
    /// How long to wait for tasks that are to be tried again; what is due later is left to the next run or a worker.
    public var patience = TimeSpan(seconds: 30)

    /// The usual way.
    public init() {}
  }

  /// How a run ended.
  public struct Ending: Sendable {
    /// What it came to.
    public var counts: RunCounts
    /// How the hub stands now.
    public var status: HubStatus
    /// What went wrong last.
    public var lastFailure: Failure?
    /// When the next attempt of what is left is due.
    public var nextDue: Timestamp?
    /// What the hub allows to fail, where more did and the run stopped.
    public var exceeded: StopAfterPlan?
    /// What is left for documents which are open for more of their group.
    public var open = OpenGroups()
  }

  private let context: RunContext
  private let flow: Flow
  private let options: Options
  /// What has happened so far.
  public let counters = RunCounters()

  /// A run of a hub.
  public init(_ context: RunContext, _ flow: Flow, options: Options = Options()) {
    self.context = context.with(ErrorBudget(flow, counters))
    self.flow = flow
    self.options = options
  }

  /// Runs the hub until nothing is left that is due within the run's patience.
  public func run() async throws -> Ending {
    try await context.store.rescueOrphans(now: context.now())
    // What they wait for may have come with a new plan.
    try await context.store.wakeWaiting(hub: flow.name, now: context.now())
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await context.keepLeases() }
      defer { group.cancelAll() }
      try await move()
      return try await ending()
    }
  }

  private func move() async throws {
    let arrived = Wakeup()
    let sourceIsDone = StopSignal()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await pull(arrived)
        sourceIsDone.stop()
        arrived.ring()
      }
      group.addTask { try await push(arrived, sourceIsDone) }
      for try await _ in group {}
    }
  }

  /// Finishes the pull under way, if there is one, then reads what is new since.
  private func pull(_ arrived: Wakeup) async throws {
    let lane = Lane(QueryExecutor(context: context, flow: flow, counters: counters) { arrived.ring() })
    let dispatcher = SourceDispatcher(context)
    if try await context.store.openPull(hub: flow.name) != nil { try await drain(.source) { try await lane.runDue() } }
    guard !context.isStopping, try await dispatcher.dispatch(flow, full: options.full) != nil else { return }
    try await drain(.source) { try await lane.runDue() }
  }

  /// Sends what is pending while the source goes on, and until nothing is left.
  private func push(_ arrived: Wakeup, _ sourceIsDone: StopSignal) async throws {
    let queue = FilledQueue(limit: 4 * max(8, 2 * flow.plan.target.concurrency))
    let lane = Lane(WriteExecutor(context: context, flow: flow, counters: counters) { queue.remove() })
    var isWorthwhile = true
    while isWorthwhile, !context.isStopping {
      queue.reset()
      let before = counters.counts.requests
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { queue.finish() }
          try await fill(queue, arrived, sourceIsDone)
        }
        for _ in 0..<flow.plan.target.concurrency { group.addTask { try await send(queue, lane) } }
        for try await _ in group {}
      }
      // What was sent may have left something to do: a record that changed meanwhile or waited for one
      // that was sent, a write to be tried again. What is pending of a group waits for a write of the group that is not over.
      let isHeldUp = flow.grouping != nil && counters.counts.requests == before
      let isDone = try await !hasPending()
      if isHeldUp || isDone { isWorthwhile = try await waitForRetry(.target) }
    }
  }

  /// Renders pending records into the queue until the source is done and none is left.
  private func fill(_ queue: FilledQueue, _ arrived: Wakeup, _ sourceIsDone: StopSignal) async throws {
    let dispatcher = TargetDispatcher(context, counters: counters)
    let chunk = max(flow.plan.target.batch, 1_000)
    while !context.isStopping {
      let isLast = sourceIsDone.isStopping
      let result = try await dispatcher.dispatch(flow, limit: chunk, fullBatchesOnly: !isLast)
      if result.writes > 0 {
        await queue.add(result.writes) { context.isStopping }
      } else if result.records == 0 {
        if isLast { return }
        await arrived.wait(atMost: .milliseconds(200))
      }
    }
  }

  /// Works off the queue until it is empty and nothing more is put into it.
  private func send(_ queue: FilledQueue, _ lane: Lane) async throws {
    while !context.isStopping {
      let isLast = queue.isFinished
      if try await lane.runDue() { continue }
      if isLast { return }
      await queue.waitForMore()
    }
  }

  private func hasPending() async throws -> Bool {
    try await !context.store.pendingRecords(hub: flow.name, after: 0, limit: 1).isEmpty
  }

  private func drain(_ side: Side, _ runDue: () async throws -> Bool) async throws {
    while !context.isStopping {
      if try await runDue() { continue }
      if try await !waitForRetry(side) { return }
    }
  }

  /// Waits for the next attempt that is due within the run's patience; false where there is none.
  private func waitForRetry(_ side: Side) async throws -> Bool {
    // A run that is over its bound has nothing to wait for.
    if context.isStopping { return false }
    var dues = [try await context.store.nextDue(hub: flow.name, side: side)]
    if side == .target { dues.append(try await openGroups().until) }
    guard let due = dues.compactMap(\.self).min() else { return false }
    let wait = due - context.now()
    guard wait <= options.patience else { return false }
    // What is due already and could not be claimed is behind a task that another worker runs, or ran when it was killed.
    await context.stop.sleep(for: max(wait, TimeSpan(milliseconds: 50)).duration)
    try await context.store.rescueOrphans(now: context.now())
    return !context.isStopping
  }

  private func ending() async throws -> Ending {
    let source = try await context.store.nextDue(hub: flow.name, side: .source)
    let target = try await context.store.nextDue(hub: flow.name, side: .target)
    let open = try await openGroups()
    return Ending(
      counts: counters.counts, status: try await context.store.status(hub: flow.name, now: context.now()),
      lastFailure: counters.lastFailure, nextDue: [source, target].compactMap(\.self).min(),
      exceeded: context.errors?.isSpent == true ? context.errors?.allowed : nil, open: open)
  }

  private func openGroups() async throws -> OpenGroups {
    try await TargetDispatcher(context, counters: RunCounters()).openGroups(flow)
  }
}
