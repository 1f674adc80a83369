import Keeping
import Plans
import Values

/// `datahub record list`: records of a hub.
struct RecordListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "List records of a hub, the newest first.",
    arguments: [.required("HUB", "The hub.")],
    options: [
      .value(
        "state", "STATE,...", "Only these states: \(RecordState.allCases.map(\.name).joined(separator: ", ")).",
        repeats: true),
      .value("search", "TEXT", "Only keys and numbers that contain a text."),
      .value("limit", "N", "The most to list.", default: "50"),
    ],
    examples: [
      .init("datahub record list orders --state failed,uncertain", "What needs a person."),
      .init("datahub record list orders --search 1042 --output json", "Find a record by a part of its number."),
    ])

  private let filter: RecordFilter

  init(_ arguments: Arguments) throws(UsageError) {
    let states = try arguments.names("state", among: RecordState.allCases.map(\.name)) { RecordState(name: $0) }
    filter = RecordFilter(
      hub: try arguments.required("HUB"), states: Set(states), text: arguments.value("search"),
      limit: try arguments.integer("limit", in: 1...10_000, default: 50))
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
    var table = TextTable(["KEY", "NUMBER", "STATE", "REV", "TARGET", "UPDATED", "ERROR"])
    for record in records {
      table.add(
        record.key, record.number ?? "", record.state, String(record.revision), record.targetID ?? "", record.updatedAt,
        record.error.map { error in (error.field.map { "\($0): " } ?? "") + error.message } ?? "")
    }
    console.output(table.text(width: console.width))
    if records.count == filter.limit { console.note("there may be more: see --limit, --state and --search") }
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
