/// A moment, to the nanosecond: seconds and nanoseconds since 1970-01-01T00:00:00Z.
@frozen
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Whole seconds since the epoch, rounded down.
  public let seconds: Int64
  /// The rest, 0 to 999,999,999.
  public let nanoseconds: Int32

  /// A moment given in seconds and nanoseconds since the epoch; surplus nanoseconds carry over.
  public init(seconds: Int64, nanoseconds: Int64 = 0) {
    let (carry, rest) = nanoseconds.flooredDivision(by: 1_000_000_000)
    self.seconds = seconds + carry
    self.nanoseconds = Int32(rest)
  }

  /// A moment given in milliseconds since the epoch.
  public init(milliseconds: Int64) {
    let (seconds, rest) = milliseconds.flooredDivision(by: 1_000)
    self.init(seconds: seconds, nanoseconds: rest * 1_000_000)
  }

  /// Whole milliseconds since the epoch, rounded down.
  public var milliseconds: Int64 { seconds * 1_000 + Int64(nanoseconds) / 1_000_000 }

  /// Year 1 to year 9999, the moments RFC 3339 can write.
  public static let range =
    Timestamp(seconds: -62_135_596_800)...Timestamp(seconds: 253_402_300_799, nanoseconds: 999_999_999)

  /// Earlier before later.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// The moment a span later.
  public static func + (time: Timestamp, span: TimeSpan) -> Timestamp {
    Timestamp(seconds: time.seconds + span.seconds, nanoseconds: Int64(time.nanoseconds) + Int64(span.nanoseconds))
  }

  /// The moment a span earlier.
  public static func - (time: Timestamp, span: TimeSpan) -> Timestamp {
    Timestamp(seconds: time.seconds - span.seconds, nanoseconds: Int64(time.nanoseconds) - Int64(span.nanoseconds))
  }

  /// How far apart two moments are.
  public static func - (left: Timestamp, right: Timestamp) -> TimeSpan {
    TimeSpan(
      seconds: left.seconds - right.seconds, nanoseconds: Int64(left.nanoseconds) - Int64(right.nanoseconds))
  }
}

/// A length of time, to the nanosecond; may be negative.
@frozen
public struct TimeSpan: Sendable, Hashable, Comparable {
  /// Whole seconds, rounded down.
  public let seconds: Int64
  /// The rest, 0 to 999,999,999.
  public let nanoseconds: Int32

  /// A span given in seconds and nanoseconds; surplus nanoseconds carry over.
  public init(seconds: Int64, nanoseconds: Int64 = 0) {
    let (carry, rest) = nanoseconds.flooredDivision(by: 1_000_000_000)
    self.seconds = seconds + carry
    self.nanoseconds = Int32(rest)
  }

  /// A span given in milliseconds.
  public init(milliseconds: Int64) {
    let (seconds, rest) = milliseconds.flooredDivision(by: 1_000)
    self.init(seconds: seconds, nanoseconds: rest * 1_000_000)
  }

  /// Whole milliseconds, rounded down; the largest or smallest number for a span of more.
  public var milliseconds: Int64 {
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
    let (sum, isBeyond) = product.addingReportingOverflow(Int64(nanoseconds) / 1_000_000)
    return isTooLong || isBeyond ? seconds < 0 ? .min : .max : sum
  }

  /// The span for the standard library's clocks.
  public var duration: Duration { .seconds(seconds) + .nanoseconds(Int64(nanoseconds)) }

  /// No time at all.
  public static let zero = TimeSpan(seconds: 0)

  /// Shorter before longer.
  public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Both spans one after the other.
  public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(
      seconds: left.seconds + right.seconds, nanoseconds: Int64(left.nanoseconds) + Int64(right.nanoseconds))
  }

  /// What is left of a span.
  public static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(
      seconds: left.seconds - right.seconds, nanoseconds: Int64(left.nanoseconds) - Int64(right.nanoseconds))
  }
}

extension TimeSpan: CustomStringConvertible {
  /// Seconds with the fraction that is needed, as Protocol Buffers writes durations in JSON: `90s`, `0.500s`, `-1.5s`.
  public var description: String {
    var whole = seconds
    var nanos = Int64(nanoseconds)
    let isNegative = whole < 0
    if isNegative, nanos > 0 {
      whole += 1
      nanos = 1_000_000_000 - nanos
    }
    return "\(isNegative ? "-" : "")\(whole.magnitude)\(fractionText(nanos))s"
  }

  /// The span a text of numbers with units stands for: `1h30m`, `1.5s`, `250ms`, `2d`; nil for any other text.
  ///
  /// Units are those of CEL's `duration()` (Go's `time.ParseDuration`): `h`, `m`, `s`, `ms`, `us`, `ns`; with `days`, also
  /// `d` for 24 hours, as declarations write windows.
  public init?(_ text: String, days: Bool = false) {
    var rest = Substring(text)
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest.removeFirst()
    }
    if rest == "0" {
      self = .zero
      return
    }
    guard !rest.isEmpty, rest.utf8.count <= 64 else { return nil }
    var total: Int128 = 0
    while !rest.isEmpty {
      guard let nanoseconds = TimeSpan.takeTerm(from: &rest, days: days) else { return nil }
      total += nanoseconds
    }
    if isNegative { total = -total }
    let (seconds, nanos) = total.flooredDivision(by: 1_000_000_000)
    guard let seconds = Int64(exactly: seconds) else { return nil }
    self.init(seconds: seconds, nanoseconds: Int64(nanos))
  }

  private static let units: [(name: String, nanoseconds: Int128)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
  ]

  private static func takeTerm(from rest: inout Substring, days: Bool) -> Int128? {
    let number = rest.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    rest = rest.dropFirst(number.count)
    let name = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(name.count)
    guard let unit = units.first(where: { $0.name == name && (days || $0.name != "d") }) else { return nil }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), number.utf8.contains(where: { $0 != 0x2E }) else { return nil }
    guard let whole = parts[0].isEmpty ? 0 : Int128(parts[0]) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
    guard !overflow, product < Int128(1) << 100 else { return nil }
    var result = product
    if parts.count == 2 {
      var place = unit.nanoseconds
      for digit in parts[1].utf8 {
        guard digit &- 0x30 < 10 else { return nil }
        place /= 10
        result += place * Int128(digit - 0x30)
      }
    }
    return result
  }
}

/// `.5`-like fraction of a second with 3, 6 or 9 digits; nothing for zero.
func fractionText(_ nanoseconds: Int64) -> String {
  if nanoseconds == 0 { return "" }
  let digits = String(1_000_000_000 + nanoseconds).dropFirst()
  if nanoseconds % 1_000_000 == 0 { return "." + digits.prefix(3) }
  if nanoseconds % 1_000 == 0 { return "." + digits.prefix(6) }
  return "." + digits
}

extension BinaryInteger {
  /// Quotient rounded down and a remainder that is never negative.
  func flooredDivision(by divisor: Self) -> (Self, Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
