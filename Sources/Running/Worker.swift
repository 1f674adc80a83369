public import Keeping
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
          let source = SourceLane(
            context: context, executor: QueryExecutor(context: context, flow: flow, counters: counters) {})
          let target = TargetLane(
            context: context, executor: WriteExecutor(context: context, flow: flow, counters: counters))
          lanes.addTask { try await work { try await source.runDue() } }
          lanes.addTask { try await work { try await target.runDue() } }
        }
        try await lanes.waitForAll()
      }
      group.cancelAll()
    }
  }

  private func work(_ runDue: () async throws -> Bool) async throws {
    while !context.stop.isStopping {
      try await context.store.rescueOrphans(now: context.now())
      if try await runDue() { continue }
      if options.stopWhenEmpty { return }
      await context.stop.sleep(for: options.sleep.duration)
    }
  }
}
