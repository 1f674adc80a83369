import CSQLite

extension Statement {
  // Text and bytes are bound as SQLITE_TRANSIENT: SQLite takes one copy. To lend them instead, the pointer would have
  // to stay valid until the reset, and Swift promises that only within a closure; a copy of a kilobyte costs about
  // 50 ns, and nothing else is allocated here.

  /// Binds an integer.
  public func bind(_ index: Int, _ value: Int64) {
    note(sqlite3_bind_int64(pointer, Int32(clamping: index), value))
  }

  /// Binds an integer.
  public func bind(_ index: Int, _ value: Int) {
    note(sqlite3_bind_int64(pointer, Int32(clamping: index), Int64(value)))
  }

  /// Binds a floating point number; SQLite stores NaN as NULL.
  public func bind(_ index: Int, _ value: Double) {
    note(sqlite3_bind_double(pointer, Int32(clamping: index), value))
  }

  /// Binds 1 for true and 0 for false.
  public func bind(_ index: Int, _ value: Bool) {
    note(sqlite3_bind_int(pointer, Int32(clamping: index), value ? 1 : 0))
  }

  /// Binds text, whole even with a NUL inside.
  public func bind(_ index: Int, _ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { characters in
        // A null pointer would bind NULL, and empty text is not that.
        guard let base = characters.baseAddress, !characters.isEmpty else {
          return note(sqlitekit_bind_text(pointer, Int32(clamping: index), "", 0))
        }
        note(sqlitekit_bind_text(pointer, Int32(clamping: index), base, UInt64(characters.count)))
      }
    }
  }

  /// Binds bytes.
  public func bind(_ index: Int, _ value: [UInt8]) {
    value.withUnsafeBytes { bind(index, $0) }
  }

  /// Binds bytes, which are copied before the call returns.
  public func bind(_ index: Int, _ value: UnsafeRawBufferPointer) {
    // A null pointer would bind NULL, and an empty blob is not that.
    guard let base = value.baseAddress, !value.isEmpty else {
      return note(sqlite3_bind_zeroblob(pointer, Int32(clamping: index), 0))
    }
    note(sqlitekit_bind_blob(pointer, Int32(clamping: index), base, UInt64(value.count)))
  }

  /// Binds UTF-8 bytes as text, without making a `String` of them first.
  public func bindText(_ index: Int, _ utf8: UnsafeRawBufferPointer) {
    guard let base = utf8.baseAddress, !utf8.isEmpty else {
      return note(sqlitekit_bind_text(pointer, Int32(clamping: index), "", 0))
    }
    let characters = base.assumingMemoryBound(to: CChar.self)
    note(sqlitekit_bind_text(pointer, Int32(clamping: index), characters, UInt64(utf8.count)))
  }

  /// Binds NULL.
  public func bindNull(_ index: Int) {
    note(sqlite3_bind_null(pointer, Int32(clamping: index)))
  }

  /// Binds an integer or NULL.
  public func bind(_ index: Int, _ value: Int64?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// Binds an integer or NULL.
  public func bind(_ index: Int, _ value: Int?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// Binds a floating point number or NULL.
  public func bind(_ index: Int, _ value: Double?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// Binds 1, 0 or NULL.
  public func bind(_ index: Int, _ value: Bool?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// Binds text or NULL.
  public func bind(_ index: Int, _ value: String?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  /// Binds bytes or NULL.
  public func bind(_ index: Int, _ value: [UInt8]?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }
}
