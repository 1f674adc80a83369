// A file as it is written: what `YAMLNode` leaves out (comments, anchors, aliases, brackets) and nothing resolved.
//
// The nodes are classes: a comment is handed to what stands before it long after that has been built.

/// A comment, from its `#` to the end of its line.
struct WrittenComment: Hashable {
  var text: String
  /// Whether an empty line stands before it.
  var isApart: Bool
}

/// A scalar as it is written.
struct WrittenScalar {
  /// The decoded text.
  var text: String
  var style: YAMLScalar.Style
  var core: CoreValue
  /// The lines of the source, quotes included; of a block the lines behind its header, without their indentation.
  var lines: [String]
}

/// A node as it is written.
final class WrittenNode {
  enum Content {
    case alias(String)
    case scalar(WrittenScalar)
    case sequence([WrittenItem])
    case mapping([WrittenItem])
  }

  /// Anchor and tag: `&name`, `!!str`.
  var properties: [String] = []
  var content: Content
  /// Whether a list or mapping stands in brackets.
  var isFlow = false
  /// The comments between what the node belongs to (its key, its dash) and its content.
  var header: [String] = []
  /// The comments that open a list or mapping: an empty line parts them from the first entry.
  var opening: [WrittenComment] = []
  /// The comments behind the last entry of a list or mapping.
  var ending: [WrittenComment] = []

  init(_ content: Content) { self.content = content }

  /// The items or entries.
  var items: [WrittenItem]? {
    switch content {
    case .sequence(let items), .mapping(let items): items
    case .alias, .scalar: nil
    }
  }

  /// Whether it is a scalar after `|` or `>`.
  var isBlockScalar: Bool {
    if case .scalar(let scalar) = content { scalar.style == .literal || scalar.style == .folded } else { false }
  }
}

/// An entry of a mapping, an item of a list, or the root of a document.
final class WrittenItem {
  /// The comments on the lines above it.
  var above: [WrittenComment] = []
  /// Whether an empty line stands right before it.
  var isApart = false
  /// The key; none for an item or a root.
  var key: WrittenNode?
  var value = WrittenNode(.alias(""))
  /// The comments at the end of its line, and those that go on below the first of them.
  var behind: [String] = []
  /// The comments on the lines below it that are indented deeper than it.
  var below: [WrittenComment] = []

  /// The text of a key that is a scalar.
  var keyText: String? {
    if case .scalar(let scalar) = key?.content { scalar.text } else { nil }
  }
}

/// A document as it is written.
struct WrittenDocument {
  /// `%YAML 1.2`.
  var directives: [String] = []
  /// The comments at its `---`.
  var marker: [String] = []
  /// The comments at its top.
  var head: [WrittenComment] = []
  /// Whether an empty line parts the head from the rest.
  var isHeadApart = false
  var root: WrittenItem?
  /// The comments at its end.
  var footer: [WrittenComment] = []
}

/// A file as it is written.
struct WrittenFile {
  var documents: [WrittenDocument] = []
  /// The comments of a file that has nothing else.
  var comments: [WrittenComment] = []
}
