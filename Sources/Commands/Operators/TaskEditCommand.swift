import Glibc
import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub task edit`: changes what a task asks for or sends.
struct TaskEditCommand: Command {
  static let form = CommandForm(
    name: "edit", summary: "Change what a task asks for or sends, in an editor or by --set.",
    discussion:
      "Opens VISUAL or EDITOR with the task's request as JSON; what is saved is checked, and refused where it is broken or nothing "
      + "was changed. An edited write is a new revision of its records, with new idempotency keys; the audit log keeps the old "
      + "request. A task that runs, is uncertain or done is not edited. A dead or cancelled one stays so: see datahub task retry. "
      + "The record itself is not changed, so a later change of it is sent as its mapping says.",
    arguments: [.required("ID", "The task's number.")],
    options: [
      .value(
        "set", "PATH=VALUE", "Set one value instead of opening an editor; a value that is no JSON is a text.",
        repeats: true),
      .value("reason", "TEXT", "Why; the audit log keeps it."),
    ],
    examples: [
      .init("EDITOR=nano datahub task edit 42", "In an editor."),
      .init("datahub task edit 42 --set 'body.items[0].price=12.50' --reason 'typo in the shop'", "One value."),
    ])

  private let id: Int64
  private let changes: [PathChange]
  private let reason: String?

  init(_ arguments: Arguments) throws(UsageError) {
    id = Int64(try arguments.integer(try arguments.required("ID"), "ID", in: 1...Int.max))
    var changes: [PathChange] = []
    for text in arguments.values("set") { changes.append(try PathChange(text)) }
    self.changes = changes
    reason = arguments.value("reason")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      guard let task = try await open.store.task(id), let payload = try await open.store.payload(ofTask: id) else {
        throw CommandFailure(.findings, "there is no task \(id)", help: "see datahub task list")
      }
      try requireEditable(task)
      let side: Side = task.summary.side == Side.source.name ? .source : .target
      let plan = try await open.deployedPlan().plan
      let hub = plan.hub(task.summary.hub)
      if side == .target, hub == nil {
        throw CommandFailure(
          .findings, "hub '\(task.summary.hub)' is not deployed any more, so its writes cannot be given new keys",
          help: "cancel the task: datahub task cancel \(id)")
      }
      let editor = try TaskEditor(side: side, payload: payload, hub: hub)
      let edited = try edit(editor.document, context)
      let differences = ValueDifferences.paths(from: editor.document, to: edited)
      guard !differences.isEmpty else {
        throw CommandFailure(.findings, "nothing was changed: the request is as it was")
      }
      let new = try checked(edited, editor)
      let report = try await open.store.edit(
        task: id, expecting: payload, payload: { editor.rekeyed(new, $0) },
        Act("task.edit", by: currentUser(), reason: reason, hub: task.summary.hub, at: currentTime()))
      if let skip = report.skipped.first {
        throw CommandFailure(
          .stale, "task \(id) was not changed: \(skip.reason)", help: "look at it: datahub task show \(id)")
      }
      try show(differences, report, context.console)
      return .done
    }
  }

  private func requireEditable(_ task: TaskDetail) throws {
    let help: String
    switch TaskState(name: task.summary.state) {
    case .running: help = "let it end, or cancel it: datahub task cancel \(id)"
    case .uncertain: help = "say first whether it arrived: datahub task resolve \(id) --arrived, or --not-arrived"
    case .done: help = "send its records anew: datahub record retry \(task.summary.hub) KEY --again"
    default: return
    }
    throw CommandFailure(.findings, "task \(id) is \(task.summary.state) and cannot be edited", help: help)
  }

  private func edit(_ document: Value, _ context: CommandContext) throws -> Value {
    if !changes.isEmpty { return try changes.reduce(document) { try $1.applied(to: $0) } }
    let session = try EditorSession(context.surroundings)
    let result = try session.edit(indentedJSON(document) + "\n", suffix: ".json")
    do throws(JSONError) {
      let value = try Value(json: result.text)
      unlink(result.path)
      return value
    } catch {
      // The work is not lost: the file stays.
      throw CommandFailure(
        .findings, "what was written is not JSON, and nothing was changed: \(error)",
        help: "it is kept in \(result.path): mend it, and edit the task again")
    }
  }

  private func checked(_ edited: Value, _ editor: TaskEditor) throws -> [UInt8] {
    do {
      return try editor.payload(of: edited)
    } catch {
      throw CommandFailure(
        .findings, "what was written is no request any more, and nothing was changed: \(error)",
        help: "compare it with datahub task show \(id)")
    }
  }

  // MARK: - View

  private func show(_ differences: [String], _ report: ChangeReport, _ console: Console) throws {
    if console.format == .json {
      let data: [(String, Value)] = [
        ("task", .int(id)), ("changed", .list(differences.map { .string($0) })),
        ("audit", report.act.map { .int($0) } ?? .null),
      ]
      return console.line(Value.map(ValueMap(data)).json())
    }
    console.line(
      printable("task \(id) changed: \(differences.joined(separator: ", "))")
        + (report.act.map { " (audit \($0))" } ?? ""))
  }
}

/// The places at which two values differ.
enum ValueDifferences {
  static func paths(from old: Value, to new: Value, at path: String = "") -> [String] {
    switch (old, new) {
    case (.map(let before), .map(let after)):
      var found: [String] = []
      for entry in before.entries {
        let place = join(path, entry.key)
        found += after[entry.key].map { paths(from: entry.value, to: $0, at: place) } ?? [place]
      }
      for key in after.keys where before[key] == nil { found.append(join(path, key)) }
      return found
    case (.list(let before), .list(let after)) where before.count == after.count:
      return zip(before, after).enumerated().flatMap { place, pair in
        paths(from: pair.0, to: pair.1, at: "\(path)[\(place)]")
      }
    default: return old.json() == new.json() ? [] : [path.isEmpty ? "all of it" : path]
    }
  }

  private static func join(_ path: String, _ key: MapKey) -> String {
    let name = if case .string(let text) = key { text } else { "\(key.value)" }
    return path.isEmpty ? name : "\(path).\(name)"
  }
}
