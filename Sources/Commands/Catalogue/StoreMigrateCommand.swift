import Keeping

/// `datahub store migrate`: brings a store to the version and the indexes of this program.
struct StoreMigrateCommand: Command {
  static let form = CommandForm(
    name: "migrate", summary: "Make what the store lacks: its newest version, and indexes.",
    discussion:
      "Does nothing where all is there. On MongoDB an index that is another than it should be is made anew; indexes that "
      + "others made are left alone. Workers may go on meanwhile, more slowly.",
    examples: [.init("datahub -e production store migrate", "After a new program was installed.")])

  /// What was made, for programs.
  private struct Report: Encodable {
    let made: [String]
  }

  init(_ arguments: Arguments) {}

  func run(_ context: CommandContext) async throws -> ExitCode {
    let place = try ProjectPlace.find(context)
    let made = try await OpenStore.with(place, makes: true) { try await $0.store.migrate() }
    if context.console.format == .json {
      try context.console.json(Report(made: made))
    } else if made.isEmpty {
      context.console.line("nothing to do")
    } else {
      for item in made { context.console.line(printable("made: \(item)")) }
    }
    return .done
  }
}
