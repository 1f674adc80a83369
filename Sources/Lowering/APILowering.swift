import Declarations
import Plans
import Values
import YAMLSyntax

func lowerAPI(_ api: Declaration, key: String?, number: String?) throws -> APIPlan {
  let spec = api.spec
  guard let request = spec.child("request"), let effect = spec.text("effect").flatMap({ APIPlan.Effect(rawValue: $0) })
  else { throw LoweringDefect(description: "\(api.address) got through checking incomplete") }
  return APIPlan(
    name: api.name, effect: effect, method: request.text("method") ?? "POST", path: try request.requiredText("path"),
    query: request.templates("query"), headers: request.templates("headers"), body: request.child("body")?.value,
    response: lowerResponse(spec.child("response")),
    reading: effect == .query ? try lowerReading(spec, key: key, number: number) : nil,
    writing: effect == .execute ? lowerWriting(spec) : nil)
}

private func lowerReading(_ spec: YAMLNode, key: String?, number: String?) throws -> ReadingPlan {
  guard let key = key ?? spec.child("record")?.text("key") else {
    throw LoweringDefect(description: "a query got through checking without a key for its records")
  }
  return ReadingPlan(
    records: try spec.requiredText("records"), key: key, number: number ?? spec.child("record")?.text("number"),
    window: spec.child("window").map { WindowPlan(maximumSpanMilliseconds: $0.duration("maximum")?.milliseconds) },
    paging: lowerPaging(spec.child("paging")), detail: try spec.child("detail").map(lowerDetail))
}

private func lowerPaging(_ paging: YAMLNode?) -> PagingPlan {
  let kind = paging?.text("kind").flatMap { PagingPlan.Kind(rawValue: $0) } ?? .none
  let order = paging?.text("order").flatMap { PagingPlan.Order(rawValue: $0) }
  return PagingPlan(
    kind: kind, start: kind == .offset ? 0 : paging?.integer("start") ?? 1, size: paging?.integer("size") ?? 100,
    more: paging?.text("more"), next: paging?.text("next"), order: order == .forward ? nil : order,
    pages: paging?.text("pages"), total: paging?.text("total"))
}

private func lowerDetail(_ detail: YAMLNode) throws -> DetailPlan {
  guard let request = detail.child("request") else {
    throw LoweringDefect(description: "a detail got through checking without a request")
  }
  return DetailPlan(
    method: request.text("method") ?? "POST", path: try request.requiredText("path"),
    query: request.templates("query"), headers: request.templates("headers"), body: request.child("body")?.value,
    response: lowerResponse(detail.child("response")), record: try detail.requiredText("record"),
    into: detail.text("into"), when: detail.text("when"), concurrency: Int(detail.integer("concurrency") ?? 4))
}

private func lowerWriting(_ spec: YAMLNode) -> WritingPlan {
  let batch = spec.child("batch")
  return WritingPlan(
    maximumItems: Int(batch?.integer("maximum") ?? 1), item: batch?.child("item")?.value,
    honoursIdempotencyKey: spec.flag("idempotencyKey") ?? false, results: batch?.text("results"),
    index: batch?.text("index"), success: batch?.text("success"),
    id: batch?.text("id") ?? spec.child("result")?.text("id"),
    message: batch?.text("message"), exists: batch?.text("exists"))
}

func lowerResponse(_ node: YAMLNode?) -> ResponsePlan {
  ResponsePlan(
    success: node?.text("success"), message: node?.text("message"),
    errors: (node?.child("errors")?.items ?? []).compactMap { rule in
      guard let when = rule.text("when"), let outcome = rule.text("outcome").flatMap({ FailureClass(rawValue: $0) })
      else { return nil }
      return ErrorRule(when: when, outcome: outcome, wait: rule.text("wait"))
    })
}
