public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// Grows with every change of any entry.
  public func valuesVersion() async throws -> Int64 {
    try await read { try Transaction.valuesVersion($0) }
  }

  /// The kept entries of a mapping, by code, after one.
  public func values(of mapping: String, after code: String?, limit: Int) async throws -> [KeptEntry] {
    try await read { connection in
      let list = try connection.prepare(
        """
        SELECT code, label, value, value_label, changed_at, changed_by FROM value_entries
        WHERE mapping = ?1 AND code > ?2 ORDER BY code LIMIT ?3
        """)
      list.bind(1, mapping)
      list.bind(2, code ?? "")
      list.bind(3, min(max(limit, 0), SQLiteStore.longestList))
      var entries: [KeptEntry] = []
      while try list.step() { entries.append(try KeptEntry(row: list)) }
      return entries
    }
  }

  /// Sets and removes entries, and wakes the records that wait for what is there now; see ``Keeping/ValueStore``.
  public func change(
    values: [EntryChange], of mapping: String, _ act: Act
  ) async throws -> (report: ChangeReport, woken: Int) {
    try await write(now: act.at) { transaction in
      let notes = ActNotes(transaction, act)
      var supplied: [Value] = []
      for (place, change) in values.enumerated() {
        if try transaction.keep(change, of: mapping, notes) {
          supplied += change.supplies.map { .string($0) }
        } else {
          notes.skip(Int64(place), change.entry == nil ? "there is no such entry" : "it is so already")
        }
      }
      if notes.report.changed == 0 { return (notes.report, 0) }
      try transaction.connection.execute("UPDATE value_version SET version = version + 1")
      return (notes.report, try transaction.wake(waitingFor: supplied))
    }
  }
}

extension Transaction {
  /// The version of the kept entries.
  static func valuesVersion(_ connection: Connection) throws -> Int64 {
    let find = try connection.prepare("SELECT version FROM value_version")
    defer { find.reset() }
    return try find.step() ? find.int64(0) : 0
  }

  /// The version of the kept entries.
  func valuesVersion() throws -> Int64 { try Transaction.valuesVersion(connection) }

  /// Sets or removes an entry; false where it is so already.
  fileprivate func keep(_ change: EntryChange, of mapping: String, _ notes: ActNotes) throws -> Bool {
    let find = try connection.prepare(
      """
      SELECT code, label, value, value_label, changed_at, changed_by FROM value_entries WHERE mapping = ?1 AND code = ?2
      """)
    find.bind(1, mapping)
    find.bind(2, change.code)
    let old = try find.step() ? try KeptEntry(row: find) : nil
    find.reset()
    if old?.noted == change.entry?.noted { return false }
    if let entry = change.entry {
      let set = try connection.prepare(
        """
        INSERT INTO value_entries (mapping, code, label, value, value_label, changed_at, changed_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (mapping, code) DO UPDATE SET label = excluded.label, value = excluded.value,
          value_label = excluded.value_label, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """)
      set.bind(1, mapping)
      set.bind(2, change.code)
      set.bind(3, entry.label)
      set.bind(4, entry.value.json())
      set.bind(5, entry.valueLabel)
      set.bind(6, now)
      set.bind(7, notes.act.by)
      try set.run()
    } else {
      let remove = try connection.prepare("DELETE FROM value_entries WHERE mapping = ?1 AND code = ?2")
      remove.bind(1, mapping)
      remove.bind(2, change.code)
      try remove.run()
    }
    try notes.note(
      AuditItem.subject(value: change.code, of: mapping), before: old?.noted ?? .null,
      after: change.entry?.noted ?? .null)
    return true
  }

  /// Makes the records of all hubs that wait for one of these pending again.
  fileprivate func wake(waitingFor supplied: [Value]) throws -> Int {
    if supplied.isEmpty { return 0 }
    let list = try connection.prepare("SELECT id FROM hubs WHERE records_4 > 0")
    let waiting = try list.numbers()
    let text = Value.list(supplied).json()
    var woken = 0
    for hub in waiting {
      let wake = try connection.prepare(hubs[hub].wakeWaitingFor)
      wake.bind(1, now)
      wake.bind(2, text)
      try wake.run()
      let count = connection.changes
      for _ in 0..<count { tally(of: hub).countRecord(from: .waiting, to: .pending) }
      woken += count
    }
    return woken
  }
}

extension KeptEntry {
  fileprivate init(row: Statement) throws {
    let value: Value
    do throws(JSONError) {
      value = try Value(json: row.text(2))
    } catch {
      throw StoreError.damaged("an entry of a value mapping that cannot be read (\(error))")
    }
    self.init(
      code: row.text(0), label: row.optionalText(1), value: value, valueLabel: row.optionalText(3),
      changedAt: Timestamp(milliseconds: row.int64(4)).description, changedBy: row.text(5))
  }

  /// What the audit log has of it.
  fileprivate var noted: Value {
    var fields: [(String, Value)] = [("value", value)]
    if let label { fields.append(("label", .string(label))) }
    if let valueLabel { fields.append(("valueLabel", .string(valueLabel))) }
    return .map(ValueMap(fields))
  }
}
