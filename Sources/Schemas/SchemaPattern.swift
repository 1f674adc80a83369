import Expressions
import Values

/// A regular expression of a schema; found anywhere in a text, in linear time, as all of this program's.
struct SchemaPattern: Sendable {
  let source: String
  private let expression: Expression
  private static let environment = ExpressionEnvironment(variables: ["text"])

  /// A pattern; nil where it is none that this program knows (RE2's).
  init?(_ source: String) {
    do throws(ExpressionIssues) {
      expression = try Expression("text.matches(\(Value.string(source).json()))", environment: Self.environment)
    } catch {
      return nil
    }
    self.source = source
    // A constant pattern that cannot be read is told when it is used first.
    guard matches("") != nil else { return nil }
  }

  /// Whether it is found in a text; nil where that is too much work.
  func matches(_ text: String) -> Bool? {
    var activation = Activation(environment: Self.environment)
    activation.set("text", .string(text))
    do throws(EvaluationError) {
      return try expression.test(activation)
    } catch {
      return nil
    }
  }
}
