public import Values

/// What goes wrong at a stand-in, and how often.
///
/// Faults meet the vendor's calls only, never the `/_sandbox/` ones. Each request draws the same count of random numbers, so
/// with one request at a time a run with a seed can be repeated.
public struct StandInFaults: Sendable, Hashable {
  /// How long each answer is held back.
  public var latency: Duration
  /// More requests in a second get HTTP 429 with `Retry-After: 1`; nil sets no limit.
  public var requestsPerSecond: Int?
  /// How often, 0 to 1, a request gets HTTP 500 and nothing is saved.
  public var errorBeforeSavingRate: Double
  /// How often, 0 to 1, a request is carried out and gets HTTP 500 all the same.
  public var errorAfterSavingRate: Double
  /// How often, 0 to 1, a request is carried out and its connection closed without an answer.
  public var dropAfterSavingRate: Double
  /// How many of the next writes are carried out and get no answer.
  ///
  /// Those after them do again. A write is any call but GET and
  /// the one for a token.
  public var dropNextWrites = 0
  /// How many of the next writes get HTTP 500 and are not carried out, before those that get no answer.
  public var errorNextWrites = 0
  /// How long the ERP's search does not find a new voucher.
  public var searchLag = Duration.zero
  /// Where the random numbers start.
  public var seed: UInt64

  /// Faults; without arguments none.
  public init(
    latency: Duration = .zero, requestsPerSecond: Int? = nil, errorBeforeSavingRate: Double = 0,
    errorAfterSavingRate: Double = 0, dropAfterSavingRate: Double = 0, seed: UInt64 = 1
  ) {
    self.latency = latency
    self.requestsPerSecond = requestsPerSecond
    self.errorBeforeSavingRate = errorBeforeSavingRate
    self.errorAfterSavingRate = errorAfterSavingRate
    self.dropAfterSavingRate = dropAfterSavingRate
    self.seed = seed
  }
}

extension StandInFaults {
  /// As `GET /_sandbox/faults` shows them.
  public var value: Value {
    [
      "latencyMilliseconds": .int(StandInFaults.milliseconds(latency)),
      "requestsPerSecond": requestsPerSecond.map { .int(Int64($0)) } ?? .null,
      "errorBeforeSavingRate": .double(errorBeforeSavingRate),
      "errorAfterSavingRate": .double(errorAfterSavingRate),
      "dropAfterSavingRate": .double(dropAfterSavingRate),
      "dropNextWrites": .int(Int64(dropNextWrites)),
      "errorNextWrites": .int(Int64(errorNextWrites)),
      "searchLagMilliseconds": .int(StandInFaults.milliseconds(searchLag)),
      "seed": .uint(seed),
    ]
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
  }

  /// Takes over what a JSON object names, and leaves the rest.
  ///
  /// - Returns: What is wrong with the object, in words; nothing is taken over then.
  mutating func update(from value: Value) -> String? {
    guard let map = value.mapValue else { return "a JSON object is expected" }
    var changed = self
    for (key, value) in map.entries {
      guard case .string(let name) = key else { continue }
      let isTaken =
        switch name {
        case "latencyMilliseconds": StandInFaults.take(value, into: &changed.latency)
        case "searchLagMilliseconds": StandInFaults.take(value, into: &changed.searchLag)
        case "dropNextWrites": StandInFaults.take(value, into: &changed.dropNextWrites)
        case "errorNextWrites": StandInFaults.take(value, into: &changed.errorNextWrites)
        case "requestsPerSecond": changed.takeLimit(value)
        case "errorBeforeSavingRate": StandInFaults.take(value, into: &changed.errorBeforeSavingRate)
        case "errorAfterSavingRate": StandInFaults.take(value, into: &changed.errorAfterSavingRate)
        case "dropAfterSavingRate": StandInFaults.take(value, into: &changed.dropAfterSavingRate)
        case "seed": changed.takeSeed(value)
        default: false
        }
      if !isTaken { return "\"\(name)\" is unknown or its value is not one it can have" }
    }
    self = changed
    return nil
  }

  private static func take(_ value: Value, into duration: inout Duration) -> Bool {
    guard let number = value.intValue, (0...600_000).contains(number) else { return false }
    duration = .milliseconds(number)
    return true
  }

  private static func take(_ value: Value, into count: inout Int) -> Bool {
    guard let number = value.intValue, (0...1_000_000).contains(number) else { return false }
    count = Int(number)
    return true
  }

  private mutating func takeLimit(_ value: Value) -> Bool {
    if value.isNull {
      requestsPerSecond = nil
      return true
    }
    guard let number = value.intValue, (1...1_000_000).contains(number) else { return false }
    requestsPerSecond = Int(number)
    return true
  }

  private mutating func takeSeed(_ value: Value) -> Bool {
    switch value {
    case .int(let number) where number >= 0: seed = UInt64(number)
    case .uint(let number): seed = number
    case .decimal(let number):
      // Above 2^63 a whole number of a JSON text is a decimal.
      guard let whole = UInt64(number.description) else { return false }
      seed = whole
    default: return false
    }
    return true
  }

  private static func take(_ value: Value, into rate: inout Double) -> Bool {
    let number: Double? =
      switch value {
      case .int(let number): Double(number)
      case .decimal(let number): number.double
      case .double(let number): number
      default: nil
      }
    guard let number, (0...1).contains(number) else { return false }
    rate = number
    return true
  }
}
