import Synchronization

/// What the threads of one database share: whether it can be trusted, and what was done.
final class Health: Sendable {
  private let failure = Mutex<SQLiteError?>(nil)
  let writesCommitted = Atomic<Int>(0)
  let transactionsCommitted = Atomic<Int>(0)

  /// The error every call gets since a file could not be read or written.
  ///
  /// After a failed flush the kernel calls the lost pages clean, so trying again "succeeds" without the data: only
  /// opening the file anew shows what is really there.
  var poison: SQLiteError? {
    failure.withLock { $0.map(SQLiteError.poisoned(by:)) }
  }

  func poison(with error: SQLiteError) {
    failure.withLock { if $0 == nil { $0 = error } }
  }
}
