import Keeping
import Running
import Values

/// How a run ended, and what that means.
struct RunOutcome: Sendable {
  let hub: String
  let environment: String
  let generation: Int
  let ending: HubRunner.Ending
  /// How the hub stood before.
  let before: HubStatus
  /// Whether the run was told to stop.
  let isStopped: Bool
  let duration: Duration

  /// How many records are in a state now.
  func records(_ state: RecordState) -> Int { ending.status.records[state.name] ?? 0 }

  /// How many tasks of both sides are in a state now.
  func tasks(_ state: TaskState) -> Int { RunOutcome.tasks(state, ending.status) }

  private static func tasks(_ state: TaskState, _ status: HubStatus) -> Int {
    Side.allCases.reduce(0) { $0 + (status.tasks["\($1.name).\(state.name)"] ?? 0) }
  }

  /// Records that are still to be sent.
  var recordsLeft: Int { records(.pending) + records(.queued) }

  /// Tasks that are still to be run.
  var tasksLeft: Int { tasks(.ready) + tasks(.retrying) + tasks(.running) }

  /// Reading ended without having read everything: a query used up its attempts.
  var readingFailed: Bool {
    let dead = "\(Side.source.name).\(TaskState.dead.name)"
    return (ending.status.tasks[dead] ?? 0) > (before.tasks[dead] ?? 0)
  }

  /// Whether what is left is left because a system did not answer.
  var isUnreachable: Bool {
    guard let failure = ending.lastFailure else { return false }
    // A status is an answer; without one, the connection was never made or broke.
    return failure.kind == "notSent" || (failure.kind == "uncertain" && failure.status == nil)
  }

  /// How the command ends.
  var exit: ExitCode {
    if isStopped { return .interrupted }
    if ending.exceeded != nil || ending.counts.failed > 0 || records(.uncertain) > 0 { return .findings }
    if recordsLeft <= ending.open.records, tasksLeft == 0, !readingFailed { return .done }
    return isUnreachable ? .unreachable : .findings
  }

  /// Seconds with three digits.
  var seconds: Decimal {
    let (seconds, attoseconds) = duration.components
    return Decimal(coefficient: Int128(seconds * 1_000 + attoseconds / 1_000_000_000_000_000), scale: 3)
  }
}
