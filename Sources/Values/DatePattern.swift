/// A way to write dates: the letters of Unicode's date patterns that business systems use.
///
/// `yyyy MM dd HH mm ss SSS XXX` and their one-letter forms, text in quotes, and any other sign as itself, after Unicode
/// Technical Standard #35, part 4. `yyyy-MM-dd HH:mm:ss` writes `2026-11-24 03:10:14`.
public struct DatePattern: Sendable, Hashable {
  /// What is wrong with a pattern.
  public struct InvalidPattern: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what is allowed.
    public let description: String
  }

  private enum Element: Sendable, Hashable {
    case year(Int)
    case month(Int)
    case day(Int)
    case hour(Int)
    case minute(Int)
    case second(Int)
    case fraction(Int)
    case offset(colon: Bool, zulu: Bool)
    case text([UInt8])
  }

  private let elements: [Element]

  /// Reads a pattern.
  ///
  /// - Throws: ``InvalidPattern`` for a letter that has no meaning here or an open quote.
  public init(_ pattern: String) throws {
    var elements: [Element] = []
    var literal: [UInt8] = []
    let bytes = Array(pattern.utf8)
    var at = 0
    func flush() {
      if !literal.isEmpty { elements.append(.text(literal)) }
      literal = []
    }
    while at < bytes.count {
      let byte = bytes[at]
      if byte == 0x27 {
        at = try DatePattern.takeQuoted(bytes, from: at, into: &literal)
      } else if byte < 0x80, Character(UnicodeScalar(byte)).isLetter {
        let count = bytes[at...].prefix { $0 == byte }.count
        flush()
        elements.append(try DatePattern.element(byte, count))
        at += count
      } else {
        literal.append(byte)
        at += 1
      }
    }
    flush()
    self.elements = elements
  }

  /// What nobody means by a pattern that can be read: the letters of month and minute taken for each other.
  public var mistake: (message: String, help: String)? {
    var (years, months, days, hours, minutes, seconds) = (0, 0, 0, 0, 0, 0)
    for element in elements {
      switch element {
      case .year: years += 1
      case .month: months += 1
      case .day: days += 1
      case .hour: hours += 1
      case .minute: minutes += 1
      case .second: seconds += 1
      case .fraction, .offset, .text: break
      }
    }
    if minutes > 0, months == 0, years > 0 || (days > 0 && hours == 0) {
      return ("the date pattern has the minute (mm) and no month", "write MM for the month")
    }
    if months > 0, minutes == 0, hours > 0, months > 1 || seconds > 0 || (years == 0 && days == 0) {
      return ("the date pattern has the month (MM) and no minute", "write mm for the minute")
    }
    return nil
  }

  private static func takeQuoted(_ bytes: [UInt8], from start: Int, into literal: inout [UInt8]) throws -> Int {
    if start + 1 < bytes.count, bytes[start + 1] == 0x27 {
      literal.append(0x27)
      return start + 2
    }
    guard let end = bytes[(start + 1)...].firstIndex(of: 0x27) else {
      throw InvalidPattern(description: "the quote in the date pattern is not closed")
    }
    literal += bytes[(start + 1)..<end]
    return end + 1
  }

  private static func element(_ letter: UInt8, _ count: Int) throws -> Element {
    switch (UnicodeScalar(letter), count) {
    case ("y", 1), ("y", 2), ("y", 4): return .year(count)
    case ("M", 1), ("M", 2): return .month(count)
    case ("d", 1), ("d", 2): return .day(count)
    case ("H", 1), ("H", 2): return .hour(count)
    case ("m", 1), ("m", 2): return .minute(count)
    case ("s", 1), ("s", 2): return .second(count)
    case ("S", 1...9): return .fraction(count)
    case ("X", 3): return .offset(colon: true, zulu: true)
    case ("x", 3): return .offset(colon: true, zulu: false)
    case ("X", 2): return .offset(colon: false, zulu: true)
    case ("x", 2), ("Z", 1...3): return .offset(colon: false, zulu: false)
    default:
      let text = String(repeating: Character(UnicodeScalar(letter)), count: count)
      throw InvalidPattern(
        description: "'\(text)' is not a date field; fields are yyyy, MM, dd, HH, mm, ss, SSS, XXX, and text in quotes")
    }
  }

  /// Writes a moment as clocks of a zone show it.
  public func format(_ time: Timestamp, in zone: Zone) -> String {
    let offset = zone.offset(at: time)
    let civil = CivilTime(time, offset: offset)
    var text = ByteBuffer(capacity: 40)
    for element in elements {
      switch element {
      case .year(2): text.appendDigits(civil.year % 100, width: 2)
      case .year(let width): text.appendDigits(civil.year, width: width)
      case .month(let width): text.appendDigits(civil.month, width: width)
      case .day(let width): text.appendDigits(civil.day, width: width)
      case .hour(let width): text.appendDigits(civil.hour, width: width)
      case .minute(let width): text.appendDigits(civil.minute, width: width)
      case .second(let width): text.appendDigits(civil.second, width: width)
      case .fraction(let width): text.append(String(String(1_000_000_000 + civil.nanosecond).dropFirst().prefix(width)))
      case .offset(let colon, let zulu):
        if zulu, offset == 0 {
          text.append(0x5A)
        } else {
          text.append(offset < 0 ? 0x2D : 0x2B)
          text.appendDigits(abs(offset) / 3_600, width: 2)
          if colon { text.append(0x3A) }
          text.appendDigits(abs(offset) % 3_600 / 60, width: 2)
        }
      case .text(let bytes): text.append(bytes)
      }
    }
    return text.takeString()
  }

  /// The moment a text of this pattern names; nil where the text is not of it or the date does not exist.
  ///
  /// Fields that the pattern lacks are those of 1970-01-01 00:00:00; an offset in the text wins over `zone`.
  public func parse(_ text: String, in zone: Zone) -> Timestamp? {
    var reader = DigitReader(Array(text.utf8))
    var civil = CivilTime(year: 1970, month: 1, day: 1)
    var offset: Int?
    for element in elements {
      switch element {
      case .year(2): civil.year = 2000 + reader.number(width: 2)
      case .year(let width): civil.year = reader.number(width: width == 1 ? 4 : width, exact: width != 1)
      case .month(let width): civil.month = reader.number(width: 2, exact: width == 2)
      case .day(let width): civil.day = reader.number(width: 2, exact: width == 2)
      case .hour(let width): civil.hour = reader.number(width: 2, exact: width == 2)
      case .minute(let width): civil.minute = reader.number(width: 2, exact: width == 2)
      case .second(let width): civil.second = reader.number(width: 2, exact: width == 2)
      case .fraction(let width):
        civil.nanosecond = (width..<9).reduce(reader.number(width: width)) { value, _ in value * 10 }
      case .offset(let colon, let zulu): offset = reader.offset(colon: colon, zulu: zulu)
      case .text(let bytes): reader.expect(bytes)
      }
    }
    guard reader.isWhole, civil.isValid else { return nil }
    let time = offset.map { civil.timestamp(offset: $0) } ?? zone.timestamp(civil)
    return Timestamp.range.contains(time) ? time : nil
  }
}

/// Reads the fields of a date text; once something does not fit, nothing does.
private struct DigitReader {
  private let bytes: [UInt8]
  private var at = 0
  private var failed = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isWhole: Bool { !failed && at == bytes.count }

  mutating func number(width: Int, exact: Bool = true) -> Int {
    var value = 0
    var digits = 0
    while digits < width, at < bytes.count, bytes[at] &- 0x30 < 10 {
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
      digits += 1
    }
    if digits == 0 || (exact && digits < width) { failed = true }
    return value
  }

  mutating func expect(_ text: [UInt8]) {
    if bytes.count - at >= text.count, bytes[at..<at + text.count].elementsEqual(text) {
      at += text.count
    } else {
      failed = true
    }
  }

  mutating func offset(colon: Bool, zulu: Bool) -> Int {
    if zulu, at < bytes.count, bytes[at] == 0x5A {
      at += 1
      return 0
    }
    guard at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D else {
      failed = true
      return 0
    }
    let sign = bytes[at] == 0x2D ? -1 : 1
    at += 1
    let hours = number(width: 2)
    if colon { expect([0x3A]) }
    let minutes = number(width: 2)
    if minutes > 59 || hours > 18 { failed = true }
    return sign * (hours * 3_600 + minutes * 60)
  }
}
