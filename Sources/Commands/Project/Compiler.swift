import Diagnostics
import Lowering
import Plans
import Resolving

/// Compiles the project of a command into the plan of its environment.
struct Compiler {
  let context: CommandContext

  /// What compiling gave.
  struct Result: Sendable {
    let workspace: Workspace
    let plan: ExecutionPlan
  }

  /// The plan; findings go to the messages.
  ///
  /// - Parameters:
  ///   - accepted: codes of findings that are of no concern here.
  ///   - isQuiet: whether warnings have been told already.
  /// - Throws: ``CommandFailure`` where the project has errors.
  func compile(accepting accepted: Set<DiagnosticCode> = [], isQuiet: Bool = false) throws -> Result {
    let loaded = Workspace.load(context.diskFiles, root: context.shownProject)
    var findings = loaded.diagnostics
    guard let workspace = loaded.value else { throw failure(findings) }
    var plan: ExecutionPlan?
    if !findings.hasErrors {
      let commit = gitCommit(of: context.projectFolder, environment: context.surroundings.environment)
      let lowered = try lower(
        workspace, environment: context.globals.environment, commit: commit, accepting: accepted)
      findings.append(contentsOf: lowered.diagnostics)
      plan = lowered.value
    }
    let text = FindingsView(findings.sorted, workspace.sources, context.console).messageText
    if !text.isEmpty, !isQuiet || plan == nil { context.console.message(text) }
    guard let plan else { throw failure(findings) }
    return Result(workspace: workspace, plan: plan)
  }

  private func failure(_ findings: Diagnostics) -> CommandFailure {
    let errors = findings.sorted.count { $0.severity == .error }
    return CommandFailure(.findings, "the project cannot be compiled: \(counted(errors, "error"))")
  }
}
