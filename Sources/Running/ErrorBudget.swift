import Keeping
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
  public var isSpent: Bool { isSpent(with: RunCounts()) }

  /// True where more records would have failed than may with what else is known by now.
  func isSpent(with further: RunCounts) -> Bool {
    var counts = counters.counts
    counts.add(further)
    return allowed.isExceeded(by: counts.failed + counts.uncertain, of: counts.dealtWith)
  }

  /// True where it would be spent with records that were looked at and not counted yet, of which so many fail.
  func isSpent(lookingAt records: Int, failing: Int) -> Bool {
    var further = RunCounts()
    further.failed = failing
    further.queued = max(records - failing, 0)
    return isSpent(with: further)
  }
}

extension RunCounts {
  /// The records about which it is known, or being found out, whether they fail.
  ///
  /// They are those it has read, or those that were put into writes or could not be, whichever are more: what is read is
  /// known before it is put into writes, and what an earlier run has read is put into writes by this one. A run that only
  /// sends what was put into writes before it knows of those it has sent. A record that was put into a write is one, whatever
  /// becomes of the write.
  var dealtWith: Int { max(pages.new + pages.changed, queued + failed - refused, done + failed + uncertain) }

  /// Adds what bears on how many may fail.
  fileprivate mutating func add(_ other: RunCounts) {
    pages += other.pages
    queued += other.queued
    done += other.done
    failed += other.failed
    refused += other.refused
    uncertain += other.uncertain
  }
}
