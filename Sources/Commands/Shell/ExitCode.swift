/// How a command ended, as the shell sees it.
package enum ExitCode: Int32, Sendable, CaseIterable {
  /// What was asked for is done.
  case done = 0
  /// Something was found or something failed.
  case findings = 1
  /// There are changes, where that was asked.
  case changes = 2
  /// Somebody else has the lock, or deployed meanwhile.
  case stale = 3
  /// The command line, or a secret the plan refers to, cannot be used as it is.
  case usage = 64
  /// A store or a system cannot be reached.
  case unreachable = 69
  /// A defect of this program.
  case defect = 70
  /// Interrupted by a signal before the end.
  case interrupted = 130
}
