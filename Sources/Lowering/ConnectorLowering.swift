import Declarations
import Plans
import Resolving
import Values
import YAMLSyntax

func lowerConnector(
  _ connector: Declaration, as planName: String, environment: String, _ workspace: Workspace
) throws -> ConnectorPlan {
  let name = try connector.spec.requiredText("platform")
  guard let platform = workspace[.platform, name] else {
    throw LoweringDefect(description: "platform '\(name)' got through checking unknown")
  }
  let spec = platform.spec
  let request = spec.child("request")
  return ConnectorPlan(
    name: planName, platform: platform.name,
    parameters: parameters(connector.spec, environment, declared: spec.child("parameters")),
    baseURL: try spec.requiredText("baseURL"),
    request: RequestPlan(
      headers: request?.templates("headers") ?? [:], query: request?.templates("query") ?? [:],
      form: request?.templates("form") ?? [:],
      encoding: request?.text("encoding").flatMap { RequestPlan.Encoding(rawValue: $0) } ?? .json),
    signing: try (spec.child("signing")?.items ?? []).map {
      SigningStep(set: try $0.requiredText("set"), to: try $0.requiredText("to"))
    },
    authentication: try lowerAuthentication(spec.child("authentication")),
    response: lowerResponse(spec.child("response")),
    connectTimeoutMilliseconds: spec.child("timeouts")?.milliseconds("connect", default: 10_000) ?? 10_000,
    timeoutMilliseconds: spec.child("timeouts")?.milliseconds("total", default: 60_000) ?? 60_000,
    maximumResponseBytes: spec.integer("maximumResponse") ?? 32 << 20,
    tls: connector.spec.child("tls").map {
      TLSPlan(ca: $0.text("ca"), certificate: $0.text("certificate"), key: $0.text("key"))
    }, proxy: connector.spec.text("proxy"),
    limits: lowerLimits(connector.spec.child("limits") ?? spec.child("limits")),
    circuit: (connector.spec.child("circuit") ?? spec.child("circuit")).map { node in
      let usual = CircuitPlan.usual
      return CircuitPlan(
        failures: node.integer("failures").map { Int($0) } ?? usual.failures,
        pauseMilliseconds: node.milliseconds("pause", default: usual.pauseMilliseconds),
        maximumPauseMilliseconds: node.milliseconds("maximumPause", default: usual.maximumPauseMilliseconds))
    })
}

private func lowerLimits(_ node: YAMLNode?) -> [LimitPlan]? {
  let limits = (node?.items ?? []).map {
    LimitPlan(requests: Int($0.integer("requests") ?? 1), perMilliseconds: $0.milliseconds("per", default: 1_000))
  }
  return limits.isEmpty ? nil : limits
}

/// Every declared parameter: the environment's value, else the connector's, else the default.
private func parameters(_ spec: YAMLNode, _ environment: String, declared: YAMLNode?) -> [ParameterPlan] {
  let own = spec.child("environments")?.child(environment)
  let common = spec.child("parameters")
  return (declared?.entries ?? []).map { entry in
    let name = entry.keyText
    let given = own?.child(name) ?? common?.child(name) ?? entry.value.child("default")
    return ParameterPlan(name: name, value: given?.value ?? .null, isSecret: entry.value.flag("secret") ?? false)
  }.sorted { $0.name < $1.name }
}

private func lowerAuthentication(_ node: YAMLNode?) throws -> AuthenticationPlan {
  guard let node else { return .none }
  switch node.text("kind") {
  case "basic":
    return .basic(username: try node.requiredText("username"), password: try node.requiredText("password"))
  case "token":
    guard let request = node.child("request") else {
      throw LoweringDefect(description: "token authentication got through checking without a request")
    }
    return .token(
      TokenPlan(
        method: request.text("method") ?? "POST", path: try request.requiredText("path"),
        body: request.child("body")?.value, success: node.text("success"), token: try node.requiredText("token"),
        expiresIn: node.text("expiresIn"), lifetimeMilliseconds: node.milliseconds("lifetime", default: 3_600_000),
        headers: node.templates("headers"), query: node.templates("query")))
  default: return .none
  }
}
