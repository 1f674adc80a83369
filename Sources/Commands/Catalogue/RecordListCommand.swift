import Keeping
import Plans
import Values

/// `datahub record list`: records of a hub.
struct RecordListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "List records of a hub, the newest first.",
    arguments: [.required("HUB", "The hub.")],
    options: RecordSelection.options + [
      Choosing.key, Choosing.state(RecordState.allCases.map(\.name)),
      .value("search", "TEXT", "The same as --text."), Choosing.limit(50),
    ],
    examples: [
      .init("datahub record list orders --state failed,uncertain", "What needs a person."),
      .init("datahub record list orders --text 1042 --output json", "Find a record by a part of its number."),
      .init("datahub record list orders --error rejected --since 1d", "What the target refused since yesterday."),
    ])

  private let filter: RecordFilter

  init(_ arguments: Arguments) throws(UsageError) {
    filter = try RecordSelection(arguments, listing: 50).filter
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let records = try await OpenStore.with(context) { open in
      let records = try await open.store.records(filter)
      if records.isEmpty { try await open.requireHub(filter.hub) }
      return records
    }
    if context.console.format == .json {
      try context.console.json(records)
    } else {
      show(records, context.console)
    }
    return .done
  }

  // MARK: - View

  private func show(_ records: [RecordSummary], _ console: Console) {
    guard !records.isEmpty else { return console.note("no records") }
    console.output(RecordListCommand.table(records).text(width: console.width))
    if records.count == filter.limit { console.note("there may be more: see --limit, --state and --text") }
  }

  /// Records as rows.
  static func table(_ records: [RecordSummary]) -> TextTable {
    var table = TextTable(["KEY", "NUMBER", "STATE", "REV", "TARGET", "UPDATED", "ERROR"])
    for record in records {
      table.add(
        record.key, record.number ?? "", record.state, String(record.revision), record.targetID ?? "", record.updatedAt,
        record.error.map { error in (error.field.map { "\($0): " } ?? "") + error.message } ?? "")
    }
    return table
  }
}

extension OpenStore {
  /// Makes sure a hub is deployed, or was and has records, before nothing is shown of it.
  func requireHub(_ name: String) async throws {
    let (_, plan) = try await deployedPlan()
    if plan.hub(name) != nil { return }
    if try await !store.records(RecordFilter(hub: name, limit: 1)).isEmpty { return }
    throw OpenStore.unknownHub(name, plan)
  }
}
