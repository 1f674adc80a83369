public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Makes this process known as a worker, by a row that says where it runs.
  ///
  /// A session that is dropped without being closed ends too.
  public func openSession() async throws -> any WorkerSession {
    let identity = WorkerIdentity.current()
    let owner = "\(identity.host)-\(identity.process)-\(MongoStore.newToken().prefix(13))"
    let transactions = announced.known.map(Value.bytes)
    _ = try await perform { tenant in
      try tenant.sessions.updateOne(
        ["_id": .string(owner)],
        [
          "$set": .map(ValueMap(identity.fields + [("transactions", .list(transactions))])),
          "$currentDate": ["seenAt": true],
        ], upsert: true)
    }
    return MongoSession(owner: owner, self)
  }

  /// Gives tasks of workers that are gone, or whose leases ran out, back to their queues; see ``Keeping/Store``.
  ///
  /// A task that is taken from a worker for the fourth time is dead: it may be what ends them. Returns how many tasks were
  /// taken from workers.
  @discardableResult
  public func rescueOrphans(now: Timestamp) async throws -> Int {
    let ended = ended
    let orphans = try await perform { tenant in
      let running = try tenant.tasks.find(["state": TaskState.running.value], fields: HeldTask.fields)
      var workers: [String: Worker] = [:]
      return try running.filter { row in
        let owner = row.text("owner") ?? ""
        let worker = try workers[owner] ?? (ended.contains(owner) ? Worker.gone : tenant.worker(owner))
        workers[owner] = worker
        return worker.isGone || worker.leaseEnd(of: row) < now
      }.map(HeldTask.init)
    }
    var count = 0
    for orphan in orphans {
      let change = TaskStep(token: MongoStore.newToken(), now: now)
      let (isTaken, place) = try await transact(
        { tenant -> (Bool, Int64?) in
          // Whoever settled or rescued it meanwhile has changed what the lease is known by.
          guard let task = try change.find(orphan.guardFilter, tenant) else { return (false, nil) }
          return (true, try change.rescue(task, tenant))
        }, wasKept: { try change.wasKept(orphan.id, $0) })
      if isTaken { count += 1 }
      if let place { try await lowerHead(orphan.hub, orphan.side, to: place) }
    }
    return count
  }

  /// Keeps the tasks of a worker its own for longer.
  ///
  /// By one write to the worker's row, whatever tasks it has: those may be in transactions just now.
  public func extendLeases(owner: String, until: Timestamp) async throws {
    let lost = ended.lostClaims.map(Value.string)
    try await perform { tenant in
      _ = try tenant.sessions.updateOne(
        ["_id": .string(owner)],
        [
          "$max": ["leaseUntil": .timestamp(until)], "$set": ["lostClaims": .list(lost)],
          "$currentDate": ["seenAt": true],
        ])
    }
  }
}

/// What is known of a worker that has tasks.
private struct Worker {
  let isGone: Bool
  /// Until when its tasks are its own.
  var leaseUntil: Timestamp?
  /// Claims whose tasks it never got: these are not its own for longer.
  var lostClaims: Set<String> = []

  static let gone = Worker(isGone: true)

  /// When the lease of one of its tasks ends.
  func leaseEnd(of task: BSONDocument) -> Timestamp {
    let own = task.time("leaseUntil") ?? Timestamp(milliseconds: 0)
    guard let leaseUntil, !lostClaims.contains(task.text("claim") ?? "") else { return own }
    return max(own, leaseUntil)
  }
}

extension Tenant {
  /// True where a worker's process may be there; on other machines that shows only by what it no longer does.
  func isAlive(_ owner: String, _ ended: EndedSessions) throws -> Bool {
    if ended.contains(owner) { return false }
    return try connection.outsideTransaction { try !worker(owner).isGone }
  }

  /// What is known of a worker; the row of one whose process is not there any more is removed.
  fileprivate func worker(_ owner: String) throws -> Worker {
    guard let row = try sessions.findOne(["_id": .string(owner)]) else { return .gone }
    guard WorkerIdentity(row)?.isGoneFromHere == true else {
      var lost: Set<String> = []
      if case .list(let claims)? = try row.value("lostClaims") { lost = Set(claims.compactMap(\.stringValue)) }
      return Worker(isGone: false, leaseUntil: row.time("leaseUntil"), lostClaims: lost)
    }
    if case .list(let numbers)? = try row.value("transactions") {
      let transactions = numbers.compactMap { if case .bytes(let id) = $0 { id } else { nil } }
      do throws(MongoError) {
        try connection.endTransactions(of: transactions)
      } catch {
        // Not allowed, or not known: then the server ends them after a minute.
        guard error.kind != .unreachable else { throw error }
      }
    }
    try sessions.delete(["_id": .string(owner)])
    return .gone
  }
}

extension TaskStep {
  /// How often a task may be taken from workers before it is dead.
  private static let mostRescues = 3
  /// How often before a write has to wait behind the others, so that they are not kept from being run.
  private static let suspiciousRescues = 2

  /// Takes a task from its worker; gives its place where it is ready again.
  fileprivate func rescue(_ task: HeldTask, _ tenant: Tenant) throws -> Int64? {
    // Whoever was sending is gone: nobody knows whether it arrived.
    if task.side == .target {
      let duration = task.claimedAt.map { now.milliseconds - $0.milliseconds }
      try noteEnd(of: task, .uncertain, durationMilliseconds: duration, tenant)
    }
    if task.side == .target && !task.sendsAgain {
      let failure = Failure(
        kind: "uncertain", message: "the worker was gone before it said what became of the request", at: now)
      try giveUp(task, .uncertain, failure, isRescue: true, tenant)
    } else if task.cancel != nil {
      let failure = Failure(
        kind: "uncertain", message: "the worker was gone; a person had asked to cancel the task", at: now)
      try endCancelled(task, wasSent: task.side == .target, failure, isRescue: true, tenant)
    } else if task.rescues >= TaskStep.mostRescues {
      let failure = Failure(
        kind: "quarantined",
        message: "\(task.rescues + 1) workers were gone while they ran this task; its last request may have arrived",
        at: now)
      try giveUp(task, .dead, failure, isRescue: true, tenant)
    } else if try !touchPull(of: task, tenant) {
      let failure = Failure(kind: "cancelled", message: "another query of its pull is dead", at: now)
      try giveUp(task, .dead, failure, isRescue: true, tenant)
    } else {
      return try giveBack(task, tenant)
    }
    return nil
  }

  /// Makes a task ready again: in its old place, or, a write that is suspected of ending its workers, behind all others.
  private func giveBack(_ task: HeldTask, _ tenant: Tenant) throws -> Int64 {
    var position = task.position
    if task.side == .target, task.rescues + 1 >= TaskStep.suspiciousRescues {
      position = try tenant.takeQueuePlaces(1, task.hub, task.side)
    }
    try move(task, to: .ready, set: [("position", .int(position))], isRescue: true, tenant)
    return position
  }
}
