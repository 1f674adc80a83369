import Values

/// Walks through the bytes of a document and gives its values; every length is checked, since bytes come from outside.
struct BSONReader {
  /// A field: its name, and where its value is.
  struct Field: Sendable {
    let name: String
    let type: UInt8
    let range: Range<Int>
  }

  /// Deeper than a server nests documents.
  private static let deepest = 200

  let bytes: [UInt8]

  /// The fields of the document that fills a range.
  func fields(of range: Range<Int>) throws(BSONError) -> [Field] {
    guard range.count >= 5, length(at: range.lowerBound, within: range) == range.count, bytes[range.upperBound - 1] == 0
    else { throw BSONError("a document's length is not that of its bytes") }
    var fields: [Field] = []
    var at = range.lowerBound + 4
    let end = range.upperBound - 1
    while at < end {
      let type = bytes[at]
      guard let zero = bytes[(at + 1)..<end].firstIndex(of: 0) else { throw BSONError("a field's name has no end") }
      let name = String(decoding: bytes[(at + 1)..<zero], as: UTF8.self)
      let size = try size(of: type, at: zero + 1, end)
      let value = (zero + 1)..<(zero + 1 + size)
      guard value.upperBound <= end else { throw BSONError("the field '\(name)' ends behind its document") }
      fields.append(Field(name: name, type: type, range: value))
      at = value.upperBound
    }
    return fields
  }

  /// The value of a field.
  func value(_ field: Field, depth: Int = 0) throws(BSONError) -> Value {
    let start = field.range.lowerBound
    switch field.type {
    case 0x01: return .double(Double(bitPattern: number(at: start)))
    case 0x02, 0x0D, 0x0E: return .string(try text(field.range))
    case 0x03: return try map(field.range, depth)
    case 0x04: return .list(try items(field.range, depth))
    case 0x05: return .bytes(Array(bytes[(start + 5)..<field.range.upperBound]))
    case 0x06, 0x0A, 0x7F, 0xFF: return .null
    case 0x07: return .string(hexadecimal(field.range))
    case 0x08: return .bool(bytes[start] != 0)
    case 0x09: return .timestamp(Timestamp(milliseconds: number(at: start)))
    case 0x10: return .int(Int64(number(at: start) as Int32))
    case 0x11: return .uint(number(at: start))
    case 0x12: return .int(number(at: start))
    case 0x13:
      let form = Decimal128(high: number(at: start + 8), low: number(at: start))
      return form.decimal.map(Value.decimal) ?? .double(.nan)
    default: throw BSONError("the field '\(field.name)' is of the unknown type \(field.type)")
    }
  }

  private func map(_ range: Range<Int>, _ depth: Int) throws(BSONError) -> Value {
    guard depth < BSONReader.deepest else { throw BSONError("documents lie in each other too deep") }
    var entries: [(String, Value)] = []
    for field in try fields(of: range) { entries.append((field.name, try value(field, depth: depth + 1))) }
    return .map(ValueMap(entries))
  }

  private func items(_ range: Range<Int>, _ depth: Int) throws(BSONError) -> [Value] {
    guard depth < BSONReader.deepest else { throw BSONError("lists lie in each other too deep") }
    var items: [Value] = []
    for field in try fields(of: range) { items.append(try value(field, depth: depth + 1)) }
    return items
  }

  /// The text of a field of a text type.
  func text(_ range: Range<Int>) throws(BSONError) -> String {
    guard let text = String(validating: bytes[(range.lowerBound + 4)..<(range.upperBound - 1)], as: UTF8.self) else {
      throw BSONError("a text is not UTF-8")
    }
    return text
  }

  // MARK: - Pieces

  /// How many bytes a value takes.
  private func size(of type: UInt8, at start: Int, _ end: Int) throws(BSONError) -> Int {
    switch type {
    case 0x06, 0x0A, 0x7F, 0xFF: return 0
    case 0x08: return 1
    case 0x10: return 4
    case 0x01, 0x09, 0x11, 0x12: return 8
    case 0x07: return 12
    case 0x13: return 16
    case 0x02, 0x0D, 0x0E:
      guard let length = length(at: start, within: start..<end), length >= 1 else { break }
      return 4 + length
    case 0x03, 0x04, 0x0F:
      guard let length = length(at: start, within: start..<end), length >= 5 else { break }
      return length
    case 0x05:
      guard let length = length(at: start, within: start..<end) else { break }
      return 5 + length
    default: throw BSONError("there is a value of the unknown type \(type)")
    }
    throw BSONError("a value's length is wrong")
  }

  private func length(at start: Int, within range: Range<Int>) -> Int? {
    guard start + 4 <= range.upperBound else { return nil }
    let length = Int(number(at: start) as Int32)
    return length >= 0 ? length : nil
  }

  func number<Number: FixedWidthInteger>(at start: Int) -> Number {
    bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
  }

  private func hexadecimal(_ range: Range<Int>) -> String {
    bytes[range].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
