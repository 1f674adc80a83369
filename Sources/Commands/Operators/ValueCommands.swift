import Keeping
import Plans
import Running
import ServiceRuntime
import Templates
import Values

/// `datahub value list`: the entries of a value mapping.
struct ValueListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "List value mappings, or the entries of one with where they come from.",
    discussion:
      "What is kept in the store wins over what is declared, unless the mapping is locked. Origin: declared (in the project's "
      + "files), kept (in the store), overriding (in the store, over a declared one).",
    arguments: [.optional("MAPPING", "The value mapping; without it all are listed.")],
    options: [
      .value("text", "TEXT", "Only entries with this text in a code, value or label."),
      .value("origin", "ORIGIN,...", "Only entries from there: declared, kept, overriding.", repeats: true),
    ],
    examples: [
      .init("datahub value list", "The mappings, and how many entries each has."),
      .init("datahub value list customers --origin kept,overriding", "What was set at run time."),
    ])

  private let mapping: String?
  private let text: String?
  private let origins: [ValueRow.Origin]

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = arguments.argument("MAPPING")
    text = arguments.value("text")?.lowercased()
    origins = try arguments.names("origin", among: ValueRow.Origin.allCases.map(\.rawValue)) {
      ValueRow.Origin(rawValue: $0)
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      if let mapping {
        try show(try await ValueTable.read(mapping, open), context.console)
      } else {
        var tables: [ValueTable] = []
        for plan in try await open.deployedPlan().plan.valueMappings ?? [] {
          tables.append(ValueTable(plan, try await CodeTables.kept(of: plan.name, in: open.store)))
        }
        try show(tables, context.console)
      }
      return .done
    }
  }

  // MARK: - View

  private func show(_ tables: [ValueTable], _ console: Console) throws {
    if console.format == .json {
      return console.line(
        Value.list(
          tables.map { table in
            .map(
              ValueMap(
                [
                  ("name", .string(table.plan.name)), ("onMiss", .string(table.plan.onMiss.rawValue)),
                  ("locked", .bool(table.plan.isLocked == true)),
                ] + ValueRow.Origin.allCases.map { ($0.rawValue, .int(Int64(count(table, $0)))) }))
          }
        ).json())
    }
    guard !tables.isEmpty else { return console.note("no value mappings are deployed") }
    var rows = TextTable(
      ["MAPPING", "ON MISS", "DECLARED", "KEPT", "OVERRIDING"], alignments: [.left, .left, .right, .right, .right])
    for table in tables {
      rows.add(
        table.plan.name + (table.plan.isLocked == true ? " (locked)" : ""), table.plan.onMiss.rawValue,
        grouped(count(table, .declared)), grouped(count(table, .kept)), grouped(count(table, .overriding)))
    }
    console.output(rows.text())
  }

  private func count(_ table: ValueTable, _ origin: ValueRow.Origin) -> Int {
    table.rows.count { $0.origin == origin }
  }

  private func show(_ table: ValueTable, _ console: Console) throws {
    let rows = table.rows.filter { row in
      guard origins.isEmpty || origins.contains(row.origin) else { return false }
      guard let text else { return true }
      return [row.code, row.value.shown, row.label ?? "", row.valueLabel ?? ""].contains {
        $0.lowercased().contains(text)
      }
    }
    if console.format == .json { return try console.json(rows) }
    guard !rows.isEmpty else { return console.note("no entries") }
    var shown = TextTable(["CODE", "LABEL", "VALUE", "VALUE LABEL", "ORIGIN", "SET"])
    for row in rows {
      let declared = row.declared.map { " (declared: \($0.shown))" } ?? ""
      let set = row.changedAt.map { at in row.changedBy.map { "\(at) by \($0)" } ?? at } ?? ""
      shown.add(row.code, row.label ?? "", row.value.shown, row.valueLabel ?? "", row.origin.rawValue + declared, set)
    }
    console.output(shown.text(width: console.width))
  }
}

/// `datahub value get`: what one code becomes.
struct ValueGetCommand: Command {
  static let form = CommandForm(
    name: "get", summary: "Show what a code becomes, or with --reverse which code becomes it.",
    arguments: [.required("MAPPING", "The value mapping."), .required("CODE", "The code.")],
    options: [.flag("reverse", "Look from the other side.")],
    examples: [
      .init("datahub value get customers 10001", "What 10001 is on the other side."),
      .init("datahub value get customers C001 --reverse", "Which code becomes C001."),
    ])

  private let mapping: String
  private let code: String
  private let isReverse: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = try arguments.required("MAPPING")
    code = try arguments.required("CODE")
    isReverse = arguments.flag("reverse")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let rows = try await OpenStore.with(context) { open in
      try await ValueTable.read(mapping, open).rows.filter {
        isReverse ? $0.value.interpolatedText == code : $0.code == code
      }
    }
    guard !rows.isEmpty else {
      throw CommandFailure(
        .findings, "value mapping '\(mapping)' has no \(isReverse ? "code that becomes" : "entry for") '\(code)'",
        help: isReverse ? "see datahub value list \(mapping)" : "set it: datahub value set \(mapping) \(code) VALUE")
    }
    if context.console.format == .json {
      try context.console.json(rows)
    } else {
      for row in rows { context.console.line(printable(isReverse ? row.code : row.value.shown)) }
    }
    return .done
  }
}

/// `datahub value set`: sets an entry at run time.
struct ValueSetCommand: Command {
  static let form = CommandForm(
    name: "set", summary: "Set what a code becomes, without deploying.",
    discussion:
      "The entry is kept in the store of the environment and wins over a declared one of the same code. Records that wait for it are "
      + "pending at once, and running workers take it with their next records.",
    arguments: [
      .required("MAPPING", "The value mapping."), .required("CODE", "The code."),
      .required("VALUE", "What it becomes."),
    ],
    options: [
      .value("label", "TEXT", "What people call the code; without it the entry keeps its own, '' removes it."),
      .value("value-label", "TEXT", "What people call what it becomes; likewise."),
      .flag("json", "VALUE is JSON: a number, true, false."),
      .value("reason", "TEXT", "Why; the audit log keeps it."),
    ],
    examples: [.init("datahub value set customers 10001 C001 --label 'Flagship shop'", "One customer.")])

  private let mapping: String
  private let entry: KeptEntry
  /// The labels that were given; empty ones are to be removed, and what was not given stays.
  private let labels: (code: String?, value: String?)
  private let reason: String?

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = try arguments.required("MAPPING")
    let code = try arguments.required("CODE")
    let text = try arguments.required("VALUE")
    var value = Value.string(text)
    if arguments.flag("json") {
      do throws(JSONError) {
        value = try Value(json: text)
      } catch {
        throw UsageError("'\(text)' is not JSON: \(error)", help: "leave --json out where it is a text")
      }
      guard value.interpolatedText != nil else {
        throw UsageError("what a code becomes is a text, a number or true or false", help: "not \(value.typeName)")
      }
    }
    guard !code.isEmpty, code.utf8.count <= ValueFile.longestCode else {
      throw UsageError("a code has 1 to \(ValueFile.longestCode) bytes")
    }
    labels = (arguments.value("label"), arguments.value("value-label"))
    entry = KeptEntry(code: code, value: value)
    reason = arguments.value("reason")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      try ValueTable.requireOpen(try await ValueTable.mapping(mapping, open))
      let old = labels.code == nil || labels.value == nil ? try await kept(in: open.store) : nil
      var entry = entry
      entry.label = labels.code.map { $0.isEmpty ? nil : $0 } ?? old?.label
      entry.valueLabel = labels.value.map { $0.isEmpty ? nil : $0 } ?? old?.valueLabel
      let change = EntryChange(
        code: entry.code, entry: entry,
        supplies: CodeTables.supplies(of: mapping, code: entry.code, value: entry.value))
      let result = try await open.store.change(
        values: [change], of: mapping,
        Act("value.set", by: currentUser(), reason: reason, details: ["mapping": .string(mapping)], at: currentTime()))
      try ValueOutcome(result.report, woken: result.woken).show("set", mapping, context.console)
      return .done
    }
  }

  /// The entry as it was set before.
  private func kept(in store: any Store) async throws -> KeptEntry? {
    var last: String?
    while true {
      let page = try await store.values(of: mapping, after: last, limit: 10_000)
      guard let end = page.last else { return nil }
      if let found = page.first(where: { $0.code == entry.code }) { return found }
      last = end.code
    }
  }
}

/// `datahub value remove`: removes entries that were set at run time.
struct ValueRemoveCommand: Command {
  static let form = CommandForm(
    name: "remove", summary: "Remove entries that were set at run time; what is declared counts again.",
    arguments: [.required("MAPPING", "The value mapping."), .rest("CODE", "The codes.", isRequired: true)],
    options: [.value("reason", "TEXT", "Why; the audit log keeps it.")],
    examples: [.init("datahub value remove customers 10001", "One of them.")])

  private let mapping: String
  private let codes: [String]
  private let reason: String?

  init(_ arguments: Arguments) throws(UsageError) {
    mapping = try arguments.required("MAPPING")
    codes = arguments.arguments("CODE")
    reason = arguments.value("reason")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let plan = try await ValueTable.mapping(mapping, open)
      let declared = plan.declaredEntries
      // A declared entry that counts again may be what records wait for.
      let changes = codes.map { code in
        EntryChange(
          code: code, entry: nil,
          supplies: declared[code].map { CodeTables.supplies(of: mapping, code: code, value: $0) } ?? [])
      }
      let result = try await open.store.change(
        values: changes, of: mapping,
        Act(
          "value.remove", by: currentUser(), reason: reason, details: ["mapping": .string(mapping)], at: currentTime()))
      try ValueOutcome(result.report, woken: result.woken).show("removed", mapping, context.console)
      for skip in result.report.skipped {
        let code = codes[Int(skip.number)]
        let why = declared[code] == nil ? skip.reason : "it is declared, and removed in the file"
        context.console.note(printable("'\(code)' was left: \(why)"))
      }
      return result.report.skipped.isEmpty ? .done : .findings
    }
  }
}

/// What a change of entries came to.
struct ValueOutcome: Sendable {
  private let changed: Int
  private let unchanged: Int
  private let woken: Int
  private let act: Int64?

  init(_ report: ChangeReport, woken: Int) {
    changed = report.changed
    unchanged = report.skipped.count
    self.woken = woken
    act = report.act
  }

  func show(_ told: String, _ mapping: String, _ console: Console) throws {
    if console.format == .json {
      let data: [(String, Value)] = [
        ("mapping", .string(mapping)), ("changed", .int(Int64(changed))), ("unchanged", .int(Int64(unchanged))),
        ("woken", .int(Int64(woken))), ("audit", act.map { .int($0) } ?? .null),
      ]
      return console.line(Value.map(ValueMap(data)).json())
    }
    let audit = act.map { " (audit \($0))" } ?? ""
    console.line(
      changed == 0 ? "nothing was changed" : "\(counted(changed, "entry", "entries")) of '\(mapping)' \(told)\(audit)")
    if woken > 0 { console.line("\(counted(woken, "record")) waited for it and will be sent by the next run") }
  }
}
