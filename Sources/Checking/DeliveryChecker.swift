public import Declarations
import Diagnostics
import Resolving
public import SourceText
public import YAMLSyntax

/// How a record is looked up: what the hub says, over what its API says.
public struct DeclaredLookup {
  private let own: YAMLNode?
  private let shared: YAMLNode?
  /// The hub's or the API's own query, whichever of them says one; what the other says of it is not taken.
  private let asks: YAMLNode?

  /// The lookup of a hub's target; nil where neither it nor its API has one.
  public init?(_ target: YAMLNode, _ api: Declaration) {
    own = target.child("lookup")
    shared = api.spec.child("lookup")
    if own == nil, shared == nil { return nil }
    span = (own == nil ? api.spec["lookup"] : target["lookup"])?.key.span
    asks = [own, shared].compactMap(\.self).first { $0.child("api") != nil || $0.child("request") != nil }
  }

  /// The lookup of a standard API by itself.
  init(lookup: YAMLNode) {
    own = nil
    shared = lookup
    asks = lookup
    span = lookup.headSpan
  }

  /// A field of it.
  public subscript(_ name: String) -> YAMLNode? {
    switch name {
    case "api", "request", "response", "records", "with": asks?.child(name)
    default: own?.child(name) ?? shared?.child(name)
    }
  }

  /// Where to point at.
  public let span: SourceSpan?
}

extension Declaration {
  /// Whether each record of the hub becomes many documents: `each` stands at the top of its mapping.
  var fansOut: Bool {
    let mapping = spec.child("mapping")
    return mapping?.child("each") != nil && mapping?["emit"] != nil
  }
}

/// The calls a hub or an API makes beside its write, by the names of their APIs.
func callsBeside(_ node: YAMLNode?) -> [String] {
  guard let node else { return [] }
  let followUps = node.child("then")?.items ?? []
  return ["lookup", "update", "void"].compactMap { node.child($0)?.text("api") }
    + followUps.compactMap { $0.text("api") }
}

/// Checks that a hub that looks records up before it writes them can do so.
func checkLookup(
  _ target: YAMLNode, _ api: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) {
  let isChecked = target.text("delivery") == "check-before-write"
  if !isChecked {
    for name in ["checkFirst", "lookup"] {
      guard let entry = target[name], !entry.value.isNull else { continue }
      diagnostics.append(
        Diagnostic(
          .fieldsDoNotFit, "'\(name)' has no meaning without delivery: check-before-write", at: entry.key.span))
    }
    return
  }
  guard let node = target.child("delivery") else { return }
  guard let lookup = DeclaredLookup(target, api), let span = lookup.span else {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'lookup' is missing: neither the hub nor \(api.address) says how a record is looked up",
        at: node.span, help: "declare lookup with 'by', and 'api' or 'request', in the standard API or here"))
    return
  }
  if lookup["by"] == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'by' is missing in lookup: what a record is looked up by", at: span,
        help: "write for example by: ${ document.code }"))
  }
  checkQuery(of: lookup, target, at: span, workspace, &diagnostics)
  if target.flag("checkFirst") == true, let concurrency = target.child("concurrency"),
    (target.integer("concurrency") ?? 1) > 1
  {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit,
        "with checkFirst there may be one request at a time: two could both find nothing and both write",
        at: concurrency.span, help: "remove 'concurrency', or 'checkFirst': what may have arrived is always looked up"))
  }
}

private func checkQuery(
  of lookup: DeclaredLookup, _ target: YAMLNode, at span: SourceSpan, _ workspace: Workspace,
  _ diagnostics: inout Diagnostics
) {
  if let request = lookup["request"] {
    if let api = lookup["api"] {
      diagnostics.append(
        Diagnostic(.fieldsDoNotFit, "'api' and 'request' both say how to look", at: api.span))
    }
    for name in ["records", "key"] where lookup[name] == nil {
      diagnostics.append(
        Diagnostic(
          .missingKey, "'\(name)' is missing in lookup, which has a request of its own", at: request.headSpan,
          help: name == "key" ? "write for example key: ${ record.code }" : "it says what was found: a list"))
    }
    return
  }
  for name in ["records", "response"] {
    guard let node = lookup[name] else { continue }
    diagnostics.append(
      Diagnostic(.fieldsDoNotFit, "'\(name)' has no meaning in lookup without 'request'", at: node.headSpan))
  }
  guard let mention = lookup["api"] else {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'api' is missing in lookup: the query that looks", at: span,
        help: "name a query of the platform, or write the request here with 'request', 'records' and 'key'"))
    return
  }
  guard
    let query = checkCall(
      mention, with: lookup["with"], effect: "query", "lookup", of: target, workspace, &diagnostics)
  else { return }
  if let window = query.spec["window"], !window.value.isNull {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "\(query.address) takes a window of time, and a lookup has none", at: mention.span,
        secondary: [Label(window.key.span, "declared here")], help: "name a query that finds records by their keys"))
  }
  if lookup["key"] == nil, query.spec.child("record", "key") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'key' is missing in lookup: \(query.address) does not say what identifies a record",
        at: mention.span, help: "write for example key: ${ record.code }"))
  }
}

/// Checks the calls that follow the writes of a hub.
func checkFollowUps(
  _ target: YAMLNode, _ api: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) {
  let own = target.child("then")
  checkNames(of: own, &diagnostics)
  for step in (target["then"] == nil ? api.spec.child("then") : own)?.items ?? [] {
    guard let mention = step.child("api") else { continue }
    _ = checkCall(
      mention, with: step.child("with"), effect: "execute", "a follow-up call", of: target, workspace, &diagnostics)
  }
}

/// Checks what can be told of the follow-up calls of an API without a hub.
func checkFollowUps(of api: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics) {
  checkNames(of: api.spec.child("then"), &diagnostics)
  for mention in [api.spec.child("lookup", "api")] + (api.spec.child("then")?.items ?? []).map({ $0.child("api") }) {
    _ = follow(mention, .standardAPI, workspace, &diagnostics)
  }
}

/// Checks how a hub changes and takes back what its target has.
func checkChanges(_ hub: Declaration, _ target: YAMLNode, _ workspace: Workspace, _ diagnostics: inout Diagnostics) {
  for name in ["update", "void"] {
    guard let node = target.child(name), let mention = node.child("api") else { continue }
    _ = checkCall(
      mention, with: node.child("with"), effect: "execute", "'\(name)'", of: target, workspace, &diagnostics)
  }
  let takesBackVanished = target.text("vanished") == "void"
  if takesBackVanished, let entry = target["vanished"] { checkVanished(hub, target, entry, workspace, &diagnostics) }
  if let void = target.child("void"), void.child("when") == nil, hub.spec.child("select") == nil, !takesBackVanished {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'when' is missing in void: the hub selects every record, so none would ever be taken back",
        at: void.headSpan, help: "write for example when: ${ record.status == \"Cancelled\" }"))
  }
  if let update = target["update"], !update.value.isNull, hub.spec.text("onChange") == "ignore" {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'update' is never called: the hub ignores changes", at: update.key.span,
        secondary: hub.spec.child("onChange").map { [Label($0.span, "said here")] } ?? [],
        help: "remove 'update', or 'onChange: ignore'"))
  }
}

/// Checks what a hub writes back.
func checkWriteBack(_ hub: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics) {
  guard let entry = hub.spec["writeBack"], !entry.value.isNull else { return }
  _ = follow(entry.value.child("connector"), .connector, workspace, &diagnostics)
  if hub.upstream != nil, entry.value.child("connector") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'connector' is missing in writeBack: the source is another hub and has none", at: entry.key.span,
        help: "name the connector that is written to"))
    return
  }
  let side = entry.value.child("connector") == nil ? hub.spec.child("source") : entry.value
  if let side, let mention = entry.value.child("api") {
    _ = checkCall(
      mention, with: entry.value.child("with"), effect: "execute", "'writeBack'", of: side, workspace, &diagnostics)
  }
  if hub.fansOut || hub.spec.child("group") != nil {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'writeBack' is for hubs in which each record becomes one document", at: entry.key.span))
  }
}

private func checkVanished(
  _ hub: Declaration, _ target: YAMLNode, _ entry: YAMLEntry, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) {
  if target.child("void") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'void' is missing: the call that takes a record back", at: entry.key.span,
        help: "write void: { api: ... }"))
  }
  if let upstream = hub.upstream {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "a hub gives what is new to it, so that a record it does not give is still there",
        at: entry.key.span, secondary: [Label(upstream.span, "the source is a hub")],
        help: "remove 'vanished', or void records by their state with void.when"))
  }
  if let parents = hub.spec.child("source")?["parents"], !parents.value.isNull {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "a record is not gone since the query of its parent failed, or its parent is not asked for",
        at: entry.key.span, secondary: [Label(parents.key.span, "asked for each of these")],
        help: "remove 'vanished', or void records by their state with void.when"))
    return
  }
  guard let name = hub.spec.child("source")?.text("api"), let source = workspace[.standardAPI, name],
    let window = source.spec["window"], !window.value.isNull
  else { return }
  diagnostics.append(
    Diagnostic(
      .fieldsDoNotFit, "\(source.address) gives a window of time, so that a record it does not give may still be there",
      at: entry.key.span, secondary: [Label(window.key.span, "declared here")],
      help: "read with an API that gives all it has, or void records by their state with void.when"))
}

/// Checks what does not go together with documents of many records, or with many documents of a record.
func checkGroup(_ hub: Declaration, _ target: YAMLNode, _ api: Declaration, _ diagnostics: inout Diagnostics) {
  let loop = hub.fansOut ? hub.spec.child("mapping")?["each"] : nil
  let group = hub.spec["group"].flatMap { $0.value.isNull ? nil : $0 }
  func refuse(_ entry: YAMLEntry?, _ message: String, _ help: String) {
    guard let entry, !entry.value.isNull else { return }
    diagnostics.append(Diagnostic(.fieldsDoNotFit, message, at: entry.key.span, help: help))
  }
  if let group {
    refuse(
      loop, "many records become one document here, and each record many",
      "remove 'group', or 'each' at the top of the mapping")
    if hub.spec.text("onChange") != "ignore" {
      diagnostics.append(
        Diagnostic(
          .fieldsDoNotFit,
          "a record that changed after its group was sent would be sent once more, in another document",
          at: group.key.span, help: "write onChange: ignore in the hub"))
    }
    if (target.integer("batch") ?? 1) > 1 {
      refuse(target["batch"], "a grouped document goes into a request of its own", "remove 'batch'")
    }
  }
  let what = group != nil ? "a document of many records" : loop != nil ? "one of many documents of a record" : nil
  guard let what else { return }
  for name in ["update", "void", "vanished"] {
    refuse(target[name], "'\(name)' does not know \(what)", "remove it, and write onChange: ignore")
  }
  if loop != nil {
    let then = target["then"] ?? api.spec["then"]
    refuse(then, "calls that follow a write do not know \(what)", "write then: null in the hub's target")
  }
}

private func checkNames(of steps: YAMLNode?, _ diagnostics: inout Diagnostics) {
  var seen: [String: SourceSpan] = [:]
  for step in steps?.items ?? [] {
    guard let node = step.child("name"), let name = node.scalar?.text else { continue }
    if let first = seen[name] {
      diagnostics.append(
        Diagnostic(
          .fieldsDoNotFit, "two follow-up calls are called '\(name)'", at: node.span,
          secondary: [Label(first, "the first one")], help: "by its name it is kept which of them was done"))
    }
    seen[name] = node.span
    if ["update", "void", "write-back"].contains(name) {
      diagnostics.append(
        Diagnostic(
          .invalidName, "'\(name)' is what something else is kept under", at: node.span, help: "give it another name"))
    }
    let isSound = !name.isEmpty && name.utf8.count <= 64 && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    if !isSound {
      diagnostics.append(
        Diagnostic(
          .invalidName, "'\(name)' is not a name for a follow-up call", at: node.span,
          help: "such names have up to 64 letters, digits and '-'"))
    }
  }
}

/// Checks a call beside the write: that there is such an API, with this effect, of the connector's platform, and that its
/// parameters are given.
func checkCall(
  _ mention: YAMLNode, with given: YAMLNode?, effect: String, _ place: String, of target: YAMLNode,
  _ workspace: Workspace, _ diagnostics: inout Diagnostics
) -> Declaration? {
  guard let api = follow(mention, .standardAPI, workspace, &diagnostics) else { return nil }
  if let actual = api.spec.text("effect"), actual != effect {
    diagnostics.append(
      Diagnostic(
        .wrongEffect, "\(api.address) has effect \(actual); \(place) takes one with effect \(effect)", at: mention.span)
    )
    return nil
  }
  let connector = target.text("connector").flatMap { workspace[.connector, $0] }
  if let platform = connector?.spec.text("platform"), let own = api.spec.text("platform"), platform != own,
    workspace[.platform, platform] != nil
  {
    diagnostics.append(
      Diagnostic(
        .otherPlatform, "\(api.address) is a call of platform '\(own)', the connector is on '\(platform)'",
        at: mention.span, secondary: target.child("connector").map { [Label($0.span, "on '\(platform)'")] } ?? []))
  }
  var parameters = ParameterChecker(declared: api.spec.child("parameters"), owner: "\(api.address)")
  parameters.check(given)
  let names = Set((given?.entries ?? []).filter { !$0.value.isNull }.map(\.keyText))
  parameters.checkPresence(names, at: given?.headSpan ?? mention.span, where: "")
  diagnostics.append(contentsOf: parameters.diagnostics)
  return api
}
