import Keeping
import ServiceRuntime

/// `datahub store copy`: moves all that a store keeps into another one, of the same kind or the other.
struct StoreCopyCommand: Command {
  static let form = CommandForm(
    name: "copy", summary: "Copy a store into a new one, of either kind, and compare the two.",
    discussion:
      "FROM and TO are environments of the project, or addresses as environments have them: sqlite: and a folder, "
      + "mongodb:// and a host. An address with a password is better named in datahub.yaml, by secret(): others can read the "
      + "command line. Everything goes: records with their states, tasks, what was sent, watermarks, schedules, values, the "
      + "audit log. Stop workers first: the copy is refused while one is on a store, and where TO was used before. Until both "
      + "were compared and have the same, TO is refused by every command. FROM stays as it is.",
    arguments: [
      .required("FROM", "The store to read: an environment or an address."),
      .required("TO", "The new store: an environment or an address."),
    ],
    examples: [
      .init(
        "datahub -e production store copy production mongodb://db.example.com/?tls=true",
        "From the store datahub.yaml names to a MongoDB server."),
      .init("datahub store copy staging sqlite:/backup/staging", "A store of an environment into a folder."),
      .init("datahub store copy old new --output json", "Rows and digests of every section, for programs."),
    ])

  /// What was copied, for programs.
  private struct Report: Encodable {
    let from: String
    let to: String
    let records: Int
    let rows: Int
    let sections: [StoreCopy.Section]
  }

  private let from: String
  private let to: String

  init(_ arguments: Arguments) throws(UsageError) {
    from = try arguments.required("FROM")
    to = try arguments.required("TO")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let place = try ProjectPlace.find(context)
    let (source, target) = (try place.with(store: from), try place.with(store: to))
    let missing = CommandFailure(.findings, "there is no store of tenant '\(place.tenant)' to copy from")
    let report = try await OpenStore.with(source, missing: missing) { first in
      let firstInfo = try await first.store.info()
      return try await OpenStore.with(target, makes: true) { second in
        let secondInfo = try await second.store.info()
        let names = [firstInfo, secondInfo].map { "\($0.kind): \($0.place)" }
        guard names[0] != names[1] else {
          throw CommandFailure(.usage, "FROM and TO are the same store, \(names[0])")
        }
        let progress = CopyProgress(context.console)
        defer { progress.end() }
        let sections = try await StoreCopy(
          from: first.store, to: second.store, name: names[0], now: currentTime(), progress: progress.show
        ).run()
        return Report(
          from: names[0], to: names[1], records: sections.first { $0.name == "records" }?.rows ?? 0,
          rows: sections.reduce(0) { $0 + $1.rows }, sections: sections)
      }
    }
    if context.console.format == .json {
      try context.console.json(report)
    } else {
      show(report, context.console)
    }
    return .done
  }

  private func show(_ report: Report, _ console: Console) {
    var table = TextTable(["SECTION", "ROWS", "DIGEST"])
    for section in report.sections {
      table.add(section.name, grouped(section.rows), String(section.digest.prefix(16)))
    }
    console.output(table.text(width: console.width))
    console.line(
      printable(
        "copied \(grouped(report.rows)) rows, \(counted(report.records, "record")) among them, from \(report.from) to "
          + "\(report.to): both have the same"))
    console.line("next: name the new store in datahub.yaml and run datahub apply")
  }
}
