import Expressions
import Templates
import Values

/// A path with values in it: what is written stands as it is, a value is percent-encoded and cannot change the path.
struct PathTemplate: Sendable {
  private enum Part: Sendable {
    case literal(String)
    case value(Expression)
  }

  private let parts: [Part]
  /// The path, where it is always the same.
  private let constant: String?
  private let environment: ExpressionEnvironment

  init(_ text: String, in scope: ExpressionScope, at place: String) throws(ConnectingError) {
    environment = scope.environment
    let pieces: [ExpressionText.Part]
    do throws(ExpressionIssue) {
      pieces = try ExpressionText.parse(text)
    } catch {
      throw ConnectingError(.badTemplate, "\(place): \(error.message)")
    }
    var parts: [Part] = []
    for piece in pieces {
      switch piece {
      case .text(let literal): parts.append(.literal(PercentEncoding.encodeLiteral(literal)))
      case .expression(let source, _):
        do throws(ExpressionIssues) {
          parts.append(.value(try Expression(source, environment: environment)))
        } catch {
          throw ConnectingError(.badTemplate, "\(place): \(error)")
        }
      }
    }
    // Without it the first part would be added to the host's name.
    if case .literal(let first)? = parts.first, first.hasPrefix("/") {} else { parts.insert(.literal("/"), at: 0) }
    self.parts = parts
    if parts.count == 1, case .literal(let only) = parts[0] { constant = only } else { constant = nil }
  }

  /// The path for these variables, percent-encoded.
  func render(_ activation: borrowing Activation) throws(ConnectingError) -> String {
    if let constant { return constant }
    var path = ""
    for part in parts {
      switch part {
      case .literal(let text): path += text
      case .value(let expression): path += PercentEncoding.encode(try text(of: expression, activation))
      }
    }
    // Servers take these for steps up, encoded or not.
    let segments = path.prefix { $0 != "?" }.split(separator: "/")
    guard !segments.contains(where: { $0 == "." || $0 == ".." }) else {
      throw ConnectingError(.badRequest, "path: '\(path)' would lead to another place: a value in it is '.' or '..'")
    }
    return path
  }

  private func text(of expression: Expression, _ activation: borrowing Activation) throws(ConnectingError) -> String {
    let value: Value
    do throws(EvaluationError) {
      value = try expression.evaluate(activation)
    } catch {
      throw ConnectingError(.badRequest, "path: \(expression.explain(error))")
    }
    // An empty value would ask for the list instead of the one, or delete it.
    guard let text = value.interpolatedText, !text.isEmpty else {
      let what = value.interpolatedText == nil ? "a \(value.typeName)" : "an empty text"
      throw ConnectingError(.badRequest, "path: ${ \(expression.source) } is \(what); a value in a path must be a text")
    }
    return text
  }
}
