import Keeping
import MongoKit
import Values

extension TaskActs {
  // MARK: - Cancel

  func cancel(_ task: HeldTask, _ request: CancelRequest) throws {
    let subject = AuditItem.subject(task: task.id)
    if task.state == .running {
      if task.cancel == request { return notes.skip(task.id, "it is to be cancelled already") }
      try change(task, ["$set": ["cancel": request.value]])
      notes.note(subject, before: task.noted, after: ["state": "running", "cancel": true])
      notes.noteRequest()
      return
    }
    try step.move(task, to: .cancelled, tenant)
    if task.side == .target {
      let settling = try RecordSettling(task, step.now, tenant)
      try settling.withdraw(request, notes.act.cancelling(task: task.id, in: task.state))
      try settling.save()
    } else {
      try step.failPull(of: task, tenant)
    }
    notes.note(subject, before: task.noted, after: ["state": "cancelled"])
  }

  // MARK: - Resolve

  func resolve(_ task: HeldTask, arrived: Bool, _ targetID: String?) throws {
    let settling = try RecordSettling(task, step.now, tenant, state: .uncertain)
    var resolved: [Value] = []
    for item in task.items where try settling.resolve(item.record, arrived: arrived, targetID) {
      resolved.append(.int(item.record))
    }
    try settling.save()
    try step.move(task, to: .done, tenant)
    notes.note(
      AuditItem.subject(task: task.id), before: task.noted,
      after: ["state": "done", "arrived": .bool(arrived), "records": .list(resolved)])
  }

  // MARK: - Prune

  /// Removes tasks; the audit log has one line for a call, since it would grow as fast as the queue otherwise.
  func prune(_ ids: [Int64]) throws {
    let rows = try tenant.tasks.find(
      ["_id": ["$in": .list(ids.map(Value.int))]], fields: ["state": 1, "pieces": 1])
    var counts: [TaskState: Int] = [:]
    var removed: [Value] = []
    for row in rows {
      guard let id = row.int64("_id"), let state = row.int("state").flatMap(TaskState.init(rawValue:)) else {
        throw StoreError.damaged("a task without number or state")
      }
      if let reason = TaskChange.prune.refusal(in: state, records: 0) {
        notes.skip(id, reason)
        continue
      }
      if row.has("pieces") { try tenant.dropPieces(of: Tenant.owner(task: id)) }
      removed.append(.int(id))
      counts[state, default: 0] += 1
    }
    guard let first = ids.min(), let last = ids.max(), !counts.isEmpty else { return }
    try tenant.tasks.delete(["_id": ["$in": .list(removed)]])
    try tenant.ledger.delete(["task": ["$in": .list(removed)]])
    let before = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.name, Value.int(Int64($0.value))) }
    notes.note(
      "tasks \(first) to \(last)", before: .map(ValueMap(before)), after: .null, things: counts.values.reduce(0, +))
  }

  // MARK: - Edit

  /// Replaces what a task asks for or sends.
  func edit(_ id: Int64, expecting expected: [UInt8], _ payload: ([EditedItem]) throws -> [UInt8]) throws {
    guard let task = try step.find(["_id": .int(id)], tenant), let old = try tenant.payload(ofTask: id) else {
      return notes.skip(id, "there is no such task")
    }
    if let reason = TaskChange.refusalOfEdit(in: task.state) { return notes.skip(id, reason) }
    guard old == expected else { return notes.skip(id, "it was edited by somebody else meanwhile: edit it again") }
    guard let records = try tenant.records(of: task, in: [.queued, .failed, .held]) else {
      return notes.skip(
        id, "a record of it has changed since it was rendered: cancel it with --render, and the newest content is sent")
    }
    let edited = records.map { item, _, row in
      EditedItem(key: row.text("key") ?? "", oldRevision: item.revision, newRevision: item.revision + 1)
    }
    let new = try payload(edited)
    try revise(records)
    let owner = Tenant.owner(task: id)
    try tenant.dropPieces(of: owner)
    let kept = try tenant.keep(new, as: "payload", of: owner)
    var set = kept
    if task.side == .target {
      let items = task.items.map { WriteItem(record: $0.record, revision: $0.revision + 1) }
      set.append(("items", .list(items.map(\.value))))
    }
    let unset = ["payload", "pieces"].filter { name in !kept.contains { $0.0 == name } }
    try change(
      task, ["$set": .map(ValueMap(set)), "$unset": .map(ValueMap(unset.map { ($0, Value.string("")) }))])
    notes.note(AuditItem.subject(task: id), before: noted(old, task), after: noted(new, task))

    func revise(_ records: [(item: WriteItem, state: RecordState, row: BSONDocument)]) throws {
      try tenant.update(
        records.map { item, state, row in
          var increments: [(String, Value)] = [("revision", 1)]
          if row.has("queuedRevision") { increments.append(("queuedRevision", 1)) }
          var set: [(String, Value)] = [("updatedAt", .timestamp(step.now))]
          // What was done of the old revision was done of this one: it is not to be done again.
          if row.int64("deliveredRevision") == item.revision { increments.append(("deliveredRevision", 1)) }
          let steps = try KeptStep.list(of: row)
          if !steps.isEmpty {
            set.append(
              ("steps", KeptStep.value(of: steps.map { $0.carried(from: item.revision, to: item.revision + 1) })))
          }
          return MongoChange(
            ["_id": .int(item.record), "state": state.value, "revision": .int(item.revision)],
            ["$inc": .map(ValueMap(increments)), "$set": .map(ValueMap(set))])
        }, task.hub)
    }
  }

  private func noted(_ payload: [UInt8], _ task: HeldTask) -> Value {
    ["state": .string(task.state.name), "payload": MongoStore.readable(payload)]
  }
}
