import Foundation
import Synchronization

/// A time zone by its name in the IANA database, or a fixed offset such as `+08:00`.
public struct Zone: Sendable, Hashable {
  /// The name as given.
  public let name: String
  private let fixedOffset: Int?
  private let rules: TimeZone?

  /// Coordinated universal time.
  public static let utc = Zone(name: "UTC", fixedOffset: 0, rules: nil)

  private init(name: String, fixedOffset: Int?, rules: TimeZone?) {
    self.name = name
    self.fixedOffset = fixedOffset
    self.rules = rules
  }

  /// The zone of a name; nil for a name that is neither an offset nor in the system's database.
  public init?(_ name: String) {
    if let known = Zone.cache.withLock({ $0[name] }) {
      self = known
      return
    }
    self.init(lookingUp: name)
    let found = self
    // Names come from files, seldom from records: the few there are stay, and a flood of others is not kept.
    Zone.cache.withLock { if $0.count < 1_000 { $0[name] = found } }
  }

  private init?(lookingUp name: String) {
    if name == "UTC" || name == "Z" {
      self = .utc
    } else if let offset = Zone.offset(name) {
      self.init(name: name, fixedOffset: offset, rules: nil)
    } else if let rules = Zone.known(name) {
      self.init(name: name, fixedOffset: nil, rules: rules)
    } else {
      return nil
    }
  }

  /// Whether local time is ahead of UTC by the same all the time.
  public var isFixed: Bool { fixedOffset != nil }

  /// How many seconds local time is ahead of UTC at a moment.
  public func offset(at time: Timestamp) -> Int {
    if let fixedOffset { return fixedOffset }
    return rules?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds))) ?? 0
  }

  /// The moment clocks of this zone show a civil time; the earlier one where they show it twice, and the moment after
  /// the gap where they never do.
  public func timestamp(_ civil: CivilTime) -> Timestamp {
    let guess = civil.timestamp(offset: 0)
    let before = offset(at: guess - TimeSpan(seconds: 86_400))
    let after = offset(at: guess + TimeSpan(seconds: 86_400))
    let early = civil.timestamp(offset: before)
    if offset(at: early) == before { return early }
    let late = civil.timestamp(offset: after)
    return offset(at: late) == after ? late : early
  }

  /// `+08:00`, `-0530`, `08:00` in seconds.
  private static func offset(_ text: String) -> Int? {
    var digits = Substring(text)
    var sign = 1
    if let first = digits.first, first == "+" || first == "-" {
      sign = first == "-" ? -1 : 1
      digits.removeFirst()
    }
    let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.map { Int($0) }
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hours = numbers[0], let minutes = numbers[1],
      (0...18).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }

  private static let cache = Mutex<[String: Zone]>([:])

  private static func known(_ name: String) -> TimeZone? {
    // Foundation also takes abbreviations and GMT+8 forms; only names of the database mean the same everywhere.
    guard name.utf8.count <= 64, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), name.first?.isLetter == true,
      name.contains("/") || name == "GMT"
    else { return nil }
    return TimeZone(identifier: name)
  }
}
