/// One option of a command: a flag, or a name with a value.
struct OptionForm: Sendable {
  /// The name after `--`.
  let name: String
  /// The letter after `-`.
  let short: Character?
  /// What stands for the value in the help; nil for a flag.
  let placeholder: String?
  /// What it does, in a sentence.
  let help: String
  /// The value where none is given.
  let fallback: String?
  /// The only values there are; any where empty.
  let choices: [String]
  /// True where it may be given several times.
  let isRepeatable: Bool

  /// An option without a value.
  static func flag(_ name: String, short: Character? = nil, _ help: String) -> OptionForm {
    OptionForm(
      name: name, short: short, placeholder: nil, help: help, fallback: nil, choices: [], isRepeatable: false)
  }

  /// An option with a value.
  static func value(
    _ name: String, short: Character? = nil, _ placeholder: String, _ help: String, default fallback: String? = nil,
    choices: [String] = [], repeats: Bool = false
  ) -> OptionForm {
    OptionForm(
      name: name, short: short, placeholder: placeholder, help: help, fallback: fallback, choices: choices,
      isRepeatable: repeats)
  }

  /// `--name`, or `--name PLACEHOLDER`.
  var usage: String { placeholder.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// One argument of a command.
struct ArgumentForm: Sendable {
  /// What stands for it in the help.
  let name: String
  /// What it is, in a sentence.
  let help: String
  /// True where it must be given.
  let isRequired: Bool
  /// True where it takes all that follows.
  let isRepeated: Bool

  /// An argument that must be given.
  static func required(_ name: String, _ help: String) -> ArgumentForm {
    ArgumentForm(name: name, help: help, isRequired: true, isRepeated: false)
  }

  /// An argument that may be left out.
  static func optional(_ name: String, _ help: String) -> ArgumentForm {
    ArgumentForm(name: name, help: help, isRequired: false, isRepeated: false)
  }

  /// All arguments that follow, any number of them.
  static func rest(_ name: String, _ help: String, isRequired: Bool = false) -> ArgumentForm {
    ArgumentForm(name: name, help: help, isRequired: isRequired, isRepeated: true)
  }

  /// `NAME`, `[NAME]`, `[NAME]...`.
  var usage: String { (isRequired ? name : "[\(name)]") + (isRepeated ? "..." : "") }
}
