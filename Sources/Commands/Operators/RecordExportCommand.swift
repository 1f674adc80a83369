import Keeping
import ServiceRuntime
import Templates
import Values

/// `datahub record export`: records as JSON lines or CSV.
struct RecordExportCommand: Command {
  static let form = CommandForm(
    name: "export", summary: "Write records as JSON lines or CSV, in the order they first came.",
    discussion:
      "A column is one of key, number, state, revision, targetID, error, errorKind, firstSeenAt, updatedAt, sourceTask, "
      + "targetTask, or a path in the record: record.buyer.name, record.items.0.sku. In CSV, lists and maps stand as JSON, and text a "
      + "spreadsheet would take for a formula has a ' before it. However many there are, only some are in memory at a time.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordSelection.options + [
      Choosing.state(RecordState.allCases.map(\.name)),
      .value("format", "FORMAT", "jsonl or csv.", default: "jsonl", choices: ["jsonl", "csv"]),
      .value("columns", "PATH,...", "Which columns; for jsonl all there is without it.", repeats: true),
      .value("limit", "N", "The most to write."),
    ],
    examples: [
      .init("datahub record export orders --state failed > failed.jsonl", "All there is of what failed."),
      .init(
        "datahub record export orders --format csv --columns key,state,record.amount > orders.csv",
        "Three columns, for a spreadsheet."),
    ])

  /// How many records are in memory.
  private static let page = 1_000

  private let selection: RecordSelection
  private let isCSV: Bool
  private let columns: [ExportColumn]

  init(_ arguments: Arguments) throws(UsageError) {
    selection = try RecordSelection(arguments)
    isCSV = arguments.value("format") == "csv"
    var columns: [ExportColumn] = []
    for name in arguments.values("columns").flatMap({ $0.split(separator: ",") }) {
      columns.append(try ExportColumn(String(name)))
    }
    self.columns =
      columns.isEmpty && isCSV
      ? try ["key", "number", "state", "revision", "targetID", "error", "updatedAt"].map(ExportColumn.init) : columns
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let console = context.console
      if isCSV { console.output(CSVText.line(columns.map(\.name), guardsFormulas: true)) }
      var left = selection.filter.limit
      var last: Int64 = 0
      var isEmpty = true
      var missing = selection.filter.keys
      while left > 0 {
        var filter = selection.filter
        filter.limit = min(left, RecordExportCommand.page)
        let page = try await open.store.recordPage(filter, after: last)
        guard let end = page.last else { break }
        last = end.summary.id
        left -= page.count
        isEmpty = false
        if !missing.isEmpty {
          var named = selection.filter
          named.keys = missing
          missing = named.missing(of: page.map(\.summary))
        }
        console.output(try page.map { try line($0) }.joined())
        // Nobody reads any more.
        if context.surroundings.output.isBroken { return .findings }
      }
      if isEmpty { try await open.requireHub(selection.filter.hub) }
      // With a limit, what is beyond it was not looked for.
      if left <= 0 { return .done }
      for key in missing.prefix(10) {
        console.warn("there is no record '\(printable(key))' among those to choose from")
      }
      return missing.isEmpty ? .done : .findings
    }
  }

  private func line(_ record: RecordDetail) throws -> String {
    if isCSV { return CSVText.line(columns.map { $0.text(of: record) }, guardsFormulas: true) }
    if columns.isEmpty { return try flattened(record).json() + "\n" }
    return Value.map(ValueMap(columns.map { ($0.name, $0.value(of: record)) })).json() + "\n"
  }
}

/// One column of an export.
struct ExportColumn: Sendable {
  let name: String
  private let read: @Sendable (RecordDetail) -> Value

  init(_ name: String) throws(UsageError) {
    self.name = name
    if let field = ExportColumn.fields[name] {
      read = field
    } else if name == "record" {
      read = { $0.content }
    } else if name.hasPrefix("record.") {
      let path = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map { String($0) }
      guard path.allSatisfy({ !$0.isEmpty }) else {
        throw UsageError("'\(name)' is not a column", help: "write a path such as record.buyer.name")
      }
      read = { ExportColumn.value(at: path[...], in: $0.content) }
    } else {
      throw UsageError(
        "'\(name)' is not a column",
        help:
          "there is \(ExportColumn.fields.keys.sorted().joined(separator: ", ")), and paths in the record: record.\(name)"
      )
    }
  }

  func value(of record: RecordDetail) -> Value { read(record) }

  /// The value as a cell: nothing for null, JSON for lists and maps.
  func text(of record: RecordDetail) -> String {
    let value = read(record)
    return value.isNull ? "" : value.interpolatedText ?? value.json()
  }

  private static let fields: [String: @Sendable (RecordDetail) -> Value] = [
    "key": { .string($0.summary.key) },
    "number": { text($0.summary.number) },
    "state": { .string($0.summary.state) },
    "revision": { .int($0.summary.revision) },
    "targetID": { text($0.summary.targetID) },
    "error": { text($0.summary.error?.message) },
    "errorKind": { text($0.summary.error?.kind) },
    "firstSeenAt": { .string($0.firstSeenAt) },
    "updatedAt": { .string($0.summary.updatedAt) },
    "sourceTask": { $0.sourceTask.map { .int($0) } ?? .null },
    "targetTask": { $0.targetTask.map { .int($0) } ?? .null },
  ]

  private static func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

  private static func value(at path: ArraySlice<String>, in value: Value) -> Value {
    guard let name = path.first else { return value }
    if let items = value.listValue {
      guard let index = Int(name), items.indices.contains(index) else { return .null }
      return self.value(at: path.dropFirst(), in: items[index])
    }
    return value[name].map { self.value(at: path.dropFirst(), in: $0) } ?? .null
  }
}
