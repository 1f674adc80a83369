import Values

/// A call of a function that takes a name and then a map whose keys are written in the expression.
public struct LiteralMapCall: Sendable, Hashable {
  /// The function's name.
  public let function: String
  /// The name; nil where the first argument is no text written in the expression.
  public let name: String?
  /// Where the name stands, in UTF-8 offsets.
  public let nameRange: Range<Int>
  /// The keys, each with its place; nil where it is no text written in the expression.
  public let keys: [Key]
  /// Where the map stands; nil where the second argument is none that is written out.
  public let mapRange: Range<Int>?

  /// One key of the map.
  public struct Key: Sendable, Hashable {
    /// The key; nil where it is no text written in the expression.
    public let text: String?
    /// Where it stands.
    public let range: Range<Int>
  }
}

extension Expression {
  /// The calls of some functions that take a name and a map; none where the expression cannot be read.
  public static func literalMapCalls(of names: Set<String>, in source: String) -> [LiteralMapCall] {
    // What cannot be read has none to show, and is reported where it is compiled.
    let tree = Stack.perform(levels: Parser.levels(of: source)) { try? Parser.parse(source) }
    guard let tree = tree ?? nil else { return [] }
    return tree.nodes.compactMap { node in
      guard case .call(let written, nil, let arguments) = node.kind, arguments.count > 1 else { return nil }
      let function = written.hasPrefix(".") ? String(written.dropFirst()) : written
      guard names.contains(function) else { return nil }
      var keys: [LiteralMapCall.Key] = []
      var mapRange: Range<Int>?
      if case .map(let entries) = tree[arguments[1]].kind {
        mapRange = tree[arguments[1]].range
        keys = entries.map { LiteralMapCall.Key(text: tree.text($0.key), range: tree[$0.key].range) }
      }
      return LiteralMapCall(
        function: function, name: tree.text(arguments[0]), nameRange: tree[arguments[0]].range, keys: keys,
        mapRange: mapRange)
    }
  }
}

extension SyntaxTree {
  /// The text a node is, where it is one that is written out.
  fileprivate func text(_ id: NodeID) -> String? {
    if case .literal(let value) = self[id].kind { value.stringValue } else { nil }
  }
}
