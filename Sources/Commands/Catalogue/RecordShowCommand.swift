import Keeping
import Values

/// `datahub record show`: one record, whole.
struct RecordShowCommand: Command {
  static let form = CommandForm(
    name: "show", summary: "Show one record: what came, where it stands, what the target said.",
    arguments: [.required("HUB", "The hub."), .required("KEY", "The record's key.")],
    examples: [.init("datahub record show orders CD000001", "One order.")])

  private let hub: String
  private let key: String

  init(_ arguments: Arguments) throws(UsageError) {
    hub = try arguments.required("HUB")
    key = try arguments.required("KEY")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let record = try await OpenStore.with(context) { open in
      guard let record = try await open.store.record(hub: hub, key: key) else {
        try await open.requireHub(hub)
        throw CommandFailure(
          .findings, "hub '\(hub)' has no record '\(key)'", help: "find it: datahub record list \(hub) --search \(key)")
      }
      return record
    }
    if context.console.format == .json {
      context.console.line(try flattened(record).json())
    } else {
      show(record, context.console)
    }
    return .done
  }

  // MARK: - View

  private func show(_ record: RecordDetail, _ console: Console) {
    let summary = record.summary
    var table = TextTable()
    table.add("key", summary.key)
    if let number = summary.number { table.add("number", number) }
    table.add("state", summary.state)
    table.add("revision", "\(summary.revision)" + (record.deliveredRevision.map { ", the target has \($0)" } ?? ""))
    if let id = summary.targetID { table.add("target id", id) }
    if let error = summary.error { addFailure(error, to: &table) }
    table.add("first seen", record.firstSeenAt)
    table.add("updated", summary.updatedAt)
    if let parent = record.parent { table.add("parent", parent) }
    if let task = record.sourceTask { table.add("query task", String(task)) }
    if let task = record.targetTask { table.add("write task", String(task)) }
    console.output(table.text())
    if let steps = record.steps {
      console.line("")
      console.output(RecordShowCommand.table(of: steps).text(width: console.width))
    }
    console.line("")
    console.line(printable(indentedJSON(record.content), keepsLines: true))
  }
}

extension RecordShowCommand {
  /// What was done for a record beside its write.
  private static func table(of steps: [StepView]) -> TextTable {
    var table = TextTable(["STEP", "REVISION", "TARGET ID", "TASK", "AT"], alignments: [.left, .right, .left, .right])
    for step in steps { table.add(step.name, String(step.revision), step.id ?? "", String(step.task), step.at) }
    return table
  }
}

/// Shows a failure as rows of a table.
func addFailure(_ failure: Failure, to table: inout TextTable) {
  table.add("error", "\(failure.kind): \(failure.message)")
  if let field = failure.field { table.add("field", field) }
  if let status = failure.status { table.add("status", String(status)) }
}

/// Data with a `summary` as one map: what the summary has, then the rest.
func flattened(_ data: some Encodable) throws -> Value {
  let value = try ValueEncoder().encode(data)
  guard let map = value.mapValue, let summary = map["summary"]?.mapValue else { return value }
  let rest = map.entries.filter { $0.key != .string("summary") }
  return .map(ValueMap(summary.entries.map { ($0.key, $0.value) } + rest.map { ($0.key, $0.value) }))
}

/// JSON for people: a line for each entry.
func indentedJSON(_ value: Value, indent: String = "") -> String {
  let inner = indent + "  "
  switch value {
  case .map(let map) where !map.isEmpty:
    let lines = map.entries.map { entry in
      "\(inner)\(entry.key.value.json()): \(indentedJSON(entry.value, indent: inner))"
    }
    return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
  case .list(let items) where !items.isEmpty:
    return "[\n\(items.map { inner + indentedJSON($0, indent: inner) }.joined(separator: ",\n"))\n\(indent)]"
  default: return value.json()
  }
}
