/// A caller's body on its way through a thread.
protocol Job: AnyObject, Sendable {
  /// Whether the body wants a transaction around it.
  var inTransaction: Bool { get }
  /// Whether the body ran and threw.
  var hasFailed: Bool { get }
  /// Runs the body and keeps its outcome.
  func perform(on connection: Connection) throws
  /// Makes the body's outcome a failure, although it returned.
  func overrule(by error: any Error)
  /// Gives the caller the outcome, or `error` when the body has not failed by itself.
  func complete(failingWith error: (any Error)?)
}

/// A body, the continuation of the caller that waits for it, and the outcome in between.
final class BodyJob<Value: Sendable>: Job, @unchecked Sendable {
  // Unchecked because `outcome` is only touched by the one thread that runs the job.
  private let body: @Sendable (Connection) throws -> Value
  private let continuation: CheckedContinuation<Value, any Error>
  private var outcome: Result<Value, any Error>?
  let inTransaction: Bool

  init(
    inTransaction: Bool, body: @escaping @Sendable (Connection) throws -> Value,
    continuation: CheckedContinuation<Value, any Error>
  ) {
    self.inTransaction = inTransaction
    self.body = body
    self.continuation = continuation
  }

  var hasFailed: Bool {
    if case .failure = outcome { true } else { false }
  }

  func perform(on connection: Connection) throws {
    do {
      outcome = .success(try body(connection))
    } catch {
      outcome = .failure(error)
      throw error
    }
  }

  func overrule(by error: any Error) {
    outcome = .failure(error)
  }

  func complete(failingWith error: (any Error)?) {
    switch outcome {
    case .failure(let own): continuation.resume(throwing: own)
    case .success(let value):
      if let error { continuation.resume(throwing: error) } else { continuation.resume(returning: value) }
    case nil: continuation.resume(throwing: error ?? SQLiteError.closed)
    }
  }
}
