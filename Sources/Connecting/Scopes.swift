import Expressions
import Templates
import Values

extension Expression {
  /// Lowers the one expression of a text.
  ///
  /// - Parameter place: where it stands, for messages: `response.success`.
  init(_ text: String, in scope: ExpressionScope, at place: String) throws(ConnectingError) {
    do throws(TemplateIssue) {
      try self.init(single: text, environment: scope.environment, path: place)
    } catch {
      throw ConnectingError(.badTemplate, error.description)
    }
  }

  /// The value of an optional expression's text.
  static func optional(
    _ text: String?, in scope: ExpressionScope, at place: String
  ) throws(ConnectingError) -> Expression? {
    guard let text else { return nil }
    return try Expression(text, in: scope, at: place)
  }

  /// What went wrong, with the expression as it is written.
  func explain(_ error: EvaluationError) -> String {
    "\(error.message) in ${ \(source) }" + (error.help.map { "; \($0)" } ?? "")
  }
}

extension Template {
  /// Lowers a tree.
  ///
  /// - Parameter place: where it stands, for messages.
  init(_ tree: Value, in scope: ExpressionScope, at place: String) throws(ConnectingError) {
    do throws(TemplateIssue) {
      try self.init(tree, environment: scope.environment)
    } catch {
      let path = error.path.isEmpty || error.path.hasPrefix("[") ? place + error.path : "\(place).\(error.path)"
      throw ConnectingError(.badTemplate, "\(path): \(error.message)")
    }
  }
}

/// The fields that templates read of their variables, each as the names on the way.
///
/// What cannot be read is passed over: lowering reports it.
func fieldPaths(in tree: Value, _ environment: ExpressionEnvironment) -> [[String]] {
  switch tree {
  case .string(let text):
    // Nothing that could be reported here would not be reported where the text is lowered.
    guard text.utf8.contains(0x24), let parts = try? ExpressionText.parse(text) else { return [] }
    return parts.flatMap { part -> [[String]] in
      guard case .expression(let source, _) = part else { return [] }
      return (try? Expression(source, environment: environment))?.fieldPaths ?? []
    }
  case .list(let items): return items.flatMap { fieldPaths(in: $0, environment) }
  case .map(let map): return map.values.flatMap { fieldPaths(in: $0, environment) }
  default: return []
  }
}
