import Expressions
import Plans
import Templates
import Values

/// The API's own part of a request, lowered: what is rendered into a ``RenderedRequest``.
///
/// What it gives is kept in tasks, so `connector` has no secret here.
struct APITemplates: Sendable {
  private let name: String
  private let method: String
  private let path: PathTemplate
  private let query: FieldTemplates
  private let headers: FieldTemplates
  private let body: Template?
  /// The body, where it is always the same.
  private let constantBody: [UInt8]?
  /// Everything but the body, with the variables that are the same for every request.
  private let prepared: Activation
  private let preparedForBody: Activation?
  private let secretNames: Set<String>
  private let now: @Sendable () -> Timestamp

  init(
    _ api: APIPlan, _ connector: ConnectorClient, with parameters: Value, in scope: ExpressionScope = .apiRequest
  ) throws(ConnectingError) {
    name = api.name
    method = api.method
    secretNames = connector.parameters.secretNames
    now = connector.now
    do throws(ConnectingError) {
      path = try PathTemplate(api.path, in: scope, at: "request.path")
      query = try FieldTemplates(api.query, .query, in: scope, at: "request.query")
      headers = try FieldTemplates(api.headers, .header, in: scope, at: "request.headers")
      body = try api.body.map { tree throws(ConnectingError) in
        try Template(tree, in: scope, at: "request.body")
      }
    } catch {
      throw error.at("API '\(api.name)'")
    }
    constantBody = body?.constantValue.flatMap { APITemplates.bytes($0) }
    var activation = headers.makeActivation()
    activation.set("connector", connector.parameters.visible)
    activation.set("with", parameters)
    prepared = activation
    if let body, constantBody == nil {
      var activation = body.makeActivation()
      activation.set("connector", connector.parameters.visible)
      activation.set("with", parameters)
      preparedForBody = activation
    } else {
      preparedForBody = nil
    }
  }

  /// Renders a request with more variables.
  func render(_ variables: [(String, Value)]) throws(ConnectingError) -> RenderedRequest {
    let moment = Value.timestamp(now())
    var activation = prepared
    activation.set("now", moment)
    for (name, value) in variables { activation.set(name, value) }
    do throws(ConnectingError) {
      var request = RenderedRequest(method: method, path: try path.render(activation))
      if !query.isEmpty { try query.render(&activation) { request.query.append(NamedText($0, $1)) } }
      if !headers.isEmpty { try headers.render(&activation) { request.headers.append(NamedText($0, $1)) } }
      request.body = try renderBody(variables, moment)
      return request
    } catch {
      throw explained(error)
    }
  }

  private func renderBody(_ variables: [(String, Value)], _ moment: Value) throws(ConnectingError) -> [UInt8]? {
    guard let body, var activation = preparedForBody else { return constantBody }
    activation.set("now", moment)
    for (name, value) in variables { activation.set(name, value) }
    do throws(TemplateError) {
      return APITemplates.bytes(try body.evaluate(&activation))
    } catch {
      throw ConnectingError(.badRequest, "body: \(error)")
    }
  }

  /// Adds what a reader needs to know where a template asked for a secret.
  private func explained(_ error: ConnectingError) -> ConnectingError {
    let secret = secretNames.first { error.message.contains("connector.\($0)") }
    let help = secret.map {
      "; the parameter '\($0)' is secret, and what an API renders is kept: use it in the platform's request or signing"
    }
    return ConnectingError(error.code, "API '\(name)': \(error.message)\(help ?? "")")
  }

  /// How a body is written: a text or bytes as they are, null as none, all else as JSON.
  static func bytes(_ value: Value) -> [UInt8]? {
    switch value {
    case .null: nil
    case .string(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: value.jsonBytes()
    }
  }
}
