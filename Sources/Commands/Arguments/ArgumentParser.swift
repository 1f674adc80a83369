import Diagnostics

/// A command line, taken apart.
struct CommandLineForm: Sendable {
  /// The command.
  let node: CommandNode
  /// The words that led to it, `datahub` first.
  let path: [String]
  let arguments: Arguments
  let wantsHelp: Bool
}

/// Takes command lines apart by the forms of a tree of commands.
struct ArgumentParser {
  let root: CommandNode

  /// - Throws: ``UsageError`` for what no form allows.
  func parse(_ words: [String]) throws(UsageError) -> CommandLineForm {
    var state = State(node: root)
    var rest = words[...]
    var takesOptions = true
    while let word = rest.popFirst() {
      if takesOptions, word == "--" {
        takesOptions = false
      } else if takesOptions, word.hasPrefix("--") {
        try state.takeLong(word.dropFirst(2), &rest)
      } else if takesOptions, word.hasPrefix("-"), word != "-" {
        try state.takeShort(word.dropFirst(), &rest)
      } else {
        try state.takeWord(word)
      }
    }
    return try state.finish()
  }
}

/// A command line as far as it has been read.
private struct State {
  var node: CommandNode
  var path: [String]
  var given: [(form: OptionForm, value: String)] = []
  var words: [String] = []

  init(node: CommandNode) {
    self.node = node
    path = [node.form.name]
  }

  private var name: String { path.joined(separator: " ") }
  private var options: [OptionForm] { node.form.options + GlobalOptions.forms }

  mutating func takeLong(_ text: Substring, _ rest: inout ArraySlice<String>) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let form = options.first(where: { $0.name == name }) else { throw unknownOption("--\(name)", name) }
    try take(form, shown: "--\(name)", attached: parts.count > 1 ? String(parts[1]) : nil, &rest)
  }

  mutating func takeShort(_ text: Substring, _ rest: inout ArraySlice<String>) throws(UsageError) {
    guard let letter = text.first else { return }
    guard let form = options.first(where: { $0.short == letter }) else { throw unknownOption("-\(text)", String(text)) }
    var attached = text.dropFirst()
    if attached.first == "=" { attached.removeFirst() }
    try take(form, shown: "-\(letter)", attached: text.count > 1 ? String(attached) : nil, &rest)
  }

  private mutating func take(
    _ form: OptionForm, shown: String, attached: String?, _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    if !form.isRepeatable, form.placeholder != nil, given.contains(where: { $0.form.name == form.name }) {
      throw UsageError("'\(shown)' is given twice", help: "keep one of the two")
    }
    guard let placeholder = form.placeholder else {
      if attached != nil { throw UsageError("'\(shown)' takes no value", help: "write \(shown) alone") }
      return given.append((form, ""))
    }
    guard let value = attached ?? takeValue(&rest) else {
      throw UsageError("'\(shown)' needs a value", help: "write \(shown) \(placeholder)")
    }
    if !form.choices.isEmpty, !form.choices.contains(value) {
      let guess = didYouMean(value, among: form.choices).map { "did you mean '\($0)'? " } ?? ""
      throw UsageError(
        "'\(value)' is not a value of '\(shown)'", help: "\(guess)there is \(form.choices.joined(separator: ", "))")
    }
    given.append((form, value))
  }

  /// The next word, unless it is plainly the next option.
  private func takeValue(_ rest: inout ArraySlice<String>) -> String? {
    guard let next = rest.first, !next.hasPrefix("--") else { return nil }
    if next.count > 1, next.hasPrefix("-"), options.contains(where: { $0.short == next.dropFirst().first }) {
      return nil
    }
    return rest.popFirst()
  }

  mutating func takeWord(_ word: String) throws(UsageError) {
    if words.isEmpty, let child = node.child(word) {
      node = child
      path.append(word)
    } else if words.isEmpty, node.form.arguments.isEmpty, !node.children.isEmpty {
      throw unknownCommand(word)
    } else {
      words.append(word)
    }
  }

  func finish() throws(UsageError) -> CommandLineForm {
    var arguments = Arguments()
    for (form, value) in given {
      // An option before the last word of the command was read by the form of an earlier one.
      guard options.contains(where: { $0.name == form.name && ($0.placeholder == nil) == (form.placeholder == nil) })
      else { throw unknownOption("--\(form.name)", form.name) }
      arguments.add(option: form.name, value)
    }
    let wantsHelp = arguments.flag("help")
    if !wantsHelp { try assignWords(&arguments) }
    return CommandLineForm(node: node, path: path, arguments: arguments, wantsHelp: wantsHelp)
  }

  private func assignWords(_ arguments: inout Arguments) throws(UsageError) {
    var rest = words[...]
    for form in node.form.arguments {
      if form.isRequired, rest.isEmpty {
        throw UsageError(
          "\(form.name) is missing", help: "write \(name) \(node.form.arguments.map(\.usage).joined(separator: " "))")
      }
      let count = form.isRepeated ? rest.count : min(1, rest.count)
      for word in rest.prefix(count) { arguments.add(argument: form.name, word) }
      rest = rest.dropFirst(count)
    }
    if let extra = rest.first {
      throw UsageError("'\(extra)' is one argument too many for '\(name)'", help: seeHelp)
    }
  }

  // MARK: - What is not known

  private var seeHelp: String { "see \((["datahub", "help"] + path.dropFirst()).joined(separator: " "))" }

  private func unknownOption(_ shown: String, _ name: String) -> UsageError {
    let guess = didYouMean(name, among: options.map(\.name)).map { "did you mean '--\($0)'?" }
    let takesArguments = !node.form.arguments.isEmpty
    let help = takesArguments ? "\(seeHelp), or put '--' before an argument that begins with '-'" : seeHelp
    return UsageError("'\(self.name)' has no option '\(shown)'", help: guess ?? help)
  }

  private func unknownCommand(_ word: String) -> UsageError {
    let names = node.children.map(\.form.name)
    return UsageError(
      "'\(self.name)' has no command '\(word)'",
      help: didYouMean(word, among: names).map { "did you mean '\($0)'?" }
        ?? "there is \(names.joined(separator: ", "))")
  }
}
