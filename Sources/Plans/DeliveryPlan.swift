public import Values

/// How a record that may have been written is found at the target.
public struct TargetLookupPlan: Codable, Sendable, Equatable {
  /// The query that finds it.
  public var api: APIPlan
  /// The query's parameters; templates over `key`, `keys` and the write's `with`.
  public var with: Value
  /// What a record is looked up by; over `document`, `idempotencyKey`, `delivered` and `with`.
  public var by: String
  /// What of a found record is compared with that; over `record`.
  public var key: String
  /// The name the target gave a found record; over `record`.
  public var id: String?
  /// How many are looked up with one request.
  public var maximum: Int
  /// How long the target may take to find what it was given.
  public var lagMilliseconds: Int64
  /// How often it is looked for before it counts as not there.
  public var tries: Int
  /// True where it is looked for before the first sending too.
  public var checksFirst: Bool

  /// A lookup of its parts.
  public init(
    api: APIPlan, with: Value, by: String, key: String, id: String?, maximum: Int, lagMilliseconds: Int64, tries: Int,
    checksFirst: Bool
  ) {
    self.api = api
    self.with = with
    self.by = by
    self.key = key
    self.id = id
    self.maximum = maximum
    self.lagMilliseconds = lagMilliseconds
    self.tries = tries
    self.checksFirst = checksFirst
  }
}

/// A call of a hub beside its write.
public struct CallPlan: Codable, Sendable, Equatable {
  /// The call.
  public var api: APIPlan
  /// Its parameters.
  public var with: Value

  /// A call of its parts.
  public init(api: APIPlan, with: Value) {
    self.api = api
    self.with = with
  }
}

/// A call that follows a write that succeeded.
public struct FollowUpPlan: Codable, Sendable, Equatable {
  /// Its name, unique in its hub.
  public var name: String
  /// The call.
  public var call: CallPlan
  /// True where it may be made again when nobody knows whether it was carried out.
  public var isRepeatable: Bool

  /// A follow-up of its parts.
  public init(name: String, call: CallPlan, isRepeatable: Bool) {
    self.name = name
    self.call = call
    self.isRepeatable = isRepeatable
  }
}

/// How a record that was delivered is taken back.
public struct VoidPlan: Codable, Sendable, Equatable {
  /// True for a record that is to be taken back; over `record`.
  ///
  /// Nil for one that the hub no longer selects.
  public var when: String?
  /// The call.
  public var call: CallPlan
  /// True where delivered records that the source has no more are taken back too; nil for false.
  public var takesBackVanished: Bool?

  /// A void of its parts.
  public init(when: String?, call: CallPlan, takesBackVanished: Bool = false) {
    self.when = when
    self.call = call
    self.takesBackVanished = takesBackVanished ? true : nil
  }
}

/// How many records become one document.
public struct GroupPlan: Codable, Sendable, Equatable {
  /// What the records of one document have in common; over `record`.
  public var by: String
  /// How many lines of the document a record makes, one where this is nil; over `record`.
  public var lines: String?
  /// The most lines a document has.
  public var maximumLines: Int?
  /// How long a document is kept open for further records; nil where it is sent with what there is.
  public var waitMilliseconds: Int64?

  /// A grouping of its parts.
  public init(by: String, lines: String?, maximumLines: Int?, waitMilliseconds: Int64? = nil) {
    self.waitMilliseconds = waitMilliseconds
    self.by = by
    self.lines = lines
    self.maximumLines = maximumLines
  }
}

/// What is written back when the target has a record.
public struct WriteBackPlan: Codable, Sendable, Equatable {
  /// The connector it is written to.
  public var connector: String
  /// The call.
  public var call: CallPlan
  /// The document; a template over the source record.
  public var document: Value?

  /// A write-back of its parts.
  public init(connector: String, call: CallPlan, document: Value?) {
    self.connector = connector
    self.call = call
    self.document = document
  }
}

extension HubPlan {
  /// The connectors the hub uses.
  public var connectorNames: Set<String> {
    Set([source.connector, target.connector, writeBack?.connector].compactMap(\.self))
  }
}
