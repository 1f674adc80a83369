import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Checks a hub against the connectors and standard APIs it uses.
func checkHub(_ hub: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let source = hub.spec.child("source") {
    if source.child("hub") != nil {
      checkUpstream(source, workspace, &diagnostics)
    } else if let api = checkSide(source, "query", workspace, &diagnostics) {
      checkSource(source, api, &diagnostics)
      checkParents(source, api, workspace, &diagnostics)
    }
  }
  if let target = hub.spec.child("target"), let api = checkSide(target, "execute", workspace, &diagnostics) {
    checkBatch(target, api, &diagnostics)
    checkDelivery(target, api, &diagnostics)
    checkLookup(target, api, workspace, &diagnostics)
    checkFollowUps(target, api, workspace, &diagnostics)
    checkChanges(hub, target, workspace, &diagnostics)
    checkGroup(hub, target, api, &diagnostics)
  }
  for side in ["source", "target"].compactMap({ hub.spec.child($0) }) {
    guard side.child("retry") != nil, let backoff = side["backoff"], !backoff.value.isNull else { continue }
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'retry' and 'backoff' both say how long to wait", at: backoff.key.span,
        help: "remove one of them; retry: null takes away what is inherited"))
  }
  checkWriteBack(hub, workspace, &diagnostics)
  diagnostics.append(contentsOf: checkLookups(hub.spec.child("mapping"), workspace))
  _ = follow(hub.spec.child("fieldMapping"), .fieldMapping, workspace, &diagnostics)
  if hub.spec.child("mapping") == nil, hub.spec.child("fieldMapping") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'mapping' is missing in hub", at: hub.nameSpan,
        help: "write the target document under 'mapping', or name a shared one with 'fieldMapping'"))
  }
  return diagnostics
}

/// Checks connector, API and parameters of one side; gives the API.
private func checkSide(
  _ side: YAMLNode, _ effect: String, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) -> Declaration? {
  let connector = follow(side.child("connector"), .connector, workspace, &diagnostics)
  guard let api = follow(side.child("api"), .standardAPI, workspace, &diagnostics), let mention = side.child("api")
  else { return nil }
  if let actual = api.spec.text("effect"), actual != effect {
    diagnostics.append(
      Diagnostic(
        .wrongEffect, "\(api.address) has effect \(actual); this side takes one with effect \(effect)",
        at: mention.span))
    return nil
  }
  if let platform = connector?.spec.text("platform"), let own = api.spec.text("platform"), platform != own,
    workspace[.platform, platform] != nil
  {
    diagnostics.append(
      Diagnostic(
        .otherPlatform, "\(api.address) is a call of platform '\(own)', the connector is on '\(platform)'",
        at: mention.span, secondary: side.child("connector").map { [Label($0.span, "on '\(platform)'")] } ?? []))
  }
  if let pin = side.child("environment"), let name = pin.scalar?.text, !workspace.environments.contains(name) {
    diagnostics.append(
      Diagnostic(
        .unknownEnvironment, "there is no environment '\(name)'", at: pin.span,
        help: suggestEnvironment(name, workspace),
        fixIt: .naming(name, among: workspace.environments, at: pin.span)))
  }
  checkDeprecation([connector, api].compactMap(\.self), side, &diagnostics)
  var parameters = ParameterChecker(declared: api.spec.child("parameters"), owner: "\(api.address)")
  parameters.check(side.child("with"))
  let entries = (side.child("with")?.entries ?? []) + (side.child("parents", "give")?.entries ?? [])
  let given = Set(entries.filter { !$0.value.isNull }.map(\.keyText))
  parameters.checkPresence(given, at: side["with"]?.key.span ?? mention.span, where: "")
  diagnostics.append(contentsOf: parameters.diagnostics)
  return api
}

private func checkSource(_ source: YAMLNode, _ api: Declaration, _ diagnostics: inout Diagnostics) {
  if source.child("key") == nil, api.spec.child("record", "key") == nil, let mention = source.child("api") {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'key' is missing: \(api.address) does not say what identifies a record", at: mention.span,
        help: "write for example key: ${ record.id }"))
  }
  if api.spec.child("window") == nil, let window = source["window"] {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "\(api.address) takes no window of time", at: window.key.span,
        help: "remove 'window', or declare it in the standard API"))
  }
}

private func checkBatch(_ target: YAMLNode, _ api: Declaration, _ diagnostics: inout Diagnostics) {
  guard let node = target.child("batch"), let batch = target.integer("batch") else { return }
  let maximum = api.spec.child("batch")?.integer("maximum") ?? 1
  guard batch > maximum else { return }
  let declared = api.spec.child("batch", "maximum")
  diagnostics.append(
    Diagnostic(
      .batchTooLarge, "\(api.address) takes at most \(maximum) record\(maximum == 1 ? "" : "s") a request",
      at: node.span,
      secondary: declared.map { [Label($0.span, "declared here")] } ?? []))
}

private func checkDelivery(_ target: YAMLNode, _ api: Declaration, _ diagnostics: inout Diagnostics) {
  let honoursKey = api.spec.flag("idempotencyKey") == true
  guard let node = target.child("delivery"), let policy = node.scalar?.text else {
    // A write that replaces by identity may be repeated; for any other write somebody has to decide.
    if !honoursKey, api.spec.child("request")?.text("method") != "PUT", let mention = target.child("api") {
      diagnostics.append(
        Diagnostic(
          .missingKey, "'delivery' is missing: a write whose outcome is not known must not be repeated unasked",
          at: mention.span,
          help: "write delivery: at-most-once (a person decides), at-least-once (repeats are accepted), "
            + "check-before-write (it is looked up first) or upsert"))
    }
    return
  }
  if policy == "idempotency-key", !honoursKey {
    diagnostics.append(
      Diagnostic(
        .deliveryDoesNotFit, "\(api.address) does not say that it knows repeated writes by a key", at: node.span,
        help: "use another policy, or declare idempotencyKey: true in the standard API if its platform does"))
  }
}

/// Warns where a hub uses what should no longer be used.
private func checkDeprecation(_ used: [Declaration], _ side: YAMLNode, _ diagnostics: inout Diagnostics) {
  for resource in used {
    guard let reason = resource.deprecation, let mention = side.child(resource.kind == .connector ? "connector" : "api")
    else { continue }
    diagnostics.append(
      Diagnostic(
        .deprecatedResource, "\(resource.address) should no longer be used", at: mention.span,
        secondary: [Label(resource.nameSpan, "declared deprecated here")], help: reason))
  }
}

/// Warns where a hub can never be deployed to production, as long as nobody has tried.
func checkPins(_ hub: Declaration, _ workspace: Workspace) -> Diagnostics {
  guard
    workspace.project?.spec.child("environments")?.entries?.contains(where: { workspace.isProduction($0.keyText) })
      == true
  else { return Diagnostics() }
  var diagnostics = Diagnostics()
  for side in ["source", "target"].compactMap({ hub.spec.child($0) }) {
    guard let pin = side.child("environment"), let name = pin.scalar?.text, workspace.environments.contains(name),
      !workspace.isProduction(name), let connector = side.text("connector")
    else { continue }
    diagnostics.append(
      notForProduction(hub, connector, name, "it cannot be deployed to production", .warning, at: pin.span))
  }
  return diagnostics
}
