import Synchronization

/// A bell that one side rings and the other waits for; a ring that nobody waits for is remembered, once.
public final class Wakeup: Sendable {
  private struct State {
    var isRung = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())

  /// A bell that has not rung.
  public init() {}

  /// Wakes everyone who waits, or the next one who would.
  public func ring() {
    let waiters = state.withLock { state in
      if state.waiters.isEmpty { state.isRung = true }
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits for a ring, but no longer than for a time.
  public func wait(atMost limit: Duration) async {
    if state.withLock({ $0.isRung }) {
      state.withLock { $0.isRung = false }
      return
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: limit) }  // an early end is what is wanted
      group.addTask { await self.waitForRing() }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitForRing() async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return true
          }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }
}
