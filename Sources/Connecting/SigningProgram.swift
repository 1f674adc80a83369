import Expressions
import Plans
import Templates
import Values

/// A signing step, lowered: a value worked out over a request that is otherwise whole, and where it goes.
struct SigningProgram: Sendable {
  private enum Place: Sendable {
    case form(String)
    case query(String)
    case header(String)
  }

  private let place: Place
  private let name: String
  private let template: Template
  private let view: RequestView
  private let prepared: Activation

  init(
    _ step: SigningStep, _ encoding: RequestPlan.Encoding, _ parameters: ConnectorParameters, at address: String
  ) throws(ConnectingError) {
    name = step.set
    place = try SigningProgram.place(step.set, encoding, at: address)
    template = try Template(.string(step.to), in: .signing, at: "\(address).to")
    view = RequestView(fieldPaths(in: .string(step.to), template.environment))
    var activation = template.makeActivation()
    activation.set("connector", parameters.all)
    prepared = activation
  }

  /// Works the value out and puts it into the request; a null is left out.
  func sign(_ request: inout OutgoingRequest, _ now: Timestamp) throws(ConnectingError) {
    var activation = prepared
    if view.isUsed { activation.set("request", view.value(of: request)) }
    activation.set("now", .timestamp(now))
    let value: Value
    do throws(TemplateError) {
      value = try template.evaluate(&activation)
    } catch {
      throw ConnectingError(.badRequest, "signature '\(name)': \(error)")
    }
    let kind: FieldTemplates.Kind = if case .header = place { .header } else { .form }
    guard let text = try FieldTemplates.text(value, kind, at: "signature '\(name)'", .badRequest) else { return }
    switch place {
    case .form(let field): request.form?.set(field, text)
    case .query(let parameter): request.query.set(parameter, text)
    case .header(let header): request.headers.set(header: header, text)
    }
  }

  private static func place(
    _ text: String, _ encoding: RequestPlan.Encoding, at address: String
  ) throws(ConnectingError) -> Place {
    let parts = text.split(separator: ".", maxSplits: 1).map { String($0) }
    if parts.count == 2 {
      switch parts[0] {
      case "form" where encoding == .form: return .form(parts[1])
      case "query": return .query(parts[1])
      case "header":
        try FieldTemplates.check(headerName: parts[1], at: "\(address).set")
        return .header(parts[1])
      default: break
      }
    }
    let form = encoding == .form ? "form.NAME, " : ""
    throw ConnectingError(
      .badTemplate, "\(address).set: '\(text)' is no place for a signature; write \(form)query.NAME or header.NAME")
  }
}
