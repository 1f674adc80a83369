import Keeping
import Synchronization
import Values

/// Until when a process may take its tasks for its own.
///
/// A process that is stopped, or whose machine sleeps, goes on as if no time had passed; its tasks may be others' by then.
/// So before a request leaves, the clock is asked.
final class LeaseWatch: Sendable {
  /// How long before a lease ends nothing is sent any more.
  static let margin = TimeSpan(seconds: 5)

  private struct State {
    /// The leases that lasted at this moment have been made longer ever since.
    var from: Timestamp?
    var until: Timestamp?
  }

  private let state = Mutex(State())

  /// Notes that the store has made the leases longer.
  func extended(at now: Timestamp, until: Timestamp) {
    state.withLock { state in
      // After a gap, tasks whose leases ended in it may be others'.
      if let old = state.until, now < old {} else { state.from = now }
      state.until = until
    }
  }

  /// Whether a task is this process's own for long enough to send it.
  func isGood(_ task: ClaimedTask, now: Timestamp) -> Bool {
    let until = state.withLock { state in
      guard let from = state.from, let until = state.until, task.leasedUntil >= from else { return task.leasedUntil }
      return max(until, task.leasedUntil)
    }
    return now + LeaseWatch.margin < until
  }
}
