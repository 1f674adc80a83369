import Keeping
import SQLiteKit
import Values

/// What a person does to records of a hub, within one transaction.
final class RecordActs {
  let notes: ActNotes
  private let transaction: Transaction
  private let name: String
  private let hub: HubTables
  private var tally: HubTally { transaction.tally(of: hub.id) }
  private var connection: Connection { transaction.connection }
  /// The uncertain writes of records that were resolved.
  private var writes: Set<Int64> = []
  /// By what the hub's records are found; for what is purged.
  private let lookups: LookupIndex?

  init(_ transaction: Transaction, _ act: Act, _ name: String, _ hub: HubTables) throws {
    lookups = try LookupIndex(of: hub.id, transaction)
    self.transaction = transaction
    self.name = name
    self.hub = hub
    notes = ActNotes(transaction, act)
  }

  /// Makes one change to records, in their order; what cannot be changed is skipped.
  func perform(_ change: RecordChange, on ids: [Int64]) throws {
    for id in ids {
      guard let record = try find(id) else {
        notes.skip(id, "there is no such record")
        continue
      }
      switch change.decision(on: record) {
      case .move(let state, let revision):
        try move(record, to: state, revision, state == .held ? notes.act.holding : nil)
      case .resolve(let task, let arrived, let targetID): try resolve(record, of: task, arrived: arrived, targetID)
      case .purge: try purge(record)
      case .refuse(let reason): notes.skip(id, reason)
      }
    }
    try endWrites()
  }

  private func find(_ id: Int64) throws -> RecordStanding? {
    let find = try connection.prepare(
      """
      SELECT id, key, state, revision, target_task, error,
        coalesce(delivered_revision = revision, 0) OR EXISTS (
          SELECT 1 FROM steps AS s
          WHERE s.hub = ?2 AND s.record = r.id AND s.revision = r.revision)
      FROM \(hub.records) AS r WHERE id = ?1
      """)
    find.bind(1, id)
    find.bind(2, hub.id)
    defer { find.reset() }
    guard try find.step() else { return nil }
    guard let state = RecordState(rawValue: find.int(2)) else {
      throw StoreError.damaged("a record is in state \(find.int(2))")
    }
    return RecordStanding(
      id: id, key: find.text(1), state: state, revision: find.int64(3), task: find.optionalInt64(4),
      failure: try FailureText.read(find.optionalText(5)), isBegun: find.bool(6))
  }

  /// Moves a record that is in no write; what becomes pending stands behind all others.
  private func move(_ record: RecordStanding, to state: RecordState, _ revision: Int64, _ failure: Failure?) throws {
    let move = try connection.prepare(
      """
      UPDATE \(hub.records) SET state = ?2, revision = ?3, position = ?4, error = ?5, waits_for = NULL, updated_at = ?6
      WHERE id = ?1
      """)
    move.bind(1, record.id)
    move.bind(2, state.rawValue)
    move.bind(3, revision)
    move.bind(4, state == .pending ? try tally.takePosition() : 0)
    move.bind(5, try failure.map(FailureText.write))
    move.bind(6, transaction.now)
    try move.run()
    if record.state == .waiting { try transaction.forgetWaits(ofRecord: record.id, hub) }
    tally.countRecord(from: record.state, to: state)
    try note(record, after: ["state": .string(state.name), "revision": .int(revision)])
  }

  private func note(_ record: RecordStanding, after: Value) throws {
    try notes.note(AuditItem.subject(record: record.key, of: name), before: record.noted, after: after)
  }

  // MARK: - Resolving

  private func resolve(_ record: RecordStanding, of task: Int64, arrived: Bool, _ targetID: String?) throws {
    guard try transaction.resolve(record.id, of: task, arrived: arrived, targetID, hub) else {
      throw StoreError.damaged("an uncertain record is in no write")
    }
    writes.insert(task)
    var after: [(String, Value)] = [("arrived", .bool(arrived))]
    if let targetID { after.append(("targetID", .string(targetID))) }
    try note(record, after: .map(ValueMap(after)))
  }

  /// A write of which no record is uncertain any more is done.
  private func endWrites() throws {
    for task in writes.sorted() where try !transaction.hasUncertain(task, hub) {
      let find = try connection.prepare("SELECT \(HeldTask.columns) FROM tasks WHERE id = ?1 AND state = 6")
      find.bind(1, task)
      guard try find.step() else { continue }
      let held = try HeldTask(row: find)
      find.reset()
      try transaction.end(held, from: .uncertain, as: .done, nil)
    }
  }

  // MARK: - Purging

  private func purge(_ record: RecordStanding) throws {
    if let lookups {
      let find = try connection.prepare(hub.content)
      find.bind(1, record.id)
      if try find.step() { try lookups.remove(record.id, find.bytes(0)) }
      find.reset()
    }
    try transaction.forget(record.id, hub)
    let mark = try connection.prepare("UPDATE hubs SET last_purged = max(last_purged, ?2) WHERE id = ?1")
    mark.bind(1, hub.id)
    mark.bind(2, record.id)
    try mark.run()
    for table in ["steps", "seen"] {
      let delete = try connection.prepare("DELETE FROM \(table) WHERE hub = ?1 AND record = ?2")
      delete.bind(1, hub.id)
      delete.bind(2, record.id)
      try delete.run()
    }
    for (table, id) in [(hub.records, record.id), (hub.contentTable, record.id)] {
      let delete = try connection.prepare("DELETE FROM \(table) WHERE id = ?1")
      delete.bind(1, id)
      try delete.run()
    }
    tally.forgetRecord(in: record.state)
    if record.state == .uncertain, let task = record.task { writes.insert(task) }
    try note(record, after: .null)
  }
}
