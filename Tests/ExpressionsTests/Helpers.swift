import Expressions
import Values

/// The value of an expression over one variable `record`, given as JSON.
func evaluate(_ source: String, _ record: String = "{}", costLimit: Int = 10_000_000) throws -> Value {
  let environment = ExpressionEnvironment(variables: ["record"])
  let expression = try Expression(source, environment: environment)
  var activation = Activation(environment: environment)
  activation.set("record", try Value(json: record))
  activation.costLimit = costLimit
  return try expression.evaluate(activation)
}

/// The value as JSON, which shows the digits of decimals.
func json(_ source: String, _ record: String = "{}") throws -> String {
  try evaluate(source, record).json()
}

/// The error an evaluation ends with; nil where it has a value.
func failure(_ source: String, _ record: String = "{}", costLimit: Int = 10_000_000) throws -> EvaluationError? {
  do {
    _ = try evaluate(source, record, costLimit: costLimit)
    return nil
  } catch let error as EvaluationError {
    return error
  }
}

/// What is wrong with a text; empty where nothing is.
func issues(_ source: String, variables: [String] = ["record"]) -> [ExpressionIssue] {
  do {
    _ = try Expression(source, environment: ExpressionEnvironment(variables: variables))
    return []
  } catch {
    return error.issues
  }
}

/// The part of a text that a range of UTF-8 offsets covers.
func part(_ text: String, _ range: Range<Int>) -> String {
  String(decoding: Array(text.utf8)[range], as: UTF8.self)
}
