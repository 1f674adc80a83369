public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// Acts, as a filter wants them, the newest first.
  public func audit(_ filter: AuditFilter) async throws -> [AuditEntry] {
    let limit = min(max(filter.limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    var conditions = Conditions()
    conditions.add("_id", filter.number.map(Value.int))
    conditions.add("action", filter.action.map(Conditions.beginning))
    if let by = filter.by { conditions.add(["$or": [["by": .string(by)], ["by": Conditions.beginning(by + "@")]]]) }
    conditions.add("hub", filter.hub.map(Value.string))
    conditions.add("at", filter.since.map { ["$gte": .timestamp($0)] })
    let chosen = conditions
    return try await perform { tenant in
      var conditions = chosen
      if let subject = filter.subject {
        let items = try tenant.auditItems.find(["subject": .string(subject)], fields: ["entry": 1])
        conditions.add("_id", ["$in": .list(Set(items.compactMap { $0.int64("entry") }).sorted().map(Value.int))])
      }
      let rows = try tenant.audit.find(conditions.filter, sort: ["_id": -1], limit: limit)
      let counts = try tenant.changedThings(of: rows.compactMap { $0.int64("_id") })
      return try rows.map { try AuditEntry(row: $0, counts, tenant) }
    }
  }

  /// What an act changed, in order, after an item's number.
  public func auditItems(of entry: Int64, after number: Int64, limit: Int) async throws -> [AuditItem] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      let rows = try tenant.auditItems.find(
        ["entry": .int(entry), "number": ["$gt": .int(number)]], sort: ["number": 1], limit: limit)
      return try rows.map { row in
        guard let number = row.int64("number"), let subject = row.text("subject"),
          let change = try tenant.kept(value: "change", of: Tenant.owner(audit: entry, number), row)
        else { throw StoreError.damaged("an item of the audit log without number, subject or change") }
        return AuditItem(
          number: number, subject: subject, before: change["before"] ?? .null, after: change["after"] ?? .null)
      }
    }
  }
}

extension Tenant {
  /// Begins the entry of an act.
  func openAudit(_ act: Act, as number: Int64) throws {
    var fields: [(String, Value)] = [
      ("_id", .int(number)), ("at", .timestamp(act.at)), ("by", .string(act.by)), ("action", .string(act.action)),
    ]
    if let hub = act.hub { fields.append(("hub", .string(hub))) }
    if let reason = act.reason { fields.append(("reason", .string(reason))) }
    if let details = act.details {
      fields += try keep(value: details, as: "details", of: Tenant.owner(audit: number, 0))
    }
    try audit.insert([.map(ValueMap(fields))])
  }

  /// How many things acts changed, by their numbers.
  fileprivate func changedThings(of entries: [Int64]) throws -> [Int64: Int] {
    var counts: [Int64: Int] = [:]
    for group in try auditItems.aggregate([
      ["$match": ["entry": ["$in": .list(entries.map(Value.int))]]],
      ["$group": ["_id": "$entry", "things": ["$sum": "$things"]]],
    ]) { counts[group.int64("_id") ?? 0] = group.int("things") }
    return counts
  }

  /// What the pieces of an item are kept under; those of an entry under item 0, which is none.
  static func owner(audit entry: Int64, _ number: Int64) -> String { " audit \(entry) \(number)" }
}

extension AuditEntry {
  fileprivate init(row: BSONDocument, _ counts: [Int64: Int], _ tenant: Tenant) throws {
    guard let number = row.int64("_id"), let at = row.time("at"), let by = row.text("by"),
      let action = row.text("action")
    else { throw StoreError.damaged("an entry of the audit log without number, time, person or action") }
    self.init(
      number: number, at: at.description, by: by, action: action, hub: row.text("hub"), reason: row.text("reason"),
      details: try tenant.kept(value: "details", of: Tenant.owner(audit: number, 0), row),
      changed: counts[number] ?? 0)
  }
}
