public import Plans

/// How many records of a run of a hub may fail before it stops: the hub's `stopAfter`.
///
/// A record of which nobody knows whether it arrived counts as one that failed: a person has to look at both.
public final class ErrorBudget: Sendable {
  /// What the hub allows.
  public let allowed: StopAfterPlan
  /// What the run has come to.
  public let counters: RunCounters

  /// A budget of a run whose counters these are; nil where the hub sets no bound.
  init?(_ flow: Flow, _ counters: RunCounters) {
    guard let allowed = flow.plan.stopAfter else { return nil }
    self.allowed = allowed
    self.counters = counters
  }

  /// True once more records have failed than may.
  public var isSpent: Bool { isSpent(with: 0) }

  /// True where more records would have failed than may if so many more did.
  func isSpent(with further: Int) -> Bool {
    let counts = counters.counts
    return allowed.isExceeded(by: counts.failed + counts.uncertain + further, of: counts.dealtWith + further)
  }
}

extension RunCounts {
  /// The records about which it is known, or being found out, whether they fail.
  ///
  /// They are those that were put into writes or could not be. A run that only sends what was put into writes before it knows
  /// of those it has sent.
  var dealtWith: Int { max(queued + failed, done + failed + uncertain) }
}
