import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub task prune`: removes tasks that have been kept for long enough.
struct TaskPruneCommand: Command {
  static let form = CommandForm(
    name: "prune", summary: "Remove tasks that need nobody any more, with what the ledger has of them.",
    discussion:
      "Without --older-than the project's retention counts: by default 7 days for what is done, 90 for what is dead or cancelled. "
      + "Records stay. A thousand tasks are removed at a time, and workers go on in between.",
    options: [
      Choosing.hub, Choosing.side, Choosing.state([TaskState.done, .dead, .cancelled].map(\.name)), Choosing.olderThan,
      Choosing.limit(nil),
    ] + ActOptions.forms,
    examples: [
      .init("datahub task prune --dry-run", "How many there are."),
      .init("datahub task prune --hub orders --state done --older-than 1d --yes", "What one hub did before yesterday."),
    ])

  private let selection: TaskSelection
  private let options: ActOptions
  private let span: TimeSpan?

  init(_ arguments: Arguments) throws(UsageError) {
    selection = try TaskSelection(arguments)
    options = try ActOptions(arguments)
    span = try Choosing.age(arguments)
    let removable: Set<TaskState> = [.done, .dead, .cancelled]
    guard selection.filter.states.isSubset(of: removable) else {
      throw UsageError(
        "only tasks that are done, dead or cancelled are removed", help: "resolve or cancel the others first")
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let (_, plan) = try await open.deployedPlan()
      let retention =
        span.map {
          RetentionPlan(doneMilliseconds: $0.milliseconds, deadMilliseconds: $0.milliseconds)
        } ?? plan.retention ?? .usual
      let numbers = try await Pruner(open.store).due(retention, selection.filter, now: currentTime())
      return try await TaskBulkAct(
        selection: selection, options: options, name: "prune", told: "removed", change: .prune
      ).run(numbers, open, context)
    }
  }
}
