import Keeping
import SQLiteKit
import Values

/// What a person does to tasks, within one transaction.
final class TaskActs {
  let notes: ActNotes
  let transaction: Transaction
  var connection: Connection { transaction.connection }

  init(_ transaction: Transaction, _ act: Act) {
    self.transaction = transaction
    notes = ActNotes(transaction, act)
  }

  /// A task as it is, whoever has it.
  struct Stored {
    let task: HeldTask
    let state: TaskState

    init(row: Statement) throws {
      task = try HeldTask(row: row)
      guard let state = TaskState(rawValue: row.int(10)) else {
        throw StoreError.damaged("a task is in state \(row.int(10))")
      }
      self.state = state
    }

    /// What the audit log has of it.
    var noted: Value { ["state": .string(state.name)] }
  }

  /// Makes one change to tasks, in their order; what cannot be changed is skipped.
  func perform(_ change: TaskChange, on ids: [Int64]) throws {
    switch change {
    case .front: try moveToFront(ids)
    case .prune: try prune(ids)
    default:
      for id in ids {
        guard let stored = try find(id) else {
          notes.skip(id, "there is no such task")
          continue
        }
        if let reason = change.refusal(in: stored.state, records: stored.task.recordCount) {
          notes.skip(id, reason)
          continue
        }
        switch change {
        case .front, .prune: continue
        case .retry(let atEnd): try retry(stored, atEnd: atEnd)
        case .cancel(let rendersAnew): try cancel(stored, rendersAnew ? .renderAnew : .hold)
        case .arrived(let targetID): try resolve(stored, arrived: true, targetID)
        case .notArrived: try resolve(stored, arrived: false, nil)
        }
      }
    }
  }

  func find(_ id: Int64) throws -> Stored? {
    let find = try connection.prepare("SELECT \(HeldTask.columns), state FROM tasks WHERE id = ?1")
    find.bind(1, id)
    defer { find.reset() }
    return try find.step() ? Stored(row: find) : nil
  }

  // MARK: - Order

  /// Before all others of their queues, in the order given.
  private func moveToFront(_ ids: [Int64]) throws {
    struct Queue: Hashable {
      let hub: Int64
      let side: Side
    }
    var chosen: [Queue: [Stored]] = [:]
    for id in ids {
      guard let stored = try find(id) else {
        notes.skip(id, "there is no such task")
        continue
      }
      if let reason = TaskChange.front.refusal(in: stored.state, records: stored.task.recordCount) {
        notes.skip(id, reason)
      } else {
        chosen[Queue(hub: stored.task.hub, side: stored.task.side), default: []].append(stored)
      }
    }
    for (queue, tasks) in chosen {
      var position = try firstPosition(queue.hub, queue.side) - Int64(tasks.count)
      for stored in tasks {
        let move = try connection.prepare(
          "UPDATE tasks SET position = ?2, state = 0, run_at = min(run_at, ?3) WHERE id = ?1")
        move.bind(1, stored.task.id)
        move.bind(2, position)
        move.bind(3, transaction.now)
        try move.run()
        if stored.state == .retrying {
          transaction.tally(of: queue.hub).countTasks(queue.side, from: .retrying, to: .ready)
        }
        try notes.note(
          AuditItem.subject(task: stored.task.id),
          before: ["state": .string(stored.state.name), "place": .int(stored.task.position)],
          after: ["state": "ready", "place": .int(position)])
        position += 1
      }
    }
  }

  private func firstPosition(_ hub: Int64, _ side: Side) throws -> Int64 {
    let find = try connection.prepare(
      "SELECT position FROM tasks WHERE hub = ?1 AND side = ?2 AND state IN (0, 3) ORDER BY position LIMIT 1")
    find.bind(1, hub)
    find.bind(2, side.rawValue)
    defer { find.reset() }
    return try find.step() ? find.int64(0) : 0
  }

  // MARK: - Retry

  private func retry(_ stored: Stored, atEnd: Bool) throws {
    let task = stored.task
    if stored.state != .retrying {
      if try isLockTaken(from: task.id) {
        return notes.skip(task.id, "another write of its group is on its way: try it again when that is done")
      }
      if let reason = try task.side == .target ? takeRecords(back: task) : reopenPull(of: task) {
        return notes.skip(task.id, reason)
      }
      // A query that is taken up again takes the others of its pull with it, and maybe itself.
      if try find(task.id)?.state == .ready { return }
    }
    try makeReady(stored, atEnd: atEnd)
  }

  /// True where a task may not run since another has its lock by now.
  private func isLockTaken(from task: Int64) throws -> Bool {
    let look = try connection.prepare(
      """
      SELECT 1 FROM tasks AS t JOIN tasks AS o ON o.hub = t.hub AND o.lock = t.lock AND o.id != t.id
      WHERE t.id = ?1 AND t.lock IS NOT NULL AND o.state != 2 AND o.state != 4 AND o.state != 5
      """)
    look.bind(1, task)
    defer { look.reset() }
    return try look.step()
  }

  private func makeReady(_ stored: Stored, atEnd: Bool) throws {
    let tally = transaction.tally(of: stored.task.hub)
    let ready = try connection.prepare(
      """
      UPDATE tasks SET state = 0, run_at = min(run_at, ?2), attempts = iif(state = 3, attempts, 0), rescues = 0, cancel = 0,
        error = iif(state = 3, error, NULL), finished_at = NULL, lease_until = NULL, position = coalesce(?3, position)
      WHERE id = ?1
      """)
    ready.bind(1, stored.task.id)
    ready.bind(2, transaction.now)
    ready.bind(3, atEnd ? try tally.takePosition() : nil)
    try ready.run()
    tally.countTasks(stored.task.side, from: stored.state, to: .ready)
    try notes.note(AuditItem.subject(task: stored.task.id), before: stored.noted, after: ["state": "ready"])
  }

  /// Puts the records of a dead or cancelled write into it again; where one of them has moved on, none, and the reason.
  private func takeRecords(back task: HeldTask) throws -> String? {
    let hub = transaction.hubs[task.hub]
    let items = try transaction.items(of: task.id)
    let look = try connection.prepare(
      "SELECT state FROM \(hub.records) WHERE id = ?1 AND revision = ?2 AND target_task = ?3 AND state IN (3, 6)")
    var states: [RecordState] = []
    for item in items {
      look.bind(1, item.record)
      look.bind(2, item.revision)
      look.bind(3, task.id)
      defer { look.reset() }
      guard try look.step(), let state = RecordState(rawValue: look.int(0)) else {
        return "a record of it has changed or moved on since: see datahub record retry"
      }
      states.append(state)
    }
    let queue = try connection.prepare(
      "UPDATE \(hub.records) SET state = 1, queued_revision = ?2, error = NULL, updated_at = ?3 WHERE id = ?1")
    for (item, state) in zip(items, states) {
      queue.bind(1, item.record)
      queue.bind(2, item.revision)
      queue.bind(3, transaction.now)
      try queue.run()
      transaction.tally(of: hub.id).countRecord(from: state, to: .queued)
    }
    return nil
  }

  /// Takes up the pull of a query again, with all its queries that are dead or cancelled; the reason where it cannot be.
  private func reopenPull(of task: HeldTask) throws -> String? {
    guard let pull = task.pull else { return nil }
    let reads = "the next pull reads its window again, see datahub dispatch HUB --source"
    let find = try connection.prepare(
      """
      SELECT state, open_queries, (SELECT max(id) FROM pulls WHERE hub = ?2) FROM pulls WHERE id = ?1
      """)
    find.bind(1, pull)
    find.bind(2, task.hub)
    guard try find.step() else { throw StoreError.damaged("there is no pull of number \(pull)") }
    let (state, open, newest) = (find.int(0), find.int(1), find.int64(2))
    find.reset()
    guard newest == pull else { return "a newer pull has its window; \(reads)" }
    guard state == PullState.failed.rawValue else { return "its pull is not closed" }
    let left = try stoppedQueries(of: pull)
    // A page that was settled after the pull was closed has no successor, so the pull could never be whole.
    guard try left.count + runningQueries(of: pull) == open else { return "its pull is no longer whole; \(reads)" }
    let reopen = try connection.prepare("UPDATE pulls SET state = 0, closed_at = NULL WHERE id = ?1")
    reopen.bind(1, pull)
    try reopen.run()
    for stored in left { try makeReady(stored, atEnd: false) }
    return nil
  }

  private func stoppedQueries(of pull: Int64) throws -> [Stored] {
    let list = try connection.prepare(
      "SELECT \(HeldTask.columns), state FROM tasks WHERE state >= 4 AND pull = ?1 ORDER BY position")
    list.bind(1, pull)
    var found: [Stored] = []
    while try list.step() { found.append(try Stored(row: list)) }
    return found
  }

  private func runningQueries(of pull: Int64) throws -> Int {
    let count = try connection.prepare("SELECT count(*) FROM tasks WHERE state = 1 AND side = 0 AND pull = ?1")
    count.bind(1, pull)
    defer { count.reset() }
    return try count.step() ? count.int(0) : 0
  }
}
