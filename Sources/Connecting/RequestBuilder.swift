import Expressions
import Plans
import Templates
import Values

/// A request whole but for the base URL: what signatures are worked out over.
struct OutgoingRequest: Sendable {
  var method: String
  var path: String
  var query: [NamedText] = []
  var headers: [NamedText] = []
  /// The fields of the body, where it is a form.
  var form: [NamedText]?
  /// The API's own body; of a form, what its fields were made from.
  var body: [UInt8]?

  /// The body as it is sent.
  var encodedBody: [UInt8]? {
    guard let form else { return body }
    var buffer = ByteBuffer(capacity: 256 + (body?.count ?? 0) * 3 / 2)
    PercentEncoding.append(form, to: &buffer)
    return buffer.takeBytes()
  }

  /// Path and query as they are sent.
  var target: String {
    if query.isEmpty { return path }
    var buffer = ByteBuffer(capacity: path.utf8.count + 64 * query.count)
    buffer.append(path)
    // A path may bring the beginning of a query along.
    buffer.append(path.utf8.contains(0x3F) ? 0x26 : 0x3F)
    PercentEncoding.append(query, to: &buffer)
    return buffer.takeString()
  }
}

/// What proves who is calling, ready to be put into a request.
struct Credentials: Sendable {
  var headers: [NamedText] = []
  var query: [NamedText] = []
}

/// Puts together what a platform wants around an API's own part, in this order: what every request carries, credentials,
/// signatures.
///
/// Where a form has no field that takes up `request.body`, and the API has a body, its entries are fields of the form.
struct RequestBuilder: Sendable {
  private let encoding: RequestPlan.Encoding
  private let headers: FieldTemplates
  private let query: FieldTemplates
  private let form: FieldTemplates
  private let steps: [SigningProgram]
  private let view: RequestView
  private let bodyEntriesAreFields: Bool
  private let prepared: Activation

  init(_ plan: ConnectorPlan, _ parameters: ConnectorParameters) throws(ConnectingError) {
    let request = plan.request
    encoding = request.encoding
    headers = try FieldTemplates(request.headers, .header, in: .platformRequest, at: "request.headers")
    query = try FieldTemplates(request.query, .query, in: .platformRequest, at: "request.query")
    form = try FieldTemplates(request.form, .form, in: .platformRequest, at: "request.form")
    if encoding == .json, !form.isEmpty {
      throw ConnectingError(.badTemplate, "request.form: a body has fields only where request.encoding is 'form'")
    }
    let scope = ExpressionScope.platformRequest.environment
    let formPaths = request.form.values.flatMap { fieldPaths(in: $0, scope) }
    bodyEntriesAreFields = encoding == .form && !formPaths.contains { RequestView.takesUpBody($0) }
    let paths =
      formPaths + request.headers.values.flatMap { fieldPaths(in: $0, scope) }
      + request.query.values.flatMap { fieldPaths(in: $0, scope) }
    view = RequestView(paths)
    var steps: [SigningProgram] = []
    for (index, step) in plan.signing.enumerated() {
      steps.append(try SigningProgram(step, encoding, parameters, at: "signing[\(index)]"))
    }
    self.steps = steps
    var activation = headers.makeActivation()
    activation.set("connector", parameters.all)
    prepared = activation
  }

  /// The request around an API's own part.
  func build(
    _ rendered: RenderedRequest, with parameters: Value, _ credentials: Credentials, now: Timestamp
  ) throws(ConnectingError) -> OutgoingRequest {
    var request = OutgoingRequest(
      method: rendered.method, path: rendered.path, query: rendered.query, headers: rendered.headers,
      form: encoding == .form ? [] : nil, body: rendered.body)
    if bodyEntriesAreFields, let body = rendered.body { request.form = try RequestBuilder.fields(of: body) }
    try addPlatformPart(to: &request, with: parameters, now)
    for header in credentials.headers { request.headers.set(header: header.name, header.value) }
    for parameter in credentials.query { request.query.set(parameter.name, parameter.value) }
    addContentType(to: &request)
    for step in steps { try step.sign(&request, now) }
    return request
  }

  /// A request for a token: its own body in the platform's encoding and nothing else.
  func build(tokenRequest method: String, path: String, body: Value?) throws(ConnectingError) -> OutgoingRequest {
    var request = OutgoingRequest(method: method, path: path.hasPrefix("/") ? path : "/" + path)
    request.body = body.flatMap { APITemplates.bytes($0) }
    if encoding == .form, let body = request.body { request.form = try RequestBuilder.fields(of: body) }
    addContentType(to: &request)
    return request
  }

  private func addPlatformPart(
    to request: inout OutgoingRequest, with parameters: Value, _ now: Timestamp
  ) throws(ConnectingError) {
    if headers.isEmpty, query.isEmpty, form.isEmpty { return }
    var activation = prepared
    activation.set("with", parameters)
    activation.set("now", .timestamp(now))
    if view.isUsed { activation.set("request", view.value(of: request)) }
    var fields = request.form ?? []
    try form.render(&activation) { fields.set($0, $1) }
    var platformQuery: [NamedText] = []
    try query.render(&activation) { platformQuery.append(NamedText($0, $1)) }
    var platformHeaders: [NamedText] = []
    try headers.render(&activation) { platformHeaders.append(NamedText($0, $1)) }
    if encoding == .form { request.form = fields }
    // What the API says goes before what the platform says.
    for own in request.query { platformQuery.set(own.name, own.value) }
    for own in request.headers { platformHeaders.set(header: own.name, own.value) }
    request.query = platformQuery
    request.headers = platformHeaders
  }

  private func addContentType(to request: inout OutgoingRequest) {
    guard request.body != nil || request.form?.isEmpty == false,
      !request.headers.contains(where: { $0.name.isSameHeader(as: "content-type") })
    else { return }
    let type = request.form == nil ? "application/json" : "application/x-www-form-urlencoded"
    request.headers.append(NamedText("Content-Type", type))
  }

  /// The entries of a JSON object as fields of a form.
  private static func fields(of body: [UInt8]) throws(ConnectingError) -> [NamedText] {
    // A body that is not JSON is told in the same words as one that is no object.
    guard let map = (try? Value(jsonBytes: body))?.mapValue else {
      throw ConnectingError(
        .badRequest,
        "body: a map is expected, whose entries are the fields of the form; or let a field of the platform's "
          + "form take it up with ${ request.body }")
    }
    var fields: [NamedText] = []
    for (key, value) in map.entries {
      guard case .string(let name) = key else { continue }
      if let text = try FieldTemplates.text(value, .form, at: "form field '\(name)'", .badRequest) {
        fields.append(NamedText(name, text))
      }
    }
    return fields
  }
}
