/// Comma-separated values as RFC 4180 has them: fields in `"` may hold commas, line ends and doubled quotes.
public enum CSV {
  /// What is wrong with a text.
  public struct Issue: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong, in words.
    public let description: String
  }

  /// The rows of a text, each a list of fields; empty lines are left out, a byte order mark too.
  ///
  /// - Throws: ``Issue`` for a quote that does not end, or one inside a field without quotes.
  public static func rows(_ text: String) throws(Issue) -> [(line: Int, fields: [String])] {
    var reader = CSVReader(text)
    return try reader.rows()
  }
}

private struct CSVReader {
  private let bytes: [UInt8]
  private var place: Int
  private var line = 1

  private enum Byte {
    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
  }

  init(_ text: String) {
    bytes = Array(text.utf8)
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func rows() throws(CSV.Issue) -> [(line: Int, fields: [String])] {
    var rows: [(line: Int, fields: [String])] = []
    while place < bytes.count {
      let start = line
      var fields = [try field()]
      while place < bytes.count, bytes[place] == Byte.comma {
        place += 1
        fields.append(try field())
      }
      try endLine()
      if fields != [""] { rows.append((start, fields)) }
    }
    return rows
  }

  private mutating func field() throws(CSV.Issue) -> String {
    if place < bytes.count, bytes[place] == Byte.quote { return try quotedField() }
    let start = place
    while place < bytes.count, ![Byte.comma, Byte.lineFeed, Byte.carriageReturn].contains(bytes[place]) {
      if bytes[place] == Byte.quote {
        throw CSV.Issue(line: line, description: "a quote inside a field that does not begin with one")
      }
      place += 1
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func quotedField() throws(CSV.Issue) -> String {
    let start = line
    var content: [UInt8] = []
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == Byte.quote {
        guard place < bytes.count, bytes[place] == Byte.quote else { return String(decoding: content, as: UTF8.self) }
        place += 1
      }
      if byte == Byte.lineFeed { line += 1 }
      content.append(byte)
    }
    throw CSV.Issue(line: start, description: "a quote that does not end")
  }

  private mutating func endLine() throws(CSV.Issue) {
    guard place < bytes.count else { return }
    if bytes[place] == Byte.carriageReturn { place += 1 }
    if place < bytes.count, bytes[place] == Byte.lineFeed {
      place += 1
    } else if bytes[place - 1] != Byte.carriageReturn {
      throw CSV.Issue(line: line, description: "text after the quote that ends a field")
    }
    line += 1
  }
}
