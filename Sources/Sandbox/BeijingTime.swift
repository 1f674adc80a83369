import Values

/// Times of day in Beijing, to the second, as the shop writes them: `2026-10-03 11:22:33`.
enum BeijingTime {
  /// Eight hours ahead of UTC, all year.
  private static let offset = 8 * 3_600

  /// The seconds since 1970 of a text; nil for one of another form or of no such day.
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 19, bytes[10] == 0x20, bytes[13] == 0x3A, bytes[16] == 0x3A, let day = day(bytes[..<10]),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19])
    else { return nil }
    let time = CivilTime(
      year: day.year, month: day.month, day: day.day, hour: hour, minute: minute, second: second)
    return time.isValid ? time.timestamp(offset: offset).seconds : nil
  }

  /// The seconds since 1970 at which a day, `1997-01-31`, begins; nil for another text.
  static func midnight(_ text: String) -> Int64? {
    guard let day = day(Array(text.utf8)[...]), day.isValid else { return nil }
    return day.timestamp(offset: offset).seconds
  }

  /// The text of seconds since 1970.
  static func text(_ seconds: Int64) -> String {
    let time = CivilTime(Timestamp(seconds: seconds), offset: offset)
    return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2)) "
      + "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
  }

  private static func day(_ bytes: ArraySlice<UInt8>) -> CivilTime? {
    let start = bytes.startIndex
    guard bytes.count == 10, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
      let year = number(bytes[start..<start + 4]), let month = number(bytes[start + 5..<start + 7]),
      let day = number(bytes[start + 8..<start + 10])
    else { return nil }
    return CivilTime(year: year, month: month, day: day)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    var number = 0
    for byte in bytes {
      guard byte &- 0x30 < 10 else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    return number
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
