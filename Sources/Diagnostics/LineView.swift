import SourceText

/// A source line as it is shown: tabs expanded, unsafe characters replaced, every character with its columns.
struct LineView {
  private struct Cell {
    var character: Character
    /// The offset of its first byte in the file.
    var offset: Int
    /// The first column it stands in, from 0.
    var column: Int
    var width: Int
  }

  private static let tabWidth = 4
  /// A longer line is not looked at as a whole.
  private static let maximumBytes = 4096

  private var cells: [Cell] = []
  private let endOffset: Int
  private var width: Int
  private var isCutBefore = false
  private var isCutBehind = false

  /// Makes the view of a line; of a very long one, the part around `focus`.
  init(_ file: SourceFile, line: Int, focus: Int) {
    var range = file.lineRange(line)
    if range.count > Self.maximumBytes {
      var start = max(range.lowerBound, min(focus, range.upperBound) - Self.maximumBytes / 4)
      while start > range.lowerBound, file.bytes[start] & 0xC0 == 0x80 { start -= 1 }
      var end = min(range.upperBound, start + Self.maximumBytes)
      while end < range.upperBound, file.bytes[end] & 0xC0 == 0x80 { end += 1 }
      isCutBefore = start > range.lowerBound
      isCutBehind = end < range.upperBound
      range = start..<end
    }
    if line == 1, range.lowerBound == 0, file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      range = min(3, range.upperBound)..<range.upperBound
    }
    endOffset = range.upperBound
    width = 0
    cells.reserveCapacity(range.count)
    if let text = String(validating: file.bytes[range], as: UTF8.self) {
      var offset = range.lowerBound
      for character in text {
        append(character, at: offset)
        offset += character.utf8.count
      }
    } else {
      for offset in range {
        let byte = file.bytes[offset]
        append(byte < 0x80 ? Character(Unicode.Scalar(byte)) : SafeText.replacement, at: offset)
      }
    }
  }

  private mutating func append(_ character: Character, at offset: Int) {
    if character == "\t" {
      let count = Self.tabWidth - width % Self.tabWidth
      cells.append(Cell(character: "\t", offset: offset, column: width, width: count))
      width += count
      return
    }
    let shown = SafeText.isUnsafe(character) ? SafeText.replacement : character
    let columns = CharacterWidth.columns(shown)
    cells.append(Cell(character: shown, offset: offset, column: width, width: columns))
    width += columns
  }

  /// Returns the columns of a byte range, at least one; what lies beyond the line counts as its end.
  func columns(of range: Range<Int>) -> Range<Int> {
    let lower = column(at: range.lowerBound)
    return lower..<max(lower + 1, column(behind: range.upperBound))
  }

  private func column(at offset: Int) -> Int {
    guard let index = firstCell(from: offset + 1) else { return offset < endOffset ? cells.last?.column ?? 0 : width }
    return index == 0 ? 0 : cells[index - 1].column
  }

  private func column(behind offset: Int) -> Int {
    firstCell(from: offset).map { cells[$0].column } ?? width
  }

  /// Returns the index of the first cell that starts at or behind an offset.
  private func firstCell(from offset: Int) -> Int? {
    var low = 0
    var high = cells.count
    while low < high {
      let middle = (low + high) / 2
      if cells[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low < cells.count ? low : nil
  }

  /// Returns the text of the line in at most `available` columns, around the given ones, and by how much marks move
  /// to the left.
  func text(available: Int, around focus: Range<Int>) -> (text: String, shift: Int) {
    let available = max(available, 20)
    if width <= available, !isCutBefore, !isCutBehind {
      return (trimmed(cells[...].map(shown).joined()), 0)
    }
    let dots = "..."
    let inner = available - 2 * dots.count
    var start = 0
    if focus.upperBound > inner { start = max(0, min(focus.lowerBound - inner / 4, width - inner)) }
    let cutsBefore = start > 0 || isCutBefore
    let visible = cells.filter { $0.column >= start && $0.column + $0.width <= start + inner }
    let first = visible.first?.column ?? start
    let last = visible.last.map { $0.column + $0.width } ?? start
    let body = visible.map(shown).joined()
    let text = (cutsBefore ? dots : "") + body + (last < width || isCutBehind ? dots : "")
    return (trimmed(text), first - (cutsBefore ? dots.count : 0))
  }

  private func shown(_ cell: Cell) -> String {
    cell.character == "\t" ? String(repeating: " ", count: cell.width) : String(cell.character)
  }

  private func trimmed(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
    return String(text[...last])
  }
}
