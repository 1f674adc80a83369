import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub work`: a queue worker.
struct WorkCommand: Command {
  static let form = CommandForm(
    name: "work", summary: "Run queue tasks, first in, first out, until told to stop.",
    discussion:
      "Any number of workers may run on one machine. A new generation is picked up within seconds. The first SIGINT or "
      + "SIGTERM lets what is under way come to its end, the second ends at once.",
    options: [
      .value(
        "queue", "PATTERN", "Only hubs whose names fit; '*' stands for any characters, '?' for one.", default: "*"),
      .value("sleep", "DURATION", "How long to wait before looking again into an empty queue.", default: "15s"),
      .flag("stop-when-empty", "End when no task is due."),
    ],
    examples: [
      .init("datahub work", "Work for all hubs."),
      .init("datahub work --queue 'sales-*' --stop-when-empty", "Work off what is due for some hubs."),
    ])

  private let pattern: String
  private var options = Worker.Options()

  init(_ arguments: Arguments) throws(UsageError) {
    pattern = arguments.value("queue") ?? "*"
    options.sleep = max(try arguments.duration("sleep", default: options.sleep), TimeSpan(milliseconds: 50))
    options.stopWhenEmpty = arguments.flag("stop-when-empty")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let session = try await open.store.openSession()
      do {
        let counts = try await work(open, session, context)
        await session.close()
        try show(counts, context.console)
        // A worker that was told to stop has done its work, whatever became of single records.
        return options.stopWhenEmpty && counts.failed + counts.uncertain > 0 ? .findings : .done
      } catch {
        await session.close()
        throw error
      }
    }
  }

  private func work(
    _ open: OpenStore, _ session: any WorkerSession, _ context: CommandContext
  ) async throws -> RunCounts {
    let stop = StopSignal()
    var total = RunCounts()
    try await endingOnSignals(
      stop, context.console, saying: "stopping: what is under way comes to its end; again to stop at once"
    ) {
      var isOver = false
      while !isOver {
        let (deployment, plan) = try await open.deployedPlan()
        let hubs = plan.hubs.filter { matches($0.name, pattern: pattern) }
        guard !hubs.isEmpty else { throw OpenStore.unknownHub(pattern, plan) }
        let pause = StopSignal()
        let run = RunContext(store: open.store, owner: session.owner, now: { currentTime() }, stop: pause)
        try await FlowMaker(hubs, of: plan, open.store, pause, context).withFlows { flows in
          let worker = Worker(run, flows, options: options)
          context.console.note("working for \(counted(hubs.count, "hub")), generation \(deployment.generation)")
          isOver = try await !self.run(worker, until: stop, pause, open.store, deployment.generation)
          total += worker.counters.counts
        }
      }
    }
    return total
  }

  /// Runs a worker until it ends, is told to stop, or another generation is deployed; true for the last.
  private func run(
    _ worker: Worker, until stop: StopSignal, _ pause: StopSignal, _ store: any Store, _ generation: Int
  ) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        await stop.wait()
        pause.stop()
        return false
      }
      group.addTask {
        let isRenewed = await waitForChange(store, generation)
        if isRenewed { pause.stop() }
        return isRenewed
      }
      try await worker.run()
      group.cancelAll()
      var isRenewed = false
      while let result = try await group.next() { isRenewed = isRenewed || result }
      return isRenewed && !stop.isStopping
    }
  }

  /// Waits until another generation is in force; false where nobody waits any more.
  private func waitForChange(_ store: any Store, _ generation: Int) async -> Bool {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .seconds(3))
        if try await store.deployments(limit: 1).first?.generation != generation { return true }
      } catch is CancellationError {
        return false
      } catch {
        // The store is busy or gone: the worker's own calls meet the same and report it.
        continue
      }
    }
    return false
  }

  // MARK: - View

  private func show(_ counts: RunCounts, _ console: Console) throws {
    if console.format == .json { return try console.json(counts) }
    console.line(
      "read \(grouped(counts.pages.read)), sent \(grouped(counts.sent)), done \(grouped(counts.done)), "
        + "failed \(grouped(counts.failed)), to be tried again \(grouped(counts.retried)), "
        + "uncertain \(grouped(counts.uncertain))")
  }
}

extension RunCounts {
  /// Adds what another run has come to.
  fileprivate static func += (left: inout RunCounts, right: RunCounts) {
    left.pages += right.pages
    left.sent += right.sent
    left.done += right.done
    left.failed += right.failed
    left.retried += right.retried
    left.uncertain += right.uncertain
    left.requests += right.requests
  }
}
