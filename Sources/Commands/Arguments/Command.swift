/// How a command is called and what it says about itself.
struct CommandForm: Sendable {
  /// An example of a call, and what it does.
  struct Example: Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// The word.
  let name: String
  /// What it does, in a sentence.
  let summary: String
  /// What else there is to know; may have several lines.
  var discussion = ""
  var arguments: [ArgumentForm] = []
  var options: [OptionForm] = []
  let examples: [Example]
}

/// A command: its form, its arguments read, and what it does.
protocol Command: Sendable {
  /// How it is called.
  static var form: CommandForm { get }
  /// Reads its arguments.
  init(_ arguments: Arguments) throws(UsageError)
  /// Does what it is for, and tells how it ended.
  func run(_ context: CommandContext) async throws -> ExitCode
}

/// A word of the command line: a command, a group of commands, or both.
struct CommandNode: Sendable {
  let form: CommandForm
  /// What the word does by itself.
  let command: (any Command.Type)?
  let children: [CommandNode]

  /// A command.
  init(_ command: any Command.Type, _ children: [CommandNode] = []) {
    form = command.form
    self.command = command
    self.children = children
  }

  /// A group, which does nothing by itself.
  init(group form: CommandForm, _ children: [CommandNode]) {
    self.form = form
    command = nil
    self.children = children
  }

  /// The child of a name.
  func child(_ name: String) -> CommandNode? { children.first { $0.form.name == name } }
}

/// What a command has to work with.
struct CommandContext: Sendable {
  let globals: GlobalOptions
  let console: Console
  let surroundings: Surroundings
}
