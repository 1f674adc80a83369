import Expressions
import Testing
import Values

@Suite("Optional values and the macros beside them")
struct OptionalTests {
  @Test(
    "an optional leaves an expression as its value, or as null where it has none",
    arguments: [
      ("record.?a", "1"), ("record.?none", "null"), ("record.?none.deeper", "null"), ("record.?m.b", "2"),
      ("record.?m.x", "null"), ("record.l[?0]", "5"), ("record.l[?9]", "null"), ("record[?\"a\"]", "1"),
      ("record.?m[\"b\"]", "2"), ("[optional.of(1), optional.none()]", "[1,null]"),
      ("{\"x\": record.?none}", "{\"x\":null}"), ("optional.of([optional.none()])", "[null]"),
    ])
  func leaving(source: String, expected: String) throws {
    #expect(try json(source, OptionalTests.record) == expected)
  }

  @Test(
    "optionals are asked, replaced and mapped",
    arguments: [
      ("record.?a.hasValue()", "true"), ("record.?none.hasValue()", "false"), ("record.?a.value()", "1"),
      ("record.?none.orValue(7)", "7"), ("record.?a.orValue(1 / 0)", "1"), ("record.?none.or(record.?a).value()", "1"),
      ("record.?a.optMap(x, x + 1).value()", "2"), ("record.?none.optMap(x, x + 1).hasValue()", "false"),
      ("record.?m.optFlatMap(m, m.?b).value()", "2"), ("record.?m.optFlatMap(m, m.?x).hasValue()", "false"),
      ("optional.ofNonZeroValue(0).hasValue()", "false"), ("optional.ofNonZeroValue(3).value()", "3"),
      ("[?record.?a, ?record.?none, 3]", "[1,3]"), ("{?\"a\": record.?a, ?\"n\": record.?none}", "{\"a\":1}"),
      ("[record.?a, record.?none].unwrapOpt()", "[1]"), ("optional.unwrap([record.?none])", "[]"),
      ("optional.of(1) == optional.of(1)", "true"), ("optional.none() == optional.none()", "true"),
      ("optional.of(1) == optional.none()", "false"), ("optional.none() == dyn({})", "false"),
      ("has(record.?m.b)", "true"), ("has(record.?m.x)", "false"), ("has(record.?none.x)", "false"),
    ])
  func using(source: String, expected: String) throws {
    #expect(try json(source, OptionalTests.record) == expected)
  }

  @Test(
    "what is no optional, or has no value, is an error",
    arguments: [
      "record.?none.value()", "record.a.orValue(1)", "record.a.hasValue()", "[?record.a]", "{?\"a\": record.a}",
      "record.a.?b", "record.?m.optFlatMap(m, m.b)", "record.?m.or(dyn(1 / 0)).a.b.c.value()",
    ])
  func refused(source: String) throws {
    #expect(try failure(source, OptionalTests.record) != nil)
  }

  @Test("the fields an optional reads are among the paths of its expression")
  func paths() throws {
    let environment = ExpressionEnvironment(variables: ["record"])
    let expression = try Expression("record.?m[?\"b\"].orValue(1)", environment: environment)
    #expect(expression.fieldPaths.contains(["record", "m", "b"]))
  }

  @Test("a host function is given what an optional holds")
  func host() throws {
    let environment = ExpressionEnvironment.standard.adding(function: "same", arity: 1...1) { $0[0] }
    let activation = Activation(environment: environment)
    #expect(try Expression("same(optional.of(3)) + 1", environment: environment).evaluate(activation) == 4)
  }

  @Test(
    "bindings, sorting by a key, and maps made entry by entry",
    arguments: [
      ("cel.bind(x, record.a + 1, x * x)", "4"), ("cel.bind(a, \"x\", cel.bind(b, \"y\", a + b + b))", "\"xyy\""),
      ("record.i.sortBy(e, e.n).map(e, e.s)", "[\"b\",\"a\"]"), ("[3, 1, 2].sortBy(x, -x)", "[3,2,1]"),
      ("[].sortBy(x, x)", "[]"), ("{\"k\": \"v\"}.transformMapEntry(k, v, {v: k})", "{\"v\":\"k\"}"),
      ("[4, 5].transformMapEntry(i, v, v > 4, {string(v): i})", "{\"5\":1}"),
    ])
  func macros(source: String, expected: String) throws {
    #expect(try json(source, OptionalTests.record) == expected)
  }

  @Test("an entry that is there twice, and keys that cannot be ordered, are errors")
  func refusedMacros() throws {
    #expect(try failure("[1, 1].transformMapEntry(i, v, {v: i})") != nil)
    #expect(try failure("[1, 2].transformMapEntry(i, v, dyn(v))") != nil)
    #expect(try failure("[1, \"a\"].sortBy(x, x)") != nil)
  }

  @Test("a long chain of macros takes no more than its length")
  func chains() throws {
    let chain = String(repeating: ".optMap(x, x + 1)", count: 60)
    #expect(try evaluate("optional.of(0)\(chain).value()") == 60)
    #expect(try evaluate("[2, 1]" + String(repeating: ".sortBy(x, x)", count: 40)) == [1, 2])
  }

  private static let record = #"{"a": 1, "m": {"b": 2}, "l": [5], "i": [{"n": 2, "s": "a"}, {"n": 1, "s": "b"}]}"#

  @Test(
    "an optional is never taken for a map or sent as one",
    arguments: [
      "size(dyn(optional.of(1)))", "json({}.?a)", "json([{'a': 1}.?a])", "1 in dyn(optional.of(1))",
      "dyn(optional.of(1)).map(x, x)", "['a'].map(k, dyn({'a': 1}[?k])).join(',')",
      "dyn(optional.none()).all(x, true)", "string(dyn({'a': 1}.?a))",
    ])
  func refused(_ source: String) throws {
    let environment = ExpressionEnvironment.standard
    let expression = try Expression(source, environment: environment)
    #expect(throws: EvaluationError.self) { try expression.evaluate(Activation(environment: environment)) }
  }

  @Test("functions take what an optional holds once it is said what to take where it holds nothing")
  func taken() throws {
    let environment = ExpressionEnvironment.standard
    let expression = try Expression("json([{'a': 1}.?a.orValue(0), size({}.?b.orValue([]))])", environment: environment)
    #expect(try expression.evaluate(Activation(environment: environment)) == "[1,0]")
  }
}
