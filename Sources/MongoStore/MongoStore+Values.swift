public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// Grows with every change of any entry.
  public func valuesVersion() async throws -> Int64 {
    try await perform { try $0.valuesVersion() }
  }

  /// The kept entries of a mapping, by code, after one.
  public func values(of mapping: String, after code: String?, limit: Int) async throws -> [KeptEntry] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      let rows = try tenant.values.find(
        ["mapping": .string(mapping), "code": ["$gt": .string(code ?? "")]], sort: ["code": 1], limit: limit)
      return try rows.map { try tenant.entry($0, of: mapping) }
    }
  }

  /// Sets and removes entries, and wakes the records that wait for what is there now; see ``Keeping/ValueStore``.
  public func change(
    values: [EntryChange], of mapping: String, _ act: Act
  ) async throws -> (report: ChangeReport, woken: Int) {
    let (report, woken) = try await transact(act) { tenant, notes, _ in
      var supplied: [String] = []
      for (place, change) in values.enumerated() {
        if try tenant.keep(change, of: mapping, notes) {
          supplied += change.supplies
        } else {
          notes.skip(Int64(place), change.entry == nil ? "there is no such entry" : "it is so already")
        }
      }
      if notes.report.changed == 0 { return 0 }
      try tenant.meta.updateOne(["_id": "values"], ["$inc": ["version": 1]], upsert: true)
      return try tenant.wake(waitingFor: supplied, act.at)
    }
    return (report, woken)
  }
}

extension Tenant {
  /// The version of the kept entries.
  func valuesVersion() throws -> Int64 { try meta.findOne(["_id": "values"])?.int64("version") ?? 0 }

  /// The version of the kept entries, which stays what it is until the transaction ends.
  ///
  /// Whoever notes that records wait for an entry does so before it comes, or sees that it is there: of two transactions that
  /// touch one document the second sees what the first did.
  func touchValues() throws -> Int64 {
    try meta.updateOne(["_id": "values"], ["$inc": ["touched": 1]], upsert: true)
    return try valuesVersion()
  }

  /// Sets or removes an entry; false where it is so already.
  fileprivate func keep(_ change: EntryChange, of mapping: String, _ notes: ActNotes) throws -> Bool {
    let place: Value = ["mapping": .string(mapping), "code": .string(change.code)]
    let owner = Tenant.owner(value: change.code, mapping)
    let row = try values.findOne(place)
    let old = try row.map { try entry($0, of: mapping) }
    if old?.noted == change.entry?.noted { return false }
    if row?.has("pieces") == true { try dropPieces(of: owner) }
    if row != nil { try values.delete(place) }
    if let entry = change.entry {
      var fields: [(String, Value)] = [
        // No two have one name: the length says where the mapping's ends.
        ("_id", .string("\(mapping.utf8.count) \(mapping)/\(change.code)")), ("mapping", .string(mapping)),
        ("code", .string(change.code)), ("changedAt", .timestamp(notes.act.at)), ("changedBy", .string(notes.act.by)),
      ]
      if let label = entry.label { fields.append(("label", .string(label))) }
      if let label = entry.valueLabel { fields.append(("valueLabel", .string(label))) }
      try values.insert([.map(ValueMap(fields + keep(value: entry.value, as: "value", of: owner)))])
    }
    notes.note(
      AuditItem.subject(value: change.code, of: mapping), before: old?.noted ?? .null,
      after: change.entry?.noted ?? .null)
    return true
  }

  fileprivate func entry(_ row: BSONDocument, of mapping: String) throws -> KeptEntry {
    guard let code = row.text("code"), let at = row.time("changedAt"), let by = row.text("changedBy"),
      let value = try kept(value: "value", of: Tenant.owner(value: code, mapping), row)
    else { throw StoreError.damaged("an entry of a value mapping without code, value, time or person") }
    return KeptEntry(
      code: code, label: row.text("label"), value: value, valueLabel: row.text("valueLabel"),
      changedAt: at.description, changedBy: by)
  }

  static func owner(value code: String, _ mapping: String) -> String {
    " value \(mapping.utf8.count) \(mapping)/\(code)"
  }
}

extension KeptEntry {
  /// What the audit log has of it.
  fileprivate var noted: Value {
    var fields: [(String, Value)] = [("value", value)]
    if let label { fields.append(("label", .string(label))) }
    if let valueLabel { fields.append(("valueLabel", .string(valueLabel))) }
    return .map(ValueMap(fields))
  }
}
