public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// Makes this process known as a worker, by a locked file.
  ///
  /// A session that is dropped without being closed ends too.
  public func openSession() async throws -> any WorkerSession {
    try workers.enter()
  }

  /// Gives tasks of workers that are gone, or whose leases ran out, back to their queues; see ``Keeping/Store``.
  ///
  /// A task that is taken from a worker for the fourth time is dead: it may be what ends them. Returns how many tasks were
  /// taken from workers.
  @discardableResult
  public func rescueOrphans(now: Timestamp) async throws -> Int {
    let workers = workers
    let time = now.milliseconds
    let (gone, ranOut) = try await read { connection in
      // On a reader's thread, since looking at files may block.
      workers.sweep()
      let list = try connection.prepare("SELECT owner, min(lease_until) FROM tasks WHERE state = 1 GROUP BY owner")
      var gone: Set<String> = []
      var ranOut = false
      while try list.step() {
        let owner = list.text(0)
        if !workers.isAlive(owner) { gone.insert(owner) }
        if list.int64(1) < time { ranOut = true }
      }
      return (gone, ranOut)
    }
    if gone.isEmpty && !ranOut { return 0 }
    return try await write(now: now) { try $0.rescue(from: gone) }
  }

  /// Keeps the tasks of a worker its own for longer.
  public func extendLeases(owner: String, until: Timestamp) async throws {
    try await write(now: until) { transaction in
      let extend = try transaction.connection.prepare(
        "UPDATE tasks SET lease_until = max(lease_until, ?2) WHERE state = 1 AND owner = ?1")
      extend.bind(1, owner)
      extend.bind(2, until.milliseconds)
      try extend.run()
    }
  }
}

extension Transaction {
  /// How often a task may be taken from workers before it is dead.
  private static let mostRescues = 3
  /// How often before a write has to wait behind the others, so that they are not kept from being run.
  private static let suspiciousRescues = 2

  /// Takes the tasks of these workers, and those whose lease ran out, from them.
  fileprivate func rescue(from gone: Set<String>) throws -> Int {
    let list = try connection.prepare(
      """
      SELECT \(HeldTask.columns), owner, lease_until
      FROM tasks WHERE state = 1
      """)
    var orphans: [HeldTask] = []
    while try list.step() {
      if list.int64(11) < now || gone.contains(list.text(10)) { orphans.append(try HeldTask(row: list)) }
    }
    for task in orphans { try rescue(task) }
    return orphans.count
  }

  private func rescue(_ task: HeldTask) throws {
    let count = try connection.prepare("UPDATE tasks SET rescues = rescues + 1 WHERE id = ?1")
    count.bind(1, task.id)
    try count.run()
    if task.side == .target { try doubtSending(of: task) }
    let isPoison = task.rescues >= Transaction.mostRescues
    let at = Timestamp(milliseconds: now)
    if task.side == .target && !task.sendsAgain {
      let failure = Failure(
        kind: "uncertain", message: "the worker was gone before it said what became of the request", at: at)
      try giveUp(task, .uncertain, failure)
    } else if task.cancel != nil {
      try endCancelled(
        task, wasSent: task.side == .target,
        Failure(kind: "uncertain", message: "the worker was gone; a person had asked to cancel the task", at: at))
    } else if isPoison {
      let failure = Failure(
        kind: "quarantined",
        message: "\(task.rescues + 1) workers were gone while they ran this task; its last request may have arrived",
        at: at)
      try giveUp(task, .dead, failure)
    } else if try !isPullOpen(task) {
      try giveUp(task, .dead, Failure(kind: "cancelled", message: "another query of its pull is dead", at: at))
    } else {
      try giveBack(task)
    }
  }

  /// Makes a task ready again: in its old place, or, a write that is suspected of ending its workers, behind all others.
  private func giveBack(_ task: HeldTask) throws {
    let back = try connection.prepare(
      "UPDATE tasks SET state = 0, lease_until = NULL, position = coalesce(?2, position) WHERE id = ?1")
    back.bind(1, task.id)
    if task.side == .target, task.rescues + 1 >= Transaction.suspiciousRescues {
      back.bind(2, try tally(of: task.hub).takePosition())
    } else {
      back.bindNull(2)
    }
    try back.run()
    tally(of: task.hub).countTasks(task.side, from: .running, to: .ready)
  }

  /// Whoever was sending is gone: nobody knows whether it arrived.
  private func doubtSending(of task: HeldTask) throws {
    let doubt = try connection.prepare("UPDATE ledger SET phase = 4 WHERE task = ?1 AND epoch = ?2 AND phase = 0")
    doubt.bind(1, task.id)
    doubt.bind(2, task.epoch)
    try doubt.run()
  }
}
