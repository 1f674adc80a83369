import Keeping
import SQLiteKit
import Values

extension Transaction {
  /// Ends a task in whatever state it is; with no error given it keeps the one it has.
  func end(_ task: HeldTask, from old: TaskState, as new: TaskState, _ failure: String?) throws {
    let end = try connection.prepare(
      """
      UPDATE tasks SET state = ?2, error = coalesce(?3, error), finished_at = ?4, lease_until = NULL, cancel = 0
      WHERE id = ?1
      """)
    end.bind(1, task.id)
    end.bind(2, new.rawValue)
    end.bind(3, failure)
    end.bind(4, now)
    try end.run()
    tally(of: task.hub).countTasks(task.side, from: old, to: new)
  }

  /// Ends a running task that a person wants cancelled, at the point where its worker would try again.
  ///
  /// - Parameter wasSent: whether its request may have arrived: then it is uncertain, whatever was asked for.
  func endCancelled(_ task: HeldTask, wasSent: Bool, _ failure: Failure) throws {
    if task.side == .target && wasSent { return try giveUp(task, .uncertain, failure) }
    try end(task, from: .running, as: .cancelled, try FailureText.write(failure))
    guard task.side == .target else { return try failPull(of: task) }
    let cancelled = Failure(
      kind: "cancelled", message: "its write was cancelled before it was sent: \(failure.message)",
      at: Timestamp(milliseconds: now))
    try withdrawRecords(of: task, task.cancel ?? .hold, cancelled)
  }

  /// Takes the records out of a write that is cancelled: they are held, or pending in their old places; one that has changed
  /// meanwhile goes on with its newer content.
  func withdrawRecords(of task: HeldTask, _ request: CancelRequest, _ failure: Failure) throws {
    let hub = hubs[task.hub]
    let tally = tally(of: hub.id)
    let state: RecordState = request == .hold ? .held : .pending
    let text = request == .hold ? try FailureText.write(failure) : nil
    let withdraw = try connection.prepare(
      """
      UPDATE \(hub.records) SET state = ?4, position = iif(position > 0, position, ?5), queued_revision = NULL, error = ?6,
        updated_at = ?7
      WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3 AND revision = ?3
      """)
    for item in try items(of: task.id) {
      withdraw.bind(1, item.record)
      withdraw.bind(2, task.id)
      withdraw.bind(3, item.revision)
      withdraw.bind(4, state.rawValue)
      withdraw.bind(5, try tally.takePosition())
      withdraw.bind(6, text)
      withdraw.bind(7, now)
      try withdraw.run()
      if connection.changes > 0 {
        tally.countRecord(from: .queued, to: state)
      } else {
        _ = try goOn(item, delivered: nil, nil, task, hub)
      }
    }
  }

  /// Says of an uncertain record of a write what became of it; false where it is not one.
  ///
  /// Where a newer content came meanwhile it takes its turn now. One that arrived and of which more is to be sent is pending,
  /// as what the target has; what arrived is not sent again.
  func resolve(_ record: Int64, of task: Int64, arrived: Bool, _ id: String?, _ hub: HubTables) throws -> Bool {
    let find = try connection.prepare(
      """
      SELECT queued_revision, revision, coalesce(next_state, 0), next_error, position FROM \(hub.records)
      WHERE id = ?1 AND target_task = ?2 AND state = 7
      """)
    find.bind(1, record)
    find.bind(2, task)
    guard try find.step() else { return false }
    let (queued, revision, position) = (find.int64(0), find.int64(1), find.int64(4))
    let isOvertaken = queued != revision
    var state: RecordState = arrived ? .done : .pending
    var error: String?
    if isOvertaken {
      guard let next = RecordState(rawValue: find.int(2)) else {
        throw StoreError.damaged("a record's next state is \(find.int(2))")
      }
      state = next
      error = find.optionalText(3)
    }
    find.reset()
    let arrival = arrived ? try arrival(of: task) : WriteArrival(effect: .unchanged)
    if arrived, !isOvertaken { state = arrival.effect == .takenBack ? .filtered : arrival.goesOn ? .pending : .done }
    // Where all that was to be sent is, the target has the record, whichever part of it this was.
    let isDelivered = arrived && arrival.effect != .takenBack && (arrival.effect == .delivered || !arrival.goesOn)
    let tally = tally(of: hub.id)
    let release = try connection.prepare(hub.releaseRecord)
    release.bind(1, record)
    release.bind(2, state.rawValue)
    // One that is done stands behind all that were delivered before, for hubs that this one feeds.
    let isMoved = state == .done || (state == .pending && (position == 0 || isOvertaken))
    release.bind(3, isMoved ? try tally.takePosition() : position)
    release.bind(4, error)
    release.bind(5, isDelivered ? queued : nil)
    release.bind(6, arrival.effect == .delivered ? id : nil)
    release.bind(7, now)
    try release.run()
    tally.countRecord(from: .uncertain, to: state)
    for step in arrival.steps {
      let item = WriteItem(record: record, revision: queued)
      try note(DoneStep(item: item, name: step, id: arrival.steps.count == 1 ? id : nil), hub.id, task)
    }
    if arrival.effect == .takenBack { try forgetDelivery(of: record, isFiltered: !isOvertaken, hub) }
    if isDelivered { try wake(awaitingDeliveryOf: record, hub.id) }
    return true
  }

  /// True where a write still has an uncertain record.
  func hasUncertain(_ task: Int64, _ hub: HubTables) throws -> Bool {
    let look = try connection.prepare("SELECT 1 FROM \(hub.records) WHERE id = ?1 AND target_task = ?2 AND state = 7")
    for item in try items(of: task) {
      look.bind(1, item.record)
      look.bind(2, task)
      defer { look.reset() }
      if try look.step() { return true }
    }
    return false
  }
}
