import Values

/// `datahub version`: which version this is.
struct VersionCommand: Command {
  /// The version of this source.
  static let version = "0.1.0"

  static let form = CommandForm(
    name: "version", summary: "Show the version.",
    examples: [.init("datahub version --output json", "The version, for programs.")])

  init(_ arguments: Arguments) {}

  func run(_ context: CommandContext) async throws -> ExitCode {
    switch context.console.format {
    case .text: context.console.line("datahub \(VersionCommand.version)")
    case .json: context.console.line(Value.map(ValueMap([("version", .string(VersionCommand.version))])).json())
    }
    return .done
  }
}
