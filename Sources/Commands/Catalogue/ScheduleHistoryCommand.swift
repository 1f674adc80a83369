import Keeping
import Plans
import Values

/// `datahub schedule history`: what a hub's schedules started.
struct ScheduleHistoryCommand: Command {
  static let form = CommandForm(
    name: "history", summary: "Show what the schedules of a hub started, skipped and missed, the newest first.",
    arguments: [.required("HUB", "The hub.")],
    options: [.value("limit", "N", "The most runs of each schedule; the latest 200 are kept.", default: "20")],
    examples: [
      .init("datahub schedule history orders", "The latest runs."),
      .init("datahub -e production schedule history orders --output json", "For programs."),
    ])

  private let hub: String
  private let limit: Int

  init(_ arguments: Arguments) throws(UsageError) {
    hub = try arguments.required("HUB")
    limit = try arguments.integer("limit", in: 1...1_000, default: 20)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let runs = try await OpenStore.with(context) { open in
      let (_, plan) = try await open.deployedPlan()
      guard plan.hub(hub) != nil else { throw OpenStore.unknownHub(hub, plan) }
      var runs: [ScheduledRun] = []
      for kind in ScheduleKind.allCases {
        runs += try await open.store.runs(of: ScheduleKey(hub, kind), limit: limit)
      }
      return runs.sorted { $0.enteredAt > $1.enteredAt }
    }
    let views = runs.map(ScheduledRunView.init)
    if context.console.format == .json {
      try context.console.json(views)
      return .done
    }
    if views.isEmpty {
      context.console.line("no schedule of '\(hub)' has run")
      return .done
    }
    var table = TextTable(["SIDE", "FOR", "LOOKED AT", "OUTCOME"])
    for (run, view) in zip(runs, views) {
      table.add(view.side, view.slot, run.enteredAt.description, view.outcome)
    }
    context.console.output(table.text())
    return .done
  }
}
