import Keeping
import SQLiteKit
import Values

extension Transaction {
  /// Puts the writes that go on with records of a settled one in its place, and notes what was done beside it.
  func follow(_ settlement: WriteSettlement, _ task: HeldTask) throws {
    let hub = hubs[task.hub]
    let due = try dueTime(of: task.id)
    for (place, write) in settlement.followers.enumerated() {
      let new = NewTask(
        hub: task.hub, side: .target, position: task.position, sendsAgain: write.sendsAgain,
        recordCount: write.items.count)
      let follower = try insert(new, payload: write.payload, items: PackedItems.pack(write.items))
      // At one position the one that was due first goes first: these, in their order, before what followed another task here.
      let before = Int64(settlement.followers.count - place)
      try mark(follower, write, origin: write.origin ?? task.id, due: due - before, settled: task.id)
      if let due = write.due { try putOff(follower, write, until: due.milliseconds, task) }
      let move = try connection.prepare(hub.moveRecord)
      for item in write.items {
        move.bind(1, item.record)
        move.bind(2, task.id)
        move.bind(3, item.revision)
        move.bind(4, follower)
        try move.run()
      }
      // What a person wants cancelled does not go on by itself, unless the target has it already.
      if let request = task.cancel, !write.items.isEmpty { try withdraw(follower, of: task, write, request) }
    }
    for step in settlement.steps { try note(step, task.hub, task.id) }
  }

  /// Notes what was done for a record beside its write.
  func note(_ step: DoneStep, _ hub: Int64, _ task: Int64) throws {
    let note = try connection.prepare(
      """
      INSERT INTO steps (hub, record, name, revision, target_id, task, done_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (hub, record, name) DO UPDATE SET revision = excluded.revision, target_id = excluded.target_id,
        task = excluded.task, done_at = excluded.done_at
      """)
    note.bind(1, hub)
    note.bind(2, step.item.record)
    note.bind(3, step.name)
    note.bind(4, step.item.revision)
    note.bind(5, step.id)
    note.bind(6, task)
    note.bind(7, now)
    try note.run()
  }

  /// Ends a write that would go on with records of one a person wants cancelled.
  private func withdraw(_ follower: Int64, of task: HeldTask, _ write: NewWrite, _ request: CancelRequest) throws {
    let find = try connection.prepare("SELECT \(HeldTask.columns) FROM tasks WHERE id = ?1")
    find.bind(1, follower)
    guard try find.step() else { throw StoreError.damaged("there is no task of number \(follower)") }
    let held = try HeldTask(row: find)
    find.reset()
    let failure = Failure(
      kind: "cancelled", message: "the write it would go on from was to be cancelled, see datahub task show \(task.id)",
      at: Timestamp(milliseconds: now))
    try end(held, from: write.due == nil ? .ready : .retrying, as: .cancelled, try FailureText.write(failure))
    try withdrawRecords(of: held, request, failure)
  }

  /// What it means that a write arrived.
  func arrival(of task: Int64) throws -> WriteArrival {
    let find = try connection.prepare("SELECT arrival FROM tasks WHERE id = ?1")
    find.bind(1, task)
    defer { find.reset() }
    guard try find.step(), let text = find.optionalText(0) else { return WriteArrival() }
    return try WriteArrival(text: text)
  }

  private func putOff(_ follower: Int64, _ write: NewWrite, until due: Int64, _ task: HeldTask) throws {
    let putOff = try connection.prepare("UPDATE tasks SET state = 3, run_at = ?2, attempts = ?3 WHERE id = ?1")
    putOff.bind(1, follower)
    putOff.bind(2, due)
    putOff.bind(3, write.attempts)
    try putOff.run()
    tally(of: task.hub).countTasks(.target, from: .ready, to: .retrying)
  }

  private func dueTime(of task: Int64) throws -> Int64 {
    let find = try connection.prepare("SELECT run_at FROM tasks WHERE id = ?1")
    find.bind(1, task)
    defer { find.reset() }
    guard try find.step() else { throw StoreError.damaged("there is no task of number \(task)") }
    return find.int64(0)
  }

  /// Writes down what most tasks have not: whose part it is, its lock, and that it may have arrived already.
  ///
  /// - Parameter settled: the task whose lock it takes over, where it has none of its own.
  func mark(_ task: Int64, _ write: NewWrite, origin: Int64?, due: Int64? = nil, settled: Int64? = nil) throws {
    let mark = try connection.prepare(
      """
      UPDATE tasks SET origin = ?2, lock = coalesce(?3, (SELECT lock FROM tasks WHERE id = ?5)),
        run_at = coalesce(?4, run_at), arrival = ?6
      WHERE id = ?1
      """)
    mark.bind(1, task)
    mark.bind(2, origin)
    mark.bind(3, write.lock)
    mark.bind(4, due)
    mark.bind(5, settled)
    mark.bind(6, write.arrival?.text)
    try mark.run()
    guard write.isDoubtful else { return }
    let doubt = try connection.prepare(
      "INSERT INTO ledger (task, epoch, phase, started_at, duration) VALUES (?1, 0, ?2, ?3, 0)")
    doubt.bind(1, task)
    doubt.bind(2, SendPhase.uncertain.rawValue)
    doubt.bind(3, now)
    try doubt.run()
  }

  /// True where a write of the hub holds the lock.
  func isHeld(_ lock: String, _ hub: HubTables) throws -> Bool {
    let find = try connection.prepare(
      "SELECT 1 FROM tasks WHERE hub = ?1 AND lock = ?2 AND state != 2 AND state != 4 AND state != 5")
    find.bind(1, hub.id)
    find.bind(2, lock)
    defer { find.reset() }
    return try find.step()
  }

  /// What is not known of the attempts made before; nil where none of them can have been carried out.
  func doubt(about task: Int64) throws -> SendDoubt? {
    let find = try connection.prepare(
      """
      SELECT epoch, started_at + coalesce(duration, 0) FROM ledger WHERE task = ?1 AND (phase = ?2 OR phase = ?3)
      ORDER BY epoch DESC LIMIT 1
      """)
    find.bind(1, task)
    find.bind(2, SendPhase.sending.rawValue)
    find.bind(3, SendPhase.uncertain.rawValue)
    guard try find.step() else { return nil }
    let (epoch, since) = (find.int64(0), find.int64(1))
    find.reset()
    let count = try connection.prepare("SELECT count(*) FROM ledger WHERE task = ?1 AND epoch > ?2 AND phase = ?3")
    count.bind(1, task)
    count.bind(2, epoch)
    count.bind(3, SendPhase.notFound.rawValue)
    defer { count.reset() }
    return SendDoubt(sinceMilliseconds: since, looks: try count.step() ? count.int(0) : 0)
  }

  /// Notes that the target has a record which stays in a write that follows.
  func noteDelivery(_ item: WriteItem, _ id: String?, _ task: HeldTask, _ hub: HubTables) throws -> Bool {
    let note = try connection.prepare(hub.noteDelivery)
    note.bind(1, item.record)
    note.bind(2, task.id)
    note.bind(3, item.revision)
    note.bind(4, id)
    note.bind(5, now)
    try note.run()
    guard connection.changes > 0 else { return false }
    if task.isAwaited { try wake(awaitingDeliveryOf: item.record, hub.id) }
    return true
  }

  /// Takes note that the target has a record no more: it is filtered, or goes on where it has changed meanwhile.
  func voidRecord(_ item: WriteItem, _ task: HeldTask, _ hub: HubTables) throws -> Bool {
    let forget = try connection.prepare(hub.forgetDelivery)
    forget.bind(1, item.record)
    forget.bind(2, task.id)
    forget.bind(3, item.revision)
    forget.bind(4, now)
    try forget.run()
    guard connection.changes > 0 else { return false }
    let filter = try connection.prepare(hub.filterRecord)
    filter.bind(1, item.record)
    filter.bind(2, item.revision)
    try filter.run()
    guard connection.changes == 0 else {
      tally(of: hub.id).countRecord(from: .queued, to: .filtered)
      return true
    }
    return try goOn(item, delivered: nil, nil, task, hub)
  }
}

extension Transaction {
  /// Takes note that the target has a record no more, of which a person says so.
  ///
  /// - Parameter isFiltered: whether it is not to be sent, see ``HubTables/filterRecord``.
  func forgetDelivery(of record: Int64, isFiltered: Bool, _ hub: HubTables) throws {
    let forget = try connection.prepare(
      "UPDATE \(hub.records) SET delivered_revision = NULL, target_id = NULL, revision = revision + ?2 WHERE id = ?1")
    forget.bind(1, record)
    forget.bind(2, isFiltered)
    try forget.run()
  }
}

extension HubTables {
  /// A record of a write, as it was rendered.
  var inWrite: String {
    """
    SELECT r.id, r.position, r.key, r.revision, r.delivered_revision, r.target_id, c.content, r.first_seen_at
    FROM \(records) AS r CROSS JOIN content_\(id) AS c ON c.id = r.id
    WHERE r.id = ?1 AND r.state = 1 AND r.revision = ?2 AND r.queued_revision = ?2
    """
  }

  /// The steps done for a record's present revision.
  var presentSteps: String {
    """
    SELECT s.name, s.revision, s.target_id FROM \(records) AS r CROSS JOIN steps AS s
      ON s.hub = ?2 AND s.record = r.id AND s.revision = r.revision
    WHERE r.id = ?1
    """
  }

  fileprivate var moveRecord: String {
    """
    UPDATE \(records) SET target_task = ?4
    WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3
    """
  }

  fileprivate var noteDelivery: String {
    """
    UPDATE \(records) SET delivered_revision = ?3, target_id = coalesce(?4, target_id), updated_at = ?5
    WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3
    """
  }

  fileprivate var forgetDelivery: String {
    """
    UPDATE \(records) SET delivered_revision = NULL, target_id = NULL, updated_at = ?4
    WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3
    """
  }

  /// Should it come back as it was, it is written anew: under its old key the target would take it for what it had.
  fileprivate var filterRecord: String {
    """
    UPDATE \(records) SET state = 5, revision = revision + 1, queued_revision = NULL, error = NULL
    WHERE id = ?1 AND revision = ?2
    """
  }
}

extension WriteArrival {
  /// As it is kept.
  fileprivate var text: String {
    let value: Value = [
      "steps": .list(steps.map { .string($0) }), "goesOn": .bool(goesOn), "effect": .string(effect.rawValue),
    ]
    return value.json()
  }

  fileprivate init(text: String) throws {
    let value = try Value(json: text)
    guard let effect = value["effect"]?.stringValue.flatMap(Effect.init), case .bool(let goesOn)? = value["goesOn"]
    else {
      throw StoreError.damaged("an arrival is \(text)")
    }
    self.init(steps: (value["steps"]?.listValue ?? []).compactMap(\.stringValue), goesOn: goesOn, effect: effect)
  }
}
