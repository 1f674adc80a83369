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

  fileprivate struct Stored {
    let id: Int64
    let key: String
    let state: RecordState
    let revision: Int64
    let task: Int64?
    let failure: Failure?
    let hasPieces: Bool
    /// True where the target has this revision, or some of what it becomes: what failed came after that.
    let isBegun: Bool

    init(_ row: BSONDocument) throws {
      guard let id = row.int64("_id"), let key = row.text("key"), let revision = row.int64("revision"),
        let state = row.int("state").flatMap(RecordState.init(rawValue:))
      else { throw StoreError.damaged("a record without number, key, revision or state") }
      self.id = id
      self.key = key
      self.state = state
      self.revision = revision
      task = row.int64("targetTask")
      failure = try FailureForm.read("error", of: row)
      hasPieces = row.has("pieces")
      let steps = try KeptStep.list(of: row)
      isBegun =
        row.int64("deliveredRevision") == revision || steps.contains { $0.step.item.revision == revision }
    }

    var noted: Value {
      var fields: [(String, Value)] = [("state", .string(state.name)), ("revision", .int(revision))]
      if let failure { fields.append(("error", .string("\(failure.kind): \(failure.message)"))) }
      return .map(ValueMap(fields))
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
      records[record.id] = record
    }
    for id in ids {
      // Each is looked at once: of a number that is given twice the second finds nothing to be done.
      guard let record = records.removeValue(forKey: id) else {
        notes.skip(id, "there is no such record")
        continue
      }
      switch change {
      case .retry: try retry(record, again: false)
      case .sendAnew: try retry(record, again: true)
      case .release: try release(record)
      case .hold: try hold(record)
      case .arrived(let targetID): try resolve(record, arrived: true, targetID)
      case .notArrived: try resolve(record, arrived: false, nil)
      case .purge(let byForce): try purge(record, byForce)
      }
    }
    try tenant.update(changes, hub)
    try tenant.forgetWaits(ofRecords: noLongerWaiting, hub)
    try tenant.forget(purged, hub, step.now)
    if !purged.isEmpty { try tenant.records(hub).delete(["_id": ["$in": .list(purged.map(Value.int))]]) }
    for settling in writes.values { try settling.save() }
    try endWrites()
  }

  // MARK: - Sending and holding

  private func retry(_ record: Stored, again: Bool) throws {
    switch record.state {
    case .failed, .waiting: break
    case .done where again: break
    case .done: return notes.skip(record.id, "the target has it: --again sends it anew")
    case .held: return notes.skip(record.id, "it is held: see datahub record release")
    case .uncertain: return notes.skip(record.id, "it is uncertain: see datahub record resolve")
    case .pending, .queued, .filtered: return notes.skip(record.id, "it is \(record.state.name)")
    }
    // What the target refused it would refuse again under the same key; but what it took of this revision it has.
    let isRefused = !record.isBegun && ["rejected", "alreadyExists"].contains(record.failure?.kind)
    let isAnew = record.state == .done || isRefused
    try move(record, to: .pending, revision: record.revision + (isAnew ? 1 : 0), nil)
  }

  private func release(_ record: Stored) throws {
    guard record.state == .held else { return notes.skip(record.id, "it is \(record.state.name), not held") }
    try move(record, to: .pending, revision: record.revision, nil)
  }

  private func hold(_ record: Stored) throws {
    switch record.state {
    case .pending, .failed, .waiting: break
    case .queued: return notes.skip(record.id, "it is in \(record.write): see datahub task cancel")
    case .done, .filtered, .held, .uncertain: return notes.skip(record.id, "it is \(record.state.name)")
    }
    let failure = Failure(
      kind: "held", message: "\(notes.by) holds it" + (notes.reason.map { ": \($0)" } ?? ""), at: step.now)
    try move(record, to: .held, revision: record.revision, failure)
  }

  /// Moves a record that is in no write; what becomes pending stands behind all others.
  private func move(_ record: Stored, to state: RecordState, revision: Int64, _ failure: Failure?) throws {
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

  private func note(_ record: Stored, after: Value) {
    notes.note(AuditItem.subject(record: record.key, of: hub), before: record.noted, after: after)
  }

  // MARK: - Resolving

  private func resolve(_ record: Stored, arrived: Bool, _ targetID: String?) throws {
    guard record.state == .uncertain, let task = record.task else {
      return notes.skip(record.id, "it is \(record.state.name), not uncertain")
    }
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

  private func purge(_ record: Stored, _ byForce: Bool) throws {
    switch record.state {
    case .done, .filtered, .failed: break
    case .queued: return notes.skip(record.id, "it is in \(record.write): see datahub task cancel")
    case .pending, .waiting, .held, .uncertain:
      guard byForce else { return notes.skip(record.id, "it is \(record.state.name): --force removes it all the same") }
    }
    // What it is found by goes with it, since it stands in it.
    if record.hasPieces { try tenant.dropPieces(of: Tenant.owner(hub, record.id)) }
    purged.append(record.id)
    if record.state == .uncertain, let task = record.task { touched.insert(task) }
    note(record, after: .null)
  }
}

extension RecordActs.Stored {
  /// The write it is in, in words.
  fileprivate var write: String { task.map { "task \($0)" } ?? "a task" }
}
