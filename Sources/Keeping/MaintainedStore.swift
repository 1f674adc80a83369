/// A store that can be looked at from outside and brought up to date.
public protocol MaintainedStore: Sendable {
  /// What the store is, how large, and what it lacks.
  func info() async throws -> StoreInfo
  /// Makes what is missing; gives what was made, in words, and nothing where all was there.
  func migrate() async throws -> [String]
}

/// What a store is.
public struct StoreInfo: Sendable, Codable {
  /// How many of something there are.
  public struct Count: Sendable, Codable, Equatable {
    /// What is counted: `deployments`, `records of orders`, ...
    public var name: String
    /// How many.
    public var count: Int

    /// A count of its parts.
    public init(name: String, count: Int) {
      self.name = name
      self.count = count
    }
  }

  /// `sqlite` or `mongodb`.
  public var kind: String
  /// The file, or the servers and the database.
  public var place: String
  /// Whose records these are.
  public var tenant: String
  /// The version of its form.
  public var version: Int
  /// The version this program makes.
  public var newestVersion: Int
  /// The version of what keeps it: SQLite's library, MongoDB's server.
  public var engine: String
  /// How much room it takes.
  public var bytes: Int64
  /// How many of each kind of thing there are.
  public var counts: [Count]
  /// What ``MaintainedStore/migrate()`` would make.
  public var missing: [String]

  /// What a store is, of its parts.
  public init(
    kind: String, place: String, tenant: String, version: Int, newestVersion: Int, engine: String, bytes: Int64,
    counts: [Count], missing: [String]
  ) {
    self.kind = kind
    self.place = place
    self.tenant = tenant
    self.version = version
    self.newestVersion = newestVersion
    self.engine = engine
    self.bytes = bytes
    self.counts = counts
    self.missing = missing
  }
}
