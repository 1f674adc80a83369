import SourceText

/// Reads a file as it is written: libyaml's events, with the comments of the source between them.
///
/// A comment belongs to what ends on its line; on a line of its own to what follows, unless its column says that it
/// stands at the end of a block that closes there. The file must have been read by ``parseYAML(_:limits:)`` without an
/// error.
struct WrittenFileReader {
  /// What stands last before a place.
  private enum Last {
    case nothing
    case marker
    case key
    case opened(WrittenNode)
    case value(WrittenItem)
  }

  private let file: SourceFile
  private let bytes: UnsafeBufferPointer<UInt8>
  private let events: [YAMLEvent]
  private let comments: [PlacedComment]
  /// Blank lines that are part of a block scalar.
  private let takenLines: Set<Int>
  private var nextEvent = 0
  private var nextComment = 0
  /// Comments that wait for what they belong to.
  private var pending: [PlacedComment] = []
  private var last = Last.nothing
  private var lastLine = 0
  private var lastEnd = 0
  private var document = WrittenDocument()

  /// Returns a file as it is written.
  static func read(_ file: SourceFile) throws(EventError) -> WrittenFile {
    try file.bytes.withUnsafeBufferPointer { (bytes) throws(EventError) in
      var reader = try WrittenFileReader(file, bytes)
      return reader.read()
    }
  }

  private init(_ file: SourceFile, _ bytes: UnsafeBufferPointer<UInt8>) throws(EventError) {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    var parser = EventParser(
      bytes: bytes, from: start, marks: MarkTable(bytes: bytes, start: start, isASCII: isASCII))
    var events: [YAMLEvent] = []
    var scalars: [(range: Range<Int>, isBlock: Bool)] = []
    var takenLines: Set<Int> = []
    reading: while true {
      let event = try parser.next(in: bytes)
      events.append(event)
      switch event.kind {
      case .streamEnd: break reading
      case .scalar(let text, let style):
        let range = Self.contentRange(event, bytes)
        let isBlock = style == .literal || style == .folded
        scalars.append((range, isBlock))
        if isBlock {
          let lines = Self.blockLines(range, text, bytes)
          let end = file.line(at: range.lowerBound) + lines.count
          let blank = lines.reversed().prefix {
            $0.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
          }.count
          takenLines.formUnion(end - blank + 1..<end + 1)
        }
      default: break
      }
    }
    var scanner = CommentScanner(file: file, bytes: bytes)
    scanner.scan(from: start, around: scalars, takenLines)
    self.file = file
    self.bytes = bytes
    self.events = events
    comments = scanner.comments
    self.takenLines = takenLines
  }

  private static func contentRange(_ event: YAMLEvent, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    let start =
      event.anchor == nil && event.tag == nil ? event.range.lowerBound : contentStart(event.range, in: bytes)
    return start..<max(start, event.range.upperBound)
  }

  private mutating func read() -> WrittenFile {
    var result = WrittenFile()
    while true {
      let event = take()
      collect(before: event.range.lowerBound)
      guard case .documentStart(_, let isImplicit) = event.kind else { break }
      if !result.documents.isEmpty { result.documents[result.documents.count - 1].footer += takePending() }
      document = WrittenDocument()
      if !isImplicit {
        document.directives = directives(in: event.range)
        collect(before: event.range.upperBound)
        last = .marker
        lastLine = file.line(at: max(0, event.range.upperBound - 1))
        lastEnd = event.range.upperBound
      }
      readRoot()
      result.documents.append(document)
    }
    if result.documents.isEmpty {
      result.comments = takePending()
    } else {
      result.documents[result.documents.count - 1].footer += takePending()
    }
    return result
  }

  private mutating func readRoot() {
    let event = events[nextEvent]
    let item = WrittenItem()
    collect(before: event.range.lowerBound)
    document.head = takePending()
    if isEmpty(event) {
      nextEvent += 1
    } else {
      document.isHeadApart = isApart(event.range.lowerBound)
      item.value = readNode(of: item, isKey: false)
      document.root = item
    }
    let end = take()
    collect(before: end.range.lowerBound)
    document.footer += takePending()
    last = .nothing
  }

  private func isEmpty(_ event: YAMLEvent) -> Bool {
    if case .scalar("", .plain) = event.kind { event.anchor == nil && event.tag == nil } else { false }
  }

  private func directives(in range: Range<Int>) -> [String] {
    file.text(range).split(whereSeparator: \.isNewline).filter { $0.hasPrefix("%") }.map { line in
      // A comment may stand behind a directive.
      line.split(separator: "#", maxSplits: 1)[0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

  private mutating func take() -> YAMLEvent {
    nextEvent += 1
    return events[nextEvent - 1]
  }

  // MARK: - Nodes

  /// Reads the value, the key or the item of an entry.
  private mutating func readNode(of item: WrittenItem, isKey: Bool) -> WrittenNode {
    let event = take()
    let content = Self.contentRange(event, bytes)
    collect(before: content.lowerBound)
    let node = WrittenNode(.alias(""))
    node.properties = properties(of: event, before: content.lowerBound)
    switch event.kind {
    case .scalar(let text, let style):
      takeHeader(of: node, above: item)
      node.content = .scalar(scalar(text, style, event.tag, content))
      collect(before: content.upperBound)
      // Only a comment behind `|` or `>` stands inside a scalar.
      item.behind += takePending().map(\.text)
      let isBlock = style == .literal || style == .folded
      finish(isKey ? .key : .value(item), end: content.upperBound, line: isBlock ? 0 : nil)
    case .sequenceStart(let isFlow), .mappingStart(let isFlow):
      node.isFlow = isFlow
      let isMapping = if case .mappingStart = event.kind { true } else { false }
      if isFlow {
        takeHeader(of: node, above: item)
        readFlow(node, isMapping: isMapping, from: content.lowerBound, of: item)
      } else {
        takeHeader(of: node, above: nil)
        readBlock(node, isMapping: isMapping, from: content.lowerBound, hasProperties: !node.properties.isEmpty)
      }
    case .alias(let name):
      takeHeader(of: node, above: item)
      node.content = .alias(name)
      finish(isKey ? .key : .value(item), end: event.range.upperBound)
    default: break
    }
    return node
  }

  private func properties(of event: YAMLEvent, before end: Int) -> [String] {
    guard event.anchor != nil || event.tag != nil else { return [] }
    var properties: [String] = []
    var offset = event.range.lowerBound
    while offset < end {
      let start = offset
      if bytes[offset] == UInt8(ascii: "#") {
        while offset < end, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
      } else if bytes[offset] > UInt8(ascii: " ") {
        while offset < end, bytes[offset] > UInt8(ascii: " ") { offset += 1 }
        properties.append(file.text(start..<offset))
      } else {
        offset += 1
      }
    }
    return properties.sorted { $0.hasPrefix("&") && !$1.hasPrefix("&") }
  }

  private mutating func readFlow(_ node: WrittenNode, isMapping: Bool, from start: Int, of owner: WrittenItem) {
    let hasBracket = bytes[start] == UInt8(ascii: "[") || bytes[start] == UInt8(ascii: "{")
    if hasBracket { finish(.opened(node), end: start + 1) }
    var items: [WrittenItem] = []
    while true {
      let event = events[nextEvent]
      switch event.kind {
      case .sequenceEnd, .mappingEnd:
        nextEvent += 1
        node.content = isMapping ? .mapping(items) : .sequence(items)
        // The entry of `[a: b]` is a mapping without brackets.
        guard hasBracket else { return }
        collect(before: event.range.lowerBound)
        node.ending = takePending()
        return finish(.value(owner), end: event.range.upperBound)
      default: break
      }
      let item = WrittenItem()
      collect(before: Self.contentRange(event, bytes).lowerBound)
      item.above = takePending()
      readParts(of: item, isMapping: isMapping)
      items.append(item)
    }
  }

  private mutating func readBlock(_ node: WrittenNode, isMapping: Bool, from start: Int, hasProperties: Bool) {
    let column = column(of: start)
    lastEnd = max(lastEnd, start)
    if hasProperties { last = .nothing }
    var items: [WrittenItem] = []
    while true {
      let event = events[nextEvent]
      switch event.kind {
      case .sequenceEnd, .mappingEnd:
        nextEvent += 1
        node.content = isMapping ? .mapping(items) : .sequence(items)
        return closeBlock(node, items, column: column, next: event.range.lowerBound)
      default: break
      }
      let item = WrittenItem()
      let place =
        isMapping ? Self.contentRange(event, bytes).lowerBound : dash(before: event.range.lowerBound, column: column)
      collect(before: place)
      if let previous = items.last { previous.below += takeDeeper(than: column) }
      item.above = takePending()
      item.isApart = isApart(isMapping ? event.range.lowerBound : place)
      if items.isEmpty { open(node, item) }
      readParts(of: item, isMapping: isMapping)
      items.append(item)
    }
  }

  private mutating func readParts(of item: WrittenItem, isMapping: Bool) {
    if isMapping { item.key = readNode(of: item, isKey: true) }
    item.value = readNode(of: item, isKey: false)
    // Only one comment may stand behind `|`; the others go above.
    guard item.value.isBlockScalar || item.key?.isBlockScalar == true else { return }
    let all = (item.key?.header ?? []) + item.value.header + item.behind
    item.key?.header = []
    item.value.header = []
    item.behind = Array(all.suffix(1))
    item.above += all.dropLast().map { WrittenComment(text: $0, isApart: false) }
  }

  /// Parts the comments that open a block from those of its first entry: an empty line stands between them.
  private func open(_ node: WrittenNode, _ first: WrittenItem) {
    defer { first.isApart = false }
    guard !first.above.isEmpty else { return }
    if first.isApart {
      node.opening = first.above
      first.above = []
    } else if let place = first.above.indices.dropFirst().last(where: { first.above[$0].isApart }) {
      node.opening = Array(first.above[..<place])
      first.above.removeFirst(place)
      first.above[0].isApart = false
    }
  }

  private mutating func closeBlock(_ node: WrittenNode, _ items: [WrittenItem], column: Int, next: Int) {
    collect(before: next)
    let nextColumn = next >= bytes.count || isDocumentMarker(next) ? -1 : self.column(of: next)
    items.last?.below += takeDeeper(than: column)
    let count = pending.prefix { $0.column >= column && $0.column > nextColumn }.count
    node.ending = pending.prefix(count).map { WrittenComment(text: $0.text, isApart: $0.isApart) }
    pending.removeFirst(count)
  }

  private func isDocumentMarker(_ offset: Int) -> Bool {
    guard column(of: offset) == 0, offset + 3 <= bytes.count else { return false }
    return bytes[offset..<offset + 3].elementsEqual("---".utf8) || bytes[offset..<offset + 3].elementsEqual("...".utf8)
  }

  private mutating func finish(_ what: Last, end: Int, line: Int? = nil) {
    last = what
    lastEnd = end
    lastLine = line ?? file.line(at: max(0, end - 1))
  }

  // MARK: - Scalars

  private func scalar(
    _ text: String, _ style: YAMLScalar.Style, _ tag: String?, _ range: Range<Int>
  ) -> WrittenScalar {
    let isText = style != .plain || tag == "!" || tag == "tag:yaml.org,2002:str"
    let core = isText ? CoreValue.string : CoreSchema.resolve(text) ?? .string
    let isBlock = style == .literal || style == .folded
    let lines = isBlock ? Self.blockLines(range, text, bytes) : Self.lines(range, bytes)
    return WrittenScalar(text: text, style: style, core: core, lines: lines)
  }

  private static func lines(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> [String] {
    bytes[range].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
  }

  /// The lines behind a block's header without their indentation, and without empty lines at the end.
  private static func blockLines(
    _ range: Range<Int>, _ text: String, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> [String] {
    var lines = lines(range, bytes).dropFirst()
    // The first line that is not blank tells how much of its indentation is the block's.
    let first = lines.first { $0.utf8.contains { $0 != UInt8(ascii: " ") } } ?? ""
    let inText = text.utf8.split(separator: UInt8(ascii: "\n")).first { $0.contains { $0 != UInt8(ascii: " ") } }
    let indentation = max(0, spaces(first.utf8) - (inText.map { spaces($0) } ?? 0))
    while lines.last.map({ $0.utf8.count <= indentation && spaces($0.utf8) == $0.utf8.count }) == true {
      lines.removeLast()
    }
    return lines.map { String(Substring($0.utf8.dropFirst(min(indentation, spaces($0.utf8))))) }
  }

  /// How many spaces stand before a text.
  private static func spaces(_ text: some Collection<UInt8>) -> Int { text.prefix { $0 == UInt8(ascii: " ") }.count }

  // MARK: - Comments

  /// Collects the comments before an offset; those at the end of what stands last are handed to it.
  private mutating func collect(before offset: Int) {
    while nextComment < comments.count, comments[nextComment].range.lowerBound < offset {
      let comment = comments[nextComment]
      let isBehind = !comment.isAlone && comment.line == lastLine && pending.isEmpty
      if isBehind, hand(over: comment) { continue }
      pending.append(comment)
      nextComment += 1
    }
  }

  /// Hands a comment, and the lines it goes on for, to what stands before it.
  private mutating func hand(over comment: PlacedComment) -> Bool {
    switch last {
    case .nothing, .key: return false
    case .marker: document.marker += takeRun()
    case .opened(let node): node.header += takeRun()
    case .value(let item): item.behind += takeRun()
    }
    return true
  }

  /// Takes the next comment, and those that go on in the same column on the lines below it.
  private mutating func takeRun() -> [String] {
    let first = nextComment
    repeat {
      nextComment += 1
    } while nextComment < comments.count && continues(comments[nextComment - 1], comments[nextComment])
    return comments[first..<nextComment].map(\.text)
  }

  private func continues(_ first: PlacedComment, _ second: PlacedComment) -> Bool {
    second.isAlone && second.line == first.line + 1 && second.column == first.column
  }

  private mutating func takePending() -> [WrittenComment] {
    defer { pending.removeAll() }
    return pending.map { WrittenComment(text: $0.text, isApart: $0.isApart) }
  }

  private mutating func takeDeeper(than column: Int) -> [WrittenComment] {
    let count = pending.prefix { $0.column > column }.count
    defer { pending.removeFirst(count) }
    return pending.prefix(count).map { WrittenComment(text: $0.text, isApart: $0.isApart) }
  }

  /// Takes the comments on the line of a node's key or dash, and those on lines of their own for `item`; without one,
  /// these stay for the first entry of the node.
  private mutating func takeHeader(of node: WrittenNode, above item: WrittenItem?) {
    var rest: [PlacedComment] = []
    var previous: PlacedComment?
    for comment in pending {
      if !comment.isAlone || previous.map({ continues($0, comment) }) == true {
        node.header.append(comment.text)
        previous = comment
      } else {
        previous = nil
        rest.append(comment)
      }
    }
    pending = rest
    guard let item else { return }
    item.above += takePending()
  }

  // MARK: - Places

  private func column(of offset: Int) -> Int { offset - file.lineRange(file.line(at: offset)).lowerBound }

  private func isApart(_ offset: Int) -> Bool { isEmptyLine(file.line(at: offset) - 1, in: file, takenLines) }

  /// Returns the `-` of the item that starts at an offset.
  private func dash(before offset: Int, column: Int) -> Int {
    var comment = nextComment
    var place = lastEnd
    var found = offset
    while place < offset {
      while comment < comments.count, comments[comment].range.upperBound <= place { comment += 1 }
      if comment < comments.count, comments[comment].range.contains(place) {
        place = comments[comment].range.upperBound
        continue
      }
      if bytes[place] == UInt8(ascii: "-") {
        found = place
        if self.column(of: place) == column { return place }
      }
      place += 1
    }
    return found
  }
}
