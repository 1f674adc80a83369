public import Values

/// What a person does to a store, and why: each call that changes something for a person carries one.
public struct Act: Sendable {
  /// The number its entry in the audit log has; nil until something was changed.
  ///
  /// A large act is made in several calls, and each hands the number of the one before on.
  public var number: Int64?
  /// What is done: `task.retry`, `record.purge`, `value.set`, `deploy`, ...
  public var action: String
  /// Who does it: the user's name and the machine's.
  public var by: String
  /// Why, in the person's words.
  public var reason: String?
  /// The hub it is about, where it is about one.
  public var hub: String?
  /// What else is to be kept of it: the filter it was chosen with, the generation, ...
  public var details: Value?
  /// When.
  public var at: Timestamp
  /// True where nothing of it is kept: it shows what would be changed, and what would be left.
  public var isTrial = false

  /// An act of its parts.
  public init(
    _ action: String, by: String, reason: String? = nil, hub: String? = nil, details: Value? = nil, at: Timestamp
  ) {
    self.action = action
    self.by = by
    self.reason = reason
    self.hub = hub
    self.details = details
    self.at = at
  }
}

/// Which acts to show.
public struct AuditFilter: Sendable {
  /// Only this number.
  public var number: Int64?
  /// Only those that changed this: `task 42`, `record orders/CD000001`, `value customers/10001`.
  public var subject: String?
  /// Only actions that begin with this: `task`, `record.purge`.
  public var action: String?
  /// Only those of this user, with or without the machine.
  public var by: String?
  /// Only those about this hub.
  public var hub: String?
  /// Only since.
  public var since: Timestamp?
  /// The most to show.
  public var limit: Int

  /// All acts, newest first.
  public init(limit: Int = 50) { self.limit = limit }
}

/// One act in the audit log.
public struct AuditEntry: Sendable, Codable, Equatable {
  /// Its number; the log is in their order.
  public var number: Int64
  /// When; RFC 3339.
  public var at: String
  /// Who: the user's name and the machine's.
  public var by: String
  /// What was done.
  public var action: String
  /// The hub it was about.
  public var hub: String?
  /// Why, in the person's words.
  public var reason: String?
  /// What else was kept of it.
  public var details: Value?
  /// How many things were changed.
  public var changed: Int

  /// An entry of its parts.
  public init(
    number: Int64, at: String, by: String, action: String, hub: String?, reason: String?, details: Value?, changed: Int
  ) {
    self.number = number
    self.at = at
    self.by = by
    self.action = action
    self.hub = hub
    self.reason = reason
    self.details = details
    self.changed = changed
  }
}

/// One thing an act changed.
public struct AuditItem: Sendable, Codable, Equatable {
  /// Its number in the act, from 1.
  public var number: Int64
  /// What was changed: `task 42`, `record orders/CD000001`, `value customers/10001`.
  public var subject: String
  /// What it was; null where it was not there.
  public var before: Value
  /// What it became; null where it is not there any more.
  public var after: Value

  /// An item of its parts.
  public init(number: Int64, subject: String, before: Value, after: Value) {
    self.number = number
    self.subject = subject
    self.before = before
    self.after = after
  }

  /// How a task is named.
  public static func subject(task: Int64) -> String { "task \(task)" }
  /// How a record is named.
  public static func subject(record key: String, of hub: String) -> String { "record \(hub)/\(key)" }
  /// How an entry of a value mapping is named.
  public static func subject(value code: String, of mapping: String) -> String { "value \(mapping)/\(code)" }
}

/// The log of what persons did to a store.
///
/// It only grows: a store refuses to change or remove what is in it.
public protocol AuditStore: Sendable {
  /// Acts, as a filter wants them, the newest first.
  func audit(_ filter: AuditFilter) async throws -> [AuditEntry]
  /// What an act changed, in order, after an item's number.
  func auditItems(of entry: Int64, after number: Int64, limit: Int) async throws -> [AuditItem]
}
