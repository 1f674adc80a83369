/// What is fuzzed.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// The YAML reader: any bytes.
  case yaml
  /// Canonical form: nothing may be refused.
  case fmt
  /// The JSON parser and writer.
  case json
  /// Expressions: parsed, checked, evaluated within limits.
  case expression
  /// A whole project, loaded, checked, compiled and reported.
  case project

  /// A promise that was broken.
  public struct Failure: Error, CustomStringConvertible {
    /// What was broken.
    public let description: String

    init(_ description: String) { self.description = description }
  }

  /// Words that are put into inputs.
  public var dictionary: [String] {
    switch self {
    case .yaml, .fmt: Self.yamlWords
    case .json:
      [
        "{", "}", "[", "]", ":", ",", "\"", "\\u0000", "\\ud800", "\\udc00", "\\\"", "true", "null", "-", "0", "1e999",
        "0.1", "1E+2", "\u{FEFF}", " ", "\n", "{\"a\":", "é",
      ]
    case .expression:
      [
        "(", ")", "[", "]", "{", "}", ".", "?", ":", ",", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "<=", "in ",
        "record", "record.", ".?", "[?", "''", "\"", "r\"", "b'", "'''", "\\", "\\u{", "//",
        "0x", "1u", "1.5", "1e5", "has(", ".map(x, ", ".filter(x, ", ".all(x, ", ".exists(x, ", ".sortBy(x, ",
        "cel.bind(x, ", ".matches('", "(a|b)*", "{2,3}", "optional.of(", ".orValue(", "duration('1h')",
        "timestamp(\"2026-01-01T00:00:00Z\")", ".format('yyyy')", "decimal('1.5')", "null", "true", "type(", "string(",
        "int(", "size(", ".join(',')", ".split('')", "md5(", "json(", "parseJson(", "$${", "${ ",
      ]
    case .project: Self.yamlWords + Self.languageWords
    }
  }

  private static let yamlWords = [
    "#", " #x\n", "\n", "\r\n", "\t", " ", "  ", "- ", ": ", ":", "? ", "[", "]", "{", "}", ",", "'", "\"", "|",
    "|2-\n", ">+\n", "&a ", "*a", "!", "!!str ", "!!int ", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n",
    "<<: *a\n", "\\u0041", "\\", "\u{FEFF}", "\u{2028}", "\u{85}", "é", "👍", "~", "null", "0x1F", "@", "`",
    "a: &a [*a]\n", "\u{0}",
  ]

  private static let languageWords = [
    "${ ", " }", "${ record.x }", "extends: ", "abstract: true\n", "kind: Hub\n", "kind: Platform\n", "kind: HubTest\n",
    "spec:\n", "metadata: { name: a }\n", "apiVersion: datahub/v1\n", "each: ", "emit: ", "as: ", "when: ",
    "secret(\"env:A\")", "environments:\n", "env_test: {}\n", "catalogues: [..]\n", "with: ", "null", "true", "1h",
    "0 0 31 2 *", "@hourly", "value(\"t\", 1)", "csv: { file: a.csv, from: a, to: b }\n", "delivery: upsert\n",
  ]

  /// Runs an input.
  ///
  /// - Throws: ``Failure`` where a promise was broken.
  public func run(_ input: [UInt8]) throws {
    switch self {
    case .yaml: try YAMLFuzz.read(input)
    case .fmt: try YAMLFuzz.format(input)
    case .json: try JSONFuzz.run(input)
    case .expression: try ExpressionFuzz.run(input)
    case .project: try ProjectFuzz.run(input)
    }
  }
}
