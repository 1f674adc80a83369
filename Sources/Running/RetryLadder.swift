import Connecting
import Keeping
import Plans
import Values

/// How long to wait before each further attempt, as the hub declares it.
struct RetryLadder {
  let milliseconds: [Int64]
  let backoff: BackoffPlan?

  init(milliseconds: [Int64], backoff: BackoffPlan? = nil) {
    self.milliseconds = milliseconds
    self.backoff = backoff
  }

  /// How a hub's writes are tried again.
  init(_ target: TargetPlan) {
    self.init(milliseconds: target.retryMilliseconds, backoff: target.backoff)
  }

  /// How many further attempts there are after the first one.
  var furtherAttempts: Int { backoff?.attempts ?? milliseconds.count }

  /// What becomes of a task after a failed attempt.
  ///
  /// - Parameter attempts: how many attempts were made before this one.
  /// - Parameter repeatable: whether an attempt of unknown outcome may be made again.
  func setback(_ failure: CallFailure, attempts: Int, now: Timestamp, repeatable: Bool) -> TaskSetback {
    if failure.kind == .rateLimited || failure.isHeldBack {
      let wait = failure.retryAfter ?? TimeSpan(seconds: 1)
      return .retry(at: now + max(wait, TimeSpan(milliseconds: 50)), countsAsAttempt: false)
    }
    switch failure.kind {
    case .rejected, .alreadyExists:
      return .give
    case .uncertain where !repeatable:
      return .uncertain
    case .uncertain, .notSent, .unauthenticated, .rateLimited:
      guard let declared = wait(after: attempts) else { return failure.kind == .uncertain ? .uncertain : .give }
      let wait = max(TimeSpan(milliseconds: declared), failure.retryAfter ?? .zero)
      return .retry(at: now + wait, countsAsAttempt: true)
    }
  }

  /// How many milliseconds to wait after so many attempts and one more; nil where there is no further one.
  func wait(after attempts: Int) -> Int64? {
    guard let backoff else { return attempts < milliseconds.count ? milliseconds[attempts] : nil }
    guard attempts < backoff.attempts else { return nil }
    let (bound, isTooLong) = backoff.baseMilliseconds.multipliedReportingOverflow(by: 1 << min(attempts, 40))
    let longest = isTooLong ? backoff.maximumMilliseconds : min(bound, backoff.maximumMilliseconds)
    return Int64.random(in: 0...max(longest, 0))
  }
}
