import Values

/// When something is due: minute, hour, day of the month, month and day of the week, as `crontab` has them, or a name such
/// as `@hourly`.
///
/// Each field takes `*`, numbers, ranges `a-b`, steps `*/n`, `a-b/n` and `a/n`, and lists of these; months and weekdays take
/// names, and Sunday is 0 or 7. The day of the month takes `L` too, the last day, and the day of the week `5L`, the last
/// Friday, and `mon#2`, the second Monday.
///
/// Where both day fields are given, a day needs one of them; where one of them begins with `*`, it needs both (as Vixie's
/// cron has it).
public struct CronExpression: Sendable, Hashable {
  /// The expression as it was written.
  public let text: String
  let minutes: CronSet
  let hours: CronSet
  let days: CronSet
  let months: CronSet
  let weekdays: CronSet

  private static let names = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]

  /// Reads an expression.
  ///
  /// - Throws: ``CronError`` where the text is none, or names a day that never comes.
  public init(_ text: String) throws(CronError) {
    guard text.utf8.count <= 1_000 else {
      throw CronError("the text is longer than 1,000 bytes", help: "write five fields such as 0 */2 * * *")
    }
    self.text = text
    let fields = try CronExpression.meaning(of: text).split { $0 == " " || $0 == "\t" }
    guard fields.count == 5 else {
      let reason =
        fields.count == 6 || fields.count == 7
        ? "\(fields.count) fields; seconds and years are not known" : "no five fields"
      throw CronError(
        "'\(text.prefix(100))' has \(reason)", help: "write minute, hour, day, month and weekday such as 0 */2 * * *")
    }
    minutes = try CronSet(fields[0], .minute)
    hours = try CronSet(fields[1], .hour)
    days = try CronSet(fields[2], .day)
    months = try CronSet(fields[3], .month)
    weekdays = try CronSet(fields[4], .weekday)
    guard nextCivil(from: CivilTime(year: 2000, month: 1, day: 1)) != nil else {
      throw CronError("'\(text.prefix(100))' names a day that never comes", help: "choose a day the months have")
    }
  }

  private static func meaning(of text: String) throws(CronError) -> String {
    guard text.hasPrefix("@") else { return text }
    guard let meaning = names[text.lowercased()] else {
      throw CronError(
        "'\(text.prefix(40))' is not known", help: "there is \(names.keys.sorted().joined(separator: ", "))")
    }
    return meaning
  }

  /// Whether it means times of day, not times that go by: neither its minute nor its hour begins with `*`.
  public var hasFixedTimes: Bool { !minutes.beginsWithStar && !hours.beginsWithStar }

  // MARK: - The calendar

  /// How many years without a day that fits mean that there is none: 29 February of one weekday comes every 28 years, or 40
  /// around a year like 2100.
  private static let mostYears = 41

  /// The first minute that fits, from a civil time on; its seconds are not looked at.
  func nextCivil(from start: CivilTime) -> CivilTime? {
    var (year, month, day) = (start.year, start.month, start.day)
    var (hour, minute) = (start.hour, start.minute)
    while year <= start.year + CronExpression.mostYears {
      guard months.contains(month) else {
        (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
        (day, hour, minute) = (1, 0, 0)
        continue
      }
      let fitting = fittingDays(year, month)
      while day <= 31, fitting >> UInt32(day) != 0 {
        if fitting >> UInt32(day) & 1 == 1, let (hour, minute) = time(from: hour, minute) {
          return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
        }
        (day, hour, minute) = (day + 1, 0, 0)
      }
      (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
      (day, hour, minute) = (1, 0, 0)
    }
    return nil
  }

  /// The last minute that fits, up to a civil time.
  func previousCivil(upTo end: CivilTime) -> CivilTime? {
    var (year, month, day) = (end.year, end.month, end.day)
    var (hour, minute) = (end.hour, end.minute)
    while year >= end.year - CronExpression.mostYears {
      let fitting = months.contains(month) ? fittingDays(year, month) : 0
      while day >= 1, fitting & (UInt32.max >> UInt32(31 - day)) != 0 {
        if fitting >> UInt32(day) & 1 == 1, let (hour, minute) = time(upTo: hour, minute) {
          return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
        }
        (day, hour, minute) = (day - 1, 23, 59)
      }
      (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
      (day, hour, minute) = (31, 23, 59)
    }
    return nil
  }

  private func time(from hour: Int, _ minute: Int) -> (Int, Int)? {
    if hours.contains(hour), let minute = minutes.first(from: minute) { return (hour, minute) }
    guard let hour = hours.first(from: hour + 1), let minute = minutes.first(from: 0) else { return nil }
    return (hour, minute)
  }

  private func time(upTo hour: Int, _ minute: Int) -> (Int, Int)? {
    if hours.contains(hour), let minute = minutes.last(upTo: minute) { return (hour, minute) }
    guard let hour = hours.last(upTo: hour - 1), let minute = minutes.last(upTo: 59) else { return nil }
    return (hour, minute)
  }

  /// The days of a month that fit, as bits.
  private func fittingDays(_ year: Int, _ month: Int) -> UInt32 {
    let count = CivilTime.days(inMonth: month, of: year)
    let firstWeekday = CivilTime(year: year, month: month, day: 1).weekday
    let both = days.beginsWithStar || weekdays.beginsWithStar
    var fitting: UInt32 = 0
    for day in 1...count {
      let dayFits = days.contains(day) || (days.hasLastDay && day == count)
      let weekday = (firstWeekday + day - 1) % 7
      let weekdayFits = fits(weekday, day, of: count)
      if both ? dayFits && weekdayFits : dayFits || weekdayFits { fitting |= 1 << UInt32(day) }
    }
    return fitting
  }

  private func fits(_ weekday: Int, _ day: Int, of count: Int) -> Bool {
    if weekdays.contains(weekday) { return true }
    let bit = UInt8(1) << UInt8(weekday)
    if weekdays.lastWeekdays & bit != 0, day + 7 > count { return true }
    return !weekdays.numberedWeekdays.isEmpty && weekdays.numberedWeekdays[(day - 1) / 7] & bit != 0
  }
}
