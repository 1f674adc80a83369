import Values

extension Functions {
  /// Days and months as calendars count them somewhere: a day has 23 or 25 hours where clocks are changed.
  static let calendar: [Function] =
    [
      span("Day", "day") {
        CivilDay($0)
      } next: {
        $0.adding(days: 1)
      },
      span("Week", "week, which is on Monday,") { day in
        CivilDay(day).adding(days: -((day.weekday + 6) % 7))
      } next: {
        $0.adding(days: 7)
      },
      span("Month", "month") {
        CivilDay(year: $0.year, month: $0.month, day: 1)
      } next: {
        $0.adding(months: 1)
      },
      span("Year", "year") {
        CivilDay(year: $0.year, month: 1, day: 1)
      } next: {
        $0.adding(months: 12)
      },
    ].flatMap { $0 } + [
      moving("addDays", "The same time of day so many days later, or earlier for a number below 0.") {
        $0.adding(days: $1)
      },
      moving("addMonths", "The same time of day so many months later; the last day of a month that is too short.") {
        $0.adding(months: $1)
      },
      moving("addYears", "The same time of day so many years later; 28 February for a 29th that is not there.") {
        $0.adding(months: 12 * $1)
      },
      Function(
        "daysUntil", .member, arity: 2...3,
        ["timestamp.daysUntil(timestamp) -> int", "timestamp.daysUntil(timestamp, string) -> int"],
        "How many midnights of a zone (else UTC) lie between the moment and a later one; below 0 for an earlier one.",
        example: "record.created.daysUntil(timestamp(\"2026-02-03T12:00:00Z\"), \"Asia/Shanghai\")"
      ) { (arguments: [Value], _: inout Frame) throws(Failure) in
        guard case .timestamp(let from) = arguments[0], case .timestamp(let to) = arguments[1] else {
          throw noTime(arguments[0])
        }
        let zone = try arguments.count == 3 ? zone(arguments[2]) : .utc
        let days = CivilDay(try civil(to, zone)).number - CivilDay(try civil(from, zone)).number
        return .int(Int64(days))
      }.taking(.zone, at: 2),
    ]

  /// `startOf...` and `endOf...` of a span of the calendar.
  private static func span(
    _ name: String, _ noun: String, _ start: @escaping @Sendable (CivilTime) -> CivilDay,
    next: @escaping @Sendable (CivilDay) -> CivilDay
  ) -> [Function] {
    [
      point(
        "startOf\(name)", "The first moment of the \(noun) in a zone (else UTC).",
        start
      ) { $0 },
      point(
        "endOf\(name)",
        "The last whole second of the \(noun.replacing(", which is on Monday,", with: "")) in a zone (else UTC).",
        { next(start($0)) }
      ) { $0 - TimeSpan(seconds: 1) },
    ]
  }

  private static func point(
    _ name: String, _ summary: String, _ day: @escaping @Sendable (CivilTime) -> CivilDay,
    _ moment: @escaping @Sendable (Timestamp) -> Timestamp
  ) -> Function {
    Function(
      name, .member, arity: 1...2, ["timestamp.\(name)() -> timestamp", "timestamp.\(name)(string) -> timestamp"],
      summary, example: "record.created.\(name)(\"Asia/Shanghai\")"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      guard case .timestamp(let time) = arguments[0] else { throw noTime(arguments[0]) }
      let zone = try arguments.count == 2 ? zone(arguments[1]) : .utc
      let start = zone.timestamp(day(try civil(time, zone)).midnight)
      return .timestamp(try Operators.checked(moment(start)))
    }.taking(.zone, at: 1)
  }

  private static func moving(
    _ name: String, _ summary: String, _ move: @escaping @Sendable (CivilDay, Int) -> CivilDay
  ) -> Function {
    Function(
      name, .member, arity: 2...3,
      ["timestamp.\(name)(int) -> timestamp", "timestamp.\(name)(int, string) -> timestamp"], summary,
      example: "record.created.\(name)(1, \"Asia/Shanghai\")"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      guard case .timestamp(let time) = arguments[0] else { throw noTime(arguments[0]) }
      guard case .int(let count) = arguments[1] else { throw Failure.noOverload }
      guard count.magnitude < 4_000_000 else {
        throw Failure.overflow("the timestamp is out of range: years 0001 to 9999")
      }
      let zone = try arguments.count == 3 ? zone(arguments[2]) : .utc
      var civil = try civil(time, zone)
      let day = move(CivilDay(civil), Int(count))
      (civil.year, civil.month, civil.day) = (day.year, day.month, day.day)
      return .timestamp(try Operators.checked(zone.timestamp(civil)))
    }.taking(.zone, at: 2)
  }

  private static func civil(_ time: Timestamp, _ zone: Zone) throws(Failure) -> CivilTime {
    let time = try Operators.checked(time)
    return CivilTime(time, offset: zone.offset(at: time))
  }

  private static func noTime(_ value: Value) -> Failure {
    let isText = value.stringValue != nil
    return Failure(.noSuchOverload) { isText ? "write timestamp(x) or timestamp(x, pattern, zone) first" : nil }
  }
}

/// A day of the calendar.
private struct CivilDay {
  var year: Int
  var month: Int
  var day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  init(_ civil: CivilTime) { self.init(year: civil.year, month: civil.month, day: civil.day) }

  var midnight: CivilTime { CivilTime(year: year, month: month, day: day) }

  /// How many days the day is after 1970-01-01; a midnight is a whole number of days away.
  var number: Int { Int(midnight.timestamp().seconds / 86_400) }

  func adding(days: Int) -> CivilDay {
    CivilDay(CivilTime(midnight.timestamp() + TimeSpan(seconds: Int64(days) * 86_400)))
  }

  /// The same day of another month, or its last.
  func adding(months: Int) -> CivilDay {
    let total = year * 12 + month - 1 + months
    let year = total >= 0 ? total / 12 : (total - 11) / 12
    let month = total - year * 12 + 1
    return CivilDay(year: year, month: month, day: min(day, CivilTime.days(inMonth: month, of: year)))
  }
}
