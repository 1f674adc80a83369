public import SourceText
import Synchronization
import Values

/// A schema, ready to be asked: a part of a document, or several parts that all hold at once.
public struct Schema: Sendable {
  let document: SchemaDocument
  /// The rules that hold.
  let rules: [Int]

  /// Reads a schema.
  ///
  /// - Parameter name: whose it is, for messages: `jushuitan/orders-query`.
  /// - Returns: the schema, and what its author should know; what is malformed constrains nothing.
  public static func read(_ tree: SchemaTree, name: String) -> (schema: Schema, issues: [SchemaIssue]) {
    var reader = SchemaReader(tree)
    reader.read()
    let document = SchemaDocument(name: name, rules: reader.rules)
    return (Schema(document: document, rules: reader.rules.isEmpty ? [] : [0]), reader.issues)
  }

  /// Whose it is.
  public var name: String { document.name }

  /// Where it is declared: the key whose value it is, else its beginning; nil where places are not known.
  public var span: SourceSpan? { rules.lazy.compactMap { document.rules[$0].span }.first }

  /// What it says of itself to people: its description, else its title.
  public var summary: String? {
    let rules = parts.map { document.rules[$0] }
    return rules.lazy.compactMap(\.description).first ?? rules.lazy.compactMap(\.title).first
  }

  /// Whether it should no longer be used.
  public var isDeprecated: Bool { parts.contains { document.rules[$0].deprecated } }

  /// The ways a value can be as the schema says; one that constrains nothing where there are too many.
  public var shapes: [SchemaShape] {
    document.facts(of: rules).map { SchemaShape(document: document, facts: $0) }
  }

  /// The rules that hold, with those they refer to and those in `allOf`.
  private var parts: [Int] {
    var found: [Int] = []
    var waiting = rules[...]
    while let next = waiting.popFirst() {
      guard !found.contains(next), found.count < 64 else { continue }
      found.append(next)
      let rule = document.rules[next]
      waiting += (rule.reference.map { [$0] } ?? []) + rule.allOf
    }
    return found
  }

  func with(_ rules: [Int]) -> Schema? { rules.isEmpty ? nil : Schema(document: document, rules: rules) }
}

/// The rules of one schema file or field.
///
/// It remembers in which ways rules can hold: thousands of mappings may be compared with one schema.
final class SchemaDocument: Sendable {
  let name: String
  let rules: [SchemaRule]
  private let known = Mutex<[[Int]: [SchemaShape.Facts]]>([:])

  init(name: String, rules: [SchemaRule]) {
    self.name = name
    self.rules = rules
  }

  /// The ways in which rules hold at once.
  func facts(of indices: [Int]) -> [SchemaShape.Facts] {
    if let facts = known.withLock({ $0[indices] }) { return facts }
    var expansion = SchemaExpansion(rules: rules)
    let facts = expansion.facts(of: indices)
    known.withLock { $0[indices] = facts }
    return facts
  }
}
