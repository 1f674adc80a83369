import Values

/// What was seen at one place of the samples.
struct SchemaSample: Sendable {
  struct Field: Sendable {
    let name: String
    let node: Int
    var count = 1
  }

  /// The longest text that may be one of a closed set.
  private static let longestValue = 64

  var nulls = 0
  var flags = 0
  var integers = 0
  var fractions = 0
  var texts = 0
  var lists = 0
  var maps = 0
  /// The different texts; nil once there are too many, or too long ones.
  var values: Set<String>? = []
  var dates = 0
  var moments = 0
  var localTimes = 0
  var element: Int?
  var fields: [Field] = []
  var places: [String: Int] = [:]
  /// The one node of all fields, where their names vary.
  var varying: Int?

  mutating func count(_ value: Value, upTo maximum: Int) {
    switch value {
    case .null: nulls += 1
    case .bool: flags += 1
    case .int, .uint: integers += 1
    case .decimal, .double: fractions += 1
    case .list: lists += 1
    case .map: maps += 1
    case .string(let text): count(text, upTo: maximum)
    case .bytes, .timestamp, .duration, .type:
      texts += 1
      values = nil
    }
  }

  private mutating func count(_ text: String, upTo maximum: Int) {
    texts += 1
    if text.utf8.count > Self.longestValue { values = nil }
    values?.insert(text)
    if let count = values?.count, count > maximum { values = nil }
    switch TextForm(text) {
    case .date: dates += 1
    case .moment: moments += 1
    case .localTime: localTimes += 1
    case .other: break
    }
  }

  mutating func add(counts other: SchemaSample, upTo maximum: Int) {
    nulls += other.nulls
    flags += other.flags
    integers += other.integers
    fractions += other.fractions
    texts += other.texts
    lists += other.lists
    maps += other.maps
    dates += other.dates
    moments += other.moments
    localTimes += other.localTimes
    if let mine = values, let theirs = other.values {
      let both = mine.union(theirs)
      values = both.count > maximum ? nil : both
    } else {
      values = nil
    }
  }

  /// The types seen, null last.
  var types: [SchemaType] {
    let counts: [(Int, SchemaType)] = [
      (texts, .string), (flags, .boolean), (fractions, .number), (fractions > 0 ? 0 : integers, .integer),
      (lists, .array), (maps, .object), (nulls, .null),
    ]
    return counts.filter { $0.0 > 0 }.map(\.1)
  }

  /// The form that all texts have, where JSON Schema has a name for it.
  var format: String? { texts == 0 ? nil : dates == texts ? "date" : moments == texts ? "date-time" : nil }
  var looksLikeLocalTime: Bool { texts > 0 && localTimes == texts }
}

/// The forms of texts that are told apart.
private enum TextForm {
  case date
  case moment
  case localTime
  case other

  init(_ text: String) {
    let bytes = Array(text.utf8.prefix(40))
    guard bytes.count >= 10, TextForm.isDigits(bytes[0..<4]), bytes[4] == 0x2D, bytes[7] == 0x2D else {
      self = .other
      return
    }
    switch bytes.count {
    case 10: self = Timestamp(text + "T00:00:00Z") == nil ? .other : .date
    case 19 where bytes[10] == 0x20:
      self = Timestamp(text.replacing(" ", with: "T") + "Z") == nil ? .other : .localTime
    default: self = bytes[10] == 0x54 && Timestamp(text) != nil ? .moment : .other
    }
  }

  private static func isDigits(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { $0 &- 0x30 < 10 } }
}
