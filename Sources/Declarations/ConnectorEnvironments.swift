import Diagnostics
import YAMLSyntax

/// The two spellings of a connector's environments, made one.
///
/// `env_production: {...}` is what the platform this one follows calls `environments: { production: {...} }`; both spellings of one
/// environment would contradict each other, so that is an error.
enum ConnectorEnvironments {
  private static let prefix = "env_"

  /// The spec with every environment under `environments`, and what contradicts itself.
  static func unify(_ spec: YAMLNode) -> (spec: YAMLNode, diagnostics: Diagnostics) {
    guard let entries = spec.entries else { return (spec, Diagnostics()) }
    var diagnostics = Diagnostics()
    var environments: [YAMLEntry] = []
    var holder = spec["environments"]
    func add(_ entry: YAMLEntry, _ name: String) {
      if let first = environments.first(where: { $0.keyText == name }) {
        diagnostics.append(
          Diagnostic(
            .duplicateKey, "environment '\(name)' is given twice", at: entry.key.span,
            secondary: [Label(first.key.span, "first given here")], help: "keep one of the two spellings"))
      } else {
        environments.append(YAMLEntry(key: named(entry.key, name), value: entry.value))
      }
    }
    for entry in holder?.value.entries ?? [] { add(entry, plainName(entry.keyText)) }
    for entry in entries where entry.keyText.hasPrefix(prefix) {
      holder = holder ?? YAMLEntry(key: named(entry.key, "environments"), value: entry.value)
      add(entry, plainName(entry.keyText))
    }
    guard var holder, holder.value.entries != nil || holder.value.isNull else { return (spec, diagnostics) }
    if environments.isEmpty { return (spec, diagnostics) }
    holder.value.content = .mapping(environments)
    let others = entries.filter { !$0.keyText.hasPrefix(prefix) && $0.keyText != "environments" }
    return (YAMLNode(span: spec.span, content: .mapping(others + [holder])), diagnostics)
  }

  private static func plainName(_ name: String) -> String {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }

  private static func named(_ key: YAMLNode, _ name: String) -> YAMLNode {
    guard var scalar = key.scalar, scalar.text != name else { return key }
    scalar.text = name
    return YAMLNode(span: key.span, content: .scalar(scalar))
  }
}
