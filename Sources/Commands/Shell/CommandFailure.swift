import Connecting
import Keeping
import Plans
import Running
import Sandbox

/// Why a command did not do what was asked, as the user is told.
package struct CommandFailure: Error, Sendable {
  /// How the command ends.
  package let exit: ExitCode
  /// What happened.
  package let message: String
  /// What to do about it.
  package let help: String?

  init(_ exit: ExitCode, _ message: String, help: String? = nil) {
    self.exit = exit
    self.message = message
    self.help = help
  }

  /// The message and exit code of any error: the one table of both.
  package static func explaining(_ error: any Error) -> CommandFailure {
    switch error {
    case let failure as CommandFailure: failure
    case let usage as UsageError: CommandFailure(.usage, usage.message, help: usage.help)
    case let store as StoreError: explaining(store)
    case let run as RunError: explaining(run)
    case let plan as PlanError: CommandFailure(.findings, plan.description)
    case let connecting as ConnectingError: explaining(connecting)
    case let sandbox as SandboxError:
      CommandFailure(sandbox.isTransient ? .stale : .findings, sandbox.message)
    case is CancellationError: CommandFailure(.interrupted, "interrupted")
    default: CommandFailure(.defect, "\(error)", help: "this is a defect of datahub: please report it")
    }
  }

  private static func explaining(_ error: StoreError) -> CommandFailure {
    switch error.code {
    case .stale:
      CommandFailure(.stale, error.message, help: "look at the changes again: run datahub apply once more")
    case .unavailable: CommandFailure(.unreachable, error.message)
    case .badAddress:
      CommandFailure(.usage, "the address of the store: \(error.message)", help: "see 'store' in datahub.yaml")
    case .leaseLost, .busy: CommandFailure(.stale, error.message)
    default: CommandFailure(.findings, error.message)
    }
  }

  private static func explaining(_ error: ConnectingError) -> CommandFailure {
    switch error.code {
    // What the command was given by its surroundings cannot be used: nothing was begun.
    case .missingSecret, .badReference, .unreadableSecret: CommandFailure(.usage, error.message)
    default: CommandFailure(.findings, error.message)
    }
  }

  private static func explaining(_ error: RunError) -> CommandFailure {
    switch error.code {
    case .unknownHub: CommandFailure(.usage, error.description)
    case .nothingDeployed, .damagedPlan: CommandFailure(.findings, error.description)
    }
  }
}
