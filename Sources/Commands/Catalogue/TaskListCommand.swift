import Keeping
import Values

/// `datahub task list`: tasks of the queue.
struct TaskListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "List queue tasks, the newest first.",
    options: TaskSelection.options + [Choosing.state(TaskState.allCases.map(\.name)), Choosing.limit(50)],
    examples: [
      .init("datahub task list --hub orders --state dead,uncertain", "What will not go on by itself."),
      .init("datahub task list --error notSent --since 2h", "What could not be sent in the last two hours."),
    ])

  private let filter: TaskFilter

  init(_ arguments: Arguments) throws(UsageError) {
    filter = try TaskSelection(arguments, listing: 50).filter
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let tasks = try await OpenStore.with(context) { open in
      let tasks = try await open.store.tasks(filter)
      if tasks.isEmpty, let hub = filter.hub { try await open.requireHub(hub) }
      return tasks
    }
    if context.console.format == .json {
      try context.console.json(tasks)
    } else {
      show(tasks, context.console)
    }
    return .done
  }

  // MARK: - View

  private func show(_ tasks: [TaskSummary], _ console: Console) {
    guard !tasks.isEmpty else { return console.note("no tasks") }
    console.output(TaskListCommand.table(tasks).text(width: console.width))
    if tasks.count == filter.limit { console.note("there may be more: see --limit, --hub and --state") }
  }

  /// Tasks as rows.
  static func table(_ tasks: [TaskSummary]) -> TextTable {
    var table = TextTable(
      ["ID", "HUB", "SIDE", "STATE", "ATTEMPTS", "RECORDS", "DUE", "CREATED", "ERROR"],
      alignments: [.right, .left, .left, .left, .right, .right])
    for task in tasks {
      table.add(
        String(task.id), task.hub, task.side, task.state, String(task.attempts), String(task.records),
        task.runAt ?? "", task.createdAt, task.error?.message ?? "")
    }
    return table
  }
}
