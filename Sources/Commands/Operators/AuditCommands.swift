import Keeping
import ServiceRuntime
import Values

/// `datahub audit list`: who did what.
struct AuditListCommand: Command {
  static let form = auditForm("list")
  private let list: AuditCommand
  init(_ arguments: Arguments) throws(UsageError) { list = try AuditCommand(arguments) }
  func run(_ context: CommandContext) async throws -> ExitCode { try await list.run(context) }
}

/// `datahub audit`: who did what, the same as its `list`.
struct AuditCommand: Command {
  static let form = auditForm("audit")

  private var filter: AuditFilter

  init(_ arguments: Arguments) throws(UsageError) {
    filter = AuditFilter(limit: try arguments.integer("limit", in: 1...10_000, default: 50))
    let subjects = ["task", "record", "value"].compactMap { kind in arguments.value(kind).map { "\(kind) \($0)" } }
    guard subjects.count <= 1 else {
      throw UsageError("one thing at a time: --task, --record or --value", help: "leave the others out")
    }
    filter.subject = subjects.first
    filter.action = arguments.value("action")
    filter.by = arguments.value("by")
    filter.hub = arguments.value("hub")
    filter.since = try Choosing.since(arguments, now: currentTime())
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let entries = try await OpenStore.with(context) { try await $0.store.audit(filter) }
    if context.console.format == .json {
      try context.console.json(entries)
    } else {
      show(entries, context.console)
    }
    return .done
  }

  private func show(_ entries: [AuditEntry], _ console: Console) {
    guard !entries.isEmpty else { return console.note("nothing was done") }
    var table = TextTable(
      ["NO", "AT", "BY", "ACTION", "HUB", "CHANGED", "REASON"],
      alignments: [.right, .left, .left, .left, .left, .right])
    for entry in entries {
      table.add(
        String(entry.number), entry.at, entry.by, entry.action, entry.hub ?? "",
        entry.changed == 0 ? "" : grouped(entry.changed), entry.reason ?? "")
    }
    console.output(table.text(width: console.width))
    if entries.count == filter.limit { console.note("there may be more: see --limit and --since") }
  }
}

/// `datahub audit show`: what one act changed.
struct AuditShowCommand: Command {
  static let form = CommandForm(
    name: "show", summary: "Show one act: what it changed, before and after.",
    arguments: [.required("NO", "Its number in the log.")],
    options: [.value("limit", "N", "The most changes to show.", default: "100")],
    examples: [.init("datahub audit show 12", "One act.")])

  private let number: Int64
  private let limit: Int

  init(_ arguments: Arguments) throws(UsageError) {
    number = Int64(try arguments.integer(try arguments.required("NO"), "NO", in: 1...Int.max))
    limit = try arguments.integer("limit", in: 1...10_000, default: 100)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let (entry, items) = try await OpenStore.with(context) { open in
      var filter = AuditFilter(limit: 1)
      filter.number = number
      guard let entry = try await open.store.audit(filter).first else {
        throw CommandFailure(.findings, "there is no act \(number)", help: "see datahub audit")
      }
      return (entry, try await open.store.auditItems(of: number, after: 0, limit: limit))
    }
    if context.console.format == .json {
      let value = try ValueEncoder().encode(entry)
      let fields = (value.mapValue?.entries ?? []).map { ($0.key, $0.value) }
      context.console.line(
        Value.map(ValueMap(fields + [(MapKey.string("items"), try ValueEncoder().encode(items))])).json())
    } else {
      show(entry, items, context.console)
    }
    return .done
  }

  private func show(_ entry: AuditEntry, _ items: [AuditItem], _ console: Console) {
    var table = TextTable()
    table.add("act", String(entry.number))
    table.add("at", entry.at)
    table.add("by", entry.by)
    table.add("action", entry.action)
    if let hub = entry.hub { table.add("hub", hub) }
    if let reason = entry.reason { table.add("reason", reason) }
    if let details = entry.details { table.add("details", details.json()) }
    table.add("changed", grouped(entry.changed))
    console.output(table.text())
    if items.isEmpty { return }
    console.line("")
    var changes = TextTable(["NO", "WHAT", "BEFORE", "AFTER"], alignments: [.right])
    for item in items {
      changes.add(String(item.number), item.subject, cut(item.before.json(), to: 120), cut(item.after.json(), to: 120))
    }
    console.output(changes.text(width: console.width))
    if items.count == limit { console.note("there may be more: see --limit, and --output json for all of each") }
  }
}

private func auditForm(_ name: String) -> CommandForm {
  CommandForm(
    name: name, summary: "Show who did what, when and why, the newest first.",
    discussion:
      "Everything a person does with task, record, value and apply is in the log, and it only grows. 'datahub audit show N' shows "
      + "what one act changed.",
    options: [
      .value("task", "ID", "Only what changed this task."),
      .value("record", "HUB/KEY", "Only what changed this record."),
      .value("value", "MAPPING/CODE", "Only what changed this entry."),
      .value("action", "ACTION", "Only actions that begin with this: task, record.purge, deploy."),
      .value("by", "USER", "Only this user's, with or without @HOST."), Choosing.hub, Choosing.since,
      Choosing.limit(50),
    ],
    examples: [
      .init("datahub audit --since 1d", "What was done since yesterday."),
      .init("datahub audit list --record orders/CD000001 --output json", "What was done to one order."),
    ])
}
