public import SourceText
public import Values

/// A JSON tree whose parts may know where they stand: what a schema is read from.
public struct SchemaTree: Sendable {
  /// What a part of the tree is.
  public indirect enum Content: Sendable {
    /// One value that is no list and no map.
    case scalar(Value)
    /// A list.
    case list([SchemaTree])
    /// A map, in the order written.
    case map([Entry])
  }

  /// A key and its value.
  public struct Entry: Sendable {
    /// The key.
    public let key: String
    /// Where the key stands.
    public let span: SourceSpan?
    /// The value.
    public let value: SchemaTree

    /// An entry at a place.
    public init(_ key: String, at span: SourceSpan?, _ value: SchemaTree) {
      self.key = key
      self.span = span
      self.value = value
    }
  }

  /// Where it begins.
  public let span: SourceSpan?
  /// What it is.
  public let content: Content

  /// A part at a place.
  public init(_ content: Content, at span: SourceSpan?) {
    self.content = content
    self.span = span
  }

  /// The tree of a value, without places.
  public init(_ value: Value) {
    switch value {
    case .list(let items): self.init(.list(items.map { SchemaTree($0) }), at: nil)
    case .map(let map):
      let entries = map.entries.map { key, value in
        Entry(key.value.stringValue ?? key.value.json(), at: nil, SchemaTree(value))
      }
      self.init(.map(entries), at: nil)
    default: self.init(.scalar(value), at: nil)
    }
  }

  /// The tree as a value.
  public var value: Value {
    switch content {
    case .scalar(let value): value
    case .list(let items): .list(items.map(\.value))
    case .map(let entries): .map(ValueMap(entries.map { ($0.key, $0.value.value) }))
    }
  }

  var entries: [Entry]? { if case .map(let entries) = content { entries } else { nil } }
  var items: [SchemaTree]? { if case .list(let items) = content { items } else { nil } }
  var scalar: Value? { if case .scalar(let value) = content { value } else { nil } }
  var text: String? { scalar?.stringValue }

  /// The part that a JSON pointer (RFC 6901) leads to; its entry's place where it is the value of a key.
  func part(at pointer: [String]) -> (tree: SchemaTree, keySpan: SourceSpan?)? {
    var tree = self
    var span: SourceSpan?
    for token in pointer {
      if let entry = tree.entries?.first(where: { $0.key == token }) {
        tree = entry.value
        span = entry.span
      } else if let items = tree.items, let index = Int(token), items.indices.contains(index) {
        tree = items[index]
        span = nil
      } else {
        return nil
      }
    }
    return (tree, span)
  }
}
