import Checking
import Declarations
import Plans
import Resolving
import Values
import YAMLSyntax

/// Retries wait 20 s, 5 min, 1 h, 4 h, 20 h unless the hub says otherwise: the ladder of the platform this one follows.
private let defaultRetry: [Int64] = [20_000, 300_000, 3_600_000, 14_400_000, 72_000_000]
private let day: Int64 = 86_400_000

func lowerHub(_ hub: Declaration, environment: String, _ workspace: Workspace) throws -> HubPlan {
  guard let source = hub.spec.child("source"), let target = hub.spec.child("target"),
    let mapping = hub.spec.child("mapping")
  else { throw LoweringDefect(description: "\(hub.address) got through checking incomplete") }
  let asked = AskedLookups(in: mapping)
  var plan = HubPlan(
    name: hub.name, title: hub.title, source: try lowerSource(source, environment, workspace),
    select: hub.spec.text("select"), onChange: hub.spec.text("onChange").flatMap { ChangePolicy(rawValue: $0) },
    hold: hub.spec.text("hold"), mapping: mapping.value,
    valueMappings: Set(asked.tables.compactMap(\.name)).sorted(), lookups: asked.lookups,
    target: try lowerTarget(target, environment, workspace), timeZone: hub.spec.text("timeZone"),
    scheduling: lowerScheduling(hub.spec.child("scheduling")))
  if let group = hub.spec.child("group") {
    plan.group = GroupPlan(
      by: try group.requiredText("by"), lines: group.text("lines"),
      maximumLines: group.integer("maximumLines").map(Int.init),
      waitMilliseconds: group.child("wait") == nil ? nil : group.milliseconds("wait", default: 0))
    plan.target.batch = 1
  }
  plan.stopAfter = hub.spec.text("stopAfter").flatMap { ErrorAllowance($0) }.map { allowance in
    switch allowance {
    case .records(let count): StopAfterPlan(records: count)
    case .share(let tenThousandths): StopAfterPlan(shareInTenThousandths: tenThousandths)
    }
  }
  if let back = hub.spec.child("writeBack") {
    let usual = back.child("connector") == nil ? plan.source.connector : nil
    plan.writeBack = WriteBackPlan(
      connector: try usual ?? connectorName(back, environment, workspace),
      call: try lowerCall(back, workspace), document: back.child("document")?.value)
  }
  return plan
}

extension AskedLookups {
  /// The lookups of a plan, sorted.
  fileprivate var lookups: [LookupPlan] {
    Set(records.compactMap { asked in asked.hub.map { LookupPlan(hub: $0, fields: asked.fields.compactMap(\.name)) } })
      .sorted { $0.hub == $1.hub ? $0.fields.lexicographicallyPrecedes($1.fields) : $0.hub < $1.hub }
  }
}

/// The name a plan has for a connector with the parameters of an environment: its own, unless a hub pins another one.
func connectorName(_ connector: String, _ environment: String, usual: String) -> String {
  environment == usual ? connector : "\(connector)@\(environment)"
}

private func connectorName(_ side: YAMLNode, _ environment: String, _ workspace: Workspace) throws -> String {
  connectorName(
    try side.requiredText("connector"), workspace.connectorEnvironment(of: side, in: environment).name,
    usual: workspace.connectorEnvironment(in: environment).name)
}

private func lowerSource(_ source: YAMLNode, _ environment: String, _ workspace: Workspace) throws -> SourcePlan {
  if let hub = source.text("hub") { return lowerUpstream(hub, source) }
  let api = try resolveAPI(source, workspace)
  let window = source.child("window")
  let start = window?.text("start")
  let lookBack = start.flatMap { TimeSpan($0, days: true) }?.milliseconds
  var plan = SourcePlan(
    connector: try connectorName(source, environment, workspace),
    api: try lowerAPI(api, key: source.text("key"), number: source.text("number")),
    with: with(source, api), schedule: source.text("schedule"),
    after: lowerTrigger(source.child("after")), remedy: lowerRemedy(source.child("remedy")),
    overlapMilliseconds: window?.milliseconds("overlap", default: 0) ?? 0,
    settleMilliseconds: window?.milliseconds("settle", default: 0) ?? 0,
    lookBackMilliseconds: lookBack ?? 30 * day, start: lookBack == nil ? start : nil,
    retryMilliseconds: retry(source), backoff: lowerBackoff(source.child("backoff")))
  plan.parents = try source.child("parents").map { try lowerParents($0, workspace) }
  return plan
}

private func lowerParents(_ parents: YAMLNode, _ workspace: Workspace) throws -> ParentsPlan {
  let api = parents.child("api") == nil ? nil : try resolveAPI(parents, workspace)
  return ParentsPlan(
    hub: parents.text("hub"), api: try api.map { try lowerAPI($0, key: parents.text("key"), number: nil) },
    with: api.map { with(parents, $0) } ?? [:], when: parents.text("when"), give: parents.child("give")?.value ?? [:],
    into: parents.text("into"), maximum: Int(parents.integer("maximum") ?? 10_000))
}

/// A source that is another hub; it is read when that one has delivered where nothing else is said.
private func lowerUpstream(_ hub: String, _ source: YAMLNode) -> SourcePlan {
  var plan = SourcePlan(
    connector: nil, api: nil, with: [:], schedule: source.text("schedule"),
    after: lowerTrigger(source.child("after")), overlapMilliseconds: 0,
    settleMilliseconds: 0, lookBackMilliseconds: day, start: nil, retryMilliseconds: retry(source),
    backoff: lowerBackoff(source.child("backoff")))
  plan.upstream = UpstreamPlan(hub: hub, key: source.text("key"), number: source.text("number"))
  return plan
}

private func lowerRemedy(_ remedy: YAMLNode?) -> RemedyPlan? {
  guard let remedy, let schedule = remedy.text("schedule") else { return nil }
  return RemedyPlan(schedule: schedule, lookBackMilliseconds: remedy.milliseconds("lookBack", default: day))
}

private func lowerBackoff(_ node: YAMLNode?) -> BackoffPlan? {
  guard let node else { return nil }
  return BackoffPlan(
    baseMilliseconds: node.milliseconds("base", default: 1_000),
    maximumMilliseconds: node.milliseconds("maximum", default: 3_600_000), attempts: Int(node.integer("attempts") ?? 10)
  )
}

private func retry(_ side: YAMLNode) -> [Int64] {
  side.child("retry")?.items?.compactMap { $0.scalar.flatMap { TimeSpan($0.text, days: true) }?.milliseconds }
    ?? defaultRetry
}

private func lowerTarget(_ target: YAMLNode, _ environment: String, _ workspace: Workspace) throws -> TargetPlan {
  let api = try resolveAPI(target, workspace)
  let maximum = api.spec.child("batch")?.integer("maximum") ?? 1
  var plan = TargetPlan(
    connector: try connectorName(target, environment, workspace),
    api: try lowerAPI(api, key: nil, number: nil), with: with(target, api),
    schedule: target.text("schedule"), batch: Int(target.integer("batch") ?? maximum),
    concurrency: Int(target.integer("concurrency") ?? 1), delivery: deliveryPolicy(target, api),
    retryMilliseconds: retry(target), backoff: lowerBackoff(target.child("backoff")))
  if plan.delivery == .checkBeforeWrite { plan.lookup = try lowerLookup(target, api, workspace) }
  plan.followUps = try lowerFollowUps(target, api, workspace)
  plan.update = try target.child("update").map { try lowerCall($0, workspace) }
  plan.void = try target.child("void").map {
    VoidPlan(
      when: $0.text("when"), call: try lowerCall($0, workspace),
      takesBackVanished: target.text("vanished") == "void")
  }
  return plan
}

private func deliveryPolicy(_ target: YAMLNode, _ api: Declaration) -> DeliveryPolicy {
  if let declared = target.text("delivery").flatMap({ DeliveryPolicy(rawValue: $0) }) { return declared }
  return api.spec.flag("idempotencyKey") == true ? .idempotencyKey : .upsert
}

func resolveAPI(_ side: YAMLNode, _ workspace: Workspace) throws -> Declaration {
  let name = try side.requiredText("api")
  guard let api = workspace[.standardAPI, name] else {
    throw LoweringDefect(description: "standard API '\(name)' got through checking unknown")
  }
  return api
}

/// The API's parameters as the hub gives them, over their defaults.
func with(_ side: YAMLNode, _ api: Declaration) -> Value {
  let given = side.child("with")
  let entries = (api.spec.child("parameters")?.entries ?? []).map { entry in
    (entry.keyText, given?.child(entry.keyText)?.value ?? entry.value.child("default")?.value ?? Value.null)
  }
  return .map(ValueMap(entries))
}
