/// A date and a time of day as a calendar shows them somewhere: no zone, Gregorian, proleptic.
public struct CivilTime: Sendable, Hashable {
  /// The year; 0 is 1 BC.
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int
  /// 0 to 23.
  public var hour: Int
  /// 0 to 59.
  public var minute: Int
  /// 0 to 59.
  public var second: Int
  /// 0 to 999,999,999.
  public var nanosecond: Int

  /// A civil time of its parts, which are taken as they are.
  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, nanosecond: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.nanosecond = nanosecond
  }

  /// What calendar and clock show at a moment where local time is `offset` seconds ahead of UTC.
  public init(_ time: Timestamp, offset: Int = 0) {
    let local = time.seconds + Int64(offset)
    let (days, secondOfDay) = local.flooredDivision(by: 86_400)
    let (year, month, day) = CivilTime.date(daysSinceEpoch: Int(days))
    self.init(
      year: year, month: month, day: day, hour: Int(secondOfDay / 3_600), minute: Int(secondOfDay % 3_600 / 60),
      second: Int(secondOfDay % 60), nanosecond: Int(time.nanoseconds))
  }

  /// The moment this is where local time is `offset` seconds ahead of UTC.
  public func timestamp(offset: Int = 0) -> Timestamp {
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    return Timestamp(
      seconds: Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset),
      nanoseconds: Int64(nanosecond))
  }

  /// True where such a day exists and the time of day is one a clock shows.
  public var isValid: Bool {
    (1...12).contains(month) && day >= 1 && day <= CivilTime.days(inMonth: month, of: year) && (0...23).contains(hour)
      && (0...59).contains(minute) && (0...59).contains(second) && (0...999_999_999).contains(nanosecond)
  }

  /// 0 for Sunday to 6 for Saturday.
  public var weekday: Int {
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    return (days + 4).flooredDivision(by: 7).1
  }

  /// 0 for 1 January.
  public var dayOfYear: Int {
    CivilTime.daysSinceEpoch(year: year, month: month, day: day)
      - CivilTime.daysSinceEpoch(year: year, month: 1, day: 1)
  }

  /// How many days a month has.
  public static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 to a date.
  ///
  /// days_from_civil of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = shifted.flooredDivision(by: 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date so many days after 1970-01-01.
  ///
  /// civil_from_days of the same source.
  static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC, with the fraction that is needed: `2026-11-24T03:10:14Z`.
  public var description: String {
    let civil = CivilTime(self)
    var text = ByteBuffer(capacity: 32)
    text.appendDigits(civil.year, width: 4)
    text.append(0x2D)
    text.appendDigits(civil.month, width: 2)
    text.append(0x2D)
    text.appendDigits(civil.day, width: 2)
    text.append(0x54)
    text.appendDigits(civil.hour, width: 2)
    text.append(0x3A)
    text.appendDigits(civil.minute, width: 2)
    text.append(0x3A)
    text.appendDigits(civil.second, width: 2)
    if nanoseconds != 0 { text.append(fractionText(Int64(nanoseconds))) }
    text.append(0x5A)
    return text.takeString()
  }

  /// The moment an RFC 3339 text names (section 5.6; a leap second is not accepted); nil for any other text.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 40 else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard byte &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A, bytes[16] == 0x3A,
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
    else { return nil }
    var at = 19
    var nanosecond = 0
    if bytes[at] == 0x2E {
      at += 1
      var place = 100_000_000
      let start = at
      while at < bytes.count, bytes[at] &- 0x30 < 10 {
        nanosecond += Int(bytes[at] - 0x30) * place
        place /= 10
        at += 1
      }
      guard (1...9).contains(at - start) else { return nil }
    }
    guard at < bytes.count else { return nil }
    var offset = 0
    if bytes[at] | 0x20 == 0x7A {
      guard at + 1 == bytes.count else { return nil }
    } else {
      guard bytes[at] == 0x2B || bytes[at] == 0x2D, at + 6 == bytes.count, bytes[at + 3] == 0x3A,
        let hours = number(at + 1..<at + 3), let minutes = number(at + 4..<at + 6), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 3_600 + minutes * 60) * (bytes[at] == 0x2D ? -1 : 1)
    }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)
    guard civil.isValid else { return nil }
    let time = civil.timestamp(offset: offset)
    guard Timestamp.range.contains(time) else { return nil }
    self = time
  }
}

extension ByteBuffer {
  /// Writes a number that is not negative, with leading zeros up to a width.
  mutating func appendDigits(_ number: Int, width: Int) {
    let digits = String(number)
    for _ in 0..<max(0, width - digits.utf8.count) { append(0x30) }
    append(digits)
  }
}
