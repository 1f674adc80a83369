import Keeping
import Plans
import Running
import ServiceRuntime

/// `datahub schedule work`: a scheduler that stays.
struct ScheduleWorkCommand: Command {
  static let form = CommandForm(
    name: "work", summary: "Start what is due, whenever it is, until told to stop: a scheduler that stays.",
    discussion:
      "It queues tasks; workers run them. Of many schedulers on a store one leads, and another takes over as soon as it "
      + "ends. A new generation is taken up within seconds. Once a day it removes the finished tasks that the project's retention lets go. "
      + "SIGINT or SIGTERM ends it.",
    examples: [
      .init("datahub schedule work", "Schedule the hubs of development."),
      .init("datahub -e production schedule work", "Schedule those of production."),
    ])

  init(_ arguments: Arguments) {}

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      try await open.withSession { session in
        try await Service(open: open, session: session, command: context).run { generation in
          let scheduler = try Scheduler(
            generation.context, generation.flows, timeZone: generation.plan.timeZone,
            retention: generation.plan.retention ?? .usual,
            report: { context.console.note(ScheduledRunView($0).line) },
            removed: { context.console.note("\(counted($0, "finished task")) removed: the project's retention") })
          context.console.note(
            "scheduling \(counted(scheduler.count, "schedule")), generation \(generation.number)")
          try await scheduler.run()
        }
      }
      return .done
    }
  }
}
