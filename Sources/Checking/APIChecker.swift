import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

private let queryFields = ["records", "record", "window", "paging", "detail"]
private let executeFields = ["batch", "document", "idempotencyKey", "result", "lookup", "then"]

/// Checks what the fields of a standard API say together.
func checkStandardAPI(_ api: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  _ = follow(api.spec.child("platform"), .platform, workspace, &diagnostics)
  let effect = api.spec.text("effect")
  if effect == "query" {
    if api.spec.child("records") == nil {
      diagnostics.append(
        Diagnostic(
          .missingKey, "'records' is missing: a query says where its records stand in the answer", at: api.nameSpan))
    }
    reject(executeFields, of: api, effect: "query", &diagnostics)
    checkPaging(api, &diagnostics)
  } else if effect == "execute" {
    reject(queryFields, of: api, effect: "execute", &diagnostics)
    if let single = api.spec["result"], api.spec.child("batch") != nil {
      diagnostics.append(
        Diagnostic(
          .fieldsDoNotFit, "'result' is for writes of one record; with 'batch' the answers are in 'batch.results'",
          at: single.key.span))
    }
    checkFollowUps(of: api, workspace, &diagnostics)
  }
  return diagnostics
}

private func reject(_ fields: [String], of api: Declaration, effect: String, _ diagnostics: inout Diagnostics) {
  for name in fields {
    guard let entry = api.spec[name], !entry.value.isNull else { continue }
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'\(name)' has no meaning for a standard API with effect \(effect)", at: entry.key.span))
  }
}

private func checkPaging(_ api: Declaration, _ diagnostics: inout Diagnostics) {
  guard let paging = api.spec.child("paging"), let kind = paging.text("kind") else { return }
  let isReverse = paging.text("order") == "reverse"
  let wanted = kind == "cursor" ? "next" : isReverse ? "pages" : kind == "page" ? "more" : nil
  if let wanted, paging.child(wanted) == nil {
    diagnostics.append(
      Diagnostic(
        .missingKey, "'\(wanted)' is missing for paging by \(kind)\(isReverse ? " in reverse" : "")",
        at: paging.headSpan, help: "it says from the answer how to go on"))
  }
  let meaningful: Set<String> =
    switch kind {
    case "page": isReverse ? ["order", "pages", "total"] : ["order", "more", "total"]
    case "cursor": ["next", "total"]
    case "offset": ["more", "total"]
    default: []
    }
  for key in ["more", "next", "order", "pages", "total"] where !meaningful.contains(key) {
    guard let entry = paging[key], !entry.value.isNull else { continue }
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'\(key)' has no meaning for paging by \(kind)\(isReverse ? " in reverse" : "")",
        at: entry.key.span))
  }
}
