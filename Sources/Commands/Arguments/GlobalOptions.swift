/// How results are written.
enum OutputFormat: String, Sendable, CaseIterable {
  /// For people.
  case text
  /// For programs.
  case json
}

/// The options every command has.
struct GlobalOptions: Sendable {
  /// The project's folder, as given.
  let project: String
  /// The environment.
  let environment: String
  /// True where the environment was said and not assumed.
  let isEnvironmentGiven: Bool
  let format: OutputFormat
  /// False where colour was forbidden.
  let allowsColor: Bool

  static let forms: [OptionForm] = [
    .value("project", short: "C", "DIR", "The project's folder.", default: "."),
    .value("env", short: "e", "NAME", "The environment.", default: "development"),
    .value("output", "FORMAT", "How results are written: text or json.", default: "text", choices: ["text", "json"]),
    .flag("no-color", "No colour, on a terminal either."),
    .flag("help", short: "h", "This help."),
  ]

  init(_ arguments: Arguments) throws(UsageError) {
    project = arguments.value("project") ?? "."
    environment = arguments.value("env") ?? "development"
    isEnvironmentGiven = arguments.value("env") != nil
    format = arguments.value("output").flatMap { OutputFormat(rawValue: $0) } ?? .text
    allowsColor = !arguments.flag("no-color")
    if project.isEmpty { throw UsageError("'--project' is empty", help: "name a folder, or leave the option out") }
    if environment.isEmpty { throw UsageError("'--env' is empty", help: "name an environment: -e production") }
  }
}
