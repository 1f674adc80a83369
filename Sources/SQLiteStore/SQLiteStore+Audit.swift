public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// Acts, as a filter wants them, the newest first.
  public func audit(_ filter: AuditFilter) async throws -> [AuditEntry] {
    var conditions = FilterSQL()
    conditions.add("a.id = ?", filter.number)
    conditions.add("a.id IN (SELECT entry FROM audit_items WHERE subject = ?)", filter.subject)
    conditions.add("substr(a.action, 1, length(?)) = ?", filter.action)
    conditions.add("(a.by = ? OR substr(a.by, 1, length(?) + 1) = ? || '@')", filter.by)
    conditions.add("a.hub = ?", filter.hub)
    conditions.add("a.at >= ?", filter.since?.milliseconds)
    let (chosen, limit) = (conditions, min(max(filter.limit, 0), SQLiteStore.longestList))
    return try await read { connection in
      let list = try chosen.prepare(
        """
        SELECT a.id, a.at, a.by, a.action, a.hub, a.reason, a.details,
          (SELECT coalesce(sum(things), 0) FROM audit_items WHERE entry = a.id)
        FROM audit AS a
        """, "ORDER BY a.id DESC", limit: limit, connection)
      var entries: [AuditEntry] = []
      while try list.step() {
        entries.append(
          AuditEntry(
            number: list.int64(0), at: Timestamp(milliseconds: list.int64(1)).description, by: list.text(2),
            action: list.text(3), hub: list.optionalText(4), reason: list.optionalText(5),
            details: try list.optionalText(6).map(AuditText.read), changed: list.int(7)))
      }
      return entries
    }
  }

  /// What an act changed, in order, after an item's number.
  public func auditItems(of entry: Int64, after number: Int64, limit: Int) async throws -> [AuditItem] {
    try await read { connection in
      let list = try connection.prepare(
        "SELECT number, subject, before, after FROM audit_items WHERE entry = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
      )
      list.bind(1, entry)
      list.bind(2, number)
      list.bind(3, min(max(limit, 0), SQLiteStore.longestList))
      var items: [AuditItem] = []
      while try list.step() {
        items.append(
          AuditItem(
            number: list.int64(0), subject: list.text(1), before: try AuditText.read(list.text(2)),
            after: try AuditText.read(list.text(3))))
      }
      return items
    }
  }
}

/// Values as the audit log keeps them.
enum AuditText {
  static func read(_ text: String) throws -> Value {
    do throws(JSONError) {
      return try Value(json: text)
    } catch {
      throw StoreError.damaged("an entry of the audit log that cannot be read (\(error))")
    }
  }
}

extension Transaction {
  /// Begins the entry of an act and returns its number.
  @discardableResult
  func openAudit(_ act: Act) throws -> Int64 {
    let insert = try connection.prepare(
      "INSERT INTO audit (at, by, action, hub, reason, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    insert.bind(1, act.at.milliseconds)
    insert.bind(2, act.by)
    insert.bind(3, act.action)
    insert.bind(4, act.hub)
    insert.bind(5, act.reason)
    insert.bind(6, act.details.map { $0.json() })
    try insert.run()
    return connection.lastInsertRowID
  }
}

/// Writes what one call of an act changes into the audit log, and counts it.
final class ActNotes {
  private let transaction: Transaction
  let act: Act
  private var number: Int64 = 0
  var report: ChangeReport

  init(_ transaction: Transaction, _ act: Act) {
    self.transaction = transaction
    self.act = act
    report = ChangeReport(act: act.number)
  }

  /// Notes one change.
  ///
  /// - Parameter things: how many tasks or records it was.
  func note(_ subject: String, before: Value, after: Value, things: Int = 1) throws {
    let entry = try report.act ?? transaction.openAudit(act)
    if number == 0 { number = try lastNumber(of: entry) }
    report.act = entry
    number += 1
    let insert = try transaction.connection.prepare(
      "INSERT INTO audit_items (entry, number, things, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    insert.bind(1, entry)
    insert.bind(2, number)
    insert.bind(3, things)
    insert.bind(4, subject)
    insert.bind(5, before.json())
    insert.bind(6, after.json())
    try insert.run()
    report.changed += things
  }

  /// Notes that something was left as it is.
  func skip(_ number: Int64, _ reason: String) { report.skipped.append(.init(number, reason)) }

  private func lastNumber(of entry: Int64) throws -> Int64 {
    let find = try transaction.connection.prepare("SELECT coalesce(max(number), 0) FROM audit_items WHERE entry = ?1")
    find.bind(1, entry)
    defer { find.reset() }
    return try find.step() ? find.int64(0) : 0
  }
}
