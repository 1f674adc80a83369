import Declarations
import Diagnostics
import SourceText
import Values
import YAMLSyntax

/// Checks given parameters against declared ones.
struct ParameterChecker {
  /// The declared parameters: a map of parameter specifications.
  let declared: YAMLNode?
  /// Who declares them, for messages: "platform 'jushuitan'".
  let owner: String
  private(set) var diagnostics = Diagnostics()
  /// The names that are given.
  private var given: Set<String> = []

  init(declared: YAMLNode?, owner: String) {
    self.declared = declared
    self.owner = owner
  }

  private var names: [String] { declared?.entries?.map(\.keyText) ?? [] }

  /// Checks names, types, allowed values and that secrets are references.
  mutating func check(_ given: YAMLNode?) {
    self.given = Set((given?.entries ?? []).map(\.keyText))
    for entry in given?.entries ?? [] {
      guard let parameter = declared?.child(entry.keyText) else {
        diagnostics.append(unknownParameter(entry))
        continue
      }
      if entry.value.isNull { continue }
      if parameter.flag("secret") == true {
        checkSecret(entry)
      } else {
        checkValue(entry, parameter)
      }
    }
  }

  /// Checks that every required parameter is among the names given.
  mutating func checkPresence(_ given: Set<String>, at span: SourceSpan, where place: String) {
    for entry in declared?.entries ?? [] {
      let parameter = entry.value
      guard parameter.flag("required") == true, parameter.child("default") == nil, !given.contains(entry.keyText)
      else { continue }
      diagnostics.append(
        Diagnostic(
          .missingParameter, "parameter '\(entry.keyText)' of \(owner) is missing\(place)", at: span,
          secondary: [Label(entry.key.span, "declared here as required")], help: parameter.text("description")))
    }
  }

  private func unknownParameter(_ entry: YAMLEntry) -> Diagnostic {
    let help =
      didYouMean(entry.keyText, among: names).map { "did you mean '\($0)'?" }
      ?? (names.isEmpty ? "\(owner) takes no parameters" : "\(owner) takes \(names.joined(separator: ", "))")
    return Diagnostic(
      .unknownParameter, "\(owner) has no parameter '\(entry.keyText)'", at: entry.key.span, help: help,
      fixIt: .naming(entry.keyText, among: names, at: entry.key.span, taken: given))
  }

  private mutating func checkSecret(_ entry: YAMLEntry) {
    let text = entry.value.scalar?.text ?? ""
    let isReference = text.hasPrefix("${") && (text.contains("secret(") || text.contains("env("))
    if !isReference {
      diagnostics.append(
        Diagnostic(
          .literalSecret, "'\(entry.keyText)' is a secret and must not stand in a file", at: entry.value.headSpan,
          help: "refer to it: ${ secret(\"env:NAME\") }, and set NAME where datahub runs"))
    }
  }

  private mutating func checkValue(_ entry: YAMLEntry, _ parameter: YAMLNode) {
    let value = entry.value.value
    // What an expression comes to is known when it is evaluated.
    if case .string(let text) = value, text.contains("${") { return }
    let type = parameter.text("type") ?? "string"
    if !fits(value, type) {
      diagnostics.append(
        Diagnostic(
          .wrongType,
          "parameter '\(entry.keyText)' is \(type == "integer" ? "an" : "a") \(type), not \(value.typeNameWithArticle)",
          at: entry.value.headSpan,
          help: type == "string" ? "put it in quotes" : nil,
          fixIt: type == "string" ? quotingFix(entry.value) : nil))
      return
    }
    if let allowed = parameter.child("enum")?.items?.map(\.value), !allowed.contains(value) {
      let list = allowed.map { $0.json() }.joined(separator: ", ")
      diagnostics.append(
        Diagnostic(
          .unknownChoice, "\(value.json()) is not allowed for parameter '\(entry.keyText)'", at: entry.value.headSpan,
          help: "it takes \(list)"))
    }
  }

  /// A number or truth value in quotes, as the text it is written with.
  private func quotingFix(_ node: YAMLNode) -> FixIt? {
    guard let scalar = node.scalar, scalar.style == .plain, node.span.range.count == scalar.text.utf8.count else {
      return nil
    }
    return FixIt(
      edits: [.init(span: node.span, replacement: "\"\(scalar.text)\"")], message: "put it in quotes",
      applicability: .safe)
  }

  private func fits(_ value: Value, _ type: String) -> Bool {
    switch (type, value) {
    case ("string", .string), ("int", .int), ("bool", .bool), ("decimal", .decimal), ("decimal", .int),
      ("list", .list), ("map", .map):
      true
    default: false
    }
  }
}
