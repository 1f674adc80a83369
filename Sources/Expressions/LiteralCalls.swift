import Values

/// A call of a function whose first argument names something.
public struct LiteralCall: Sendable, Hashable {
  /// The function's name.
  public let function: String
  /// The text; nil where the argument is no text written in the expression.
  public let argument: String?
  /// Where the argument stands, in UTF-8 offsets.
  public let range: Range<Int>
}

extension Expression {
  /// The calls of some functions, in the order of the nodes; none where the expression cannot be read.
  ///
  /// What a function refers to by name, such as a value mapping, can so be checked before anything is evaluated.
  public static func literalCalls(of names: Set<String>, in source: String) -> [LiteralCall] {
    // What cannot be read has none to show, and is reported where it is compiled.
    let tree = Stack.perform(levels: Parser.levels(of: source)) { try? Parser.parse(source) }
    guard let tree = tree ?? nil else { return [] }
    return tree.nodes.compactMap { node in
      guard case .call(let name, let target, let arguments) = node.kind, target == nil, names.contains(name),
        let first = arguments.first
      else { return nil }
      var text: String?
      if case .literal(let literal) = tree[first].kind { text = literal.stringValue }
      return LiteralCall(function: name, argument: text, range: tree[first].range)
    }
  }
}
