import Sandbox
import Values

/// `datahub sandbox report`: what the ERP was really sent, from its journal.
struct SandboxReportCommand: Command {
  static let form = CommandForm(
    name: "report", summary: "Count what the stand-in ERP was really sent, from its journal.",
    discussion: "Works whether the stand-ins run or not. Ends with 1 where an order was inserted twice.",
    options: [
      SandboxCommand.stateOption,
      .value("connector", "NAME", "Which stand-in, where the project has several ERPs."),
    ],
    examples: [.init("datahub sandbox report --output json", "The counts, for programs.")])

  private let state: String
  private let connector: String?

  init(_ arguments: Arguments) {
    state = arguments.value("state") ?? ".datahub/sandbox"
    connector = arguments.value("connector")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let folder = context.stateFolder(state) + (connector.map { "/\($0)" } ?? "")
    let journal = folder + "/erp.jsonl"
    guard FileAccess.exists(journal) else {
      throw CommandFailure(
        .findings, "there is no journal of an ERP in \(folder)",
        help: "start the stand-ins first: datahub sandbox; see --state and --connector")
    }
    let report = try SandboxReport(journal: journal)
    if context.console.format == .json {
      context.console.line(json(report).json())
    } else {
      show(report, context.console)
    }
    return report.duplicates.isEmpty ? .done : .findings
  }

  // MARK: - View

  private func json(_ report: SandboxReport) -> Value {
    .map(
      ValueMap([
        ("orders", .int(Int64(report.orders))), ("inserts", .int(Int64(report.inserts))),
        ("updates", .int(Int64(report.updates))), ("duplicates", .list(report.duplicates.map { .string($0) })),
        ("repeatedKeys", .list(report.repeatedKeys.map { .string($0) })),
        ("amount", .string(report.amount.description)),
      ]))
  }

  private func show(_ report: SandboxReport, _ console: Console) {
    var table = TextTable(alignments: [.left, .right])
    table.add("orders", grouped(report.orders))
    table.add("inserts", grouped(report.inserts))
    table.add("updates", grouped(report.updates))
    table.add("duplicates", grouped(report.duplicates.count))
    table.add("amount", report.amount.description)
    console.output(table.text())
    if !report.duplicates.isEmpty {
      console.line(printable("inserted more than once: \(report.duplicates.prefix(20).joined(separator: ", "))"))
    }
  }
}
