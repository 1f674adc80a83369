import Keeping
import Plans
import ServiceRuntime
public import Values

/// Runs the queue tasks of hubs, first in, first out, until it is told to stop or nothing is left.
public struct Worker: Sendable {
  /// How a worker is to work.
  public struct Options: Sendable {
    /// How long to wait before looking again into a queue that had nothing due.
    public var sleep = TimeSpan(seconds: 15)
    /// End when no task is due.
    public var stopWhenEmpty = false

    /// The usual way.
    public init() {}
  }

  private let context: RunContext
  private let flows: [Flow]
  private let options: Options
  /// What has happened so far.
  public let counters = RunCounters()

  /// A worker on the queues of some hubs.
  public init(_ context: RunContext, _ flows: [Flow], options: Options = Options()) {
    self.context = context
    self.flows = flows
    self.options = options
  }

  /// Works until told to stop, or until nothing is due where that was asked for.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await context.keepLeases() }
      try await withThrowingTaskGroup(of: Void.self) { lanes in
        for flow in flows {
          let source = Lane(QueryExecutor(context: context, flow: flow, counters: counters) {})
          let target = Lane(WriteExecutor(context: context, flow: flow, counters: counters) {})
          lanes.addTask { try await work(source) }
          for _ in 0..<flow.plan.target.concurrency { lanes.addTask { try await work(target) } }
        }
        for try await _ in lanes {}
      }
      group.cancelAll()
    }
  }

  private func work(_ lane: Lane) async throws {
    while !context.isStopping {
      try await context.store.rescueOrphans(now: context.now())
      if try await lane.runDue() { continue }
      if options.stopWhenEmpty { return }
      await context.stop.sleep(for: options.sleep.duration)
    }
  }
}
