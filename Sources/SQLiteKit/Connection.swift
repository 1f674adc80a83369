import CSQLite

/// One connection to the file, lent to a body for as long as it runs.
///
/// Never keep it, or a `Statement` of it, beyond the body: SQLite runs without its own locks because one thread alone
/// uses a connection.
public final class Connection {
  /// How many prepared statements are kept; the one not used for longest goes first.
  static let cacheLimit = 512

  private let handle: OpaquePointer
  private var cache: [String: Statement] = [:]
  private var controls: [String: Statement] = [:]
  private var useCount: UInt64 = 0
  private var enlisted: [Statement] = []
  private var isClosed = false
  private var mayControlTransactions = false
  /// The first error after which this connection cannot be trusted.
  private(set) var fatalError: SQLiteError?
  /// The frames in the write-ahead log after this connection's last commit.
  fileprivate(set) var walFrames = 0

  init(path: String, readOnly: Bool) throws(SQLiteError) {
    var opened: OpaquePointer?
    let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    let status = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard status == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw SQLiteError(code: status, message: "cannot open \"\(path)\": \(message)")
    }
    handle = opened
    // A misspelt column in double quotes would otherwise be taken as a string; the schema may call no functions.
    sqlitekit_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0)
    sqlitekit_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0)
    sqlitekit_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    sqlitekit_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
  }

  deinit { close() }

  /// Gives the file back at once, rather than with the last reference.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    enlisted.removeAll()
    cache.removeAll()
    controls.removeAll()
    // Cannot fail: for a statement a body kept alive, SQLite itself waits.
    sqlite3_close_v2(handle)
  }

  // MARK: - Statements

  /// Runs SQL text without parameters, any number of statements.
  ///
  /// The `Database` begins and ends transactions: `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT` (see `savepoint(_:)`) and
  /// `ATTACH` are refused.
  public func execute(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError(sql: sql) }
  }

  /// Returns the statement of an SQL text, compiled once and kept, reset and with nothing bound.
  ///
  /// Asked for again while it is being stepped, the same text gives a second statement.
  public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    useCount += 1
    if let known = cache[sql], !known.isActive {
      known.lastUse = useCount
      known.clearBindings()
      return known
    }
    let statement = try compile(sql)
    if cache[sql] == nil {
      if cache.count >= Connection.cacheLimit { dropOldest() }
      statement.lastUse = useCount
      cache[sql] = statement
    }
    return statement
  }

  /// How many statements the cache holds.
  var cachedStatements: Int { cache.count }

  private func compile(_ sql: String) throws(SQLiteError) -> Statement {
    var text = sql
    var pointer: OpaquePointer?
    var hasMore = false
    let status = text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { characters in
        var tail: UnsafePointer<CChar>?
        // The length says where the text ends: a Swift string need not end in NUL.
        let status = sqlite3_prepare_v3(
          handle, characters.baseAddress, Int32(clamping: characters.count), UInt32(SQLITE_PREPARE_PERSISTENT),
          &pointer, &tail)
        if let base = characters.baseAddress, let tail {
          hasMore = characters[(tail - base)...].contains { $0 > 0x20 && $0 != 0x3b }
        }
        return status
      }
    }
    guard status == SQLITE_OK else { throw lastError(sql: sql) }
    guard let pointer else { throw SQLiteError(code: SQLITE_MISUSE, message: "no statement in the text", sql: sql) }
    guard !hasMore else {
      sqlite3_finalize(pointer)
      throw SQLiteError(code: SQLITE_MISUSE, message: "more than one statement in the text", sql: sql)
    }
    return Statement(pointer: pointer, connection: self, sql: sql)
  }

  private func dropOldest() {
    let idle = cache.lazy.filter { !$0.value.isActive }
    if let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse })?.key { cache[oldest] = nil }
  }

  // MARK: - What happened

  /// How many rows the last `INSERT`, `UPDATE` or `DELETE` changed.
  public var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The row id of the last inserted row.
  public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Returns a number that changes when another connection commits; compare it with this connection's last one only.
  public func dataVersion() throws(SQLiteError) -> Int64 {
    try integer("PRAGMA data_version")
  }

  func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    let statement = try prepare(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.int64(0) : 0
  }

  /// The error of the last call on this connection; remembers the first one that makes it untrustworthy.
  func lastError(sql: String?) -> SQLiteError {
    let error = SQLiteError(
      code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)), sql: sql)
    if error.isFatal && fatalError == nil { fatalError = error }
    return error
  }

  // MARK: - Transactions

  /// Runs `body`; when it throws, what it changed is undone and the rest of the transaction stays.
  public func savepoint<T>(_ body: () throws -> T) throws -> T {
    try control("SAVEPOINT part")
    let value: T
    do {
      value = try body()
    } catch {
      try undoPart(after: error)
      throw error
    }
    try control("RELEASE part")
    return value
  }

  private func undoPart(after error: any Error) throws {
    // After a full disk SQLite may have rolled everything back, and the savepoint with it.
    guard isInTransaction else { throw error }
    try control("ROLLBACK TO part")
    try control("RELEASE part")
  }

  /// Whether a transaction is open; SQLite ends one by itself after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Whether `COMMIT` would fail for rows that point to rows that are not there.
  var hasUnresolvedForeignKeys: Bool {
    var count: Int32 = 0
    var highest: Int32 = 0
    sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &count, &highest, 0)
    return count != 0
  }

  /// Runs `BEGIN`, `COMMIT`, `SAVEPOINT` and the like, which bodies may not.
  ///
  /// Kept apart from the other statements, or `prepare` would hand a body the compiled `COMMIT`. Allowed while it runs
  /// as well, since SQLite compiles anew when the schema has changed.
  func control(_ sql: String) throws(SQLiteError) {
    mayControlTransactions = true
    defer { mayControlTransactions = false }
    if let known = controls[sql] { return try known.run() }
    let statement = try compile(sql)
    controls[sql] = statement
    try statement.run()
  }

  /// Ends an open transaction without keeping it.
  func rollBack() {
    resetStatements()
    guard isInTransaction else { return }
    do {
      try control("ROLLBACK")
    } catch {
      // The only way on is not to use the connection again.
      if fatalError == nil { fatalError = error }
    }
  }

  /// Notes a statement that was stepped, so that it can be reset when the body is over.
  func enlist(_ statement: Statement) {
    enlisted.append(statement)
  }

  /// Resets what a body left half-read: an open cursor would keep its snapshot, and the log, alive.
  func resetStatements() {
    for statement in enlisted {
      statement.reset()
      statement.isEnlisted = false
    }
    enlisted.removeAll(keepingCapacity: true)
  }

  // MARK: - The file

  func waitWhenBusy(_ limit: Duration) {
    let (seconds, attoseconds) = limit.components
    sqlite3_busy_timeout(handle, Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
  }

  /// Forbids what would break the promises of `Database`: ending its transaction, attaching other files.
  func guardTransactions() {
    sqlite3_set_authorizer(
      handle,
      { context, action, _, _, _, _ in
        guard let context else { return SQLITE_DENY }
        switch action {
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT:
          let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
          return connection.mayControlTransactions ? SQLITE_OK : SQLITE_DENY
        case SQLITE_ATTACH, SQLITE_DETACH: return SQLITE_DENY
        default: return SQLITE_OK
        }
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Turns SQLite's own checkpoints off and counts the frames of the log instead.
  func countFrames() {
    sqlite3_wal_hook(
      handle,
      { context, _, _, frames in
        if let context { Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().walFrames = Int(frames) }
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Moves committed frames into the database file as far as readers allow, without waiting for them.
  func checkpoint(truncating: Bool) throws(SQLiteError) {
    let status = sqlite3_wal_checkpoint_v2(
      handle, nil, truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    guard status == SQLITE_OK else { throw lastError(sql: nil) }
  }

  /// Leaves the log alone when this connection is the last to close.
  func skipCheckpointOnClose() {
    sqlitekit_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
  }

  /// Copies the whole database, as of one instant, into another connection's file.
  func copy(to target: Connection) throws(SQLiteError) {
    guard let backup = sqlite3_backup_init(target.handle, "main", handle, "main") else {
      throw target.lastError(sql: nil)
    }
    let status = sqlite3_backup_step(backup, -1)
    let end = sqlite3_backup_finish(backup)
    guard status == SQLITE_DONE, end == SQLITE_OK else { throw target.lastError(sql: nil) }
  }
}
