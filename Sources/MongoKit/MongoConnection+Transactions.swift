import CLibMongoC
import Glibc
import Values

extension MongoConnection {
  /// Runs a body in a transaction: all that it writes is kept, by a majority of the servers, or nothing is.
  ///
  /// The body runs anew where another got in its way, so it must not do anything that cannot be done twice; what it
  /// throws undoes the transaction. Where the answer to the commit is lost, the commit is asked for again, which is
  /// harmless.
  ///
  /// - Throws: what the body throws, or ``MongoError``; with ``MongoError/isOutcomeUnknown`` where nobody could be asked what
  ///   became of the commit.
  public func transaction<Result>(
    within limit: Duration = MongoConnection.patience, _ body: () throws -> Result
  ) throws -> Result {
    let deadline = ContinuousClock.now + limit
    var pause: UInt32 = 2000
    while true {
      do {
        return try attempt(until: deadline, body)
      } catch let error as MongoError where error.isTransient && ContinuousClock.now < deadline {
        // The thread is this client's own, so that nobody else waits; at random, so that two do not meet again.
        usleep(UInt32.random(in: 500...pause))
        pause = min(pause * 2, 100_000)
      }
    }
  }

  /// For how long others' transactions are waited for: a server ends one whose client was killed after a minute.
  public static let patience = Duration.seconds(120)

  /// True while a transaction is under way.
  public var isInTransaction: Bool { session != nil }

  /// Runs a body beside the transaction that is under way: what it writes stays whatever becomes of that.
  public func outsideTransaction<Result>(_ body: () throws -> Result) rethrows -> Result {
    let current = session
    session = nil
    defer { session = current }
    return try body()
  }

  private func attempt<Result>(until deadline: ContinuousClock.Instant, _ body: () throws -> Result) throws -> Result {
    var error = bson_error_t()
    let session = try thread.openSession()
    let options = MongoConnection.transactionOptions()
    defer { mongoc_transaction_opts_destroy(options) }
    guard mongoc_client_session_start_transaction(session, options, &error) else { throw MongoError(error, nil) }
    let result: Result
    do {
      self.session = session
      defer { self.session = nil }
      result = try body()
    } catch {
      // Whether or not the server hears of it: what was not committed ends with its time.
      if !mongoc_client_session_abort_transaction(session, nil) { thread.endSession() }
      if (error as? MongoError)?.kind == .unreachable { thread.endSession() }
      throw error
    }
    do throws(MongoError) {
      try commit(session, until: deadline)
    } catch {
      // A session whose connection broke is not to be used again.
      thread.endSession()
      throw error
    }
    return result
  }

  /// The number under which the server knows this connection's transactions.
  public func transactionSession() throws(MongoError) -> [UInt8] {
    guard let id = mongoc_client_session_get_lsid(try thread.openSession()) else {
      throw MongoError(.refused, "a session without a number")
    }
    return try BSONPointer.copy(id).bytes("id") ?? []
  }

  /// Ends what others' transactions have under way, by the numbers of their sessions.
  ///
  /// A server keeps the documents of a transaction whose process was killed for a minute; this lets them go at once.
  public func endTransactions(of sessions: [[UInt8]]) throws(MongoError) {
    if sessions.isEmpty { return }
    let command = try MongoConnection.form { () throws(BSONError) in
      let ids = try sessions.map { id throws(BSONError) in try BSONWriter.uuidDocument("id", id) }
      return try BSONWriter.document(ValueMap([(String, Value)]()), list: "killSessions", of: ids[...])
    }
    _ = try write(command, on: "admin")
  }

  private func commit(_ session: OpaquePointer, until deadline: ContinuousClock.Instant) throws(MongoError) {
    while true {
      var error = bson_error_t()
      let reply = ReplyPointer()
      if mongoc_client_session_commit_transaction(session, reply.pointer, &error) { return }
      let failure = MongoError(error, readable(reply), isWrite: true)
      guard failure.isCommitUnknown else { throw failure }
      guard ContinuousClock.now < deadline else {
        throw MongoError(
          .unreachable, code: failure.code, failure.description, labels: failure.labels, isOutcomeUnknown: true)
      }
      // The server may be choosing a new primary; committing again is harmless, and the deadline ends it.
      usleep(20_000)
    }
  }

  private static func transactionOptions() -> OpaquePointer? {
    let options = mongoc_transaction_opts_new()
    let reading = mongoc_read_concern_new()
    defer { mongoc_read_concern_destroy(reading) }
    mongoc_read_concern_set_level(reading, "snapshot")
    mongoc_transaction_opts_set_read_concern(options, reading)
    let writing = mongoc_write_concern_new()
    defer { mongoc_write_concern_destroy(writing) }
    mongoc_write_concern_set_wmajority(writing, MongoAddress.writeTimeout)
    mongoc_write_concern_set_journal(writing, true)
    mongoc_transaction_opts_set_write_concern(options, writing)
    return options
  }
}
