import CSQLite

extension Statement {
  // Only valid while `step()` has returned true and neither `step()` nor `reset()` was called since.

  /// How many columns a row has.
  public var columnCount: Int { Int(sqlite3_column_count(pointer)) }

  /// Whether the column is NULL.
  public func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(pointer, Int32(clamping: column)) == SQLITE_NULL
  }

  /// Returns the column as an integer; 0 for NULL.
  public func int64(_ column: Int) -> Int64 {
    sqlite3_column_int64(pointer, Int32(clamping: column))
  }

  /// Returns the column as an integer; 0 for NULL.
  public func int(_ column: Int) -> Int {
    Int(sqlite3_column_int64(pointer, Int32(clamping: column)))
  }

  /// Returns the column as a floating point number; 0 for NULL.
  public func double(_ column: Int) -> Double {
    sqlite3_column_double(pointer, Int32(clamping: column))
  }

  /// Returns whether the column is a number other than 0.
  public func bool(_ column: Int) -> Bool {
    int64(column) != 0
  }

  /// Returns the column as text; bytes that are not UTF-8 become U+FFFD, and NULL becomes empty.
  public func text(_ column: Int) -> String {
    let column = Int32(clamping: column)
    guard let start = sqlite3_column_text(pointer, column) else { return "" }
    // Asked for after the text: asking before could count another encoding.
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Returns the column's bytes, of a blob or of text as it is stored; empty for NULL.
  public func bytes(_ column: Int) -> [UInt8] {
    withBytes(column) { [UInt8]($0) }
  }

  /// Lends the column's bytes without a copy; they are gone after the closure.
  public func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    let column = Int32(clamping: column)
    let start = sqlite3_column_blob(pointer, column)
    return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  /// Returns the column as an integer, or nil for NULL.
  public func optionalInt64(_ column: Int) -> Int64? {
    isNull(column) ? nil : int64(column)
  }

  /// Returns the column as an integer, or nil for NULL.
  public func optionalInt(_ column: Int) -> Int? {
    isNull(column) ? nil : int(column)
  }

  /// Returns the column as a floating point number, or nil for NULL.
  public func optionalDouble(_ column: Int) -> Double? {
    isNull(column) ? nil : double(column)
  }

  /// Returns the column as text, or nil for NULL.
  public func optionalText(_ column: Int) -> String? {
    isNull(column) ? nil : text(column)
  }

  /// Returns the column's bytes, or nil for NULL.
  public func optionalBytes(_ column: Int) -> [UInt8]? {
    isNull(column) ? nil : bytes(column)
  }
}
