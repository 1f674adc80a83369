import Diagnostics
import SourceText

/// Builds nodes from events, within the limits.
struct TreeBuilder {
  /// Nobody reads more, and each costs far more than a node.
  private static let maximumFaults = 1000

  /// Why building ended before the end of the stream.
  enum Stop: Error {
    /// The document cannot be read; another may start at or behind the offset.
    case document(offset: Int)
    /// The file must not be read further.
    case file
  }

  /// What an alias stands for.
  struct Anchor {
    var node: YAMLNode
    /// The number of nodes a copy has.
    var size: Int
    /// How many levels a copy has.
    var height: Int
  }

  let file: SourceFile
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: YAMLLimits
  let maximumDepth: Int
  var diagnostics = Diagnostics()
  var anchors: [String: Anchor] = [:]
  /// The anchors of the nodes that are being built.
  var openAnchors: [String] = []
  /// The nodes so far, the copied ones apart.
  var nodeCount = 0
  var copiedCount = 0
  /// The deepest level since it was last reset.
  var deepest = 0

  init(file: SourceFile, bytes: UnsafeBufferPointer<UInt8>, limits: YAMLLimits) {
    self.file = file
    self.bytes = bytes
    self.limits = limits
    // Nodes are built, walked and released by recursion.
    maximumDepth = min(limits.maximumDepth, 500)
  }

  /// Returns the next document, or nothing at the end of the stream.
  mutating func document(_ events: inout EventParser) throws(Stop) -> YAMLDocument? {
    let start = try next(&events)
    guard case .documentStart(let hasTagDirectives, _) = start.kind else { return nil }
    if hasTagDirectives { reportTagDirective(in: start.range) }
    anchors.removeAll(keepingCapacity: true)
    openAnchors.removeAll(keepingCapacity: true)
    let event = try next(&events)
    let isEmpty =
      switch event.kind {
      case .scalar("", .plain): event.anchor == nil && event.tag == nil
      default: false
      }
    let root = try node(event, depth: 1, &events)
    let end = try next(&events)
    let upper = max(root.span.range.upperBound, start.range.upperBound, end.range.isEmpty ? 0 : end.range.upperBound)
    return YAMLDocument(root: isEmpty ? nil : root, span: span(start.range.lowerBound..<upper))
  }

  func span(_ range: Range<Int>) -> SourceSpan { SourceSpan(file: file.id, range: range) }

  mutating func next(_ events: inout EventParser) throws(Stop) -> YAMLEvent {
    do throws(EventError) {
      return try events.next(in: bytes)
    } catch {
      diagnostics.append(SyntaxErrorWording(error, file: file, bytes: bytes).diagnostic)
      throw .document(offset: min(error.offset, bytes.count))
    }
  }

  // MARK: - Nodes

  mutating func node(_ event: YAMLEvent, depth: Int, _ events: inout EventParser) throws(Stop) -> YAMLNode {
    if case .alias(let name) = event.kind { return try alias(name, at: event.range, depth: depth) }
    try count(event, depth: depth)
    guard let anchor = event.anchor else { return try content(event, depth: depth, &events) }
    checkAnchorEnd(anchor, in: event.range)
    let (sizeBefore, deepestBefore) = (nodeCount + copiedCount, deepest)
    openAnchors.append(anchor)
    deepest = depth
    let node = try content(event, depth: depth, &events)
    anchors[anchor] = Anchor(
      node: node, size: nodeCount + copiedCount - sizeBefore + 1, height: deepest - depth + 1)
    deepest = max(deepest, deepestBefore)
    openAnchors.removeLast()
    return node
  }

  private mutating func count(_ event: YAMLEvent, depth: Int) throws(Stop) {
    deepest = max(deepest, depth)
    nodeCount += 1
    if nodeCount > limits.maximumNodes {
      diagnostics.append(
        Diagnostic(
          .tooManyNodes, "the file has more than \(limits.maximumNodes) keys and values", at: span(event.range),
          help: "split the file; keep large code tables in CSV files"))
      throw .file
    }
    if diagnostics.count >= Self.maximumFaults { throw .file }
    if depth > maximumDepth { throw tooDeep(event.range) }
  }

  private mutating func tooDeep(_ range: Range<Int>) -> Stop {
    diagnostics.append(
      Diagnostic(
        .nestedTooDeeply, "nested more than \(maximumDepth) levels deep",
        at: span(range.lowerBound..<min(range.lowerBound + 1, range.upperBound)), label: "one level too many"))
    return .document(offset: range.lowerBound)
  }

  private mutating func content(_ event: YAMLEvent, depth: Int, _ events: inout EventParser) throws(Stop) -> YAMLNode {
    let start = event.anchor == nil && event.tag == nil ? event.range.lowerBound : contentStart(event.range, in: bytes)
    switch event.kind {
    case .scalar(let text, let style):
      return scalar(text, style, tag: event.tag, range: start..<max(start, event.range.upperBound), event.range)
    case .sequenceStart:
      checkTag(event.tag, fits: "tag:yaml.org,2002:seq", in: event.range)
      return try sequence(from: start, depth: depth, &events)
    default:
      checkTag(event.tag, fits: "tag:yaml.org,2002:map", in: event.range)
      return try mapping(from: start, depth: depth, &events)
    }
  }

  private mutating func sequence(from start: Int, depth: Int, _ events: inout EventParser) throws(Stop) -> YAMLNode {
    var items: [YAMLNode] = []
    while true {
      let event = try next(&events)
      if case .sequenceEnd = event.kind {
        let end = collectionEnd(start, event.range.upperBound, last: items.last)
        return YAMLNode(span: span(start..<end), content: .sequence(items))
      }
      items.append(try node(event, depth: depth + 1, &events))
    }
  }

  private mutating func mapping(from start: Int, depth: Int, _ events: inout EventParser) throws(Stop) -> YAMLNode {
    var entries: [YAMLEntry] = []
    var keys = KeyIndex()
    var last: YAMLNode?
    while true {
      let event = try next(&events)
      if case .mappingEnd = event.kind {
        let end = collectionEnd(start, event.range.upperBound, last: last)
        return YAMLNode(span: span(start..<end), content: .mapping(entries))
      }
      let key = try node(event, depth: depth + 1, &events)
      let value = try node(try next(&events), depth: depth + 1, &events)
      last = value
      guard checkKey(key, value: value) else { continue }
      let entry = YAMLEntry(key: key, value: value)
      if let first = keys.insert(entry.keyText, at: entries.count, in: entries) {
        reportDuplicate(entry, first: entries[first])
      } else {
        entries.append(entry)
      }
    }
  }

  /// Block collections end, for libyaml, where the next token starts; here they end with their last part.
  private func collectionEnd(_ start: Int, _ end: Int, last: YAMLNode?) -> Int {
    let isFlow = start < bytes.count && (bytes[start] == UInt8(ascii: "[") || bytes[start] == UInt8(ascii: "{"))
    if isFlow, end > start, end <= bytes.count,
      bytes[end - 1] == UInt8(ascii: "]") || bytes[end - 1] == UInt8(ascii: "}")
    {
      return end
    }
    return max(start, last?.span.range.upperBound ?? end)
  }

  // MARK: - Scalars

  private mutating func scalar(
    _ text: String, _ style: YAMLScalar.Style, tag: String?, range: Range<Int>, _ eventRange: Range<Int>
  ) -> YAMLNode {
    var text = text
    var range = range
    checkQuestionMark(before: range)
    if style == .literal || style == .folded { range = trimmed(range) }
    let map = ScalarMapper.map(&text, style: style, source: bytes, range: range)
    var core = CoreValue.string
    if style == .plain, tag == nil || tag != "!" && tag != "tag:yaml.org,2002:str" {
      if let resolved = CoreSchema.resolve(text) {
        core = resolved
      } else {
        diagnostics.append(
          Diagnostic(
            .numberTooLarge, "the number '\(text.prefix(40))' does not fit into 64 bits", at: span(range),
            help: "put it in quotes if it is a text, or write it in decimal"))
      }
    }
    if let tag { checkScalarTag(tag, core: core, in: eventRange) }
    return YAMLNode(
      span: span(range), content: .scalar(YAMLScalar(text: text, style: style, core: core, map: map)))
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound + 1, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[end - 1]) { end -= 1 }
    return range.lowerBound..<end
  }
}

/// Returns where a node starts behind its anchor and tag.
func contentStart(_ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
  var offset = range.lowerBound
  while offset < range.upperBound {
    switch bytes[offset] {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): offset += 1
    case UInt8(ascii: "&"), UInt8(ascii: "!"):
      while offset < range.upperBound, bytes[offset] > UInt8(ascii: " ") { offset += 1 }
    case UInt8(ascii: "#"):
      while offset < range.upperBound, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
    default: return offset
    }
  }
  return range.upperBound
}

/// Finds a key among the entries of a mapping: by looking at each while they are few, by hash when they are many.
private struct KeyIndex {
  private static let few = 12
  private var indexes: [String: Int] = [:]

  /// Returns the index of the entry that has the key already, or notes the key.
  mutating func insert(_ key: String, at index: Int, in entries: [YAMLEntry]) -> Int? {
    if entries.count < Self.few { return entries.firstIndex { $0.keyText == key } }
    if indexes.isEmpty {
      for (index, entry) in entries.enumerated() { indexes[entry.keyText] = index }
    }
    if let first = indexes[key] { return first }
    indexes[key] = index
    return nil
  }
}
