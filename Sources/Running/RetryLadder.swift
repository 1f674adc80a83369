import Connecting
import Keeping
import Plans
import Values

/// How long to wait before each further attempt, as the hub declares it.
struct RetryLadder {
  let milliseconds: [Int64]

  /// What becomes of a task after a failed attempt.
  ///
  /// - Parameter attempts: how many attempts were made before this one.
  /// - Parameter repeatable: whether an attempt of unknown outcome may be made again.
  func setback(_ failure: CallFailure, attempts: Int, now: Timestamp, repeatable: Bool) -> TaskSetback {
    switch failure.kind {
    case .rateLimited:
      let wait = failure.retryAfter ?? TimeSpan(seconds: 1)
      return .retry(at: now + max(wait, TimeSpan(milliseconds: 50)), countsAsAttempt: false)
    case .rejected, .alreadyExists:
      return .give
    case .uncertain where !repeatable:
      return .uncertain
    case .uncertain, .notSent, .unauthenticated:
      guard attempts < milliseconds.count else { return failure.kind == .uncertain ? .uncertain : .give }
      let wait = max(TimeSpan(milliseconds: milliseconds[attempts]), failure.retryAfter ?? .zero)
      return .retry(at: now + wait, countsAsAttempt: true)
    }
  }
}
