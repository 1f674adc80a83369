import Keeping
import Plans
import ServiceRuntime
public import Values

/// Runs the queue tasks of hubs, first in, first out, until it is told to stop or nothing is left; queues the writes of hubs
/// that send as soon as there are records.
///
/// It looks for all hubs at once: when the store says that something changed, when a retry is due, and every while. A lane
/// is there only as long as its queue has something to do.
public struct Worker: Sendable {
  /// How a worker is to work.
  public struct Options: Sendable {
    /// How long to wait before looking again, where nothing tells of a change.
    public var sleep = TimeSpan(seconds: 15)
    /// End when no task is due.
    public var stopWhenEmpty = false
    /// The most tasks this worker runs at once; any number where this is nil.
    public var concurrency: Int?
    /// End after so many tasks.
    public var maximumTasks: Int?

    /// The usual way.
    public init() {}
  }

  private let context: RunContext
  private let flows: [Flow]
  private let options: Options
  /// Called with each hub that is left alone from now on.
  private let stopped: @Sendable (StoppedHub) -> Void
  /// What has happened so far.
  public let counters = RunCounters()

  /// A worker on the queues of some hubs.
  ///
  /// - Parameter stopped: called with each hub of which more records failed than it allows: it is left alone until there is a
  ///   worker anew, or nothing to do for it.
  public init(
    _ context: RunContext, _ flows: [Flow], options: Options = Options(),
    stopped: @escaping @Sendable (StoppedHub) -> Void = { _ in }
  ) {
    self.stopped = stopped
    self.context = context.with(context.stop, options.maximumTasks.map(TaskBudget.init) ?? context.budget)
    self.flows = flows
    self.options = options
  }

  /// Works until told to stop, or until nothing is due where that was asked for.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await context.keepLeases() }
      defer { group.cancelAll() }
      // What they wait for may have come with a new plan; a scheduled target sees to that itself.
      for flow in flows where flow.plan.sendsOnRecords {
        try await context.store.wakeWaiting(hub: flow.name, now: context.now())
      }
      try await work()
    }
  }

  /// What the worker waits for.
  private enum Event: Sendable {
    /// It is time to look again.
    case bell
    /// A lane has nothing more to do.
    case end(LaneBoard.Place, didWork: Bool, open: OpenGroups? = nil)
  }

  private func work() async throws {
    let bell = Wakeup()
    let watch = context.store.watch { bell.ring() }
    defer { withExtendedLifetime(watch) {} }
    var board = LaneBoard(flows, most: options.concurrency ?? .max)
    var runs = HubRuns(counters)
    try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask {
        await context.stop.wait()
        return .bell
      }
      var lastRescue: Timestamp?
      var isRinging = false
      var looks = true
      var fruitless = 0
      var open = 0
      while true {
        if context.isStopping {
          board.stopAll()
          if board.isEmpty { break }
        } else if looks {
          let now = context.now()
          if lastRescue.map({ now < $0 || now - $0 >= TimeSpan(seconds: 1) }) ?? true {
            try await context.store.rescueOrphans(now: now)
            lastRescue = now
          }
          let work = runs.left(of: try await context.store.openWork()) { board.isRunning($0) }
          open = work.count
          for start in board.starts(for: work, at: now) {
            let (counters, errors) = runs.run(of: start.flow)
            group.addTask { try await run(start, counters, errors, bell) }
          }
          if options.stopWhenEmpty, board.isEmpty { break }
          if !isRinging {
            isRinging = true
            let delay = pause(work, board.nextClosing(after: now), now)
            group.addTask {
              await bell.wait(atMost: delay)
              return .bell
            }
          } else if work.contains(where: { $0.nextRetry.map { $0 - now < options.sleep } == true }) {
            // The bell may be set for later than the retry that is now the next.
            bell.ring()
          }
        }
        switch try await group.next() {
        case .end(let place, let didWork, let left):
          board.end(place, leaving: left)
          for hub in runs.newlyStopped() { stopped(hub) }
          // A lane that found nothing would find nothing again: what it looked for is another worker's.
          fruitless = didWork ? 0 : fruitless + 1
          looks = didWork || (board.isFull && fruitless < open)
          if options.stopWhenEmpty, board.isEmpty, !looks { return group.cancelAll() }
        case .bell, nil:
          isRinging = false
          (looks, fruitless) = (true, 0)
        }
      }
      group.cancelAll()
    }
  }

  /// How long there is nothing to do, as far as can be told.
  private func pause(_ work: [OpenWork], _ closing: Timestamp?, _ now: Timestamp) -> Duration {
    let next = (work.compactMap(\.nextRetry).filter { $0 > now } + [closing].compactMap(\.self)).min()
    let wait = next.map { $0 - now } ?? options.sleep
    return min(max(wait, TimeSpan(milliseconds: 20)), options.sleep).duration
  }

  // MARK: - Lanes

  private func run(
    _ start: LaneBoard.Start, _ counters: RunCounters, _ errors: ErrorBudget?, _ bell: Wakeup
  ) async throws -> Event {
    let context = context.with(start.stop, context.budget).with(errors)
    let flow = start.flow
    switch start.place.role {
    case .source:
      let executor = QueryExecutor(context: context, flow: flow, counters: counters) { bell.ring() }
      return .end(start.place, didWork: try await drain(Lane(executor)))
    case .target:
      let executor = WriteExecutor(context: context, flow: flow, counters: counters) {}
      return .end(start.place, didWork: try await drain(Lane(executor)))
    case .dispatch:
      let dispatcher = TargetDispatcher(context, counters: counters)
      let result = try await dispatcher.dispatch(
        flow, limit: max(1_000, flow.plan.target.batch), fullBatchesOnly: start.fullBatchesOnly)
      return .end(start.place, didWork: result.records > 0, open: result.open)
    }
  }

  /// Runs what is due; true where that was anything.
  private func drain(_ lane: Lane) async throws -> Bool {
    var didWork = false
    while !lane.context.isStopping, try await lane.runDue() { didWork = true }
    return didWork
  }
}

extension OpenWork {
  /// When the first of the tasks that are to be tried again is due.
  fileprivate var nextRetry: Timestamp? { [source.retryAt, target.retryAt].compactMap(\.self).min() }
}
