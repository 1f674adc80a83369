import Values

/// How long a platform wants to be left alone.
enum RetryAfter {
  /// A longer wait than this is not believed.
  static let longest = TimeSpan(seconds: 7 * 86_400)

  /// The wait a `Retry-After` header names: seconds, or a date (RFC 9110, section 10.2.3); nil for another text.
  static func span(_ text: String, now: Timestamp) -> TimeSpan? {
    if let seconds = Int64(text) { return bounded(TimeSpan(seconds: max(seconds, 0))) }
    return date(text).map { bounded($0 - now) }
  }

  /// The wait a value of an expression names: seconds or a duration; nil for another value.
  static func span(_ value: Value) -> TimeSpan? {
    switch value {
    case .int(let seconds): bounded(TimeSpan(seconds: max(seconds, 0)))
    case .duration(let span): bounded(span)
    case .string(let text): Int64(text).map { bounded(TimeSpan(seconds: max($0, 0))) }
    case .double(let seconds): bounded(seconds: seconds)
    case .decimal(let seconds): bounded(seconds: seconds.double)
    default: value.intValue.map { bounded(TimeSpan(seconds: max($0, 0))) }
    }
  }

  /// The whole seconds a value of an expression names; nil for another value.
  static func seconds(_ value: Value) -> Int64? {
    switch value {
    case .duration(let span): span.seconds
    case .string(let text): Int64(text)
    case .decimal(let number): number.double.isFinite ? Int64(min(max(number.double, 0), 1e12)) : nil
    case .double(let number): number.isFinite ? Int64(min(max(number, 0), 1e12)) : nil
    default: value.intValue
    }
  }

  private static func bounded(_ span: TimeSpan) -> TimeSpan { min(max(span, .zero), longest) }

  private static func bounded(seconds: Double) -> TimeSpan? {
    guard seconds.isFinite else { return nil }
    let longest = Double(RetryAfter.longest.seconds)
    return bounded(TimeSpan(milliseconds: Int64((min(max(seconds, 0), longest) * 1_000).rounded(.up))))
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The moment of a date as HTTP writes it today: `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func date(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
      let month = months.firstIndex(of: String(parts[2])),
      let year = Int(parts[3])
    else { return nil }
    let clock = parts[4].split(separator: ":").map { Int($0) }
    guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2] else { return nil }
    let time = CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    guard time.isValid, (1970...9999).contains(year) else { return nil }
    return time.timestamp()
  }
}
