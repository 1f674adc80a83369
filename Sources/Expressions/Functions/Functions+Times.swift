import Synchronization
import Values

extension Functions {
  static let times: [Function] =
    [
      Function(
        "timestamp", .global, arity: 1...3,
        [
          "timestamp(timestamp|string|int) -> timestamp", "timestamp(string, string) -> timestamp",
          "timestamp(string, string, string) -> timestamp",
        ],
        "The moment an RFC 3339 text, seconds since 1970 or a text of a pattern in a zone (else UTC) stand for.",
        example: "timestamp(record.modified, \"yyyy-MM-dd HH:mm:ss\", \"Asia/Shanghai\")", many: timestamp
      ).taking(.datePattern, at: 1).taking(.zone, at: 2),
      Function(
        "duration", .global, ["duration(duration|string) -> duration"],
        "The length of time a text stands for: 1h30m, 90s, 250ms.",
        example: "duration(\"1h30m\")", one: duration),
    ] + accessors

  private static let accessors: [Function] = [
    accessor("getFullYear", "The year.") { $0.year },
    accessor("getMonth", "The month, from 0 for January.") { $0.month - 1 },
    accessor("getDate", "The day of the month, from 1.") { $0.day },
    accessor("getDayOfMonth", "The day of the month, from 0.") { $0.day - 1 },
    accessor("getDayOfWeek", "The day of the week, from 0 for Sunday.") { $0.weekday },
    accessor("getDayOfYear", "The day of the year, from 0.") { $0.dayOfYear },
    accessor("getHours", "The hour of the day; of a duration, its whole hours.", { $0.hour }) { $0.seconds / 3_600 },
    accessor("getMinutes", "The minute of the hour; of a duration, its whole minutes.", { $0.minute }) {
      $0.seconds / 60
    },
    accessor("getSeconds", "The second of the minute; of a duration, its whole seconds.", { $0.second }) { $0.seconds },
    accessor("getMilliseconds", "The milliseconds of the second.", { $0.nanosecond / 1_000_000 }) {
      $0.nanoseconds / 1_000_000
    },
  ]

  private static func accessor(
    _ name: String, _ summary: String, _ field: @escaping @Sendable (CivilTime) -> Int,
    span: (@Sendable (TruncatedSpan) -> Int64)? = nil
  ) -> Function {
    var signatures = ["timestamp.\(name)() -> int", "timestamp.\(name)(string) -> int"]
    if span != nil { signatures.append("duration.\(name)() -> int") }
    return Function(
      name, .member, arity: 1...2, signatures, summary, example: "record.created.\(name)(\"Asia/Shanghai\")"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) -> Value in
      switch arguments[0] {
      case .timestamp(let time):
        let zone = try arguments.count == 2 ? zone(arguments[1]) : .utc
        return .int(Int64(field(CivilTime(time, offset: zone.offset(at: time)))))
      case .duration(let length):
        guard arguments.count == 1, let span else { throw Failure.noOverload }
        return .int(span(TruncatedSpan(length)))
      case .string:
        throw Failure(.noSuchOverload, help: { "write timestamp(x) around the text first" })
      default: throw Failure.noOverload
      }
    }.taking(.zone, at: 1)
  }

  private static func accessor(
    _ name: String, _ summary: String, _ field: @escaping @Sendable (CivilTime) -> Int,
    _ span: @escaping @Sendable (TruncatedSpan) -> Int64
  ) -> Function {
    accessor(name, summary, field, span: span)
  }

  private static func timestamp(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard arguments.count == 1 else { return try parse(arguments) }
    switch arguments[0] {
    case .timestamp: return arguments[0]
    case .int(let seconds):
      guard seconds.magnitude < 1 << 40 else { throw Failure.overflow("the timestamp is out of range") }
      return .timestamp(try Operators.checked(Timestamp(seconds: seconds)))
    case .string(let text):
      if let time = Timestamp(text) { return .timestamp(time) }
      throw Failure.invalid(
        "\(arguments[0].excerpt) is not a timestamp of RFC 3339",
        help: "for another form write timestamp(x, \"yyyy-MM-dd HH:mm:ss\", \"Asia/Shanghai\")")
    default: throw Failure.noOverload
    }
  }

  private static func parse(_ arguments: [Value]) throws(Failure) -> Value {
    guard case .string(let text) = arguments[0], case .string(let pattern) = arguments[1] else {
      throw Failure.noOverload
    }
    let zone = try arguments.count == 3 ? zone(arguments[2]) : .utc
    if let time = try datePattern(pattern).parse(text, in: zone) { return .timestamp(time) }
    throw Failure.invalid("\(arguments[0].excerpt) is not a time of the pattern \"\(pattern)\"")
  }

  private static func duration(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .duration: return value
    case .string(let text):
      guard let span = TimeSpan(text) else {
        throw Failure.invalid("\(value.excerpt) is not a duration", help: "write it as in 1h30m, 90s or 250ms")
      }
      return .duration(try Operators.checked(span))
    default: throw Failure.noOverload
    }
  }

  /// A moment as a pattern writes it.
  static func format(time arguments: [Value]) throws(Failure) -> Value {
    guard case .string(let pattern) = arguments[1] else { throw Failure.noOverload }
    guard case .timestamp(let time) = arguments[0] else {
      let isText = arguments[0].stringValue != nil
      throw Failure(.noSuchOverload) { isText ? "write timestamp(x) or timestamp(x, pattern, zone) first" : nil }
    }
    let zone = try arguments.count == 3 ? zone(arguments[2]) : .utc
    return .string(try datePattern(pattern).format(time, in: zone))
  }

  static func zone(_ name: Value) throws(Failure) -> Zone {
    guard case .string(let text) = name else { throw Failure.noOverload }
    if let zone = Zone(text) { return zone }
    throw Failure.invalid("\(name.excerpt) is not a time zone", help: "write Asia/Shanghai, UTC or +08:00")
  }

  private static let datePatterns = Mutex<[String: DatePattern]>([:])

  static func datePattern(_ text: String) throws(Failure) -> DatePattern {
    if let known = datePatterns.withLock({ $0[text] }) { return known }
    let pattern: DatePattern
    do {
      pattern = try DatePattern(text)
    } catch {
      throw Failure.invalid("\(error)")
    }
    datePatterns.withLock { patterns in
      // Patterns are written out in expressions; where they are made at run time they must not gather.
      if patterns.count >= 256 { patterns.removeAll() }
      patterns[text] = pattern
    }
    return pattern
  }
}

/// A span in whole seconds and the rest, both rounded towards zero.
private struct TruncatedSpan {
  let seconds: Int64
  let nanoseconds: Int64

  init(_ span: TimeSpan) {
    let borrows = span.seconds < 0 && span.nanoseconds > 0
    seconds = span.seconds + (borrows ? 1 : 0)
    nanoseconds = Int64(span.nanoseconds) - (borrows ? 1_000_000_000 : 0)
  }
}
