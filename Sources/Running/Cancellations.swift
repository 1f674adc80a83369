import ServiceRuntime
import Synchronization

/// The calls under way, by their tasks: a person may want one to end before its time is up.
///
/// What was not sent when it ended may be cancelled; what was is uncertain. The store decides which, see `TaskChange.cancel`.
final class Cancellations: Sendable {
  private let signals = Mutex<[Int64: StopSignal]>([:])

  /// Makes a call that ``cancel(_:)`` can end.
  func allowing<Outcome: Sendable>(_ task: Int64, _ call: @escaping @Sendable () async -> Outcome) async -> Outcome {
    let signal = StopSignal()
    signals.withLock { $0[task] = signal }
    defer { signals.withLock { $0[task] = nil } }
    return await withTaskGroup(of: Outcome?.self) { group in
      group.addTask { await call() }
      group.addTask {
        await signal.wait()
        return nil
      }
      var outcome: Outcome?
      while let result = await group.next() {
        if let result { outcome = result }
        // Either the call has its outcome and nobody is to wait for the signal, or the call is to end.
        group.cancelAll()
      }
      guard let outcome else { preconditionFailure("a call ends with an outcome") }
      return outcome
    }
  }

  /// Ends the call of a task, where one is under way.
  func cancel(_ task: Int64) { signals.withLock { $0[task] }?.stop() }
}
