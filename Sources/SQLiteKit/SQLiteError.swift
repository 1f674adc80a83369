import CSQLite

/// What SQLite refused, with the extended result code and the SQL it refused, never with the bound values.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
  /// The extended result code, as in `sqlite3_extended_errcode`.
  public let code: Int32
  /// What went wrong, in SQLite's words or ours.
  public let message: String
  /// The SQL text that failed, with its placeholders, when a statement was to blame.
  public let sql: String?

  /// Creates an error from an extended code, a message and the SQL text.
  public init(code: Int32, message: String, sql: String? = nil) {
    self.code = code
    self.message = message
    self.sql = sql
  }

  /// Whether another connection or process held what was needed for too long.
  public var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
  /// Whether a constraint of the schema refused the change.
  public var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
  /// Whether the disk, or the size the file may have, is used up.
  public var isFull: Bool { primaryCode == SQLITE_FULL }
  /// Whether reading, writing or flushing a file failed; the `Database` takes no more work after it.
  public var isIOError: Bool { primaryCode == SQLITE_IOERR }
  /// Whether the file is damaged or is no database.
  public var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
  /// Whether the same call may succeed later with nothing changed but time: busy, interrupted, full, out of memory.
  public var isTransient: Bool {
    isBusy || isFull || primaryCode == SQLITE_INTERRUPT || primaryCode == SQLITE_NOMEM
  }

  /// The message, the code and the SQL text on one line.
  public var description: String {
    let text = "\(message) (SQLite code \(code))"
    guard let sql else { return text }
    return "\(text) in: \(sql.prefix(500))"
  }

  /// The low byte of the extended code, which names the family.
  private var primaryCode: Int32 { code & 0xff }

  /// Whether going on could make damage worse or report a commit that never reached the disk.
  var isFatal: Bool { isIOError || isCorrupt }
}

extension SQLiteError {
  // Extended codes are macros Swift does not see: family + number * 256.

  static func cannotOpen(_ what: String, errno number: Int32) -> SQLiteError {
    SQLiteError(code: SQLITE_CANTOPEN, message: "cannot open \(what): \(systemMessage(number))")
  }

  static let closed = SQLiteError(code: SQLITE_MISUSE, message: "the database is closed")
  static let readOnly = SQLiteError(code: SQLITE_READONLY, message: "the database was opened for reading only")
  static let abandoned = SQLiteError(
    code: SQLITE_ABORT | 2 << 8, message: "SQLite rolled the whole transaction back")
  static let deferredForeignKey = SQLiteError(
    code: SQLITE_CONSTRAINT | 3 << 8, message: "a deferred foreign key points nowhere at the end of the transaction")

  static func poisoned(by first: SQLiteError) -> SQLiteError {
    SQLiteError(
      code: first.code,
      message: "no more work is taken after an earlier failure; check the file and open it anew: \(first.message)",
      sql: first.sql)
  }
}
