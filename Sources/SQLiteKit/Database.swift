import CSQLite
import Glibc
import Synchronization

/// One database file: a writer that commits callers' bodies together, and a few readers with consistent snapshots.
///
/// Rules for bodies:
/// * A body runs on a thread of the database. It may compute and use its connection; waiting for anything else holds
///   up all others. Never call `write` or `read` from a body and wait for it.
/// * A write that was queued runs, whether or not its task was cancelled since: who called knows what became of it.
/// * A body runs at most once. When `write` throws a busy or full error nothing of it was kept; after an I/O error
///   while committing nobody knows, and the database takes no more work until it is opened anew.
///
/// Keep the `<path>.lock` file beside the database: processes take turns through it.
public final class Database: Sendable {
  private let configuration: Configuration
  private let health = Health()
  private let writes = Inbox<any Job>()
  private let reads = Inbox<any Job>()
  private let writerGone = Farewell()
  private let readersGone = Farewell()
  private let lastDataVersion: Mutex<Int64>

  /// The version of the SQLite library in use, such as "3.40.1".
  public static var libraryVersion: String { String(cString: sqlite3_libversion()) }

  /// The version of the SQLite library in use as a number, such as 3040001, to compare with.
  public static var libraryVersionNumber: Int { Int(sqlite3_libversion_number()) }

  /// Opens the file, and creates it (mode 0600) and its folder (0700) when missing.
  ///
  /// Blocks for as long as another process holds the gate, at most `busyDeadline`.
  public init(path: String, configuration: Configuration = .init()) throws(SQLiteError) {
    self.configuration = configuration
    let opened = try OpenFile(path: path, configuration: configuration)
    lastDataVersion = Mutex(opened.dataVersion)
    do {
      let writer = Writer(
        connection: opened.writer, gate: opened.gate, inbox: writes, health: health, configuration: configuration)
      try Database.start(writerGone) { writer.serve() }
      for connection in opened.readers {
        let reader = Reader(connection: connection, inbox: reads, health: health)
        try Database.start(readersGone) { reader.serve() }
      }
    } catch {
      // Ends the threads that were started.
      reads.close()
      writes.close()
      throw error
    }
  }

  deinit {
    // Not closed by hand: the threads finish what waits, close their connections and end.
    reads.close()
    writes.close()
  }

  private static func start(
    _ farewell: Farewell, _ body: @escaping @Sendable () -> Void
  )
    throws(SQLiteError)
  {
    farewell.arrive()
    do {
      try WorkThread.start {
        body()
        farewell.leave()
      }
    } catch {
      farewell.leave()
      throw error
    }
  }

  // MARK: - Work

  /// Runs `body` in a write transaction, alone or together with other callers' bodies, and returns when the commit is
  /// as durable as the configuration asks.
  ///
  /// - Throws: What the body throws (then only its own changes are undone), or `SQLiteError`.
  public func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    guard !configuration.readOnly else { throw SQLiteError.readOnly }
    return try await submit(to: writes, inTransaction: true, body)
  }

  /// Runs `body` on a connection that cannot write, in one read transaction: it sees one instant of the database.
  ///
  /// Keep it short: while it runs, the log cannot be emptied past its snapshot.
  public func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await submit(to: reads, inTransaction: true, body)
  }

  /// Returns whether another process (or another `Database` on the file) committed since the last call, or since
  /// opening; a cheap hint that looking is worth it.
  public func changedByOthers() async throws -> Bool {
    // On the writer's connection: it alone does not count this database's own commits as another's.
    let version = try await submit(to: writes, inTransaction: false) { try $0.dataVersion() }
    return lastDataVersion.withLock { last in
      defer { last = version }
      return last != version
    }
  }

  /// Copies the database, as of one instant, into a new file (mode 0600) that must not exist.
  public func backup(to path: String) async throws {
    try await submit(to: reads, inTransaction: false) { connection in
      try createFile(path, mustBeNew: true)
      do {
        let target = try Connection(path: path, readOnly: false)
        defer { target.close() }
        try connection.copy(to: target)
      } catch {
        // Half a copy is worse than none; that it cannot be removed changes nothing for the caller.
        unlink(path)
        throw error
      }
    }
  }

  private func submit<T: Sendable>(
    to inbox: Inbox<any Job>, inTransaction: Bool, _ body: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      let job = BodyJob(inTransaction: inTransaction, body: body, continuation: continuation)
      if !inbox.put(job) { job.complete(failingWith: SQLiteError.closed) }
    }
  }

  // MARK: - End and counters

  /// Finishes what is queued, empties the log when nobody else uses the file, and closes; later calls fail.
  public func close() async {
    // Readers first: the last connection to close is the one that may remove the log.
    reads.close()
    await readersGone.waitForAll()
    writes.close()
    await writerGone.waitForAll()
  }

  /// How many bodies wait for the writer; for a gauge, old by the time it is read.
  public var waitingWrites: Int { writes.count }

  /// How many bodies were committed.
  public var writesCommitted: Int { health.writesCommitted.load(ordering: .relaxed) }

  /// How many transactions they shared.
  public var transactionsCommitted: Int { health.transactionsCommitted.load(ordering: .relaxed) }
}
