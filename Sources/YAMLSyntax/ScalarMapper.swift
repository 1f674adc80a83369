/// Finds where the bytes of a decoded scalar stand in the source.
///
/// libyaml gives the text and the range, not the way between them. The mapper walks both at once, in the order of the
/// source, and checks every straight run against the text. Should they ever disagree, the whole scalar is one piece:
/// less exact, never wrong.
struct ScalarMapper {
  private let source: UnsafeBufferPointer<UInt8>
  private let text: UnsafeBufferPointer<UInt8>
  private var at = 0
  private var segments: [ScalarMap.Segment] = []

  /// Returns the map of a scalar whose bytes, quotes included, are `range`.
  static func map(
    _ text: inout String, style: YAMLScalar.Style, source: UnsafeBufferPointer<UInt8>, range: Range<Int>
  ) -> ScalarMap {
    switch style {
    case .plain:
      // Folding only ever shortens: as long as the source means written as read.
      if text.utf8.count == range.count { return ScalarMap(start: range.lowerBound) }
    case .singleQuoted, .doubleQuoted:
      let inner = range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1)
      let isStraight = text.utf8.count == inner.count && (style == .singleQuoted || !source[inner].contains(backslash))
      if isStraight { return ScalarMap(start: inner.lowerBound) }
    case .literal, .folded:
      break
    }
    return text.withUTF8 { text in
      var mapper = ScalarMapper(source: source, text: text)
      let isMapped =
        switch style {
        case .plain: mapper.mapFlow(range, style: style)
        case .singleQuoted, .doubleQuoted:
          mapper.mapFlow(range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1), style: style)
        case .literal, .folded: mapper.mapBlock(range)
        }
      if !isMapped || mapper.at != text.count { return wholePiece(range) }
      return ScalarMap(start: range.lowerBound, segments: mapper.segments)
    }
  }

  private static func wholePiece(_ range: Range<Int>) -> ScalarMap {
    ScalarMap(
      start: range.lowerBound,
      segments: [.init(text: 0, source: UInt32(range.lowerBound), sourceLength: UInt32(range.count))])
  }

  private init(source: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>) {
    self.source = source
    self.text = text
  }

  /// Maps the next `length` bytes of the text to a range of the source.
  private mutating func take(_ length: Int, from range: Range<Int>) -> Bool {
    guard length > 0 else { return true }
    guard at + length <= text.count else { return false }
    if length == range.count, let last = segments.last {
      // A straight run that goes on is no new segment.
      let isStraight = at - Int(last.text) == Int(last.sourceLength)
      if isStraight, Int(last.source + last.sourceLength) == range.lowerBound {
        segments[segments.count - 1].sourceLength += UInt32(length)
        at += length
        return true
      }
    }
    segments.append(.init(text: UInt32(at), source: UInt32(range.lowerBound), sourceLength: UInt32(range.count)))
    at += length
    return true
  }

  /// Maps source bytes that are written as they are read.
  private mutating func takeStraight(_ range: Range<Int>) -> Bool {
    guard at + range.count <= text.count, text[at..<at + range.count].elementsEqual(source[range]) else { return false }
    return take(range.count, from: range)
  }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let backslash = UInt8(ascii: "\\")
private let quote = UInt8(ascii: "'")

// MARK: - Plain and quoted scalars

extension ScalarMapper {
  private mutating func mapFlow(_ range: Range<Int>, style: YAMLScalar.Style) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let byte = source[offset]
      let step: Int?
      if style == .doubleQuoted, byte == backslash {
        step = takeEscape(offset, end: range.upperBound)
      } else if style == .singleQuoted, byte == quote {
        step = take(1, from: offset..<min(offset + 2, range.upperBound)) ? offset + 2 : nil
      } else if byte == space || byte == tab || byte == newline || byte == carriageReturn {
        step = takeBlanks(offset, end: range.upperBound)
      } else {
        step = takeRun(offset, end: range.upperBound, style: style)
      }
      guard let step else { return false }
      offset = step
    }
    return true
  }

  private mutating func takeRun(_ start: Int, end: Int, style: YAMLScalar.Style) -> Int? {
    var offset = start
    while offset < end {
      let byte = source[offset]
      if byte == space || byte == tab || byte == newline || byte == carriageReturn { break }
      if style == .doubleQuoted, byte == backslash { break }
      if style == .singleQuoted, byte == quote { break }
      offset += 1
    }
    return takeStraight(start..<offset) ? offset : nil
  }

  /// Maps blanks within a line as they are, and a line end with the blanks around it to what it folds to.
  private mutating func takeBlanks(_ start: Int, end: Int) -> Int? {
    var offset = start
    var breaks = 0
    while offset < end {
      let byte = source[offset]
      if byte == newline { breaks += 1 } else if byte != space && byte != tab && byte != carriageReturn { break }
      offset += 1
    }
    if breaks == 0 { return takeStraight(start..<offset) ? offset : nil }
    return take(breaks == 1 ? 1 : breaks - 1, from: start..<offset) ? offset : nil
  }

  private mutating func takeEscape(_ start: Int, end: Int) -> Int? {
    guard start + 1 < end else { return nil }
    switch source[start + 1] {
    case newline, carriageReturn: return takeEscapedBreak(start, end: end)
    case UInt8(ascii: "x"): return takeEscape(start, end: end, digits: 2)
    case UInt8(ascii: "u"): return takeEscape(start, end: end, digits: 4)
    case UInt8(ascii: "U"): return takeEscape(start, end: end, digits: 8)
    // The next line character and the no-break space have two bytes, line and paragraph separator three.
    case UInt8(ascii: "N"), UInt8(ascii: "_"): return take(2, from: start..<start + 2) ? start + 2 : nil
    case UInt8(ascii: "L"), UInt8(ascii: "P"): return take(3, from: start..<start + 2) ? start + 2 : nil
    default: return take(1, from: start..<start + 2) ? start + 2 : nil
    }
  }

  private mutating func takeEscape(_ start: Int, end: Int, digits: Int) -> Int? {
    let stop = start + 2 + digits
    guard stop <= end else { return nil }
    let value = source[start + 2..<stop].reduce(UInt32(0)) { value, digit in
      value << 4 | UInt32(digit & 0x0F) + (digit > UInt8(ascii: "9") ? 9 : 0)
    }
    let length = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4
    return take(length, from: start..<stop) ? stop : nil
  }

  /// Skips a line end after a backslash, and the indentation after it; empty lines that follow stay.
  private mutating func takeEscapedBreak(_ start: Int, end: Int) -> Int? {
    var offset = start + 1
    var breaks = 0
    while offset < end {
      let byte = source[offset]
      if byte == newline { breaks += 1 } else if byte != space && byte != tab && byte != carriageReturn { break }
      offset += 1
    }
    return take(breaks - 1, from: start..<offset) ? offset : nil
  }
}

// MARK: - Block scalars

extension ScalarMapper {
  /// Maps line by line: a line stands in the text without its indentation, after the line ends that folding left.
  private mutating func mapBlock(_ range: Range<Int>) -> Bool {
    var line = nextLine(range.lowerBound)
    let indentation = findIndentation(from: line)
    var separator = line
    while at < text.count, line < source.count {
      var end = line
      while end < source.count, source[end] != newline { end += 1 }
      let next = min(end + 1, source.count)
      if end > line, source[end - 1] == carriageReturn { end -= 1 }
      let content = min(line + indentation, end)
      // A line that is less indented and not empty is no longer the block's.
      guard source[line..<content].allSatisfy({ $0 == space }) else { break }
      if content < end {
        guard takeSeparator(separator..<content, before: source[content]), takeStraight(content..<end) else {
          return false
        }
        separator = end
      }
      line = next
    }
    return take(text.count - at, from: separator..<max(separator, min(line, source.count)))
  }

  private mutating func takeSeparator(_ range: Range<Int>, before first: UInt8) -> Bool {
    var length = 0
    while at + length < text.count, text[at + length] == newline { length += 1 }
    // A folded line end is one space; a line that starts with a blank is never folded.
    if length == 0, at > 0, at < text.count, text[at] == space, first != space, first != tab { length = 1 }
    return take(length, from: range)
  }

  private func nextLine(_ offset: Int) -> Int {
    var offset = offset
    while offset < source.count, source[offset] != newline { offset += 1 }
    return min(offset + 1, source.count)
  }

  /// Returns how many spaces stand before the first line in the source that do not stand before it in the text.
  private func findIndentation(from start: Int) -> Int {
    var inText = 0
    var offset = 0
    while offset < text.count, text[offset] == space || text[offset] == newline {
      inText = text[offset] == newline ? 0 : inText + 1
      offset += 1
    }
    var inSource = 0
    offset = start
    while offset < source.count,
      source[offset] == space || source[offset] == newline || source[offset] == carriageReturn
    {
      inSource = source[offset] == space ? inSource + 1 : 0
      offset += 1
    }
    return max(0, inSource - inText)
  }
}
