import CSQLite
import Synchronization

/// The thread that writes: it takes all bodies that wait, and commits them as one transaction.
///
/// A flush to the disk costs the same for one body as for five hundred, so bodies that arrive during a commit
/// share the next one. Each runs in a savepoint and is undone alone when it throws.
final class Writer: @unchecked Sendable {
  // Unchecked because after `init` only the writer's own thread touches the connection and the gate.
  private let connection: Connection
  private let gate: Gate?
  private let inbox: Inbox<any Job>
  private let health: Health
  private let configuration: Database.Configuration
  private var lastCheckpoint = 0

  init(
    connection: Connection, gate: Gate?, inbox: Inbox<any Job>, health: Health, configuration: Database.Configuration
  ) {
    self.connection = connection
    self.gate = gate
    self.inbox = inbox
    self.health = health
    self.configuration = configuration
  }

  /// Serves until the inbox is closed and empty.
  func serve() {
    var batch: [any Job] = []
    while inbox.take(upTo: configuration.maximumBatch, into: &batch) {
      lookAround(&batch)
      if !batch.isEmpty { write(batch) }
      batch.removeAll(keepingCapacity: true)
    }
    close()
  }

  /// Runs the bodies that only look, without gate and transaction, and takes them out of the batch.
  private func lookAround(_ batch: inout [any Job]) {
    guard batch.contains(where: { !$0.inTransaction }) else { return }
    for job in batch where !job.inTransaction {
      var failure: (any Error)? = health.poison
      if failure == nil {
        do { try job.perform(on: connection) } catch { failure = error }
      }
      connection.resetStatements()
      if let fatal = connection.fatalError { health.poison(with: fatal) }
      job.complete(failingWith: failure)
    }
    batch.removeAll { !$0.inTransaction }
  }

  private func write(_ batch: [any Job]) {
    do {
      if let poison = health.poison { throw poison }
      guard let gate else { throw SQLiteError.readOnly }
      try gate.enter(patience: configuration.busyDeadline)
    } catch {
      for job in batch { job.complete(failingWith: error) }
      return
    }
    let failure = commit(batch)
    let isDue = failure == nil && isCheckpointDue
    if !isDue { gate?.leave() }
    for job in batch { job.complete(failingWith: failure) }
    if isDue {
      // After the callers were answered: their commit is durable, and moving pages can take long.
      checkpoint()
      gate?.leave()
    }
  }

  /// Runs the bodies and commits; returns the error that undid them all.
  private func commit(_ batch: [any Job]) -> SQLiteError? {
    do {
      try connection.control("BEGIN IMMEDIATE")
      for job in batch { try run(job, alone: batch.count == 1) }
      let committed = batch.count { !$0.hasFailed }
      guard committed > 0 else {
        connection.rollBack()
        return nil
      }
      try connection.control("COMMIT")
      health.writesCommitted.add(committed, ordering: .relaxed)
      health.transactionsCommitted.add(1, ordering: .relaxed)
      return nil
    } catch {
      connection.rollBack()
      let fatal = connection.fatalError
      if let fatal { health.poison(with: fatal) }
      return fatal ?? error
    }
  }

  /// Runs one body; throws only when the whole transaction is lost.
  private func run(_ job: any Job, alone: Bool) throws(SQLiteError) {
    // A body alone needs no savepoint: undoing it is undoing the transaction.
    if !alone { try connection.control("SAVEPOINT body") }
    var failure: SQLiteError?
    do {
      try job.perform(on: connection)
    } catch {
      failure = error as? SQLiteError
    }
    connection.resetStatements()
    if let fatal = connection.fatalError { throw fatal }
    // A full disk may end the transaction under us, whether the body let that error through or not.
    guard connection.isInTransaction else { throw failure ?? .abandoned }
    if !job.hasFailed && connection.hasUnresolvedForeignKeys {
      // COMMIT would fail for everyone; so the one that left them fails, alone.
      job.overrule(by: SQLiteError.deferredForeignKey)
    }
    guard !alone else { return }
    if job.hasFailed { try connection.control("ROLLBACK TO body") }
    try connection.control("RELEASE body")
  }

  /// Whether the log is long enough; readers of old snapshots may hold its pages back, and then it is tried again
  /// after as many more and not at every commit.
  private var isCheckpointDue: Bool {
    let frames = connection.walFrames
    let hasRestarted = frames < lastCheckpoint
    return frames >= (hasRestarted ? 0 : lastCheckpoint) + configuration.checkpointPages
  }

  private func checkpoint() {
    lastCheckpoint = connection.walFrames
    do {
      try connection.checkpoint(truncating: false)
    } catch {
      // Busy is no harm, the log stays a little longer; anything worse stops the work.
      if error.isFatal { health.poison(with: error) }
    }
  }

  /// Closes inside the gate, since closing the last connection is a checkpoint too.
  private func close() {
    guard let gate, health.poison == nil else {
      connection.skipCheckpointOnClose()
      return connection.close()
    }
    do {
      try gate.enter(patience: configuration.busyDeadline)
    } catch {
      // Somebody holds the gate for ever: the log stays as it is, and the next one to open the file reads it.
      connection.skipCheckpointOnClose()
      return connection.close()
    }
    defer { gate.leave() }
    connection.waitWhenBusy(.zero)
    do {
      try connection.checkpoint(truncating: true)
    } catch {
      // Others still use the file: the last of them empties the log. Everything committed is in it.
      connection.skipCheckpointOnClose()
    }
    connection.close()
  }
}
