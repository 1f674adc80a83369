import Keeping
import Values

/// `datahub task show`: one queue task, whole.
struct TaskShowCommand: Command {
  static let form = CommandForm(
    name: "show", summary: "Show one queue task: what it asks for or sends, and every attempt.",
    arguments: [.required("ID", "The task's number.")],
    examples: [.init("datahub task show 42", "One task.")])

  private let id: Int64

  init(_ arguments: Arguments) throws(UsageError) {
    id = Int64(try arguments.integer(try arguments.required("ID"), "ID", in: 1...Int.max))
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let task = try await OpenStore.with(context) { open in
      guard let task = try await open.store.task(id) else {
        throw CommandFailure(.findings, "there is no task \(id)", help: "see datahub task list")
      }
      return task
    }
    if context.console.format == .json {
      context.console.line(try flattened(task).json())
    } else {
      show(task, context.console)
    }
    return .done
  }

  // MARK: - View

  private func show(_ task: TaskDetail, _ console: Console) {
    let summary = task.summary
    var table = TextTable()
    table.add("task", String(summary.id))
    table.add("hub", summary.hub)
    table.add("side", summary.side)
    table.add("state", summary.state)
    table.add("attempts", String(summary.attempts))
    if let runAt = summary.runAt { table.add("due", runAt) }
    if let error = summary.error { addFailure(error, to: &table) }
    table.add("created", summary.createdAt)
    if let finished = summary.finishedAt { table.add("finished", finished) }
    if let owner = task.owner { table.add("worker", owner) }
    table.add("claimed", counted(Int(task.epoch), "time") + (task.rescues > 0 ? ", rescued \(task.rescues)" : ""))
    if !task.keys.isEmpty { table.add("records", keys(task)) }
    if let origin = task.origin { table.add("goes on with task", String(origin)) }
    if let followers = task.followers {
      let shown = followers.prefix(20).map { String($0) }.joined(separator: ", ")
      table.add("followed by tasks", followers.count > 20 ? "\(shown) and \(followers.count - 20) more" : shown)
    }
    console.output(table.text())
    if !task.sendings.isEmpty {
      console.line("")
      console.output(sendings(task.sendings).text(width: console.width))
    }
    console.line("")
    console.line(printable(indentedJSON(task.payload), keepsLines: true))
  }

  private func keys(_ task: TaskDetail) -> String {
    let shown = task.keys.prefix(20).joined(separator: ", ")
    return task.keys.count > 20 ? "\(shown) and \(task.keys.count - 20) more" : shown
  }

  private func sendings(_ sendings: [SendingView]) -> TextTable {
    var table = TextTable(
      ["ATTEMPT", "PHASE", "STATUS", "MS", "STARTED", "ANSWER"], alignments: [.right, .left, .right, .right])
    for sending in sendings {
      table.add(
        String(sending.epoch), sending.phase, sending.status.map { String($0) } ?? "",
        sending.durationMilliseconds.map { String($0) } ?? "", sending.startedAt, sending.answer ?? "")
    }
    return table
  }
}
