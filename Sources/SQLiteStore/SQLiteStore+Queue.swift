public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// Hands over the first tasks of a queue that are due, in order, and marks them running.
  ///
  /// For a write the ledger says `sending` from here on.
  public func claim(_ request: ClaimRequest) async throws -> [ClaimedTask] {
    let hub = try await tables(of: request.hub)
    return try await write(now: request.now) { try $0.claim(request, hub) }
  }

  /// When the first task of a queue that is not final is due, where there is one that nobody runs.
  public func nextDue(hub: String, side: Side) async throws -> Timestamp? {
    guard let hub = try await tables(ifAnyOf: hub) else { return nil }
    return try await read { connection in
      // A ready task is due; where there is none, the retries are few enough to look at all.
      let queue = "SELECT run_at FROM tasks WHERE hub = ?1 AND side = ?2 AND state IN (0, 3) AND state = ?3"
      for (state, order) in [(TaskState.ready, "position"), (.retrying, "run_at")] {
        let find = try connection.prepare("\(queue) ORDER BY \(order) LIMIT 1")
        find.bind(1, hub.id)
        find.bind(2, side.rawValue)
        find.bind(3, state.rawValue)
        if try find.step() { return Timestamp(milliseconds: find.int64(0)) }
      }
      return nil
    }
  }

  /// How many tasks of a queue workers are running.
  public func runningCount(hub: String, side: Side) async throws -> Int {
    guard let hub = try await tables(ifAnyOf: hub) else { return 0 }
    return try await read { connection in
      let count = try connection.prepare("SELECT count(*) FROM tasks WHERE hub = ?1 AND side = ?2 AND state = 1")
      count.bind(1, hub.id)
      count.bind(2, side.rawValue)
      return try count.step() ? count.int(0) : 0
    }
  }

  /// Records that a task did not succeed.
  ///
  /// A query that is given up is dead, and a query has no other end: its pull is closed, the pull's other queries are
  /// cancelled, and the watermark stays, so that the next pull reads the window again.
  public func setBack(
    _ lease: TaskLease, _ setback: TaskSetback, _ failure: Failure, now: Timestamp
  ) async throws {
    try await write(now: now) { transaction in
      let task = try transaction.hold(lease)
      if task.side == .target {
        let phase = setback == .uncertain ? .uncertain : failure.phase
        try transaction.noteEnd(of: task, phase, status: failure.status, answer: nil, durationMilliseconds: nil)
      }
      switch setback {
      case .retry(let at, let counts):
        // Another query of the pull died meanwhile: nothing is left to be tried for.
        guard try transaction.isPullOpen(task) else { return try transaction.giveUp(task, .dead, failure) }
        if task.cancel != nil {
          // A look says nothing of the attempt for whose sake it was made.
          let isDoubtful = try failure.isOfLook && transaction.doubt(about: task.id) != nil
          return try transaction.endCancelled(task, wasSent: failure.phase == .uncertain || isDoubtful, failure)
        }
        try transaction.retry(task, at: at, counts: counts, failure)
      case .give: try transaction.giveUp(task, .dead, failure)
      case .uncertain: try transaction.giveUp(task, task.side == .target ? .uncertain : .dead, failure)
      }
    }
  }
}

extension Transaction {
  fileprivate func retry(_ task: HeldTask, at time: Timestamp, counts: Bool, _ failure: Failure) throws {
    let retry = try connection.prepare(
      "UPDATE tasks SET state = 3, run_at = ?2, attempts = attempts + ?3, error = ?4, lease_until = NULL WHERE id = ?1")
    retry.bind(1, task.id)
    retry.bind(2, time.milliseconds)
    retry.bind(3, counts)
    let text = try FailureText.write(failure)
    retry.bind(4, text)
    try retry.run()
    tally(of: task.hub).noteError(text)
    tally(of: task.hub).countTasks(task.side, from: .running, to: .retrying)
  }

  /// Ends a task that did not succeed, `dead` or `uncertain`, with its records or its pull.
  func giveUp(_ task: HeldTask, _ state: TaskState, _ failure: Failure) throws {
    let text = try FailureText.write(failure)
    try finish(task, as: state, text)
    tally(of: task.hub).noteError(text)
    switch task.side {
    case .source: try failPull(of: task, text)
    case .target: try settleAll(of: task, state == .uncertain ? .uncertain(failure) : .failed(failure))
    }
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
