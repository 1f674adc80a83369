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

/// Checks what a deployment to one environment needs: the parameters of the connectors its hubs use there, and that a
/// production is not given connectors of another environment.
public func checkEnvironment(_ environment: String, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  var checked: Set<[String]> = []
  for hub in workspace.all(.hub) {
    for side in ["source", "target", "writeBack"].compactMap({ hub.spec.child($0) }) {
      guard let name = side.text("connector"), let connector = workspace[.connector, name] else { continue }
      let used = workspace.connectorEnvironment(of: side, in: environment)
      if workspace.isProduction(environment), !workspace.isProduction(used.name) {
        let place = used.mention?.span ?? side.child("connector")?.span ?? hub.nameSpan
        diagnostics.append(
          notForProduction(hub, name, used.name, "'\(environment)' is a production and refuses it", .error, at: place))
      }
      guard checked.insert([name, used.name]).inserted else { continue }
      diagnostics.append(contentsOf: checkPresence(connector, used.name, workspace))
    }
  }
  return diagnostics
}

/// The finding about a hub that uses a connector of another environment than production.
func notForProduction(
  _ hub: Declaration, _ connector: String, _ environment: String, _ why: String, _ severity: Severity,
  at span: SourceSpan
) -> Diagnostic {
  Diagnostic(
    code: .notForProduction, severity: severity,
    message: "\(hub.address) uses connector '\(connector)' with the parameters of '\(environment)'; \(why)",
    primary: Label(span), help: "remove 'environment', so that each deployment uses its own parameters")
}

/// Checks that a connector has what its platform requires in an environment it does not declare itself.
private func checkPresence(_ connector: Declaration, _ environment: String, _ workspace: Workspace) -> Diagnostics {
  guard let name = connector.spec.text("platform"), let platform = workspace[.platform, name] else {
    return Diagnostics()
  }
  let own = connector.spec.child("environments")?.child(environment)
  // An environment the connector declares has been checked with the connector itself.
  if own != nil || connector.spec.child("environments") == nil { return Diagnostics() }
  var parameters = ParameterChecker(declared: platform.spec.child("parameters"), owner: "\(platform.address)")
  parameters.checkPresence(
    names(connector.spec.child("parameters")), at: connector.nameSpan, where: " for environment '\(environment)'")
  return parameters.diagnostics
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
          ?? "environments are \(known.joined(separator: ", "))",
        fixIt: .naming(entry.keyText, among: known, at: entry.key.span)))
  }
}
