import Declarations
public import Diagnostics
public import Resolving
import SourceText
import YAMLSyntax

/// Checks what only shows when resources are seen together: references, parameters, policies.
///
/// Needs no environment and no network; ``checkEnvironment(_:_:)`` asks the further questions of one environment.
public func checkProject(_ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  for resource in workspace.resources {
    switch resource.kind {
    case .project: diagnostics.append(contentsOf: checkProjectDocument(resource, workspace))
    case .platform: diagnostics.append(contentsOf: checkPlatform(resource))
    case .standardAPI: diagnostics.append(contentsOf: checkStandardAPI(resource, workspace))
    case .connector: diagnostics.append(contentsOf: checkConnector(resource, workspace))
    case .hub: diagnostics.append(contentsOf: checkHub(resource, workspace))
    case .fieldMapping: diagnostics.append(contentsOf: checkFieldMapping(resource, workspace))
    case .valueMapping: diagnostics.append(contentsOf: checkValueMapping(resource))
    case .hubTest: diagnostics.append(contentsOf: checkHubTest(resource, workspace))
    }
  }
  // What is unused may be the other half of what is misspelt: one complaint is enough.
  if !diagnostics.hasErrors { diagnostics.append(contentsOf: findUnused(workspace)) }
  return diagnostics
}

private func checkProjectDocument(_ project: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let tenant = project.spec.child("tenant"), let name = tenant.scalar?.text, !isTenantName(name) {
    diagnostics.append(
      Diagnostic(
        .invalidName, "'\(name)' is not a name for a tenant", at: tenant.span,
        help: "tenants have up to 63 letters, digits, '-' and '_'"))
  }
  for entry in project.spec.child("sandbox")?.entries ?? [] where workspace[.connector, entry.keyText] == nil {
    diagnostics.append(unknownReference(.connector, entry.keyText, at: entry.key.span, workspace))
  }
  return diagnostics
}

/// Whether a text can name a tenant, and with that a file and a database.
func isTenantName(_ name: String) -> Bool {
  (1...63).contains(name.utf8.count)
    && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
}

/// The finding about a reference to nothing.
func unknownReference(_ kind: ResourceKind, _ name: String, at span: SourceSpan, _ workspace: Workspace) -> Diagnostic {
  let names = workspace.names(kind)
  let help =
    didYouMean(name, among: names).map { "did you mean '\($0)'?" }
    ?? (names.isEmpty
      ? "nothing of kind \(kind.rawValue) is declared" : "there is \(names.prefix(10).joined(separator: ", "))")
  return Diagnostic(.unknownResource, "there is no \(kind.noun) '\(name)'", at: span, help: help)
}

/// The resource a field refers to; reports where there is none.
func follow(
  _ node: YAMLNode?, _ kind: ResourceKind, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) -> Declaration? {
  guard let node, let name = node.scalar?.text else { return nil }
  if let resource = workspace[kind, name] { return resource }
  diagnostics.append(unknownReference(kind, name, at: node.span, workspace))
  return nil
}
