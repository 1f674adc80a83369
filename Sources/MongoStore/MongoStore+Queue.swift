public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Hands over the first tasks of a queue that are due, in order, and marks them running.
  ///
  /// For a write the ledger says `sending` from here on.
  public func claim(_ request: ClaimRequest) async throws -> [ClaimedTask] {
    if request.limit <= 0 { return [] }
    try await ensureHub(request.hub)
    return try await turns.take(Queue.id(request.hub, request.side)) {
      while true {
        let claim = QueueClaim(request: request, token: MongoStore.newToken())
        if let tasks = try await attempt(claim) { return tasks }
        // Another process hands out the queue's tasks, which takes some milliseconds.
        try await Task.sleep(for: .milliseconds(Int.random(in: 3...25)))
      }
    }
  }

  /// A claim after a call that has done its own work: where it fails, that work must not seem undone.
  func claimNext(_ request: ClaimRequest) async throws -> [ClaimedTask] {
    do {
      return try await claim(request)
    } catch let error as StoreError where error.code == .unavailable {
      // Whoever works the queue asks again, and meets the failure there.
      return []
    }
  }

  /// One turn; nil where another process has the queue.
  private func attempt(_ claim: QueueClaim) async throws -> [ClaimedTask]? {
    let time = serverTime()
    let ended = ended
    return try await perform { tenant in
      guard let queue = try claim.enter(at: time, tenant) else { return nil }
      let old = queue.int64("head") ?? 0
      var head = old
      let tasks: [ClaimedTask]
      do {
        let due = try claim.due(from: old, tenant)
        head = due.head
        tasks = due.numbers.isEmpty ? [] : try claim.run(due.numbers, ended, tenant)
      } catch {
        // What was thrown tells more than that the queue could not be let go; its lease runs out.
        _ = Result { try claim.leave(head: old, old, tenant) }
        throw error
      }
      do {
        try claim.leave(head: head, old, tenant)
      } catch is MongoError {
        // The tasks are ours; the queue's lease runs out.
        return tasks
      }
      return tasks
    }
  }

  /// Notes that a task stands before the head of its queue.
  func lowerHead(_ hub: String, _ side: Side, to position: Int64) async throws {
    try await perform { tenant in
      do {
        try tenant.lowerHead(hub, side, to: position)
      } catch is MongoError {
        // Only a hint: the task is found when what stands behind it is done.
        return
      }
    }
  }

  /// When the first task of a queue that is not final is due, where there is one that nobody runs.
  public func nextDue(hub: String, side: Side) async throws -> Timestamp? {
    try await perform { tenant in
      let queue: [(String, Value)] = [("hub", .string(hub)), ("side", side.value)]
      func first(_ state: TaskState, _ sort: Value?) throws -> Timestamp? {
        let filter = Value.map(ValueMap(queue + [("state", state.value)]))
        return try tenant.tasks.findOne(filter, fields: ["runAt": 1], sort: sort)?.time("runAt")
      }
      // Every ready task is due, whichever is seen first.
      return try first(.ready, nil) ?? first(.retrying, ["runAt": 1])
    }
  }

  /// How many tasks of a queue workers are running.
  public func runningCount(hub: String, side: Side) async throws -> Int {
    try await perform { tenant in
      try tenant.tasks.count(["hub": .string(hub), "side": side.value, "state": TaskState.running.value])
    }
  }

  /// Records that a task did not succeed.
  ///
  /// A query that is given up is dead, and a query has no other end: its pull is closed, the pull's other queries are
  /// cancelled, and the watermark stays, so that the next pull reads the window again.
  public func setBack(
    _ lease: TaskLease, _ setback: TaskSetback, _ failure: Failure, now: Timestamp
  ) async throws {
    let change = TaskStep(token: MongoStore.newToken(), now: now)
    try await transact(
      { tenant in
        let task = try change.hold(lease, nil, tenant)
        if task.side == .target {
          let phase = setback == .uncertain ? .uncertain : failure.phase
          let duration = task.claimedAt.map { now.milliseconds - $0.milliseconds }
          try change.noteEnd(of: task, phase, status: failure.status, durationMilliseconds: duration, tenant)
        }
        switch setback {
        case .retry(let at, let counts):
          // Another query of the pull died meanwhile: nothing is left to be tried for.
          guard try change.touchPull(of: task, tenant) else { return try change.giveUp(task, .dead, failure, tenant) }
          if task.cancel != nil {
            // A look says nothing of the attempt for whose sake it was made.
            let isDoubtful = try failure.isOfLook && tenant.doubts(about: [task.id])[task.id] != nil
            return try change.endCancelled(
              task, wasSent: failure.phase == .uncertain || isDoubtful, failure, tenant)
          }
          try change.retry(task, at: at, counts: counts, failure, tenant)
        case .give: try change.giveUp(task, .dead, failure, tenant)
        case .uncertain: try change.giveUp(task, task.side == .target ? .uncertain : .dead, failure, tenant)
        }
      }, wasKept: { try change.wasKept(lease.task, $0) })
  }
}

extension QueueClaim {
  /// Takes tasks and gives what was taken, also where the answer to the taking is lost.
  fileprivate func run(_ numbers: [Int64], _ ended: EndedSessions, _ tenant: Tenant) throws -> [ClaimedTask] {
    do {
      try take(numbers, tenant)
    } catch let error as MongoError where error.isOutcomeUnknown {
      // Whatever was taken carries the token, once a majority has it; a write that a majority confirms comes after it.
      do {
        try tenant.queues.updateOne(["_id": .string(Queue.id(request.hub, request.side))], ["$inc": ["epoch": 1]])
        let tasks = try taken(numbers, tenant)
        if tasks.isEmpty { ended.note(lostClaim: token) }
        return tasks
      } catch {
        // Nobody has these tasks then: they are not kept alive with the worker's others, and are rescued.
        ended.note(lostClaim: token)
        throw error
      }
    }
    return try taken(numbers, tenant)
  }
}

extension Failure {
  /// True where a write was looked up, and not sent.
  fileprivate var isOfLook: Bool { kind == "lookup" || kind == "notFound" }

  /// What the ledger says of a request that ended so: where the kind does not say that it was never carried out or that it
  /// was refused, nobody knows.
  fileprivate var phase: SendPhase {
    switch kind {
    case "notSent", "rateLimited", "unauthenticated", "mapping", "lookup": .notSent
    case "notFound": .notFound
    case "rejected", "alreadyExists": .rejected
    default: .uncertain
    }
  }
}
