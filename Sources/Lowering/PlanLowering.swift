import Checking
import Declarations
public import Diagnostics
public import Plans
public import Resolving
import Values
import YAMLSyntax

/// Turns a checked project into the execution plan of one environment.
///
/// - Parameters:
///   - commit: the Git commit of the files, where they are in a repository without changes.
///   - accepted: codes of findings that are of no concern here.
/// - Returns: no plan where the project has errors.
public func lower(
  _ workspace: Workspace, environment: String, commit: String?, accepting accepted: Set<DiagnosticCode> = []
) throws -> Checked<ExecutionPlan> {
  var diagnostics = Diagnostics(checkProject(workspace).all.filter { !accepted.contains($0.code) })
  diagnostics.append(contentsOf: checkEnvironment(environment, workspace))
  if !workspace.environments.contains(environment) {
    diagnostics.append(
      Diagnostic(
        code: .unknownEnvironment, message: "there is no environment '\(environment)'",
        help: "environments are \(workspace.environments.joined(separator: ", "))"))
  }
  guard !diagnostics.hasErrors, let project = workspace.project else { return Checked(nil, diagnostics: diagnostics) }
  let hubs = try workspace.all(.hub).map { try lowerHub($0, environment: environment, workspace) }
  let connectors = try lowerConnectors(environment, workspace)
  let tables = workspace.all(.valueMapping).map { lowerValueMapping($0, workspace) }
  let plan = try ExecutionPlan(
    project: project.name, tenant: project.spec.text("tenant") ?? project.name, environment: environment,
    timeZone: project.spec.text("timeZone") ?? "UTC", commit: commit, connectors: connectors,
    valueMappings: tables, retention: lowerRetention(project.spec.child("retention")), hubs: hubs)
  return Checked(plan, diagnostics: diagnostics)
}

/// The connectors that hubs use, each with the parameters of every environment it is used with.
private func lowerConnectors(_ environment: String, _ workspace: Workspace) throws -> [ConnectorPlan] {
  let usual = workspace.connectorEnvironment(in: environment).name
  var plans: [String: ConnectorPlan] = [:]
  for side in workspace.all(.hub).flatMap({ hub in ["source", "target", "writeBack"].compactMap { hub.spec.child($0) } }
  ) {
    // What is written back goes to the source where nothing else is said.
    guard let name = side.text("connector") else { continue }
    let used = workspace.connectorEnvironment(of: side, in: environment).name
    let planName = connectorName(name, used, usual: usual)
    guard plans[planName] == nil, let connector = workspace[.connector, name] else { continue }
    plans[planName] = try lowerConnector(connector, as: planName, environment: used, workspace)
  }
  return Array(plans.values)
}

private func lowerValueMapping(_ mapping: Declaration, _ workspace: Workspace) -> ValueMappingPlan {
  let table = CodeTable(mapping, workspace)
  return ValueMappingPlan(
    name: mapping.name, entries: table.entries, labels: table.labels,
    onMiss: mapping.spec.text("onMiss").flatMap { ValueMappingPlan.Miss(rawValue: $0) } ?? .wait,
    fallback: mapping.spec.child("default")?.value, isLocked: mapping.spec.flag("locked") ?? false)
}

private func lowerRetention(_ retention: YAMLNode?) -> RetentionPlan? {
  retention.map { retention in
    RetentionPlan(
      doneMilliseconds: retention.milliseconds("done", default: RetentionPlan.usual.doneMilliseconds),
      deadMilliseconds: retention.milliseconds("dead", default: RetentionPlan.usual.deadMilliseconds))
  }
}

/// A field that checking has found to be there is not: a defect of this program, never of the user's files.
struct LoweringDefect: Error, CustomStringConvertible {
  let description: String
}

extension YAMLNode {
  /// The text of a field that checking has found to be there.
  func requiredText(_ key: String) throws -> String {
    guard let text = text(key) else {
      throw LoweringDefect(description: "'\(key)' got through checking without a value")
    }
    return text
  }

  /// The values of a map's entries, by name.
  func templates(_ key: String) -> [String: Value] {
    Dictionary((child(key)?.entries ?? []).map { ($0.keyText, $0.value.value) }, uniquingKeysWith: { $1 })
  }

  func milliseconds(_ key: String, default fallback: Int64) -> Int64 { duration(key)?.milliseconds ?? fallback }
}
