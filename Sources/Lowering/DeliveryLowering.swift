import Checking
import Declarations
import Plans
import Resolving
import Values
import YAMLSyntax

/// How a hub looks records up at its target.
func lowerLookup(_ target: YAMLNode, _ api: Declaration, _ workspace: Workspace) throws -> TargetLookupPlan {
  guard let lookup = DeclaredLookup(target, api), let by = lookup["by"]?.scalar?.text else {
    throw LoweringDefect(description: "check-before-write got through checking without a lookup")
  }
  let found = lookup["api"]?.scalar.flatMap { workspace[.standardAPI, $0.text] }
  guard let key = (lookup["key"] ?? found?.spec.child("record", "key"))?.scalar?.text else {
    throw LoweringDefect(description: "a lookup got through checking without a key")
  }
  let query: APIPlan
  if let request = lookup["request"] {
    query = try lowerLookupRequest(request, lookup, api, key: key)
  } else {
    guard let found else { throw LoweringDefect(description: "a lookup got through checking without a query") }
    query = try lowerAPI(found, key: key, number: nil)
  }
  return TargetLookupPlan(
    api: query, with: lookupParameters(lookup, workspace), by: by, key: key, id: lookup["id"]?.scalar?.text,
    maximum: Int(lookup["maximum"].flatMap(wholeNumber) ?? 1),
    lagMilliseconds: lookup["lag"]?.scalar.flatMap { TimeSpan($0.text, days: true) }?.milliseconds ?? 0,
    tries: Int(lookup["tries"].flatMap(wholeNumber) ?? 1), checksFirst: target.flag("checkFirst") ?? false)
}

private func lowerLookupRequest(
  _ request: YAMLNode, _ lookup: DeclaredLookup, _ api: Declaration, key: String
) throws -> APIPlan {
  guard let records = lookup["records"]?.scalar?.text else {
    throw LoweringDefect(description: "a lookup got through checking without its records")
  }
  return APIPlan(
    name: "\(api.name), lookup", effect: .query, method: request.text("method") ?? "POST",
    path: try request.requiredText("path"), query: request.templates("query"), headers: request.templates("headers"),
    body: request.child("body")?.value, response: lowerResponse(lookup["response"]),
    reading: ReadingPlan(
      records: records, key: key, number: nil, window: nil,
      paging: PagingPlan(kind: .none, start: 1, size: 100, more: nil, next: nil)), writing: nil)
}

/// The query's parameters as the lookup gives them, over their defaults; with a request of its own, none.
private func lookupParameters(_ lookup: DeclaredLookup, _ workspace: Workspace) -> Value {
  guard let name = lookup["api"]?.scalar?.text, let query = workspace[.standardAPI, name] else { return [:] }
  let given = lookup["with"]
  let entries = (query.spec.child("parameters")?.entries ?? []).map { entry in
    (entry.keyText, given?.child(entry.keyText)?.value ?? entry.value.child("default")?.value ?? Value.null)
  }
  return .map(ValueMap(entries))
}

private func wholeNumber(_ node: YAMLNode) -> Int64? { node.value.intValue }

/// The calls that follow a hub's writes; nil where there is none.
func lowerFollowUps(_ target: YAMLNode, _ api: Declaration, _ workspace: Workspace) throws -> [FollowUpPlan]? {
  // Null in the hub takes away what the API says.
  let steps = (target["then"] == nil ? api.spec.child("then") : target.child("then"))?.items ?? []
  if steps.isEmpty { return nil }
  return try steps.map { step in
    FollowUpPlan(
      name: try step.requiredText("name"), call: try lowerCall(step, workspace),
      isRepeatable: step.flag("repeatable") ?? false)
  }
}

/// A call beside the write, with its parameters.
func lowerCall(_ node: YAMLNode, _ workspace: Workspace) throws -> CallPlan {
  let api = try resolveAPI(node, workspace)
  return CallPlan(api: try lowerAPI(api, key: nil, number: nil), with: with(node, api))
}
