/// What lets calls of one connector through, one by one: limits that all workers share, and a circuit that is open while
/// the system does not answer.
public protocol CallGate: Sendable {
  /// Waits until the next call may be made.
  ///
  /// - Returns: nil where it may be made now; else why not, and for how long.
  func admit() async -> CallFailure?
  /// Is told what became of a call.
  func note(_ outcome: CallOutcome) async
}
