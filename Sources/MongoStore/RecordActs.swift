import Keeping
import MongoKit
import Values

/// What a person does to records of a hub, within one transaction: reads them once, decides about each in turn, and writes what
/// was decided at once.
final class RecordActs {
  private let notes: ActNotes
  private let step: TaskStep
  private let tenant: Tenant
  private let hub: String
  private var records: [Int64: Stored] = [:]
  private var changes: [MongoChange] = []
  private var purged: [Int64] = []
  private var noLongerWaiting: [Int64] = []
  /// The uncertain writes whose records are resolved.
  private var writes: [Int64: RecordSettling] = [:]
  /// The uncertain writes of which a record is purged.
  private var touched: Set<Int64> = []
  /// The next place behind all others, and how many were taken.
  private var places: Range<Int64> = 0..<0

  private struct Stored {
    let standing: RecordStanding
    let hasPieces: Bool

    init(_ row: BSONDocument) throws {
      guard let id = row.int64("_id"), let key = row.text("key"), let revision = row.int64("revision"),
        let state = row.int("state").flatMap(RecordState.init(rawValue:))
      else { throw StoreError.damaged("a record without number, key, revision or state") }
      let steps = try KeptStep.list(of: row)
      standing = RecordStanding(
        id: id, key: key, state: state, revision: revision, task: row.int64("targetTask"),
        failure: try FailureForm.read("error", of: row),
        isBegun: row.int64("deliveredRevision") == revision || steps.contains { $0.step.item.revision == revision })
      hasPieces = row.has("pieces")
    }
  }

  init(_ notes: ActNotes, _ step: TaskStep, _ hub: String, _ tenant: Tenant) {
    self.notes = notes
    self.step = step
    self.hub = hub
    self.tenant = tenant
  }

  /// Makes one change to records, in their order; what cannot be changed is skipped.
  func perform(_ change: RecordChange, on ids: [Int64]) throws {
    let rows = try tenant.records(hub).find(
      ["_id": ["$in": .list(ids.map(Value.int))]],
      fields: [
        "key": 1, "state": 1, "revision": 1, "targetTask": 1, "error": 1, "pieces": 1, "deliveredRevision": 1,
        "steps": 1,
      ])
    for row in rows {
      let record = try Stored(row)
      records[record.standing.id] = record
    }
    for id in ids {
      // Each is looked at once: of a number that is given twice the second finds nothing to be done.
      guard let record = records.removeValue(forKey: id) else {
        notes.skip(id, "there is no such record")
        continue
      }
      switch change.decision(on: record.standing) {
      case .move(let state, let revision):
        try move(record.standing, to: state, revision, state == .held ? notes.act.holding : nil)
      case .resolve(let task, let arrived, let targetID):
        try resolve(record.standing, of: task, arrived: arrived, targetID)
      case .purge: try purge(record)
      case .refuse(let reason): notes.skip(id, reason)
      }
    }
    try tenant.update(changes, hub)
    try tenant.forgetWaits(ofRecords: noLongerWaiting, hub)
    try tenant.forget(purged, hub, step.now)
    if !purged.isEmpty { try tenant.records(hub).delete(["_id": ["$in": .list(purged.map(Value.int))]]) }
    for settling in writes.values { try settling.save() }
    try endWrites()
  }

  /// Moves a record that is in no write; what becomes pending stands behind all others.
  private func move(_ record: RecordStanding, to state: RecordState, _ revision: Int64, _ failure: Failure?) throws {
    try Moves.check(record.state, to: state)
    var set: [(String, Value)] = [
      ("state", state.value), ("revision", .int(revision)), ("updatedAt", .timestamp(step.now)),
      ("position", .int(state == .pending ? try takePlace() : 0)),
    ]
    var unset: [(String, Value)] = [("waitsFor", "")]
    if let failure { set.append(("error", try FailureForm.write(failure))) } else { unset.append(("error", "")) }
    changes.append(
      MongoChange(
        ["_id": .int(record.id), "state": record.state.value, "revision": .int(record.revision)],
        ["$set": .map(ValueMap(set)), "$unset": .map(ValueMap(unset))]))
    if record.state == .waiting { noLongerWaiting.append(record.id) }
    if state == .pending { tenant.after.woken.insert(hub) }
    note(record, after: ["state": .string(state.name), "revision": .int(revision)])
  }

  /// A place behind all others; taken for all records of the act at once.
  private func takePlace() throws -> Int64 {
    if places.isEmpty {
      let count = records.count + 1
      let first = try tenant.takeRecordPlaces(count, hub)
      places = first..<first + Int64(count)
    }
    return places.removeFirst()
  }

  private func note(_ record: RecordStanding, after: Value) {
    notes.note(AuditItem.subject(record: record.key, of: hub), before: record.noted, after: after)
  }

  // MARK: - Resolving

  private func resolve(_ record: RecordStanding, of task: Int64, arrived: Bool, _ targetID: String?) throws {
    guard let settling = try settling(of: task),
      try settling.resolve(record.id, arrived: arrived, targetID)
    else { throw StoreError.damaged("an uncertain record is in no write") }
    var after: [(String, Value)] = [("arrived", .bool(arrived))]
    if let targetID { after.append(("targetID", .string(targetID))) }
    note(record, after: .map(ValueMap(after)))
  }

  private func settling(of task: Int64) throws -> RecordSettling? {
    if let known = writes[task] { return known }
    guard let held = try step.find(["_id": .int(task)], tenant) else { return nil }
    let settling = try RecordSettling(held, step.now, tenant, state: .uncertain)
    writes[task] = settling
    return settling
  }

  /// A write of which no record is uncertain any more is done.
  ///
  /// Touches the write, so that of two acts on its last records the second sees what the first did.
  private func endWrites() throws {
    for id in touched.union(writes.keys).sorted() {
      let filter: Value = ["_id": .int(id), "state": TaskState.uncertain.value]
      guard try tenant.tasks.updateOne(filter, ["$inc": ["touched": 1]]), let task = try step.find(filter, tenant)
      else { continue }
      let isUncertain =
        try tenant.records(hub).findOne(
          [
            "_id": ["$in": .list(task.items.map { .int($0.record) })], "state": RecordState.uncertain.value,
            "targetTask": .int(id),
          ], fields: ["_id": 1]) != nil
      if !isUncertain { try step.move(task, to: .done, tenant) }
    }
  }

  // MARK: - Purging

  private func purge(_ stored: Stored) throws {
    let record = stored.standing
    // What it is found by goes with it, since it stands in it.
    if stored.hasPieces { try tenant.dropPieces(of: Tenant.owner(hub, record.id)) }
    purged.append(record.id)
    if record.state == .uncertain, let task = record.task { touched.insert(task) }
    note(record, after: .null)
  }
}
