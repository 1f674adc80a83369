public import Expressions
public import Values

/// A tree with expressions in it, lowered once and evaluated many times: a mapping, a request's body, a header.
///
/// A text that is one expression keeps the expression's type, a text with expressions in it becomes text, a map with `each`
/// and `emit` becomes a list with one element for each of the list it goes over. Everything else is as it stands.
public struct Template: Sendable {
  /// The keys of a loop: `each: ${ list }`, `as: item`, `when: ${ condition }`, `emit: ...`.
  public static let loopKeys = ["each", "as", "when", "emit"]
  /// The variable of a loop that does not name one.
  public static let defaultLoopVariable = "item"

  private let root: TemplateNode
  /// What its expressions may name, with room for the variables of its loops.
  public let environment: ExpressionEnvironment

  /// Lowers a tree.
  ///
  /// - Throws: ``TemplateIssue`` for an expression that cannot be read; the compiler has found these before.
  public init(_ tree: Value, environment: ExpressionEnvironment) throws(TemplateIssue) {
    var lowering = TemplateLowering(widest: environment)
    root = try lowering.lower(tree, environment, path: "")
    self.environment = lowering.widest
  }

  /// Variables without values yet, for this template.
  public func makeActivation() -> Activation { Activation(environment: environment) }

  /// The value of the tree.
  ///
  /// - Parameter activation: the variables, from ``makeActivation()``; loops set theirs in it.
  public func evaluate(_ activation: inout Activation) throws(TemplateError) -> Value {
    try root.evaluate(&activation)
  }

  /// The value, where nothing in the tree depends on a variable.
  public var constantValue: Value? { if case .literal(let value) = root { value } else { nil } }
}

/// An expression of a template that cannot be lowered.
public struct TemplateIssue: Error, Sendable, CustomStringConvertible {
  /// Where it stands in the tree: `FEntity.emit.FRealQty`.
  public let path: String
  /// What is wrong.
  public let message: String

  /// Where and what.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Why a template has no value for a record.
public struct TemplateError: Error, Sendable, CustomStringConvertible {
  /// Where it stands in the result: `FEntity[2].FRealQty`.
  public internal(set) var path: String
  /// What happened.
  public let error: EvaluationError
  /// The expression.
  public let source: String

  /// Where, what, and in which expression.
  public var description: String {
    let place = path.isEmpty ? "" : "\(path): "
    let help = error.help.map { "; \($0)" } ?? ""
    return "\(place)\(error.message) in ${ \(source) }\(help)"
  }

  /// True where what is missing may still come by itself.
  public var isWaiting: Bool { if case .waiting = error.kind { true } else { false } }

  func inside(_ component: String) -> TemplateError {
    var copy = self
    let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
    copy.path = component + separator + path
    return copy
  }
}
