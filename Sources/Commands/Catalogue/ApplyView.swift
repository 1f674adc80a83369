import Plans
import Values

/// What `apply` shows of a plan: what changes, and what was done.
struct ApplyView {
  let plan: ExecutionPlan
  let difference: PlanDifference
  let console: Console

  /// What is deployed, or is not, for programs.
  private struct Report: Encodable {
    let generation: Int
    let changed: [PlanDifference.HubChange]
    let digest: String
    let environment: String
    let commit: String?
    let applied: Bool
  }

  private var changes: [PlanDifference.HubChange] { difference.hubs.filter { $0.action != .keep } }

  /// Shows what would change; part of the result for people, a message where the result is for programs.
  func showChanges() {
    let text = changeLines.map { $0 + "\n" }.joined()
    if console.format == .json { console.message(text) } else { console.output(text) }
  }

  private var changeLines: [String] {
    var lines = ["changes in '\(plan.environment)':"]
    for change in changes {
      switch change.action {
      case .add: lines.append("  + \(change.hub)")
      case .remove: lines.append("  - \(change.hub)  (its records stay)")
      case .change:
        lines.append("  ~ \(change.hub)")
        lines += change.paths.prefix(20).map { "      \($0)" }
        if change.paths.count > 20 { lines.append("      and \(change.paths.count - 20) more places") }
      case .keep: break
      }
    }
    if changes.isEmpty { lines.append("  ~ the project itself; no hub changes") }
    let counts = [
      ("to add", PlanDifference.Action.add), ("to change", .change), ("to remove", .remove), ("as it is", .keep),
    ]
    lines.append(counts.map { "\(difference.count($0.1)) \($0.0)" }.joined(separator: ", "))
    return lines.map { printable($0) }
  }

  /// Tells that the plan is what is deployed.
  func showNothingToDo(generation: Int) throws {
    if console.format == .json { return try console.json(report(generation, applied: false)) }
    console.line("nothing to change: '\(plan.environment)' is at generation \(generation)")
  }

  /// Tells what was deployed.
  func showDone(generation: Int) throws {
    if console.format == .json { return try console.json(report(generation, applied: true)) }
    console.line("deployed to '\(plan.environment)' as generation \(generation)")
  }

  private func report(_ generation: Int, applied: Bool) -> Report {
    Report(
      generation: generation, changed: applied ? changes : [], digest: plan.digest, environment: plan.environment,
      commit: plan.commit, applied: applied)
  }
}
