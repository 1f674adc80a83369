import Diagnostics
import SourceText

/// A comment and where it stands.
struct PlacedComment {
  var text: String
  var range: Range<Int>
  /// The line, from 1.
  var line: Int
  /// The columns of a terminal before it.
  var column: Int
  /// Whether nothing but blanks stands before it on its line.
  var isAlone: Bool
  /// Whether the line before it is empty.
  var isApart: Bool
}

/// Finds the comments of a file, which libyaml drops: everything between the scalars that begins with `#`.
struct CommentScanner {
  let file: SourceFile
  let bytes: UnsafeBufferPointer<UInt8>
  private(set) var comments: [PlacedComment] = []
  private var takenLines: Set<Int> = []

  init(file: SourceFile, bytes: UnsafeBufferPointer<UInt8>) {
    self.file = file
    self.bytes = bytes
  }

  /// Finds the comments around scalars, whose ranges come in the order of the file.
  ///
  /// - Parameter takenLines: blank lines that are part of a scalar.
  mutating func scan(
    from start: Int, around scalars: [(range: Range<Int>, isBlock: Bool)], _ takenLines: Set<Int>
  ) {
    self.takenLines = takenLines
    var offset = start
    for scalar in scalars {
      scanGap(offset..<max(offset, scalar.range.lowerBound))
      if scalar.isBlock { scanHeader(scalar.range) }
      offset = max(offset, scalar.range.upperBound)
    }
    scanGap(offset..<max(offset, bytes.count))
  }

  private mutating func scanGap(_ gap: Range<Int>) {
    var offset = gap.lowerBound
    while offset < gap.upperBound {
      guard bytes[offset] == UInt8(ascii: "#") else {
        offset += 1
        continue
      }
      offset = add(from: offset)
    }
  }

  /// A comment behind `|` or `>` belongs to the scalar for libyaml.
  private mutating func scanHeader(_ range: Range<Int>) {
    for offset in range {
      if bytes[offset] == UInt8(ascii: "\n") { return }
      if bytes[offset] == UInt8(ascii: "#") {
        _ = add(from: offset)
        return
      }
    }
  }

  private mutating func add(from start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    let line = file.line(at: start)
    let before = file.lineRange(line).lowerBound..<start
    let text = file.text(start..<end)
    let trimmed = text.unicodeScalars.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.count
    comments.append(
      PlacedComment(
        text: String(String.UnicodeScalarView(text.unicodeScalars.prefix(trimmed))), range: start..<end, line: line,
        column: CharacterWidth.columns(of: file.text(before)), isAlone: bytes[before].allSatisfy(isBlank),
        isApart: isEmptyLine(line - 1, in: file, takenLines)))
    return end
  }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

/// Whether a line, from 1, is there and holds nothing but blanks that are part of nothing.
func isEmptyLine(_ line: Int, in file: SourceFile, _ takenLines: Set<Int>) -> Bool {
  line >= 1 && !takenLines.contains(line) && file.bytes[file.lineRange(line)].allSatisfy(isBlank)
}
