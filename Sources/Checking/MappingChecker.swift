public import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Checks what a shared mapping refers to.
func checkFieldMapping(_ mapping: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = checkLookups(mapping.spec.child("mapping"), workspace)
  for (side, effect) in [("source", "query"), ("target", "execute")] {
    guard let mention = mapping.spec.child(side), let api = follow(mention, .standardAPI, workspace, &diagnostics),
      let actual = api.spec.text("effect"), actual != effect
    else { continue }
    diagnostics.append(
      Diagnostic(
        .wrongEffect, "\(api.address) has effect \(actual); '\(side)' takes one with effect \(effect)", at: mention.span
      ))
  }
  return diagnostics
}

/// Checks what the fields of a code table say together.
func checkValueMapping(_ mapping: Declaration, _ table: CodeTable?) -> Diagnostics {
  var diagnostics = table?.diagnostics ?? Diagnostics()
  let spec = mapping.spec
  let takesDefault = spec.text("onMiss") == "default"
  if takesDefault, spec.child("default") == nil, let mention = spec.child("onMiss") {
    diagnostics.append(
      Diagnostic(.missingKey, "'default' is missing: 'onMiss: default' says that it is taken", at: mention.span))
  }
  if !takesDefault, let entry = spec["default"], !entry.value.isNull {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'default' is never taken", at: entry.key.span, help: "write onMiss: default, or remove it"))
  }
  if spec.flag("locked") == true, let entry = spec["locked"], spec.child("entries") == nil, spec.child("csv") == nil {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "a locked table without entries never has any", at: entry.key.span,
        help: "declare entries or csv, or remove 'locked'"))
  }
  for entry in spec.child("entries")?.entries ?? [] where entry.value.scalar == nil {
    diagnostics.append(
      Diagnostic(
        .wrongType, "what code '\(entry.keyText)' becomes is a text, a number or true or false",
        at: entry.value.headSpan))
  }
  for entry in spec.child("labels")?.entries ?? [] where spec.child("entries", entry.keyText) == nil {
    // Without a CSV file all codes are here; with one, the label may be of a code that stands there.
    guard spec.child("csv") == nil else { break }
    let codes = spec.child("entries")?.entries?.map(\.keyText) ?? []
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'\(entry.keyText)' is no code of this table", at: entry.key.span,
        help: didYouMean(entry.keyText, among: codes).map { "did you mean '\($0)'?" }))
  }
  return diagnostics
}

/// Whether a hub test says nothing of what must come out.
public func expectsNothing(_ test: Declaration) -> Bool {
  let entries = test.spec.child("expect")?.entries ?? []
  return entries.allSatisfy { $0.keyText == "match" || $0.value.isNull }
}

/// Checks that a hub test has what it needs and expects something.
func checkHubTest(_ test: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  let spec = test.spec
  _ = follow(spec.child("hub"), .hub, workspace, &diagnostics)
  if spec.child("records") == nil, spec.child("file") == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'records' is missing in hub test", at: test.nameSpan,
        help: "write the source records under 'records', or name a file of them with 'file'"))
  } else if spec.child("records") != nil, let file = spec["file"], !file.value.isNull {
    diagnostics.append(
      Diagnostic(.fieldsDoNotFit, "'records' and 'file' both give the source records", at: file.key.span))
  }
  if expectsNothing(test) {
    diagnostics.append(
      Diagnostic(
        .expectsNothing, "the test expects nothing", at: spec["expect"]?.key.span ?? test.nameSpan,
        help: "write requests, documents, filtered, waiting or errors; datahub test --update records them"))
  }
  for entry in spec.child("find")?.entries ?? []
  where workspace[.hub, entry.keyText] == nil && !workspace.isUnread(entry.keyText) {
    diagnostics.append(unknownReference(.hub, entry.keyText, at: entry.key.span, workspace))
  }
  for entry in spec.child("values")?.entries ?? [] where workspace[.valueMapping, entry.keyText] == nil {
    diagnostics.append(unknownReference(.valueMapping, entry.keyText, at: entry.key.span, workspace))
  }
  return diagnostics
}
