import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// Checks what the fields of a platform say together.
func checkPlatform(_ platform: Declaration) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let authentication = platform.spec.child("authentication") {
    checkAuthentication(authentication, &diagnostics)
  }
  for step in platform.spec.child("signing")?.items ?? [] {
    guard let place = step.child("set"), let text = place.scalar?.text else { continue }
    let parts = text.split(separator: ".", maxSplits: 1)
    if parts.count != 2 || !["form", "query", "header"].contains(parts[0]) {
      diagnostics.append(
        Diagnostic(
          .invalidText, "'\(text)' is not a place in a request", at: place.span,
          help: "write form.NAME, query.NAME or header.NAME"))
    }
  }
  return diagnostics
}

private func checkAuthentication(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
  guard let kind = node.text("kind") else { return }
  let wanted: [String: [String]] = [
    "none": [], "basic": ["username", "password"], "token": ["request", "token"],
  ]
  let allowed: [String: [String]] = [
    "none": [], "basic": ["username", "password"],
    "token": ["request", "token", "success", "expiresIn", "lifetime", "headers", "query"],
  ]
  for key in wanted[kind] ?? [] where node.child(key) == nil {
    diagnostics.append(
      Diagnostic(.missingKey, "'\(key)' is missing for authentication by \(kind)", at: node.headSpan))
  }
  for entry in node.entries ?? [] where entry.keyText != "kind" && !(allowed[kind] ?? []).contains(entry.keyText) {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'\(entry.keyText)' has no meaning for authentication by \(kind)", at: entry.key.span,
        help: "remove it, or change the kind"))
  }
}
