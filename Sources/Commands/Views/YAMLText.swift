import Declarations
import Values
import YAMLSyntax

/// A tree written as YAML in block style, with a remark beside what has one.
struct YAMLText {
  /// What stands in a comment behind a scalar or the key of a list or map.
  let remark: (YAMLNode) -> String?

  /// The lines of a tree.
  func text(of node: YAMLNode, indent: Int = 0) -> String {
    let margin = String(repeating: "  ", count: indent)
    switch node.content {
    case .mapping(let entries):
      return entries.map { entry in
        margin + yamlScalar(entry.keyText) + ":" + self.entry(entry.value, indent: indent)
      }.joined()
    case .sequence(let items):
      return items.map { item in
        guard let entries = item.entries, !entries.isEmpty else { return margin + "-" + entry(item, indent: indent) }
        let lines = text(of: item, indent: indent + 1)
        return margin + "- " + lines.dropFirst(margin.utf8.count + 2)
      }.joined()
    case .scalar(let scalar): return margin + written(scalar) + comment(node) + "\n"
    }
  }

  private func entry(_ value: YAMLNode, indent: Int) -> String {
    switch value.content {
    case .scalar(let scalar): " " + written(scalar) + comment(value) + "\n"
    case .mapping(let entries) where entries.isEmpty: " {}\n"
    case .sequence(let items) where items.isEmpty: " []\n"
    default: "\n" + text(of: value, indent: indent + 1)
    }
  }

  private func comment(_ node: YAMLNode) -> String { remark(node).map { "  # \($0)" } ?? "" }

  private func written(_ scalar: YAMLScalar) -> String {
    if case .string = scalar.core { return yamlScalar(scalar.text) }
    return scalar.text.isEmpty ? "null" : scalar.text
  }
}

/// A text as a YAML scalar: plain where that reads as the same text, else in double quotes.
func yamlScalar(_ text: String) -> String {
  let isPlain =
    !text.isEmpty && text.utf8.first.map { !"-?:,[]{}#&*!|>'\"%@` ".utf8.contains($0) } == true && text.last != " "
    && text.last != ":" && !text.contains(": ") && !text.contains(" #")
    && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    && !readsAsAnotherType(text)
  return isPlain ? text : Value.string(text).json()
}

/// Whether YAML reads a plain text as something else than text.
private func readsAsAnotherType(_ text: String) -> Bool {
  if ["true", "false", "null", "~"].contains(text.lowercased()) { return true }
  guard let first = text.utf8.first else { return true }
  return (0x30...0x39).contains(first) || first == 0x2B || first == 0x2E
}
