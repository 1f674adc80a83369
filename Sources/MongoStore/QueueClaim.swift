import Keeping
import MongoKit
import Values

/// Hands out the first tasks of a queue, for one process at a time.
///
/// Whoever hands out has the queue's document leased: one small write, on a document only those contend for who want tasks
/// of that queue. Then the first tasks that are due are looked for and all of them marked running by one conditional
/// update, which carries a token. So no two workers ever sort through the same tasks at the same time, and the lease is
/// not what is relied on: where one ran out under its holder, each of the two gets only what its own update found ready.
///
/// `head` in the queue's document is where the first ready task was when somebody looked last; looking starts there and
/// goes a window further, instead of through all that was taken since. It is a hint: where the window is empty, the whole
/// queue is looked at.
struct QueueClaim {
  let request: ClaimRequest
  let token: String

  /// How far behind the head is looked.
  static let window: Int64 = 256
  /// For how long a queue is leased; handing out takes some milliseconds.
  static let lease = TimeSpan(seconds: 5)
  /// How many retries that are due are weighed against the first ready tasks.
  private static let mostRetries = 256

  private var queue: String { Queue.id(request.hub, request.side) }
  private var tasksOfQueue: [(String, Value)] {
    [("hub", .string(request.hub)), ("side", request.side.value)]
  }

  /// Leases the queue; nil where another has it.
  func enter(at time: Timestamp, _ tenant: Tenant) throws -> BSONDocument? {
    try tenant.queues.findAndUpdate(
      ["_id": .string(queue), "$or": [["holder": nil], ["until": ["$lt": .timestamp(time)]]]],
      ["$set": ["holder": .string(token), "until": .timestamp(time + QueueClaim.lease)], "$inc": ["epoch": 1]])
  }

  /// Lets the queue go, with a better hint.
  func leave(head: Int64, _ old: Int64, _ tenant: Tenant) throws {
    // Who put a task before the head meanwhile has lowered it, and that counts.
    let mine: Value = ["_id": .string(queue), "holder": .string(token)]
    if head != old {
      let isMoved = try tenant.queues.updateOne(
        ["_id": .string(queue), "holder": .string(token), "head": .int(old)],
        ["$set": ["head": .int(head), "holder": nil]])
      if isMoved { return }
    }
    try tenant.queues.updateOne(mine, ["$set": ["holder": nil]])
  }

  /// The numbers of the first tasks that are due, in order, and where the first is that was not taken.
  func due(from head: Int64, _ tenant: Tenant) throws -> (numbers: [Int64], head: Int64) {
    var limit = min(request.limit, MongoStore.longestList)
    if request.concurrency != .max {
      let running = try tenant.tasks.count(filter(state: .running))
      limit = min(limit, request.concurrency - running)
    }
    guard limit > 0 else { return ([], head) }
    let ready = try ready(limit, from: head, tenant)
    let retries = try tenant.tasks.find(
      filter(state: .retrying), fields: QueueClaim.order, sort: ["runAt": 1], limit: QueueClaim.mostRetries
    ).filter { row in row.time("runAt").map { $0 <= request.now } ?? true }
    let taken = (ready + retries).sorted { QueueClaim.place($0) < QueueClaim.place($1) }.prefix(limit)
      .map { $0.int64("_id") ?? 0 }
    let left = ready.first { !taken.contains($0.int64("_id") ?? 0) } ?? ready.last
    return (taken, left?.int64("position") ?? head)
  }

  /// At one position the one that was due first goes first: what follows a task there comes before what stood there after it.
  private static let order: Value = ["position": 1, "runAt": 1, "_id": 1]

  private static func place(_ row: BSONDocument) -> (Int64, Int64, Int64) {
    (row.int64("position") ?? 0, row.int64("runAt") ?? 0, row.int64("_id") ?? 0)
  }

  private func ready(_ limit: Int, from head: Int64, _ tenant: Tenant) throws -> [BSONDocument] {
    let order = QueueClaim.order
    let near: [(String, Value)] = [("position", ["$gte": .int(head), "$lte": .int(head + QueueClaim.window)])]
    let found = try tenant.tasks.find(
      filter(state: .ready, near), fields: order, sort: order, limit: limit)
    if !found.isEmpty { return found }
    return try tenant.tasks.find(filter(state: .ready), fields: order, sort: order, limit: limit)
  }

  private func filter(state: TaskState, _ more: [(String, Value)] = []) -> Value {
    .map(ValueMap(tasksOfQueue + [("state", state.value)] + more))
  }

  /// Marks tasks running; those that somebody else has by now are left alone.
  func take(_ numbers: [Int64], _ tenant: Tenant) throws {
    try tenant.tasks.updateMany(
      [
        "_id": ["$in": .list(numbers.map(Value.int))],
        "state": ["$in": [TaskState.ready.value, TaskState.retrying.value]],
      ],
      [
        "$set": [
          "state": TaskState.running.value, "owner": .string(request.owner), "claim": .string(token),
          "claimedAt": .timestamp(request.now), "leaseUntil": .timestamp(request.now + request.lease),
        ], "$inc": ["epoch": 1],
      ])
  }

  /// What was taken, in order: what carries the token.
  func taken(_ numbers: [Int64], _ tenant: Tenant) throws -> [ClaimedTask] {
    let rows = try tenant.tasks.find(
      ["_id": ["$in": .list(numbers.map(Value.int))], "claim": .string(token)])
    // Those that were never tried before cannot have arrived.
    let tried = rows.filter { row in
      row.int64("epoch") ?? 0 > 1 || row.has("origin") || row.flag("isDoubtful")
    }
    let numbers = request.side == .target ? tried.compactMap { $0.int64("_id") } : []
    let doubts = try tenant.doubts(about: numbers)
    return try rows.sorted { QueueClaim.place($0) < QueueClaim.place($1) }.map { row in
      var task = try claimed(row, tenant)
      task.doubt = doubts[task.lease.task]
      return task
    }
  }

  private func claimed(_ row: BSONDocument, _ tenant: Tenant) throws -> ClaimedTask {
    guard let id = row.int64("_id"), let epoch = row.int64("epoch"),
      let payload = try tenant.kept("payload", of: Tenant.owner(task: id), row)
    else { throw StoreError.damaged("a task without number, epoch or payload") }
    return ClaimedTask(
      lease: TaskLease(task: id, owner: request.owner, epoch: epoch), hub: request.hub, side: request.side,
      pull: row.int64("pull"), attempts: row.int("attempts") ?? 0, payload: payload, items: try WriteItem.list(of: row),
      leasedUntil: request.now + request.lease)
  }
}

extension Tenant {
  /// Notes that a task stands before the head of its queue.
  func lowerHead(_ hub: String, _ side: Side, to position: Int64) throws {
    try queues.updateOne(["_id": .string(Queue.id(hub, side))], ["$min": ["head": .int(position)]])
  }
}
