import Declarations
public import Diagnostics
public import Resolving
import SourceText
import YAMLSyntax

/// Checks a connector against its platform.
func checkConnector(_ connector: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  let platform = follow(connector.spec.child("platform"), .platform, workspace, &diagnostics)
  checkEnvironmentNames(connector, workspace, &diagnostics)
  guard let platform else { return diagnostics }
  var parameters = ParameterChecker(declared: platform.spec.child("parameters"), owner: "\(platform.address)")
  let common = connector.spec.child("parameters")
  parameters.check(common)
  let environments = connector.spec.child("environments")?.entries ?? []
  for environment in environments {
    parameters.check(environment.value)
    let given = names(common).union(names(environment.value))
    parameters.checkPresence(given, at: environment.key.span, where: " for environment '\(environment.keyText)'")
  }
  if environments.isEmpty { parameters.checkPresence(names(common), at: connector.nameSpan, where: "") }
  diagnostics.append(contentsOf: parameters.diagnostics)
  return diagnostics
}

/// Checks that every connector a hub uses has what it needs in one environment.
public func checkEnvironment(_ environment: String, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  let used = Set(
    workspace.all(.hub).flatMap { hub in
      ["source", "target"].compactMap { hub.spec.child($0)?.text("connector") }
    })
  for connector in workspace.all(.connector) where used.contains(connector.name) {
    guard let name = connector.spec.text("platform"), let platform = workspace[.platform, name] else { continue }
    let own = connector.spec.child("environments")?.child(environment)
    // An environment the connector declares has been checked with the connector itself.
    if own != nil || connector.spec.child("environments") == nil { continue }
    var parameters = ParameterChecker(declared: platform.spec.child("parameters"), owner: "\(platform.address)")
    parameters.checkPresence(
      names(connector.spec.child("parameters")), at: connector.nameSpan, where: " for environment '\(environment)'")
    diagnostics.append(contentsOf: parameters.diagnostics)
  }
  return diagnostics
}

private func names(_ node: YAMLNode?) -> Set<String> {
  Set((node?.entries ?? []).filter { !$0.value.isNull }.map(\.keyText))
}

private func checkEnvironmentNames(
  _ connector: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) {
  let known = workspace.environments
  for entry in connector.spec.child("environments")?.entries ?? [] where !known.contains(entry.keyText) {
    diagnostics.append(
      Diagnostic(
        .unknownEnvironment, "there is no environment '\(entry.keyText)'", at: entry.key.span,
        help: didYouMean(entry.keyText, among: known).map { "did you mean '\($0)'?" }
          ?? "environments are \(known.joined(separator: ", "))"))
  }
}

extension Workspace {
  /// The environments of the project: the three that are always there, and those it declares.
  public var environments: [String] {
    let declared = project?.spec.child("environments")?.entries?.map(\.keyText) ?? []
    return ["development", "test", "production"]
      + declared.filter { !["development", "test", "production"].contains($0) }
  }
}
