import CSQLite

extension Connection {
  /// Opens the one connection that writes; the caller holds the gate, since turning the log on is a write.
  static func writer(path: String, _ configuration: Database.Configuration) throws(SQLiteError) -> Connection {
    let connection = try Connection(path: path, readOnly: false)
    connection.waitWhenBusy(configuration.busyDeadline)
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.claim(applicationID: configuration.applicationID)
    // Without memory-mapped reading a damaged disk is an error, not a signal; it also made the known log bug worse.
    try connection.execute(
      """
      PRAGMA synchronous = \(configuration.synchronous.rawValue);
      PRAGMA journal_size_limit = 67108864;
      PRAGMA foreign_keys = ON;
      PRAGMA mmap_size = 0;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -16384;
      """)
    connection.countFrames()
    connection.guardTransactions()
    return connection
  }

  /// Opens a connection that cannot write.
  static func reader(path: String, _ configuration: Database.Configuration) throws(SQLiteError) -> Connection {
    let connection = try Connection(path: path, readOnly: true)
    connection.waitWhenBusy(configuration.busyDeadline)
    connection.skipCheckpointOnClose()
    try connection.execute(
      """
      PRAGMA query_only = ON;
      PRAGMA mmap_size = 0;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -4096;
      """)
    if configuration.readOnly { try connection.expect(applicationID: configuration.applicationID) }
    connection.guardTransactions()
    return connection
  }

  /// Writes the number into a new file, and refuses a file that has another.
  private func claim(applicationID: Int32) throws(SQLiteError) {
    guard applicationID != 0 else { return }
    let found = try integer("PRAGMA application_id")
    let schemaVersion = try integer("PRAGMA schema_version")
    if found == 0 && schemaVersion == 0 {
      try execute("PRAGMA application_id = \(applicationID)")
    } else {
      try expect(applicationID: applicationID)
    }
  }

  private func expect(applicationID: Int32) throws(SQLiteError) {
    guard applicationID != 0 else { return }
    let found = try integer("PRAGMA application_id")
    guard found == Int64(applicationID) else {
      throw SQLiteError(
        code: SQLITE_NOTADB,
        message: "the file belongs to another application: expected \(applicationID), found \(found)"
      )
    }
  }
}
