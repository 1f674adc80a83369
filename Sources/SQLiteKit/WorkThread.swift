import CSQLite
import Glibc

/// A thread of its own for calls that block, so that they never hold a thread of Swift's cooperative pool.
enum WorkThread {
  /// Starts a detached thread that runs `body` and ends.
  static func start(_ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
    let work = Unmanaged.passRetained(Work(body: body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      throw SQLiteError(code: SQLITE_NOMEM, message: "cannot start a thread: \(systemMessage(status))")
    }
    pthread_detach(thread)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }
}
