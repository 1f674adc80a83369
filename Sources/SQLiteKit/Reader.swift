/// A thread that reads: one body after the other, each in a read transaction of its own.
final class Reader: @unchecked Sendable {
  // Unchecked because after `init` only the reader's own thread touches the connection.
  private let connection: Connection
  private let inbox: Inbox<any Job>
  private let health: Health

  init(connection: Connection, inbox: Inbox<any Job>, health: Health) {
    self.connection = connection
    self.inbox = inbox
    self.health = health
  }

  /// Serves until the inbox is closed and empty.
  func serve() {
    var batch: [any Job] = []
    // One at a time, so that a long body delays nobody while another reader is free.
    while inbox.take(upTo: 1, into: &batch) {
      for job in batch { job.complete(failingWith: read(job)) }
      batch.removeAll(keepingCapacity: true)
    }
    connection.close()
  }

  /// Runs one body; returns the error that kept it from running.
  private func read(_ job: any Job) -> SQLiteError? {
    if let poison = health.poison { return poison }
    do {
      if job.inTransaction { try connection.control("BEGIN") }
    } catch {
      return note(error)
    }
    do {
      try job.perform(on: connection)
    } catch {
      // The job keeps its own error.
    }
    connection.rollBack()
    if let fatal = connection.fatalError { return note(fatal) }
    return nil
  }

  private func note(_ error: SQLiteError) -> SQLiteError {
    if error.isFatal { health.poison(with: error) }
    return error
  }
}
