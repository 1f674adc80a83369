import Keeping
import MongoKit
import Values

/// What a person does to tasks, within one transaction.
struct TaskActs {
  let notes: ActNotes
  let step: TaskStep
  let tenant: Tenant

  init(_ notes: ActNotes, _ step: TaskStep, _ tenant: Tenant) {
    self.notes = notes
    self.step = step
    self.tenant = tenant
  }

  /// Makes one change to tasks, in their order; what cannot be changed is skipped.
  func perform(_ change: TaskChange, on ids: [Int64]) throws {
    switch change {
    case .front: return try moveToFront(ids)
    case .prune: return try prune(ids)
    default: break
    }
    // Each is read when it is its turn: what is done to one query of a pull is done to the others as well.
    for id in ids {
      guard let task = try step.find(["_id": .int(id)], tenant) else {
        notes.skip(id, "there is no such task")
        continue
      }
      if let reason = change.refusal(in: task.state, records: task.items.count) {
        notes.skip(id, reason)
        continue
      }
      switch change {
      case .front, .prune: continue
      case .retry(let atEnd): try retry(task, atEnd: atEnd)
      case .cancel(let rendersAnew): try cancel(task, rendersAnew ? .renderAnew : .hold)
      case .arrived(let targetID): try resolve(task, arrived: true, targetID)
      case .notArrived: try resolve(task, arrived: false, nil)
      }
    }
  }

  // MARK: - Order

  /// Before all others of their queues, in the order given.
  private func moveToFront(_ ids: [Int64]) throws {
    struct Queue: Hashable {
      let hub: String
      let side: Side
    }
    var chosen: [Queue: [HeldTask]] = [:]
    for id in ids {
      guard let task = try step.find(["_id": .int(id)], tenant) else {
        notes.skip(id, "there is no such task")
        continue
      }
      if let reason = TaskChange.front.refusal(in: task.state, records: task.items.count) {
        notes.skip(id, reason)
      } else {
        chosen[Queue(hub: task.hub, side: task.side), default: []].append(task)
      }
    }
    for (queue, tasks) in chosen {
      let first = try tenant.firstPosition(queue.hub, queue.side) - Int64(tasks.count)
      for (place, task) in tasks.enumerated() {
        let position = first + Int64(place)
        if task.state != .ready { try Moves.check(task.state, to: .ready) }
        try change(
          task,
          [
            "$set": ["position": .int(position), "state": TaskState.ready.value],
            "$min": ["runAt": .timestamp(step.now)],
          ])
        notes.note(
          AuditItem.subject(task: task.id),
          before: ["state": .string(task.state.name), "place": .int(task.position)],
          after: ["state": "ready", "place": .int(position)])
      }
      tenant.after.noteReady(queue.hub, queue.side, at: first)
    }
  }

  /// Changes a task that is still as it was read; whoever changed it meanwhile makes the transaction begin anew.
  func change(_ task: HeldTask, _ update: Value) throws {
    guard try tenant.tasks.updateOne(task.guardFilter, update) else {
      throw StoreError.damaged("task \(task.id) changed while it was changed")
    }
  }

  // MARK: - Retry

  private func retry(_ task: HeldTask, atEnd: Bool) throws {
    if task.state != .retrying {
      if let lock = task.lock, try !tenant.held([lock], task.hub).isEmpty {
        return notes.skip(task.id, "another write of its group is on its way: try it again when that is done")
      }
      if let reason = try task.side == .target ? takeRecords(back: task) : reopenPull(of: task) {
        return notes.skip(task.id, reason)
      }
      // A query that is taken up again takes the others of its pull with it, and maybe itself.
      if try step.find(["_id": .int(task.id)], tenant)?.state == .ready { return }
    }
    try makeReady(task, atEnd: atEnd)
  }

  private func makeReady(_ task: HeldTask, atEnd: Bool) throws {
    try Moves.check(task.state, to: .ready)
    let position = atEnd ? try tenant.takeQueuePlaces(1, task.hub, task.side) : task.position
    var set: [(String, Value)] = [
      ("state", TaskState.ready.value), ("rescues", 0), ("position", .int(position)),
    ]
    var unset = ["cancel", "finishedAt", "leaseUntil", "claim"]
    if let lock = task.lock { set.append(("holds", .string(lock))) }
    if task.state != .retrying {
      set.append(("attempts", 0))
      unset.append("error")
    }
    try change(
      task,
      [
        "$set": .map(ValueMap(set)), "$min": ["runAt": .timestamp(step.now)],
        "$unset": .map(ValueMap(unset.map { ($0, Value.string("")) })),
      ])
    tenant.after.noteReady(task.hub, task.side, at: position)
    notes.note(AuditItem.subject(task: task.id), before: task.noted, after: ["state": "ready"])
  }

  /// Puts the records of a dead or cancelled write into it again; where one of them has moved on, none, and the reason.
  private func takeRecords(back task: HeldTask) throws -> String? {
    guard let rows = try tenant.records(of: task, in: [.failed, .held]) else {
      return "a record of it has changed or moved on since: see datahub record retry"
    }
    let changes = try rows.map { item, state, _ in
      try Moves.check(state, to: .queued)
      return MongoChange(
        ["_id": .int(item.record), "state": state.value, "revision": .int(item.revision)],
        [
          "$set": [
            "state": RecordState.queued.value, "queuedRevision": .int(item.revision), "updatedAt": .timestamp(step.now),
          ],
          "$unset": ["error": ""],
        ])
    }
    try tenant.update(changes, task.hub)
    return nil
  }

  /// Takes up the pull of a query again, with all its queries that are dead or cancelled; the reason where it cannot be.
  private func reopenPull(of task: HeldTask) throws -> String? {
    guard let pull = task.pull else { return nil }
    let reads = "the next pull reads its window again, see datahub dispatch HUB --source"
    // Whoever ends another pull of the hub meanwhile changes the same document.
    try tenant.touch(task.hub)
    guard let row = try tenant.pulls.findOne(["_id": .int(pull)]), let open = row.int("openQueries") else {
      throw StoreError.damaged("there is no pull of number \(pull)")
    }
    let ended = try tenant.hubs.findOne(["_id": .string(task.hub)], fields: ["latestPull": 1])?.int64("latestPull")
    let newest = max(try Pull.findOpen(task.hub, tenant)?.id ?? 0, ended ?? 0)
    guard newest <= pull else { return "a newer pull has its window; \(reads)" }
    guard row.int("state") == PullState.failed.rawValue else { return "its pull is not closed" }
    let stopped = try tenant.tasks.find(
      Tenant.queries(of: task, pull, in: [.dead, .cancelled]), fields: HeldTask.fields,
      sort: ["position": 1, "_id": 1]
    ).map(HeldTask.init)
    // Touched, so that who settles one sees that its pull is open again.
    let running = try tenant.tasks.updateMany(
      Tenant.queries(of: task, pull, in: [.running]), ["$inc": ["touched": 1]])
    // A page that was settled after the pull was closed has no successor, so the pull could never be whole.
    guard stopped.count + running == open else { return "its pull is no longer whole; \(reads)" }
    try tenant.pulls.updateOne(
      ["_id": .int(pull)], ["$set": ["state": PullState.open.value], "$unset": ["closedAt": ""]])
    for query in stopped { try makeReady(query, atEnd: false) }
    return nil
  }
}

extension HeldTask {
  /// What the audit log has of it.
  var noted: Value { ["state": .string(state.name)] }
}

extension Tenant {
  /// The least place of what is to be run in a queue; 0 where there is nothing.
  func firstPosition(_ hub: String, _ side: Side) throws -> Int64 {
    // One look for each state: each is in the order of the index.
    try [TaskState.ready, .retrying].compactMap { state in
      try tasks.findOne(
        ["hub": .string(hub), "side": side.value, "state": state.value], fields: ["position": 1], sort: ["position": 1])?
        .int64("position")
    }.min() ?? 0
  }

  /// What the queries of a pull in some states fit.
  fileprivate static func queries(of task: HeldTask, _ pull: Int64, in states: [TaskState]) -> Value {
    [
      "hub": .string(task.hub), "side": Side.source.value, "state": ["$in": .list(states.map(\.value))],
      "pull": .int(pull),
    ]
  }

  /// The records of a write with their states and keys, in its order; nil where one is not as it was rendered, or in another state.
  func records(
    of task: HeldTask, in states: [RecordState]
  ) throws -> [(item: WriteItem, state: RecordState, row: BSONDocument)]? {
    var rows: [Int64: BSONDocument] = [:]
    let filter: Value = [
      "_id": ["$in": .list(task.items.map { .int($0.record) })], "targetTask": .int(task.id),
      "state": ["$in": .list(states.map(\.value))],
    ]
    for row in try records(task.hub).find(
      filter,
      fields: ["key": 1, "state": 1, "revision": 1, "queuedRevision": 1, "deliveredRevision": 1, "steps": 1])
    { rows[row.int64("_id") ?? 0] = row }
    var found: [(WriteItem, RecordState, BSONDocument)] = []
    for item in task.items {
      guard let row = rows[item.record], row.int64("revision") == item.revision,
        let state = row.int("state").flatMap(RecordState.init(rawValue:))
      else { return nil }
      found.append((item, state, row))
    }
    return found
  }

  /// Changes records of a hub, each of which must be as it was read.
  func update(_ changes: [MongoChange], _ hub: String) throws {
    if changes.isEmpty { return }
    guard try records(hub).update(changes) == changes.count else {
      throw StoreError.damaged("records of \"\(hub)\" changed while they were changed")
    }
  }
}
