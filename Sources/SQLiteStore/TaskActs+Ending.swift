import Keeping
import SQLiteKit
import Values

extension TaskActs {
  // MARK: - Cancel

  func cancel(_ stored: Stored, _ request: CancelRequest) throws {
    let task = stored.task
    let subject = AuditItem.subject(task: task.id)
    if stored.state == .running {
      if task.cancel == request { return notes.skip(task.id, "it is to be cancelled already") }
      let mark = try connection.prepare("UPDATE tasks SET cancel = ?2 WHERE id = ?1")
      mark.bind(1, task.id)
      mark.bind(2, request.rawValue)
      try mark.run()
      try notes.note(subject, before: stored.noted, after: ["state": "running", "cancel": true])
      notes.report.requested += 1
      return
    }
    try transaction.end(task, from: stored.state, as: .cancelled, nil)
    if task.side == .target {
      try transaction.withdrawRecords(of: task, request, notes.act.cancelling(task: task.id, in: stored.state))
    } else {
      try transaction.failPull(of: task)
    }
    try notes.note(subject, before: stored.noted, after: ["state": "cancelled"])
  }

  // MARK: - Resolve

  func resolve(_ stored: Stored, arrived: Bool, _ targetID: String?) throws {
    let task = stored.task
    let hub = transaction.hubs[task.hub]
    let items = try transaction.items(of: task.id)
    var resolved: [Value] = []
    for item in items where try transaction.resolve(item.record, of: task.id, arrived: arrived, targetID, hub) {
      resolved.append(.int(item.record))
    }
    try transaction.end(task, from: .uncertain, as: .done, nil)
    try notes.note(
      AuditItem.subject(task: task.id), before: stored.noted,
      after: ["state": "done", "arrived": .bool(arrived), "records": .list(resolved)])
  }

  // MARK: - Prune

  /// Removes tasks; the audit log has one line for a call, since it would grow as fast as the queue otherwise.
  func prune(_ ids: [Int64]) throws {
    var counts: [TaskState: Int] = [:]
    for id in ids {
      guard let stored = try find(id) else { continue }
      if let reason = TaskChange.prune.refusal(in: stored.state, records: stored.task.recordCount) {
        notes.skip(id, reason)
        continue
      }
      for table in ["tasks WHERE id", "task_payloads WHERE task", "ledger WHERE task", "query_parents WHERE task"] {
        let delete = try connection.prepare("DELETE FROM \(table) = ?1")
        delete.bind(1, id)
        try delete.run()
      }
      transaction.tally(of: stored.task.hub).forgetTask(stored.task.side, in: stored.state)
      counts[stored.state, default: 0] += 1
    }
    guard let first = ids.min(), let last = ids.max(), !counts.isEmpty else { return }
    let before = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.name, Value.int(Int64($0.value))) }
    try notes.note(
      "tasks \(first) to \(last)", before: .map(ValueMap(before)), after: .null, things: counts.values.reduce(0, +))
  }

  // MARK: - Edit

  /// Replaces what a task asks for or sends.
  func edit(_ id: Int64, expecting expected: [UInt8], _ payload: ([EditedItem]) throws -> [UInt8]) throws {
    guard let stored = try find(id) else { return notes.skip(id, "there is no such task") }
    if let reason = TaskChange.refusalOfEdit(in: stored.state) { return notes.skip(id, reason) }
    let find = try connection.prepare("SELECT payload FROM task_payloads WHERE task = ?1")
    find.bind(1, id)
    guard try find.step() else { throw StoreError.damaged("task \(id) has no payload") }
    let old = find.bytes(0)
    find.reset()
    guard old == expected else { return notes.skip(id, "it was edited by somebody else meanwhile: edit it again") }
    guard let edited = try revise(stored) else {
      return notes.skip(
        id, "a record of it has changed since it was rendered: cancel it with --render, and the newest content is sent")
    }
    let new = try payload(edited.map(\.shown))
    let keep = try connection.prepare("UPDATE task_payloads SET payload = ?2, items = ?3 WHERE task = ?1")
    keep.bind(1, id)
    keep.bind(2, new)
    keep.bind(3, PackedItems.pack(edited.map { WriteItem(record: $0.record, revision: $0.shown.newRevision) }))
    try keep.run()
    try notes.note(AuditItem.subject(task: id), before: noted(old, stored), after: noted(new, stored))
  }

  private func noted(_ payload: [UInt8], _ stored: Stored) -> Value {
    ["state": .string(stored.state.name), "payload": SQLiteStore.readable(payload)]
  }

  private struct Revised {
    let record: Int64
    let shown: EditedItem
  }

  /// Gives each record of a write a new revision; nil, and nothing is to be kept, where one is not as it was rendered.
  private func revise(_ stored: Stored) throws -> [Revised]? {
    guard stored.task.side == .target else { return [] }
    let hub = transaction.hubs[stored.task.hub]
    let revise = try connection.prepare(
      """
      UPDATE \(hub.records) SET revision = revision + 1,
        queued_revision = iif(queued_revision IS NULL, NULL, queued_revision + 1), updated_at = ?4
      WHERE id = ?1 AND revision = ?2 AND target_task = ?3 AND state IN (1, 3, 6) RETURNING key, revision
      """)
    let items = try transaction.items(of: stored.task.id)
    // First whether all of them are as they were: a change that is not made must leave no trace.
    let look = try connection.prepare(
      "SELECT 1 FROM \(hub.records) WHERE id = ?1 AND revision = ?2 AND target_task = ?3 AND state IN (1, 3, 6)")
    for item in items {
      for (place, value) in [item.record, item.revision, stored.task.id].enumerated() { look.bind(place + 1, value) }
      defer { look.reset() }
      guard try look.step() else { return nil }
    }
    let carry = try connection.prepare(
      """
      UPDATE \(hub.records) SET delivered_revision = revision WHERE id = ?1 AND delivered_revision = ?2
      """)
    let carrySteps = try connection.prepare(
      "UPDATE steps SET revision = ?4 WHERE hub = ?1 AND record = ?2 AND revision = ?3")
    return try items.map { item in
      for (place, value) in [item.record, item.revision, stored.task.id, transaction.now].enumerated() {
        revise.bind(place + 1, value)
      }
      defer { revise.reset() }
      guard try revise.step() else { throw StoreError.damaged("a record that is there cannot be found") }
      let shown = EditedItem(key: revise.text(0), oldRevision: item.revision, newRevision: revise.int64(1))
      while try revise.step() {}
      // What was done of the old revision was done of this one: it is not to be done again.
      carry.bind(1, item.record)
      carry.bind(2, item.revision)
      try carry.run()
      for (place, value) in [hub.id, item.record, item.revision, shown.newRevision].enumerated() {
        carrySteps.bind(place + 1, value)
      }
      try carrySteps.run()
      return Revised(record: item.record, shown: shown)
    }
  }
}
