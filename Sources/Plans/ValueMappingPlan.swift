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

  /// A table of its parts; entries in any order.
  public init(
    name: String, entries: [(code: String, value: Value)], labels: [String: String], onMiss: Miss, fallback: Value?
  ) {
    self.name = name
    self.entries = .map(ValueMap(entries.sorted { $0.code < $1.code }.map { ($0.code, $0.value) }))
    self.labels = labels
    self.onMiss = onMiss
    self.fallback = fallback
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
  /// It waits for a person's release.
  case hold
}

/// How to ask a platform whether it has a record.
public struct LookupPlan: Codable, Sendable, Equatable {
  /// The HTTP method.
  public var method: String
  /// The path below the base URL.
  public var path: String
  /// Parameters of the URL; templates by name.
  public var query: [String: Value]
  /// Headers; templates by name.
  public var headers: [String: Value]
  /// The body; a template.
  public var body: Value?
  /// True where the platform has the record; over `response`.
  public var found: String
  /// The name it gave the record; over `response`.
  public var id: String?

  /// A lookup of its parts.
  public init(
    method: String, path: String, query: [String: Value], headers: [String: Value], body: Value?, found: String,
    id: String?
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.found = found
    self.id = id
  }
}
