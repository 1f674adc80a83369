import Keeping
import Plans
import Running
import ServiceRuntime

/// `datahub up`: scheduler and worker in one process.
struct UpCommand: Command {
  static let form = CommandForm(
    name: "up", summary: "Run everything the plan says, at its times, until told to stop: scheduler and worker in one.",
    discussion:
      "It starts pulls, remedies and writes at their times, runs the queue tasks of all hubs, and sends records of "
      + "'onRecords' hubs as they arrive. Several may run on one store: one of them schedules, all of them work. A new "
      + "generation is taken up within seconds, and hubs go on with what they had begun. Once a day the finished tasks that "
      + "the project's retention lets go are removed. The first SIGINT or SIGTERM lets "
      + "what is under way come to its end, the second ends at once.",
    options: WorkerOptions.forms,
    examples: [
      .init("datahub up", "Serve all hubs of development."),
      .init("datahub -e production up --concurrency 32", "Serve production with at most 32 requests at once."),
    ])

  private let options: WorkerOptions

  init(_ arguments: Arguments) throws(UsageError) { options = try WorkerOptions(arguments) }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let sum = CountSum()
      let stopped = StoppedHubs(environment: context.globals.environment)
      try await open.withSession { session in
        var service = Service(open: open, session: session, command: context)
        options.apply(to: &service)
        try await service.run { generation in
          let scheduler = try Scheduler(
            generation.context, generation.flows, timeZone: generation.plan.timeZone,
            retention: generation.plan.retention ?? .usual,
            report: { context.console.note(ScheduledRunView($0).line) },
            removed: { context.console.note("\(counted($0, "finished task")) removed: the project's retention") })
          let worker = Worker(
            generation.context, generation.flows, options: options.worker, stopped: stopped.reporter(context.console))
          sum.add(worker.counters)
          context.console.note(
            "serving \(counted(generation.flows.count, "hub")) with \(counted(scheduler.count, "schedule")), "
              + "generation \(generation.number)")
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scheduler.run() }
            group.addTask { try await worker.run() }
            for try await _ in group {}
          }
        }
      }
      try sum.counts.show(context.console)
      return stopped.hasAny ? .findings : .done
    }
  }
}
