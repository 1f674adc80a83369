import Keeping
import SQLiteKit
import Values

/// That a person wants a running task cancelled, and what then becomes of its records; the raw values are what the store keeps.
enum CancelRequest: Int {
  case hold = 1
  case renderAnew = 2
}

/// A running task whose lease was found good, or a task a person changes.
struct HeldTask {
  let id: Int64
  let hub: Int64
  let side: Side
  let epoch: Int64
  let rescues: Int
  let pull: Int64?
  let position: Int64
  let recordCount: Int
  let sendsAgain: Bool
  /// Whether records wait for deliveries of the task's hub.
  fileprivate(set) var isAwaited = false
  /// What a person wants to become of it.
  let cancel: CancelRequest?

  /// The columns of the row it is made of.
  static let columns = "id, hub, side, epoch, rescues, pull, position, record_count, sends_again, cancel"

  /// A row of ``columns``, and maybe more.
  init(row: Statement) throws {
    guard let side = Side(rawValue: row.int(2)) else { throw StoreError.damaged("a task of side \(row.int(2))") }
    id = row.int64(0)
    hub = row.int64(1)
    self.side = side
    epoch = row.int64(3)
    rescues = row.int(4)
    pull = row.optionalInt64(5)
    position = row.int64(6)
    recordCount = row.int(7)
    sendsAgain = row.bool(8)
    cancel = CancelRequest(rawValue: row.int(9))
  }
}

/// A task to be put into a queue.
struct NewTask {
  var hub: Int64
  var side: Side
  var position: Int64
  var pull: Int64?
  var sendsAgain = true
  var recordCount = 0
}

#if DATAHUB_UNFENCED
  /// Whoever asks may end a task: only for `make control`, which shows that the check of the promises sees it.
  private let fence = "?2 <> '' AND ?3 > 0"
#else
  /// The task must still be the one that was claimed: running, by this worker, at this epoch.
  private let fence = "state = 1 AND owner = ?2 AND epoch = ?3"
#endif

extension Transaction {
  /// The running task of a lease.
  ///
  /// - Throws: ``Keeping/StoreError`` `leaseLost` where the task is another's by now, or not running.
  func hold(_ lease: TaskLease) throws -> HeldTask {
    let find = try connection.prepare(
      """
      SELECT \(HeldTask.columns), EXISTS (SELECT 1 FROM delivery_waits WHERE awaited_hub = tasks.hub)
      FROM tasks WHERE id = ?1 AND \(fence)
      """)
    find.bind(1, lease.task)
    find.bind(2, lease.owner)
    find.bind(3, lease.epoch)
    guard try find.step() else { throw StoreError.leaseLost(lease) }
    defer { find.reset() }
    var task = try HeldTask(row: find)
    task.isAwaited = find.bool(10)
    return task
  }

  /// The running task of a lease that must be of a side.
  func hold(_ lease: TaskLease, _ side: Side) throws -> HeldTask {
    let task = try hold(lease)
    guard task.side == side else { throw StoreError.leaseLost(lease) }
    return task
  }

  /// Puts a task into its queue and returns its number.
  func insert(_ task: NewTask, payload: [UInt8], items: [UInt8]) throws -> Int64 {
    let insert = try connection.prepare(
      """
      INSERT INTO tasks (hub, side, state, position, run_at, pull, sends_again, record_count, created_at)
      VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?4)
      """)
    insert.bind(1, task.hub)
    insert.bind(2, task.side.rawValue)
    insert.bind(3, task.position)
    insert.bind(4, now)
    insert.bind(5, task.pull)
    insert.bind(6, task.sendsAgain)
    insert.bind(7, task.recordCount)
    try insert.run()
    let id = connection.lastInsertRowID
    let keep = try connection.prepare("INSERT INTO task_payloads (task, payload, items) VALUES (?1, ?2, ?3)")
    keep.bind(1, id)
    keep.bind(2, payload)
    keep.bind(3, items)
    try keep.run()
    tally(of: task.hub).countTasks(task.side, from: nil, to: .ready)
    return id
  }

  /// Ends a running task for good.
  func finish(_ task: HeldTask, as state: TaskState, _ failure: String? = nil) throws {
    let end = try connection.prepare(
      "UPDATE tasks SET state = ?2, error = ?3, finished_at = ?4, lease_until = NULL WHERE id = ?1")
    end.bind(1, task.id)
    end.bind(2, state.rawValue)
    end.bind(3, failure)
    end.bind(4, now)
    try end.run()
    tally(of: task.hub).countTasks(task.side, from: .running, to: state)
  }

  /// The records a write carries.
  func items(of task: Int64) throws -> [WriteItem] {
    let find = try connection.prepare("SELECT items FROM task_payloads WHERE task = ?1")
    find.bind(1, task)
    defer { find.reset() }
    guard try find.step() else { throw StoreError.damaged("task \(task) has no payload") }
    return try find.withBytes(0, PackedItems.unpack)
  }

  // MARK: - Claims

  /// Hands over the first tasks of a queue that are due and marks them running.
  func claim(_ request: ClaimRequest, _ hub: HubTables) throws -> [ClaimedTask] {
    let due = try dueTasks(request, hub)
    if due.isEmpty { return due }
    let take = try connection.prepare(
      "UPDATE tasks SET state = 1, owner = ?2, epoch = epoch + 1, lease_until = ?3 WHERE id = ?1")
    let until = (request.now + request.lease).milliseconds
    for task in due {
      take.bind(1, task.lease.task)
      take.bind(2, request.owner)
      take.bind(3, until)
      try take.run()
    }
    if request.side == .target { try noteSending(due, at: request.now.milliseconds) }
    return due
  }

  /// Read to the end before any task is changed: a cursor must not walk an index that moves under it.
  private func dueTasks(_ request: ClaimRequest, _ hub: HubTables) throws -> [ClaimedTask] {
    let limit = min(request.limit, SQLiteStore.longestList, try freePlaces(request, hub))
    guard limit > 0 else { return [] }
    let find = try connection.prepare(
      """
      SELECT t.id, t.epoch, t.pull, t.attempts, t.state, p.payload, p.items
      FROM tasks AS t CROSS JOIN task_payloads AS p ON p.task = t.id
      WHERE t.hub = ?1 AND t.side = ?2 AND t.state IN (0, 3) AND t.run_at <= ?3
      ORDER BY t.position LIMIT ?4
      """)
    find.bind(1, hub.id)
    find.bind(2, request.side.rawValue)
    find.bind(3, request.now.milliseconds)
    find.bind(4, limit)
    let tally = tally(of: hub.id)
    var due: [ClaimedTask] = []
    while try find.step() {
      tally.countTasks(request.side, from: find.int(4) == 0 ? .ready : .retrying, to: .running)
      due.append(
        ClaimedTask(
          lease: TaskLease(task: find.int64(0), owner: request.owner, epoch: find.int64(1) + 1), hub: request.hub,
          side: request.side, pull: find.optionalInt64(2), attempts: find.int(3), payload: find.bytes(5),
          items: try find.withBytes(6, PackedItems.unpack), leasedUntil: request.now + request.lease))
    }
    return due
  }

  /// How many more tasks of a queue may run at once, seeing those that all workers run.
  private func freePlaces(_ request: ClaimRequest, _ hub: HubTables) throws -> Int {
    if request.concurrency == .max { return .max }
    let count = try connection.prepare("SELECT count(*) FROM tasks WHERE hub = ?1 AND side = ?2 AND state = 1")
    count.bind(1, hub.id)
    count.bind(2, request.side.rawValue)
    defer { count.reset() }
    return try count.step() ? request.concurrency - count.int(0) : request.concurrency
  }

  // MARK: - The ledger

  /// Says of claimed writes that they are being sent, before anything is.
  private func noteSending(_ tasks: [ClaimedTask], at time: Int64) throws {
    let note = try connection.prepare("INSERT INTO ledger (task, epoch, phase, started_at) VALUES (?1, ?2, 0, ?3)")
    for task in tasks {
      note.bind(1, task.lease.task)
      note.bind(2, task.lease.epoch)
      note.bind(3, time)
      try note.run()
    }
  }

  /// Says how a sending ended.
  func noteEnd(
    of task: HeldTask, _ phase: SendPhase, status: Int?, answer: String?, durationMilliseconds: Int64?
  ) throws {
    let note = try connection.prepare(
      """
      UPDATE ledger SET phase = ?3, status = ?4, answer = ?5, duration = coalesce(?6, ?7 - started_at)
      WHERE task = ?1 AND epoch = ?2
      """)
    note.bind(1, task.id)
    note.bind(2, task.epoch)
    note.bind(3, phase.rawValue)
    note.bind(4, status)
    note.bind(5, answer.map(Transaction.cut))
    note.bind(6, durationMilliseconds)
    note.bind(7, now)
    try note.run()
  }

  /// At most 16 KB of an answer: it comes from outside and is kept for people to read.
  private static func cut(_ answer: String) -> String {
    let most = 16 << 10
    guard answer.utf8.count > most else { return answer }
    var end = answer.utf8.index(answer.utf8.startIndex, offsetBy: most)
    while answer.utf8[end] & 0xC0 == 0x80 { end = answer.utf8.index(before: end) }
    return String(answer[..<end]) + "…"
  }
}
