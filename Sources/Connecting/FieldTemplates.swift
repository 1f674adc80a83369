import Expressions
import Templates
import Values

/// Named texts as templates: headers, parameters of a URL, fields of a form.
struct FieldTemplates: Sendable {
  private struct Field: Sendable {
    let name: String
    let template: Template
    /// The text, where it is always the same.
    let constant: String?
  }

  /// What the texts are: decides what is allowed in them.
  enum Kind: String, Sendable {
    case header
    case query
    case form
  }

  private let kind: Kind
  private let fields: [Field]
  private let environment: ExpressionEnvironment

  /// True where there is none.
  var isEmpty: Bool { fields.isEmpty }

  /// True where every text is always the same.
  let isConstant: Bool

  /// Lowers templates by name; they are rendered in the order of their names.
  ///
  /// - Parameter place: where they stand, for messages: `request.headers`.
  init(_ templates: [String: Value], _ kind: Kind, in scope: ExpressionScope, at place: String) throws(ConnectingError)
  {
    self.kind = kind
    environment = scope.environment
    var fields: [Field] = []
    for (name, tree) in templates.sorted(by: { $0.key < $1.key }) {
      let address = "\(place).\(name)"
      if case .header = kind { try FieldTemplates.check(headerName: name, at: address) }
      if tree.listValue != nil || tree.mapValue != nil {
        throw ConnectingError(.badTemplate, "\(address): a text is expected, not a \(tree.typeName)")
      }
      let template = try Template(tree, in: scope, at: address)
      var constant: String?
      if let value = template.constantValue {
        guard let text = try FieldTemplates.text(value, kind, at: address, .badTemplate) else { continue }
        constant = text
      }
      fields.append(Field(name: name, template: template, constant: constant))
    }
    self.fields = fields
    isConstant = fields.allSatisfy { $0.constant != nil }
  }

  /// Renders the texts one by one; one that is null is left out.
  func render(
    _ activation: inout Activation, _ take: (String, String) -> Void
  ) throws(ConnectingError) {
    for field in fields {
      if let constant = field.constant {
        take(field.name, constant)
        continue
      }
      let value: Value
      do throws(TemplateError) {
        value = try field.template.evaluate(&activation)
      } catch {
        throw ConnectingError(.badRequest, "\(kind.noun) '\(field.name)': \(error)")
      }
      if let text = try FieldTemplates.text(value, kind, at: "\(kind.noun) '\(field.name)'", .badRequest) {
        take(field.name, text)
      }
    }
  }

  /// Variables without values yet.
  func makeActivation() -> Activation { Activation(environment: environment) }

  /// How a value stands in a request: nil for null, which leaves the name out.
  static func text(
    _ value: Value, _ kind: Kind, at place: String, _ code: ConnectingError.Code
  ) throws(ConnectingError) -> String? {
    if case .string(let text) = value {
      if kind == .header { try check(headerValue: text, at: place, code) }
      return text
    }
    if value.isNull { return nil }
    guard let text = value.interpolatedText else {
      throw ConnectingError(code, "\(place): a \(value.typeName) is no text; write json(...) for its JSON text")
    }
    return text
  }

  static func check(headerName name: String, at place: String) throws(ConnectingError) {
    let marks = Set("!#$%&'*+-.^_`|~".utf8)
    let isSound =
      !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: marks.contains(byte)
        }
      }
    guard isSound else { throw ConnectingError(.badTemplate, "\(place): '\(name)' is not the name of a header") }
  }

  /// Refuses what would end a header and begin another.
  static func check(headerValue text: String, at place: String, _ code: ConnectingError.Code) throws(ConnectingError) {
    for byte in text.utf8 where byte < 0x20 && byte != 0x09 || byte == 0x7F {
      throw ConnectingError(code, "\(place): the text has a line break or another control character in it")
    }
  }
}

extension FieldTemplates.Kind {
  /// The kind in a sentence.
  fileprivate var noun: String {
    switch self {
    case .header: "header"
    case .query: "query parameter"
    case .form: "form field"
    }
  }
}
