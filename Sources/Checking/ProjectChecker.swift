import Declarations
public import Diagnostics
public import Resolving
import SourceText
import YAMLSyntax

/// Checks what only shows when resources are seen together: references, parameters, policies.
///
/// Needs no environment and no network; ``checkEnvironment(_:_:)`` asks the further questions of one environment.
public func checkProject(_ workspace: Workspace) -> Diagnostics { ProjectCheck(workspace).diagnostics }

/// What checking a project finds, and how much of its hubs it could check.
public struct ProjectCheck: Sendable {
  /// What is wrong.
  public private(set) var diagnostics = Diagnostics()
  /// How much of each hub could be checked, by the hubs' names.
  public private(set) var coverage: [HubCoverage] = []

  private let workspace: Workspace
  private let library: SchemaLibrary
  private var seen: Set<FindingIdentity> = []

  /// Checks a project; see ``checkProject(_:)``.
  public init(_ workspace: Workspace) {
    self.workspace = workspace
    library = SchemaLibrary(workspace)
    let resources = workspace.resources.filter { !$0.isAbstract }
    // A hub tells what is wrong in a shared mapping with both places, so hubs go first.
    for some in [resources.filter { $0.kind == .hub }, resources.filter { $0.kind != .hub }] {
      let checks = concurrentMap(some) { [workspace, library] in ResourceCheck($0, workspace, library) }
      for (resource, check) in zip(some, checks) {
        take(check.diagnostics, of: resource)
        if let coverage = check.coverage { self.coverage.append(coverage) }
      }
    }
    coverage.sort { $0.hub < $1.hub }
    // What is unused may be the other half of what is misspelt: one complaint is enough.
    if !diagnostics.hasErrors, !workspace.hasUnread, !resources.contains(where: \.isIncomplete) {
      diagnostics.append(contentsOf: findUnused(workspace))
    }
  }

  private mutating func take(_ findings: Diagnostics, of resource: Declaration) {
    // Of one resource, every finding counts; a copy of all that is known would be made for each.
    var own: [FindingIdentity] = []
    let leansOnGap = leansOnGap(resource)
    for finding in findings.all where !leansOnGap || !ProjectCheck.ofGaps.contains(finding.code) {
      let identity = FindingIdentity(finding)
      own.append(identity)
      if !seen.contains(identity) { diagnostics.append(tracingInheritance(finding, of: resource)) }
    }
    seen.formUnion(own)
  }

  /// What may only be found because something is not there that could not be read.
  private static let ofGaps: Set<DiagnosticCode> = [
    .missingKey, .missingParameter, .unknownParameter, .fieldsDoNotFit, .batchTooLarge, .deliveryDoesNotFit,
    .missingTargetField, .unknownTargetField, .unknownField, .expectsNothing,
  ]

  /// Whether a resource, or one it is checked against, inherits from something that could not be read or is not there.
  private func leansOnGap(_ resource: Declaration) -> Bool {
    if resource.isIncomplete { return true }
    func isIncomplete(_ kind: ResourceKind, _ name: String?) -> Bool {
      guard let other = name.flatMap({ workspace[kind, $0] }) else { return false }
      return other.isIncomplete || (kind != .platform && isIncomplete(.platform, other.spec.text("platform")))
    }
    switch resource.kind {
    case .hub:
      return ["source", "target"].compactMap { resource.spec.child($0) }.contains {
        isIncomplete(.connector, $0.text("connector")) || isIncomplete(.standardAPI, $0.text("api"))
      }
    case .fieldMapping: return ["source", "target"].contains { isIncomplete(.standardAPI, resource.spec.text($0)) }
    case .hubTest: return isIncomplete(.hub, resource.spec.text("hub"))
    default: return isIncomplete(.platform, resource.spec.text("platform"))
    }
  }
}

/// What is wrong with one resource beside the others, and how much of it could be checked.
private struct ResourceCheck: Sendable {
  private(set) var diagnostics = Diagnostics()
  private(set) var coverage: HubCoverage?

  init(_ resource: Declaration, _ workspace: Workspace, _ library: SchemaLibrary) {
    switch resource.kind {
    case .project: diagnostics = checkProjectDocument(resource, workspace)
    case .platform: diagnostics = Diagnostics(checkPlatform(resource).all + checkTypes(ofPlatform: resource).all)
    case .standardAPI:
      diagnostics = Diagnostics(
        checkStandardAPI(resource, workspace).all + checkTypes(ofAPI: resource, workspace, library).all)
    case .connector: diagnostics = checkConnector(resource, workspace)
    case .hub:
      var types = HubTypes(resource, workspace, library)
      types.check()
      coverage = types.coverage
      diagnostics = Diagnostics(
        checkHub(resource, workspace).all + types.diagnostics.all + checkPins(resource, workspace).all
          + checkScheduling(resource, workspace).all)
    case .fieldMapping:
      diagnostics = Diagnostics(
        checkFieldMapping(resource, workspace).all + checkTypes(ofMapping: resource, workspace, library).all)
    case .valueMapping: diagnostics = checkValueMapping(resource, library.tables[resource.name])
    case .hubTest: diagnostics = checkHubTest(resource, workspace)
    }
  }
}

/// What makes two findings one: what several resources inherit is wrong once.
private struct FindingIdentity: Hashable {
  let code: DiagnosticCode
  let span: SourceSpan?
  let message: String

  /// Findings in expressions, whose words name the standard API: one that inherits has another name and the same expression.
  private static let named: Set<DiagnosticCode> = [
    .unknownField, .wrongOperand, .notInEnumeration, .neverEqual, .possibleNull, .possiblyMissing, .possibleMismatch,
  ]

  init(_ finding: Diagnostic) {
    code = finding.code
    span = finding.primary?.span
    message = Self.named.contains(finding.code) ? "" : finding.message
  }
}

/// The finding with the place that inherits what is wrong, where that is another document.
private func tracingInheritance(_ finding: Diagnostic, of resource: Declaration) -> Diagnostic {
  guard let extends = resource.extends, let span = finding.primary?.span,
    span.file != resource.span.file || !resource.span.range.contains(span.range.lowerBound)
  else { return finding }
  var traced = finding
  traced.secondary.append(Label(extends.span, "\(resource.address) inherits it here"))
  return traced
}

private func checkProjectDocument(_ project: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let tenant = project.spec.child("tenant"), let name = tenant.scalar?.text, !isTenantName(name) {
    diagnostics.append(
      Diagnostic(
        .invalidName, "'\(name)' is not a name for a tenant", at: tenant.span,
        help: "tenants have up to 63 letters, digits, '-' and '_'"))
  }
  for entry in project.spec.child("environments")?.entries ?? [] {
    if let store = entry.value.child("store") { diagnostics.append(contentsOf: checkStore(store)) }
    guard let node = entry.value.child("connectors"), let name = node.scalar?.text,
      !workspace.environments.contains(name)
    else { continue }
    diagnostics.append(
      Diagnostic(
        .unknownEnvironment, "there is no environment '\(name)'", at: node.span,
        help: suggestEnvironment(name, workspace),
        fixIt: .naming(name, among: workspace.environments, at: node.span)))
  }
  for entry in project.spec.child("sandbox")?.entries ?? [] where workspace[.connector, entry.keyText] == nil {
    diagnostics.append(unknownReference(.connector, entry.keyText, at: entry.key.span, workspace))
  }
  return diagnostics
}

/// "did you mean ...", or the environments there are.
func suggestEnvironment(_ name: String, _ workspace: Workspace) -> String {
  didYouMean(name, among: workspace.environments).map { "did you mean '\($0)'?" }
    ?? "environments are \(workspace.environments.joined(separator: ", "))"
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
  return Diagnostic(
    .unknownResource, "there is no \(kind.noun) '\(name)'", at: span, help: help,
    fixIt: .naming(name, among: names, at: span))
}

/// The resource a field refers to; reports where there is none.
func follow(
  _ node: YAMLNode?, _ kind: ResourceKind, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) -> Declaration? {
  guard let node, let name = node.scalar?.text else { return nil }
  if let resource = workspace[kind, name] {
    guard resource.isAbstract else { return resource }
    diagnostics.append(
      Diagnostic(
        .unknownResource, "\(resource.address) is abstract, only there to be extended", at: node.span,
        secondary: [Label(resource.nameSpan, "declared abstract here")], help: "name one that extends it"))
    return nil
  }
  if workspace.isUnread(name) { return nil }
  diagnostics.append(unknownReference(kind, name, at: node.span, workspace))
  return nil
}
