import Keeping
import Values

/// `datahub task list`: tasks of the queue.
struct TaskListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "List queue tasks, the newest first.",
    options: [
      .value("hub", "HUB", "Only this hub's."),
      .value("side", "SIDE", "Only queries (source) or only writes (target).", choices: ["source", "target"]),
      .value(
        "state", "STATE,...", "Only these states: \(TaskState.allCases.map(\.name).joined(separator: ", ")).",
        repeats: true),
      .value("limit", "N", "The most to list.", default: "50"),
    ],
    examples: [.init("datahub task list --hub orders --state dead,uncertain", "What will not go on by itself.")])

  private let filter: TaskFilter

  init(_ arguments: Arguments) throws(UsageError) {
    let states = try arguments.names("state", among: TaskState.allCases.map(\.name)) { TaskState(name: $0) }
    filter = TaskFilter(
      hub: arguments.value("hub"), side: Side.allCases.first { $0.name == arguments.value("side") },
      states: Set(states), limit: try arguments.integer("limit", in: 1...10_000, default: 50))
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
    var table = TextTable(
      ["ID", "HUB", "SIDE", "STATE", "ATTEMPTS", "RECORDS", "DUE", "CREATED", "ERROR"],
      alignments: [.right, .left, .left, .left, .right, .right])
    for task in tasks {
      table.add(
        String(task.id), task.hub, task.side, task.state, String(task.attempts), String(task.records),
        task.runAt ?? "", task.createdAt, task.error?.message ?? "")
    }
    console.output(table.text(width: console.width))
    if tasks.count == filter.limit { console.note("there may be more: see --limit, --hub and --state") }
  }
}
