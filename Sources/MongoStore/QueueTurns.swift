import Synchronization

/// Lets one call of this process at a time hand out the tasks of a queue: the others would only find it leased.
final class QueueTurns: Sendable {
  private struct State {
    /// The queues whose tasks are being handed out, with those who wait for their turn.
    var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  }

  private let state = Mutex(State())

  /// Runs a body when it is the caller's turn.
  func take<Result>(_ queue: String, _ body: () async throws -> Result) async throws -> Result {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.waiting[queue] == nil {
          state.waiting[queue] = []
          return true
        }
        state.waiting[queue]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
    defer { pass(queue) }
    return try await body()
  }

  private func pass(_ queue: String) {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard var waiting = state.waiting[queue], !waiting.isEmpty else {
        state.waiting[queue] = nil
        return nil
      }
      let next = waiting.removeFirst()
      state.waiting[queue] = waiting
      return next
    }
    next?.resume()
  }
}
