public import Schemas
import Values
public import YAMLSyntax

extension YAMLNode {
  /// The tree a schema is read from, with its places.
  public var schemaTree: SchemaTree {
    switch content {
    case .scalar(let scalar): SchemaTree(.scalar(scalar.value), at: span)
    case .sequence(let items): SchemaTree(.list(items.map(\.schemaTree)), at: headSpan)
    case .mapping(let entries):
      SchemaTree(
        .map(entries.map { SchemaTree.Entry($0.keyText, at: $0.key.span, $0.value.schemaTree) }), at: headSpan)
    }
  }
}
