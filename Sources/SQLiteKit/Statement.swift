import CSQLite

/// A compiled SQL statement, from its connection's cache: bind, then step row by row or run.
///
/// Parameters count from 1 and columns from 0, as in SQLite.
///
/// ## Topics
/// Running: `step()`, `run()`, `reset()`. Giving values: `bind(_:_:)`, `bindNull(_:)`. Taking values: `int64(_:)`,
/// `text(_:)`, `bytes(_:)`, `withBytes(_:_:)`, `isNull(_:)` and their optional variants.
public final class Statement {
  let pointer: OpaquePointer
  private unowned let connection: Connection
  private let sql: String
  private var bindStatus: Int32 = SQLITE_OK
  var lastUse: UInt64 = 0
  /// Whether it stands on a row.
  private(set) var isActive = false
  var isEnlisted = false

  init(pointer: OpaquePointer, connection: Connection, sql: String) {
    self.pointer = pointer
    self.connection = connection
    self.sql = sql
  }

  deinit { sqlite3_finalize(pointer) }

  /// Goes to the next row; false, and reset, when there is none.
  ///
  /// - Throws: `SQLiteError`, also for a value that could not be bound before.
  public func step() throws(SQLiteError) -> Bool {
    guard bindStatus == SQLITE_OK else { throw bindError() }
    if !isActive {
      isActive = true
      if !isEnlisted {
        isEnlisted = true
        connection.enlist(self)
      }
    }
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      reset()
      return false
    default:
      let error = connection.lastError(sql: sql)
      reset()
      throw error
    }
  }

  /// Steps to the end, passing over any rows, and resets.
  public func run() throws(SQLiteError) {
    while try step() {}
  }

  /// Goes back to before the first row; what is bound stays.
  public func reset() {
    guard isActive else { return }
    isActive = false
    // Returns the error of the last step once more; it was thrown there.
    sqlite3_reset(pointer)
  }

  /// Makes every parameter NULL.
  func clearBindings() {
    bindStatus = SQLITE_OK
    sqlite3_clear_bindings(pointer)
  }

  // MARK: - Binding, continued in Statement+Binding.swift

  /// Keeps the first refusal of a value, for the next `step()` to throw: so binding itself needs no `try`.
  func note(_ status: Int32) {
    if status != SQLITE_OK && bindStatus == SQLITE_OK { bindStatus = status }
  }

  private func bindError() -> SQLiteError {
    let reason =
      switch bindStatus & 0xff {
      case SQLITE_RANGE: "a value was bound to a parameter the statement does not have"
      case SQLITE_TOOBIG: "a bound value is too big"
      case SQLITE_MISUSE: "a value was bound while the statement stood on a row"
      default: String(cString: sqlite3_errstr(bindStatus))
      }
    return SQLiteError(code: bindStatus, message: reason, sql: sql)
  }
}
