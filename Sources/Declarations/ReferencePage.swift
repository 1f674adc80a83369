import Templates

/// The reference of the language, in Markdown: a page for each kind, made from the specifications the compiler checks against.
public enum ReferencePage {
  /// The pages, by file name.
  public static func pages() -> [(name: String, text: String)] {
    [("README.md", index())] + ResourceKind.allCases.map { (fileName(of: $0), page(of: $0)) }
  }

  static func fileName(of kind: ResourceKind) -> String { kind.noun.lowercased().replacing(" ", with: "-") + ".md" }

  private static func index() -> String {
    var text = """
      # The kinds of resource

      Made from the compiler's own tables; [the language](../language.md) tells how they go together.

      | kind | what |
      |---|---|

      """
    for kind in ResourceKind.allCases {
      text += "| [\(kind.rawValue)](\(fileName(of: kind))) | \(cell(kind.spec.summary)) |\n"
    }
    text += "\n## What every document has\n\n" + table(of: .envelope) + "\n### metadata\n\n" + table(of: .metadata)
    text += "\n## What expressions may name\n\n| where | variables |\n|---|---|\n"
    for scope in ExpressionScope.allCases {
      let variables = scope.variables.map { "`\($0)`" }.joined(separator: ", ")
      text += "| \(words(of: scope)) | \(variables.isEmpty ? "none; `secret()` and `env()`" : variables) |\n"
    }
    return text
  }

  private static func page(of kind: ResourceKind) -> String {
    var text = "# \(kind.rawValue)\n\n\(kind.spec.summary)\n\n"
    var rest: [(path: String, spec: ObjectSpec)] = [("spec", kind.spec)]
    var isFirst = true
    while !rest.isEmpty {
      let (path, spec) = rest.removeFirst()
      text += "## \(path)\n\n"
      if !isFirst, !spec.summary.isEmpty { text += spec.summary + "\n\n" }
      text += table(of: spec) + "\n"
      isFirst = false
      rest = spec.fields.compactMap { field in nested(field.type, "\(path).\(field.name)") } + rest
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  private static func nested(_ type: FieldType, _ path: String) -> (path: String, spec: ObjectSpec)? {
    switch type {
    case .object(let spec), .referenceOr(_, let spec): (path, spec)
    case .list(let element): nested(element, path + "[]")
    case .map(let element): nested(element, path + ".NAME")
    default: nil
    }
  }

  private static func table(of spec: ObjectSpec) -> String {
    var text = "| field | what | takes |\n|---|---|---|\n"
    for field in spec.fields {
      let unless = field.substitute.map { " unless `\($0)` is there" } ?? ""
      let name = field.isRequired ? "`\(field.name)` (required\(unless))" : "`\(field.name)`"
      var takes = takes(field.type)
      if let example = field.examples.first { takes += ", such as `\(example)`" }
      text += "| \(name) | \(cell(field.summary)) | \(cell(takes)) |\n"
    }
    return text
  }

  private static func takes(_ type: FieldType) -> String {
    switch type {
    case .choice(let values): values.map { "`\($0)`" }.joined(separator: ", ")
    case .expression(let scope): "an expression over \(variables(scope))"
    case .textTemplate(let scope): "a text with expressions over \(variables(scope))"
    case .template(let scope): "a value with expressions over \(variables(scope))"
    case .list(.object): "a list of maps, see below"
    case .map(.object): "a map of maps by name, see below"
    case .object: "a map, see below"
    case .referenceOr: "\(type.noun), see below"
    case .list(let element): "a list: \(takes(element))"
    case .map(let element): "a map by name: \(takes(element))"
    default: type.noun
    }
  }

  private static func variables(_ scope: ExpressionScope) -> String {
    scope.variables.isEmpty
      ? "`secret()` and `env()` alone" : scope.variables.map { "`\($0)`" }.joined(separator: ", ")
  }

  private static func words(of scope: ExpressionScope) -> String {
    switch scope {
    case .connectorParameter: "a connector's parameters"
    case .connector: "a platform's base URL, a basic login"
    case .platformRequest: "what every request of a platform carries"
    case .signing: "a signature"
    case .tokenRequest: "the request for a token"
    case .token: "what carries a token"
    case .apiRequest: "the request of a standard API"
    case .detail: "the call for one record of a list"
    case .item: "what stands in a batch for one record"
    case .lookup: "the parameters of a lookup"
    case .response: "an answer"
    case .paging: "what follows a page"
    case .result: "the answer for one record of a batch"
    case .record: "a record: its key, its number, a hub's selection"
    case .mapping: "a mapping"
    }
  }

  private static func cell(_ text: String) -> String {
    text.replacing("\n", with: " ").replacing("|", with: "\\|")
  }
}
