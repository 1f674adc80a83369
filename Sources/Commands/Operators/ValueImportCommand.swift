import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub value import`: sets the entries of a CSV file.
struct ValueImportCommand: Command {
  static let form = CommandForm(
    name: "import", summary: "Set the entries of a CSV file at run time.",
    discussion:
      "The first line names the columns: a_value,a_label,b_value,b_label, or from,to,label. What the file has already as it counts is "
      + "left alone. --replace removes the entries set at run time that the file does not have.",
    arguments: [.required("MAPPING", "The value mapping."), .required("FILE", "The CSV file (RFC 4180, UTF-8).")],
    options: [
      .flag("replace", "Remove entries set at run time that the file does not have.")
    ] + ActOptions.forms,
    examples: [
      .init("datahub value import customers customers.csv --dry-run", "What it would change."),
      .init("datahub value import customers customers.csv --replace --yes", "Exactly what the file has."),
    ])

  /// How many entries are set in one transaction.
  private static let chunk = 1_000
  /// How many changes are shown.
  private static let shown = 20

  /// A change as it is shown.
  private struct Line: Encodable {
    let change: String
    let code: String
    let old: Value?
    let new: Value?
  }

  private let mapping: String
  private let path: String
  private let replaces: Bool
  private let options: ActOptions

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = try arguments.required("MAPPING")
    path = try arguments.required("FILE")
    replaces = arguments.flag("replace")
    options = try ActOptions(arguments)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let bytes: [UInt8]
    do throws(FileProblem) {
      bytes = try FileAccess.read(context.surroundings.absolute(path), limit: ValueFile.maximumBytes)
    } catch {
      throw CommandFailure(.findings, "the file cannot be read: \(error)")
    }
    let entries = try ValueFile.read(bytes, named: path)
    return try await OpenStore.with(context) { open in
      let table = try await ValueTable.read(mapping, open)
      try ValueTable.requireOpen(table.plan)
      let (changes, lines) = changes(to: table, entries)
      if options.isDryRun || lines.isEmpty {
        try show(lines, isDryRun: options.isDryRun, context.console)
        return .done
      }
      guard try isAllowed(lines, context.console) else { return .findings }
      var act = Act(
        "value.import", by: currentUser(), reason: options.reason,
        details: ["mapping": .string(mapping), "file": .string(path), "replace": .bool(replaces)], at: currentTime())
      var total = ChangeReport()
      var woken = 0
      for start in stride(from: 0, to: changes.count, by: ValueImportCommand.chunk) {
        let some = Array(changes[start..<min(start + ValueImportCommand.chunk, changes.count)])
        let result = try await open.store.change(values: some, of: mapping, act)
        act.number = result.report.act
        total.act = result.report.act
        total.changed += result.report.changed
        total.skipped += result.report.skipped
        woken += result.woken
      }
      try ValueOutcome(total, woken: woken).show("changed", mapping, context.console)
      return .done
    }
  }

  /// What is to be changed about what counts now.
  private func changes(to table: ValueTable, _ entries: [KeptEntry]) -> ([EntryChange], [Line]) {
    let now = Dictionary(table.rows.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
    var changes: [EntryChange] = []
    var lines: [Line] = []
    for entry in entries {
      let old = now[entry.code]
      if let old, old.value.shown == entry.value.shown, entry.label == nil || entry.label == old.label,
        entry.valueLabel == nil || entry.valueLabel == old.valueLabel
      {
        continue
      }
      changes.append(
        EntryChange(
          code: entry.code, entry: entry,
          supplies: CodeTables.supplies(of: mapping, code: entry.code, value: entry.value)))
      lines.append(Line(change: old == nil ? "add" : "change", code: entry.code, old: old?.value, new: entry.value))
    }
    guard replaces else { return (changes, lines) }
    let wanted = Set(entries.map(\.code))
    for row in table.rows where row.origin != .declared && !wanted.contains(row.code) {
      changes.append(
        EntryChange(
          code: row.code, entry: nil,
          supplies: row.declared.map { CodeTables.supplies(of: mapping, code: row.code, value: $0) } ?? []))
      lines.append(Line(change: "remove", code: row.code, old: row.value, new: row.declared))
    }
    return (changes, lines)
  }

  private func isAllowed(_ lines: [Line], _ console: Console) throws -> Bool {
    let removed = lines.count { $0.change == "remove" }
    if options.isConfirmed || (removed == 0 && lines.count <= ActOptions.withoutAsking) { return true }
    guard console.canAsk else {
      throw CommandFailure(
        .usage,
        "nothing was changed: this would change \(counted(lines.count, "entry", "entries")), and nobody can be asked here",
        help: "look with --dry-run, then run the same with --yes")
    }
    try show(lines, isDryRun: true, console)
    if console.confirm("Change \(counted(lines.count, "entry", "entries")) of '\(mapping)'?") { return true }
    console.note("nothing was changed")
    return false
  }

  // MARK: - View

  private func show(_ lines: [Line], isDryRun: Bool, _ console: Console) throws {
    if console.format == .json {
      let data: [(String, Value)] = [
        ("mapping", .string(mapping)), ("dryRun", .bool(isDryRun)), ("changes", try ValueEncoder().encode(lines)),
      ]
      return console.line(Value.map(ValueMap(data)).json())
    }
    if lines.isEmpty { return console.line("nothing to change: '\(mapping)' has all of it") }
    for line in lines.prefix(ValueImportCommand.shown) {
      let (old, new) = (line.old?.shown ?? "", line.new?.shown ?? "")
      switch line.change {
      case "add": console.line(printable("+ \(line.code) -> \(new)"))
      case "change": console.line(printable("~ \(line.code) -> \(old) => \(new)"))
      default: console.line(printable("- \(line.code) -> \(old)" + (line.new == nil ? "" : " => \(new), as declared")))
      }
    }
    if lines.count > ValueImportCommand.shown {
      console.line("and \(grouped(lines.count - ValueImportCommand.shown)) more")
    }
    let kinds = [("add", "to be added"), ("change", "to be changed"), ("remove", "to be removed")].compactMap {
      kind, words in
      let count = lines.count { $0.change == kind }
      return count == 0 ? nil : "\(grouped(count)) \(words)"
    }
    console.line(kinds.joined(separator: ", "))
  }
}

/// `datahub value export`: the entries of a value mapping as CSV.
struct ValueExportCommand: Command {
  static let form = CommandForm(
    name: "export", summary: "Write the entries of a value mapping as CSV, as 'value import' reads them.",
    arguments: [.required("MAPPING", "The value mapping.")],
    options: [
      .value("origin", "ORIGIN,...", "Only entries from there: declared, kept, overriding.", repeats: true)
    ],
    examples: [.init("datahub value export customers > customers.csv", "All that counts now.")])

  private let mapping: String
  private let origins: [ValueRow.Origin]

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = try arguments.required("MAPPING")
    origins = try arguments.names("origin", among: ValueRow.Origin.allCases.map(\.rawValue)) {
      ValueRow.Origin(rawValue: $0)
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let rows = try await OpenStore.with(context) { open in
      try await ValueTable.read(mapping, open).rows.filter { origins.isEmpty || origins.contains($0.origin) }
    }
    if context.console.format == .json {
      try context.console.json(rows)
    } else {
      context.console.output(ValueFile.write(rows))
    }
    return .done
  }
}
