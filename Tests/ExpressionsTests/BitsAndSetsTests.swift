import Expressions
import Testing
import Values

@Suite("Bits, sets and the rest of math")
struct BitsAndSetsTests {
  static let cases: [(String, Value)] = [
    ("math.trunc(-1.3)", .double(-1)), ("math.trunc(decimal('-1.9')) == decimal('-1')", true),
    ("math.sqrt(81) == 9.0", true), ("math.isNaN(math.sqrt(-1))", true), ("math.isInf(1.0 / 0.0)", true),
    ("math.isFinite(1.0 / 0.0)", false), ("math.bitAnd(-1, 5)", 5), ("math.bitNot(0)", -1),
    ("math.bitShiftLeft(1, 63) < 0", true), ("math.bitShiftLeft(1, 64)", 0),
    ("math.bitShiftRight(-1024, 3)", 2_305_843_009_213_693_824), ("math.bitOr(1u, 2u) == 3u", true),
    ("sets.contains([1], [])", true), ("sets.contains([], [1])", false), ("sets.equivalent([1, 1.0], [1u])", true),
    ("sets.intersects([[1]], [[1], 2])", true), ("lists.range(3) == [0, 1, 2]", true), ("lists.range(0).size()", 0),
  ]

  @Test("they give what CEL's extension libraries say", arguments: cases)
  func values(_ source: String, _ expected: Value) throws {
    let environment = ExpressionEnvironment.standard
    let value = try Expression(source, environment: environment).evaluate(Activation(environment: environment))
    #expect(value == expected, "\(source)")
  }

  @Test(
    "they refuse what has no answer, or too large a one",
    arguments: ["math.bitShiftLeft(1, -1)", "lists.range(-1)", "lists.range(1000001)", "math.isNaN(dyn('x'))"])
  func errors(_ source: String) throws {
    let environment = ExpressionEnvironment.standard
    let expression = try Expression(source, environment: environment)
    #expect(throws: EvaluationError.self) { try expression.evaluate(Activation(environment: environment)) }
  }
}
