import Keeping
import MongoKit
import Values

/// What every call that moves a task shares; each step is part of the caller's transaction.
struct TaskStep: Sendable {
  /// What the call is recognised by when the answer to its commit was lost.
  let token: String
  let now: Timestamp

  /// The running task of a lease.
  ///
  /// - Throws: ``Keeping/StoreError`` `leaseLost` where the task is another's by now, or not running.
  func hold(_ lease: TaskLease, _ side: Side?, _ tenant: Tenant) throws -> HeldTask {
    let filter: Value = [
      "_id": .int(lease.task), "state": TaskState.running.value, "owner": .string(lease.owner),
      "epoch": .int(lease.epoch),
    ]
    guard let task = try find(filter, tenant), side == nil || task.side == side else {
      throw StoreError.leaseLost(lease)
    }
    return task
  }

  func find(_ filter: Value, _ tenant: Tenant) throws -> HeldTask? {
    try tenant.tasks.findOne(filter, fields: HeldTask.fields).map(HeldTask.init)
  }

  /// True where a task shows that this call has changed it.
  func wasKept(_ task: Int64, _ tenant: Tenant) throws -> Bool {
    try tenant.tasks.findOne(["_id": .int(task)], fields: ["changed": 1])?.text("changed") == token
  }

  // MARK: - Moving

  /// Moves a task to another state; nobody's lease on it is good any more, and nobody wants it cancelled.
  func move(
    _ task: HeldTask, to state: TaskState, set fields: [(String, Value)] = [], unset names: [String] = [],
    counts: Bool = false, isRescue: Bool = false, _ tenant: Tenant
  ) throws {
    try Moves.check(task.state, to: state)
    var set: [(String, Value)] = [("state", state.value), ("changed", .string(token))]
    if state.isFinal { set.append(("finishedAt", .timestamp(now))) }
    var gone = ["leaseUntil", "claim", "cancel"] + names
    if task.lock != nil, !state.holdsLock { gone.append("holds") }
    let update: Value = [
      "$set": .map(ValueMap(set + fields)),
      "$unset": .map(ValueMap(gone.map { ($0, Value.string("")) })),
      "$inc": ["attempts": counts ? 1 : 0, "rescues": isRescue ? 1 : 0],
    ]
    guard try tenant.tasks.updateOne(task.guardFilter, update) else {
      throw StoreError.leaseLost(TaskLease(task: task.id, owner: task.owner, epoch: task.epoch))
    }
  }

  func retry(_ task: HeldTask, at time: Timestamp, counts: Bool, _ failure: Failure, _ tenant: Tenant) throws {
    try move(
      task, to: .retrying, set: [("runAt", .timestamp(time)), ("error", FailureForm.write(failure))], counts: counts,
      tenant)
    tenant.after.note(failure, task.hub)
  }

  /// Ends a task that did not succeed, `dead` or `uncertain`, with its records or its pull.
  func giveUp(
    _ task: HeldTask, _ state: TaskState, _ failure: Failure, isRescue: Bool = false, _ tenant: Tenant
  ) throws {
    try move(task, to: state, set: [("error", FailureForm.write(failure))], isRescue: isRescue, tenant)
    tenant.after.note(failure, task.hub)
    switch task.side {
    case .source: try failPull(of: task, because: failure, tenant)
    case .target:
      let settling = try RecordSettling(task, now, tenant)
      try settling.settleRest(state == .uncertain ? .uncertain(failure) : .failed(failure))
      try settling.save()
    }
  }

  /// Ends a running task that a person wants cancelled, at the point where its worker would try again.
  ///
  /// - Parameter wasSent: whether its request may have arrived: then it is uncertain, whatever was asked for.
  func endCancelled(
    _ task: HeldTask, wasSent: Bool, _ failure: Failure, isRescue: Bool = false, _ tenant: Tenant
  ) throws {
    if task.side == .target && wasSent { return try giveUp(task, .uncertain, failure, isRescue: isRescue, tenant) }
    try move(task, to: .cancelled, set: [("error", FailureForm.write(failure))], isRescue: isRescue, tenant)
    guard task.side == .target else { return try failPull(of: task, tenant) }
    let cancelled = Failure(
      kind: "cancelled", message: "its write was cancelled before it was sent: \(failure.message)", at: now)
    let settling = try RecordSettling(task, now, tenant)
    try settling.withdraw(task.cancel ?? .hold, cancelled)
    try settling.save()
  }

  // MARK: - Pulls

  /// True where the queries of the task's pull are still wanted; also for a task that belongs to none.
  ///
  /// Touches the pull, so that two transactions that decide by it are carried out one after the other.
  func touchPull(of task: HeldTask, _ tenant: Tenant) throws -> Bool {
    guard let pull = task.pull else { return true }
    return try tenant.pulls.updateOne(
      ["_id": .int(pull), "state": PullState.open.value], ["$inc": ["touched": 1]])
  }

  // MARK: - The ledger

  /// Says how a sending ended; that it began, the task says while it is running.
  func noteEnd(
    of task: HeldTask, _ phase: SendPhase, status: Int? = nil, answer: String? = nil,
    durationMilliseconds: Int64? = nil, _ tenant: Tenant
  ) throws {
    let startedAt = task.claimedAt ?? now
    var row: [(String, Value)] = [
      ("_id", .string("\(task.id)/\(task.epoch)")), ("task", .int(task.id)), ("epoch", .int(task.epoch)),
      ("phase", .int(Int64(phase.rawValue))), ("startedAt", .timestamp(startedAt)),
    ]
    if let status { row.append(("status", .int(Int64(status)))) }
    if let answer { row.append(("answer", .string(TaskStep.cut(answer)))) }
    if let durationMilliseconds { row.append(("duration", .int(durationMilliseconds))) }
    try tenant.ledger.insert([.map(ValueMap(row))])
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

/// Where a pull stands; the raw values are what the store keeps.
enum PullState: Int {
  case open = 0
  /// Every query was settled, and the watermark moved.
  case complete = 1
  /// A query is dead: the watermark stays, and the next pull reads the window again.
  case failed = 2

  var value: Value { .int(Int64(rawValue)) }
}
