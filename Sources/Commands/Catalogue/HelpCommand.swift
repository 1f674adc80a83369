import Diagnostics

/// `datahub help`: what a command does and how it is called.
struct HelpCommand: Command {
  static let form = CommandForm(
    name: "help", summary: "Show what a command does and how it is called.",
    arguments: [.rest("COMMAND", "The words of a command; without them, all commands.")],
    examples: [.init("datahub help record list", "How records are listed.")])

  private let words: [String]

  init(_ arguments: Arguments) { words = arguments.arguments("COMMAND") }

  func run(_ context: CommandContext) async throws -> ExitCode {
    var node = CommandNode.datahub
    var path = [node.form.name]
    for word in words {
      guard let child = node.child(word) else {
        let names = node.children.map(\.form.name)
        let others = names.isEmpty ? nil : "there is \(names.joined(separator: ", "))"
        throw UsageError(
          "'\(path.joined(separator: " "))' has no command '\(word)'",
          help: didYouMean(word, among: names).map { "did you mean '\($0)'?" } ?? others)
      }
      node = child
      path.append(word)
    }
    context.console.output(HelpText(node: node, path: path).text)
    return .done
  }
}
