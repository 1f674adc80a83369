import Synchronization

/// Whether work is to come to an end: asked for once, it stays so.
///
/// Stopping is not cancelling: what runs goes on to its end, nothing new is begun.
public final class StopSignal: Sendable {
  private struct State {
    var isStopping = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())

  /// A signal that has not been given.
  public init() {}

  /// True once the signal has been given.
  public var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Gives the signal.
  public func stop() {
    let waiters = state.withLock { state in
      state.isStopping = true
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits for a time, or until the signal is given or the task cancelled.
  public func sleep(for duration: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: duration) }  // an early end is what is wanted
      group.addTask { await self.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  /// Waits until the signal is given or the task cancelled.
  public func wait() async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isStopping || Task.isCancelled { return true }
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
