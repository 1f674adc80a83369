public import Diagnostics
public import SourceText

/// What formatting a file gave.
public enum FormattedYAML: Sendable {
  /// It is in canonical form.
  case unchanged
  /// Its canonical form.
  case changed([UInt8])
  /// It cannot be read; the findings say why.
  case unreadable(Diagnostics)
  /// Its canonical form could not be proven to mean the same; the text says what would have changed.
  case refused(String)
}

/// Returns the canonical form of a file: two spaces a level, blocks where brackets do not fit, quotes only where needed.
///
/// Nothing is given that was not read again and found to have the same values, anchors, aliases, tags and comments, and
/// to be formatted to itself.
///
/// - Parameter order: in which order the keys of a document stand, by its root.
public func formatYAML(
  _ file: SourceFile, limits: YAMLLimits = YAMLLimits(), order: (YAMLNode) -> KeyOrder
) -> FormattedYAML {
  let parsed = parseYAML(file, limits: limits)
  guard !parsed.diagnostics.hasErrors, let documents = parsed.value else { return .unreadable(parsed.diagnostics) }
  do throws(EventError) {
    let written = try WrittenFileReader.read(file)
    arrange(written, documents, order)
    let expected = WrittenContent(written)
    let bytes = Array(YAMLPrinter.text(of: written).utf8)
    if bytes == file.bytes { return .unchanged }
    let copy = SourceFile(id: file.id, path: file.path, bytes: bytes)
    let again = parseYAML(copy, limits: limits)
    guard let copied = again.value, !again.diagnostics.hasErrors else {
      return .refused("it could not be read any more")
    }
    guard haveSameValues(documents, copied) else { return .refused("a value would be another") }
    let reread = try WrittenFileReader.read(copy)
    let found = WrittenContent(reread)
    guard expected.nodes == found.nodes else {
      return .refused("an anchor, alias, tag or the order of keys would be another")
    }
    guard expected.comments == found.comments else { return .refused("a comment would be another") }
    arrange(reread, copied, order)
    guard Array(YAMLPrinter.text(of: reread).utf8) == bytes else {
      return .refused("formatting it again would change it again")
    }
    return .changed(bytes)
  } catch {
    return .refused("it cannot be read twice: \(error.problem)")
  }
}

private func arrange(_ file: WrittenFile, _ documents: [YAMLDocument], _ order: (YAMLNode) -> KeyOrder) {
  for (written, document) in zip(file.documents, documents) {
    if let root = written.root, let node = document.root { order(node).apply(to: root.value) }
  }
}

/// Whether documents hold the same values; the order of keys does not count.
private func haveSameValues(_ left: [YAMLDocument], _ right: [YAMLDocument]) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { pair in
      switch (pair.0.root, pair.1.root) {
      case (nil, nil): true
      case (let a?, let b?): isSame(a, b)
      default: false
      }
    }
}

/// Whether nodes hold the same values; the order of keys does not count.
func isSame(_ left: YAMLNode, _ right: YAMLNode) -> Bool {
  switch (left.content, right.content) {
  case (.scalar(let a), .scalar(let b)): return a.text == b.text && a.core == b.core
  case (.sequence(let a), .sequence(let b)): return a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
  case (.mapping(let a), .mapping(let b)):
    guard a.count == b.count else { return false }
    let values = Dictionary(b.map { ($0.keyText, $0) }, uniquingKeysWith: { first, _ in first })
    return a.allSatisfy { entry in
      values[entry.keyText].map { isSame(entry.key, $0.key) && isSame(entry.value, $0.value) } ?? false
    }
  default: return false
  }
}

/// What must stay the same in a file: everything but blanks, quotes and brackets.
private struct WrittenContent {
  /// Every node in the order of the file.
  enum Part: Equatable {
    case document([String])
    case alias(String)
    case scalar(String, CoreValue)
    case sequence
    case mapping
    case end
    case properties([String])
  }

  private(set) var nodes: [Part] = []
  /// The texts of the comments, sorted.
  private(set) var comments: [String] = []

  init(_ file: WrittenFile) {
    for document in file.documents {
      nodes.append(.document(document.directives))
      comments += document.marker
      add(document.head)
      if let root = document.root { add(root) }
      add(document.footer)
    }
    add(file.comments)
    comments.sort()
  }

  private mutating func add(_ list: [WrittenComment]) { comments += list.map(\.text) }

  private mutating func add(_ item: WrittenItem) {
    add(item.above)
    add(item.below)
    comments += item.behind
    if let key = item.key { add(key) }
    add(item.value)
  }

  private mutating func add(_ node: WrittenNode) {
    comments += node.header
    add(node.opening)
    add(node.ending)
    if !node.properties.isEmpty { nodes.append(.properties(node.properties)) }
    switch node.content {
    case .alias(let name): nodes.append(.alias(name))
    case .scalar(let scalar): nodes.append(.scalar(scalar.text, scalar.core))
    case .sequence(let items), .mapping(let items):
      let isMapping = if case .mapping = node.content { true } else { false }
      nodes.append(isMapping ? .mapping : .sequence)
      for item in items { add(item) }
      nodes.append(.end)
    }
  }
}
