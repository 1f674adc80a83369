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
      "Any number of workers may run on one machine; what another process queues is seen within 100 ms. Hubs with "
      + "'schedule: onRecords' at their target have their writes queued as records arrive; other schedules need "
      + "'datahub schedule work', or 'datahub up' for all of it. A new generation is picked up within seconds. The first "
      + "SIGINT or SIGTERM lets what is under way come to its end, the second ends at once.",
    options: [
      .value(
        "queue", "PATTERN", "Only hubs whose names fit; '*' stands for any characters, '?' for one.", default: "*")
    ] + WorkerOptions.forms + [
      .value("max-tasks", "N", "End after so many tasks, for a supervisor to start anew."),
      .flag("stop-when-empty", "End when no task is due."),
    ],
    examples: [
      .init("datahub work", "Work for all hubs."),
      .init("datahub work --queue 'sales-*' --stop-when-empty", "Work off what is due for some hubs."),
      .init("datahub work --concurrency 4 --timeout 20s --tries 3", "At most 4 requests at once, each tried 3 times."),
    ])

  private let pattern: String
  private let options: WorkerOptions
  private let maximumTasks: Int?
  private let stopsWhenEmpty: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    pattern = arguments.value("queue") ?? "*"
    var options = try WorkerOptions(arguments)
    stopsWhenEmpty = arguments.flag("stop-when-empty")
    options.worker.stopWhenEmpty = stopsWhenEmpty
    self.options = options
    maximumTasks =
      arguments.flag("max-tasks") ? try arguments.integer("max-tasks", in: 1...1_000_000_000, default: 1) : nil
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let sum = CountSum()
      let stopped = StoppedHubs(environment: context.globals.environment)
      try await open.withSession { session in
        var service = Service(open: open, session: session, command: context, pattern: pattern)
        options.apply(to: &service)
        service.budget = maximumTasks.map(TaskBudget.init)
        try await service.run { generation in
          let worker = Worker(
            generation.context, generation.flows, options: options.worker, stopped: stopped.reporter(context.console))
          sum.add(worker.counters)
          context.console.note(
            "working for \(counted(generation.flows.count, "hub")), generation \(generation.number)")
          try await worker.run()
        }
      }
      let counts = sum.counts
      try counts.show(context.console)
      if stopped.hasAny { return .findings }
      // A worker that was told to stop has done its work, whatever became of single records.
      return stopsWhenEmpty && counts.failed + counts.uncertain > 0 ? .findings : .done
    }
  }
}
