public import Keeping
import Synchronization

/// What a run has come to so far.
public struct RunCounts: Sendable, Equatable, Codable {
  /// Records of the source.
  public var pages = PageCounts()
  /// Records that were put into writes.
  public var queued = 0
  /// Records that were put into requests; again counts again.
  public var sent = 0
  /// Records the target has taken.
  public var done = 0
  /// Records that cannot be sent or that the target will not take.
  public var failed = 0
  /// Of those, the ones that had been put into writes.
  public var refused = 0
  /// Records whose sending must be tried again.
  public var retried = 0
  /// Records of which nobody knows whether they arrived, left to a person.
  public var uncertain = 0
  /// Requests made.
  public var requests = 0

  /// Nothing yet.
  public init() {}
}

/// Counts what happens during a run, from any thread.
public final class RunCounters: Sendable {
  private struct State {
    var counts = RunCounts()
    var lastFailure: Failure?
  }

  private let state = Mutex(State())
  private let whole: RunCounters?

  /// Counters at zero.
  public convenience init() { self.init(partOf: nil) }

  /// Counters at zero; what they count, those of the whole count as well.
  init(partOf whole: RunCounters?) { self.whole = whole }

  /// The counts so far.
  public var counts: RunCounts { state.withLock { $0.counts } }
  /// The latest thing that went wrong.
  public var lastFailure: Failure? { state.withLock { $0.lastFailure } }

  func add(_ change: (inout RunCounts) -> Void) {
    state.withLock { change(&$0.counts) }
    whole?.add(change)
  }

  func note(_ failure: Failure) {
    state.withLock { $0.lastFailure = failure }
    whole?.note(failure)
  }
}
