import Keeping
import ServiceRuntime
import Values

/// How a person wants an act to be made.
struct ActOptions: Sendable {
  /// How many may be changed without asking.
  static let withoutAsking = 20

  static let forms: [OptionForm] = [
    .flag("dry-run", "Only show what would be changed."),
    .flag("yes", short: "y", "Do not ask, however many there are."),
    .value("reason", "TEXT", "Why; the audit log keeps it."),
  ]

  let isDryRun: Bool
  let isConfirmed: Bool
  let reason: String?

  init(_ arguments: Arguments) throws(UsageError) {
    isDryRun = arguments.flag("dry-run")
    isConfirmed = arguments.flag("yes")
    reason = arguments.value("reason")
    if let reason, reason.utf8.count > 2_000 {
      throw UsageError("the reason has more than 2,000 bytes", help: "say it more briefly")
    }
  }
}

/// An act on many tasks or records: shows what is chosen, asks, changes some at a time, and tells what came of it.
struct BulkAct: Sendable {
  /// How many are changed in one transaction, so that workers go on in between.
  static let chunk = 500
  /// How many of those chosen are shown.
  static let shown = 10

  /// What is done, for the audit log: `task.retry`.
  let action: String
  /// What is changed, one and several: `task`, `tasks`.
  let noun: (one: String, many: String)
  /// How it is asked and told: `retry`, `retried`.
  let verb: (asked: String, told: String)
  let options: ActOptions
  /// Whether the things were named one by one: then one that is skipped is a finding.
  let isNamed: Bool
  /// What people call the things, by their numbers, where that is something else.
  var names: [Int64: String] = [:]
  /// What was named and is not there.
  var missing: [String] = []

  /// What came of an act, for programs.
  private struct Outcome: Encodable {
    struct Skip: Encodable {
      let number: Int64
      let key: String?
      let reason: String
    }

    let action: String
    let dryRun: Bool
    let chosen: Int
    let changed: Int
    let requested: Int
    let skipped: Int
    let firstSkipped: [Skip]
    let missing: [String]
    let audit: Int64?
    let first: Value?
  }

  /// Makes the act on the chosen numbers.
  ///
  /// - Parameters:
  ///   - first: shows the first of those chosen: rows for a person, and data for a program.
  ///   - change: changes some of them.
  func run(
    _ numbers: [Int64], _ act: Act, _ console: Console,
    first: ([Int64]) async throws -> (table: TextTable, data: Value),
    change: ([Int64], Act) async throws -> ChangeReport
  ) async throws -> ExitCode {
    if numbers.isEmpty { return try nothing(console) }
    if options.isDryRun { return try await rehearse(numbers, act, console, first, change) }
    guard try isAllowed(numbers.count, console) else { return .findings }
    var act = act
    var total = ChangeReport()
    for start in stride(from: 0, to: numbers.count, by: BulkAct.chunk) {
      let some = Array(numbers[start..<min(start + BulkAct.chunk, numbers.count)])
      let report = try await change(some, act)
      act.number = report.act
      total.act = report.act
      total.changed += report.changed
      total.requested += report.requested
      total.skipped += report.skipped
      if numbers.count > BulkAct.chunk, console.showsProgress {
        console.message("\r\u{1B}[K\(grouped(start + some.count)) of \(grouped(numbers.count))")
      }
    }
    if numbers.count > BulkAct.chunk, console.showsProgress { console.message("\r\u{1B}[K") }
    try show(total, chosen: numbers.count, console)
    return exitCode(total)
  }

  private func exitCode(_ report: ChangeReport) -> ExitCode {
    missing.isEmpty && (report.skipped.isEmpty || (report.changed > 0 && !isNamed)) ? .done : .findings
  }

  /// Shows what would be changed: of as many as are changed at a time by changing them and keeping nothing of it, of more by
  /// what was chosen, since workers would have to wait for it.
  private func rehearse(
    _ numbers: [Int64], _ act: Act, _ console: Console,
    _ first: ([Int64]) async throws -> (table: TextTable, data: Value),
    _ change: ([Int64], Act) async throws -> ChangeReport
  ) async throws -> ExitCode {
    var report = ChangeReport()
    report.changed = numbers.count
    if numbers.count <= BulkAct.chunk {
      var trial = act
      trial.isTrial = true
      report = try await change(numbers, trial)
    }
    let left = Set(report.skipped.map(\.number))
    let some = numbers.filter { !left.contains($0) }.prefix(BulkAct.shown)
    let shown = some.isEmpty ? nil : try await first(Array(some))
    if console.format == .json {
      try console.json(outcome(report, chosen: numbers.count, first: shown?.data ?? .list([])))
      return exitCode(report)
    }
    let count = report.changed
    console.line(
      "would \(verb.asked) \(counted(count, noun.one, noun.many))"
        + (count > BulkAct.shown ? ", the first:" : count > 0 ? ":" : ""))
    if let shown { console.output(shown.table.text(width: console.width)) }
    tellLeft(report, console)
    return exitCode(report)
  }

  private func isAllowed(_ count: Int, _ console: Console) throws -> Bool {
    if options.isConfirmed || count <= ActOptions.withoutAsking { return true }
    guard console.canAsk else {
      throw CommandFailure(
        .usage,
        "nothing was changed: this would \(verb.asked) \(counted(count, noun.one, noun.many)), and nobody can be asked here",
        help: "look with --dry-run, then run the same with --yes")
    }
    if console.confirm(
      "\(verb.asked.prefix(1).uppercased() + verb.asked.dropFirst()) \(counted(count, noun.one, noun.many))?")
    {
      return true
    }
    console.note("nothing was changed")
    return false
  }

  // MARK: - View

  private func nothing(_ console: Console) throws -> ExitCode {
    if console.format == .json {
      try show(ChangeReport(), chosen: 0, console)
    } else {
      console.note("there is no such \(noun.one); nothing was changed")
    }
    return isNamed ? .findings : .done
  }

  private func outcome(_ report: ChangeReport, chosen: Int, first: Value?) -> Outcome {
    Outcome(
      action: action, dryRun: options.isDryRun, chosen: chosen, changed: report.changed, requested: report.requested,
      skipped: report.skipped.count,
      firstSkipped: report.skipped.prefix(100).map {
        .init(number: $0.number, key: names[$0.number], reason: $0.reason)
      },
      missing: missing, audit: report.act, first: first)
  }

  private func show(_ report: ChangeReport, chosen: Int, _ console: Console) throws {
    if console.format == .json {
      return try console.json(outcome(report, chosen: chosen, first: options.isDryRun ? .list([]) : nil))
    }
    let told = report.changed - report.requested
    if told > 0 || report.requested == 0 {
      console.line("\(counted(told, noun.one, noun.many)) \(verb.told)" + (report.act.map { " (audit \($0))" } ?? ""))
    }
    if report.requested > 0 {
      console.line(
        "\(counted(report.requested, noun.one, noun.many)) running: to be \(verb.told) where nothing was sent, else settled as what it is"
      )
    }
    tellLeft(report, console)
  }

  private func tellLeft(_ report: ChangeReport, _ console: Console) {
    var reasons: [(reason: String, numbers: [Int64])] = []
    for skip in report.skipped {
      if let place = reasons.firstIndex(where: { $0.reason == skip.reason }) {
        reasons[place].numbers.append(skip.number)
      } else {
        reasons.append((skip.reason, [skip.number]))
      }
    }
    for (reason, numbers) in reasons {
      let named =
        numbers.prefix(5).map { names[$0].map { printable($0) } ?? String($0) }.joined(separator: ", ")
        + (numbers.count > 5 ? ", ..." : "")
      let left = numbers.count == 1 ? "left as it is" : "left as they are"
      console.note("\(counted(numbers.count, noun.one, noun.many)) \(left) (\(named)): \(printable(reason))")
    }
    for name in missing.prefix(10) {
      console.note("there is no \(noun.one) '\(printable(name))' among those to choose from")
    }
    if missing.count > 10 { console.note("nor \(missing.count - 10) more that were named") }
  }
}
