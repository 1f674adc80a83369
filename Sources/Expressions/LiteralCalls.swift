import Values

/// A call whose first argument is a text written in the expression.
public struct LiteralCall: Sendable, Hashable {
  /// The function's name.
  public let function: String
  /// The text.
  public let argument: String
  /// Where the text stands, in UTF-8 offsets.
  public let range: Range<Int>
}

extension Expression {
  /// The calls of some functions whose first argument is a text, in the order of the nodes; none where it cannot be read.
  ///
  /// What a function refers to by name, such as a value mapping, can so be checked before anything is evaluated.
  public static func literalCalls(of names: Set<String>, in source: String) -> [LiteralCall] {
    guard let tree = try? Parser.parse(source) else { return [] }
    return tree.nodes.compactMap { node in
      guard case .call(let name, let target, let arguments) = node.kind, target == nil, names.contains(name),
        let first = arguments.first, case .literal(let literal) = tree[first].kind, let text = literal.stringValue
      else { return nil }
      return LiteralCall(function: name, argument: text, range: tree[first].range)
    }
  }
}
