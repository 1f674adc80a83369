import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Checks the parents for each of which a source is asked.
///
/// That hubs ask for each other's records in a circle is found where it is checked what they run after.
func checkParents(
  _ source: YAMLNode, _ api: Declaration, _ workspace: Workspace, _ diagnostics: inout Diagnostics
) {
  guard let entry = source["parents"], !entry.value.isNull else { return }
  let parents = entry.value
  var parameters = ParameterChecker(declared: api.spec.child("parameters"), owner: "\(api.address)")
  parameters.check(parents.child("give"))
  diagnostics.append(contentsOf: parameters.diagnostics)
  if let give = parents["give"], give.value.entries?.isEmpty == true {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'give' gives nothing: the same would be asked for each parent", at: give.key.span,
        help: "give a parameter of \(api.address) what it is to be for each parent"))
  }
  switch (parents.child("hub"), parents.child("api")) {
  case (let hub?, nil):
    _ = follow(hub, .hub, workspace, &diagnostics)
    for name in ["with", "key"] {
      guard let entry = parents[name], !entry.value.isNull else { continue }
      diagnostics.append(
        Diagnostic(
          .fieldsDoNotFit, "'\(name)' has no meaning for parents of another hub", at: entry.key.span, help: "remove it")
      )
    }
  case (nil, let mention?): checkLister(parents, mention, api, workspace, &diagnostics)
  case (nil, nil):
    diagnostics.append(
      Diagnostic(
        .missingKey, "'hub' or 'api' is missing in parents", at: entry.key.span,
        help: "name the hub whose records they are, or the API that lists them"))
  case (_?, let mention?):
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'hub' and 'api' both say what the parents are", at: mention.span, help: "remove one of them"))
  }
}

private func checkLister(
  _ parents: YAMLNode, _ mention: YAMLNode, _ api: Declaration, _ workspace: Workspace,
  _ diagnostics: inout Diagnostics
) {
  guard let lister = follow(mention, .standardAPI, workspace, &diagnostics) else { return }
  if let effect = lister.spec.text("effect"), effect != "query" {
    diagnostics.append(
      Diagnostic(
        .wrongEffect, "\(lister.address) has effect \(effect); parents are listed by one with effect query",
        at: mention.span))
    return
  }
  if let own = api.spec.text("platform"), let other = lister.spec.text("platform"), own != other {
    diagnostics.append(
      Diagnostic(
        .otherPlatform, "\(lister.address) is a call of platform '\(other)', the source's of '\(own)'", at: mention.span
      ))
  }
  for (name, why) in [
    ("window", "has a window of time: parents are listed whole for each pull, not those that changed lately"),
    ("detail", "asks for the detail of each record: parents are as the list has them"),
  ] {
    guard let entry = lister.spec[name], !entry.value.isNull else { continue }
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "\(lister.address) \(why)", at: mention.span,
        secondary: [Label(entry.key.span, "declared here")],
        help: "list them with an API that extends it and has \(name): null, or read them with a hub of their own"))
  }
  if parents.child("key") == nil, lister.spec.child("record", "key") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'key' is missing: \(lister.address) does not say what identifies a record", at: mention.span,
        help: "write for example key: ${ record.id }"))
  }
  var parameters = ParameterChecker(declared: lister.spec.child("parameters"), owner: "\(lister.address)")
  parameters.check(parents.child("with"))
  let given = Set((parents.child("with")?.entries ?? []).filter { !$0.value.isNull }.map(\.keyText))
  parameters.checkPresence(given, at: mention.span, where: "")
  diagnostics.append(contentsOf: parameters.diagnostics)
}
