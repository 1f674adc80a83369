import Declarations
import Diagnostics
import Expressions
import Resolving
public import SourceText
import Templates
public import YAMLSyntax

/// The value mappings that a mapping asks, and where: the name is nil where it is not written in the expression.
public func askedTables(in node: YAMLNode) -> [(name: String?, span: SourceSpan)] {
  switch node.content {
  case .mapping(let entries): return entries.flatMap { askedTables(in: $0.value) }
  case .sequence(let items): return items.flatMap { askedTables(in: $0) }
  case .scalar(let scalar):
    guard mayAsk(scalar.text), let parts = try? ExpressionText.parse(scalar.text) else { return [] }
    return parts.flatMap { part -> [(String?, SourceSpan)] in
      guard case .expression(let source, let range) = part else { return [] }
      return Expression.literalCalls(of: ExpressionScope.lookupFunctions, in: source).map { call in
        let start = range.lowerBound + call.range.lowerBound
        let place = scalar.sourceRange(of: start..<start + call.range.count)
        return (call.argument, SourceSpan(file: node.span.file, range: place))
      }
    }
  }
}

/// Whether a text may hold a call that asks: most do not, and need not be read once more.
private func mayAsk(_ text: String) -> Bool {
  var text = text
  return text.withUTF8 { bytes in
    guard bytes.count >= 8 else { return false }
    // `value(` and `reverseValue(` both end in these bytes.
    for place in 0..<bytes.count - 5 where bytes[place] == 0x61 && bytes[place + 4] == 0x28 {
      if bytes[place + 1] == 0x6C, bytes[place + 2] == 0x75, bytes[place + 3] == 0x65 { return true }
    }
    return false
  }
}

/// Checks that every value mapping that is asked by name is declared.
func checkLookups(_ mapping: YAMLNode?, _ workspace: Workspace) -> Diagnostics {
  guard let mapping else { return Diagnostics() }
  return Diagnostics(
    askedTables(in: mapping).compactMap { asked in
      guard let name = asked.name else {
        return Diagnostic(
          .invalidExpression, "the value mapping is named by a text in the expression itself", at: asked.span,
          help: "write value(\"NAME\", code): a plan says which tables a hub needs")
      }
      let isKnown = workspace[.valueMapping, name] != nil || workspace.unreadNames.contains(name)
      return isKnown ? nil : unknownReference(.valueMapping, name, at: asked.span, workspace)
    })
}
