import Plans
import Running
import Synchronization

/// Tells of the hubs that a worker leaves alone, and remembers that there were any.
final class StoppedHubs: Sendable {
  private let environment: String
  private let any = Mutex(false)

  init(environment: String) { self.environment = environment }

  /// Whether a hub was left alone.
  var hasAny: Bool { any.withLock { $0 } }

  /// What a worker is given to tell of them.
  func reporter(_ console: Console) -> @Sendable (StoppedHub) -> Void {
    { hub in
      self.any.withLock { $0 = true }
      let call = datahubCall(in: self.environment)
      console.note(
        printable(
          "hub \(hub.hub) is left alone: \(overBudget(hub.counts, hub.allowed)). See which and why: \(call) record list "
            + "\(hub.hub) --state failed. When that is mended, apply it or start the worker anew; nothing is lost"))
    }
  }
}

/// What a run came to whose hub allows less to fail.
func overBudget(_ counts: RunCounts, _ allowed: StopAfterPlan) -> String {
  "\(counted(counts.failed + counts.uncertain, "record")) failed or may not have arrived, and 'stopAfter' allows "
    + allowed.words
}

/// How the program is called for an environment.
func datahubCall(in environment: String) -> String {
  environment == "development" ? "datahub" : "datahub -e \(environment)"
}
