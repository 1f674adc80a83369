import Glibc

/// The bytes of one file, with its lines.
///
/// A line ends at LF or CRLF. A lone CR is a character like any other, as editors and code hosts count it.
public struct SourceFile: Sendable {
  /// The number of the file in its collection.
  public let id: FileID
  /// The path as it is shown to the user.
  public let path: String
  /// The bytes as they were read, a byte order mark included.
  public let bytes: [UInt8]
  /// The offset of the first byte of every line.
  private let lineStarts: [Int]

  /// Makes a file and finds its lines.
  public init(id: FileID, path: String, bytes: [UInt8]) {
    self.id = id
    self.path = path
    self.bytes = bytes
    lineStarts = Self.findLines(bytes)
  }

  /// The number of lines; the empty one after a final line end counts.
  public var lineCount: Int { lineStarts.count }

  /// The whole file as a span.
  public var span: SourceSpan { SourceSpan(file: id, range: bytes.indices) }

  /// Returns the line, from 1, that holds the given byte offset.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Returns line and column of a byte offset; an offset outside the file counts as its nearest end.
  public func position(at offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), bytes.count)
    let line = line(at: offset)
    let start = lineStarts[line - 1]
    let column = bytes.withUnsafeBufferPointer {
      Self.countCharacters(UnsafeBufferPointer(rebasing: $0[start..<offset]))
    }
    // The byte order mark is no character of the first line.
    let mark = line == 1 && offset >= 3 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 1 : 0
    return SourcePosition(line: line, column: column + 1 - mark)
  }

  /// Returns the bytes of a line, from 1, without its line end; an empty range for a line that is not there.
  public func lineRange(_ line: Int) -> Range<Int> {
    guard line >= 1, line <= lineStarts.count else { return bytes.count..<bytes.count }
    let start = lineStarts[line - 1]
    guard line < lineStarts.count else { return start..<bytes.count }
    var end = lineStarts[line] - 1
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }

  /// Returns the text of a byte range, clamped to the file; bytes that are no UTF-8 become U+FFFD.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: bytes.indices)], as: UTF8.self)
  }

  private static func findLines(_ bytes: [UInt8]) -> [Int] {
    var starts = [0]
    starts.reserveCapacity(bytes.count / 32 + 1)
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var offset = 0
      while offset < buffer.count, let found = memchr(base + offset, 0x0A, buffer.count - offset) {
        offset = UnsafeRawPointer(found) - base + 1
        starts.append(offset)
      }
    }
    return starts
  }

  private static func countCharacters(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    // In ASCII only CR LF is one character of two bytes, and no offset within a line has both before it.
    bytes.allSatisfy { $0 < 0x80 } ? bytes.count : String(decoding: bytes, as: UTF8.self).count
  }
}
