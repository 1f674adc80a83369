import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub schedule run`: one cron minute.
struct ScheduleRunCommand: Command {
  static let form = CommandForm(
    name: "run", summary: "Start what is due now, and end: a line for crontab.",
    discussion:
      "Queues the tasks of every schedule that is due; workers run them. It is safe to run twice in a minute, late, or "
      + "beside other schedulers: each time of a schedule is run for once. Times that were missed are made up for as "
      + "the hub's 'scheduling' says.",
    examples: [
      .init("datahub schedule run", "Queue what is due."),
      .init(
        "* * * * *  datahub -C /srv/acme -e production schedule run >/dev/null",
        "The line of a crontab that does it each minute; mail comes where it fails."),
    ])

  /// What was done, for programs.
  private struct Report: Encodable {
    let runs: [ScheduledRunView]
    let next: String?
  }

  init(_ arguments: Arguments) {}

  func run(_ context: CommandContext) async throws -> ExitCode {
    let look = try await OpenStore.with(context) { open in
      try await open.withSession { session in
        let (_, plan) = try await open.deployedPlan()
        let run = RunContext(store: open.store, owner: session.owner, now: { currentTime() }, stop: StopSignal())
        return try await FlowMaker(plan.hubs, of: plan, open.store, run.stop, context).withFlows { flows in
          try await Scheduler(run, flows, timeZone: plan.timeZone).look()
        }
      }
    }
    let runs = look.runs.map(ScheduledRunView.init)
    if context.console.format == .json {
      try context.console.json(Report(runs: runs, next: look.next?.description))
    } else if runs.isEmpty {
      context.console.line("nothing is due" + (look.next.map { "; next at \($0)" } ?? ""))
    } else {
      for run in runs { context.console.line(printable(run.line)) }
    }
    return .done
  }
}
