public import Values

/// One code table of a plan.
public struct ValueMappingPlan: Codable, Sendable, Equatable {
  /// What becomes of a record with a code that is not there.
  public enum Miss: String, Codable, Sendable, CaseIterable {
    /// It waits until there is an entry.
    case wait
    /// It fails.
    case fail
    /// It keeps the code as it is.
    case keep
    /// It takes the default.
    case `default`
  }

  /// The value mapping's name.
  public var name: String
  /// What each code becomes; a map, sorted by code.
  public var entries: Value
  /// What people call the codes.
  public var labels: [String: String]
  /// What becomes of a record with a code that is not there.
  public var onMiss: Miss
  /// What such a code becomes, where it is to become something.
  public var fallback: Value?
  /// True where only declared entries count; nil where entries kept in the store win.
  public var isLocked: Bool?

  /// A table of its parts; entries in any order.
  public init(
    name: String, entries: [(code: String, value: Value)], labels: [String: String], onMiss: Miss, fallback: Value?,
    isLocked: Bool = false
  ) {
    self.name = name
    self.entries = .map(ValueMap(entries.sorted { $0.code < $1.code }.map { ($0.code, $0.value) }))
    self.labels = labels
    self.onMiss = onMiss
    self.fallback = fallback
    self.isLocked = isLocked ? true : nil
  }
}

/// A second, wider pull that only fills gaps.
public struct RemedyPlan: Codable, Sendable, Equatable {
  /// When it runs, in cron's form.
  public var schedule: String
  /// How far back it reads.
  public var lookBackMilliseconds: Int64

  /// A remedy of its parts.
  public init(schedule: String, lookBackMilliseconds: Int64) {
    self.schedule = schedule
    self.lookBackMilliseconds = lookBackMilliseconds
  }
}

/// What becomes of a record that changed after it was sent.
public enum ChangePolicy: String, Codable, Sendable, CaseIterable {
  /// It is sent again.
  case update
  /// It is kept as it is now, and not sent.
  case ignore
  /// It is held until a person releases it.
  case hold
}
