public import SourceText

/// A node of a YAML document.
public struct YAMLNode: Sendable {
  /// What a node holds.
  public indirect enum Content: Sendable {
    /// One value.
    case scalar(YAMLScalar)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values, in the order written.
    case mapping([YAMLEntry])
  }

  /// The bytes of the node, quotes and brackets included, anchor and tag not; for an alias, the bytes of the alias.
  public var span: SourceSpan
  /// What the node holds.
  public var content: Content

  /// Makes a node.
  public init(span: SourceSpan, content: Content) {
    self.span = span
    self.content = content
  }

  /// The scalar, if it is one.
  public var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }

  /// The items, if it is a sequence.
  public var items: [YAMLNode]? {
    if case .sequence(let items) = content { items } else { nil }
  }

  /// The entries, if it is a mapping.
  public var entries: [YAMLEntry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The entry with the given key, if it is a mapping that has it.
  public subscript(key: String) -> YAMLEntry? {
    entries?.first { $0.keyText == key }
  }
}

/// A key and its value.
public struct YAMLEntry: Sendable {
  /// The key; always a scalar.
  public var key: YAMLNode
  /// The value.
  public var value: YAMLNode

  /// Makes an entry.
  public init(key: YAMLNode, value: YAMLNode) {
    self.key = key
    self.value = value
  }

  /// The decoded text of the key.
  public var keyText: String { key.scalar?.text ?? "" }
}

/// A document of a YAML file.
public struct YAMLDocument: Sendable {
  /// The node of the document; nothing if the document is empty.
  public var root: YAMLNode?
  /// The bytes of the document, from its `---` if it has one.
  public var span: SourceSpan

  /// Makes a document.
  public init(root: YAMLNode?, span: SourceSpan) {
    self.root = root
    self.span = span
  }
}
