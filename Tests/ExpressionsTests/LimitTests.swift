import Expressions
import Testing
import Values

@Suite("Limits of expressions")
struct LimitTests {
  @Test(
    "nesting beyond the limit is an issue",
    arguments: [
      String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000),
      String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
      String(repeating: "{1:", count: 10_000) + "1" + String(repeating: "}", count: 10_000),
      String(repeating: "!", count: 10_000) + "true", String(repeating: "-", count: 10_000) + "1",
      String(repeating: "- ", count: 10_000) + "record", String(repeating: "size(", count: 10_000),
      String(repeating: "true ? 1 : ", count: 10_000) + "1", "record" + String(repeating: ".a", count: 10_000),
      "record" + String(repeating: "[0]", count: 10_000), "record" + String(repeating: ".trim()", count: 10_000),
      "1" + String(repeating: " + 1", count: 10_000), "1" + String(repeating: " < 1", count: 10_000),
      String(repeating: "[1].map(x, ", count: 5_000), String(repeating: "a", count: 1 << 20),
      "1" + String(repeating: "+1", count: 1 << 19), String(repeating: "(", count: 1 << 20),
    ])
  func tooDeep(source: String) {
    #expect(issues(source).count == 1)
  }

  @Test("250 levels are allowed and evaluated")
  func deepEnough() throws {
    let open = String(repeating: "(", count: 250)
    #expect(try evaluate(open + "1" + String(repeating: ")", count: 250)) == 1)
    #expect(try evaluate(String(repeating: "!", count: 250) + "true") == true)
    #expect(try evaluate("1" + String(repeating: " + record.n", count: 250), #"{"n": 1}"#) == 251)
    let lists = String(repeating: "[", count: 250) + "record.n" + String(repeating: "]", count: 250)
    #expect(try evaluate("size(\(lists))", #"{"n": 1}"#) == 1)
    let choices = String(repeating: "record.n == 2 ? 2 : ", count: 250) + "7"
    #expect(try evaluate(choices, #"{"n": 1}"#) == 7)
  }

  @Test("long chains of && and || are no deep trees")
  func longLogic() throws {
    let source = Array(repeating: "record.n == 1", count: 5_000).joined(separator: " && ")
    #expect(try evaluate(source, #"{"n": 1}"#) == true)
  }

  @Test("loops within loops end at the cost limit, and nothing swallows that error")
  func cost() throws {
    let loops = "record.l.all(a, record.l.all(b, record.l.all(c, record.l.all(d, true))))"
    let list = "{\"l\": [" + Array(repeating: "1", count: 200).joined(separator: ",") + "]}"
    #expect(try failure(loops, list, costLimit: 100_000)?.kind == .costExceeded)
    #expect(try failure("\(loops) || true", list, costLimit: 100_000)?.kind == .costExceeded)
    #expect(
      try failure("[1].exists(x, \(loops)) || [1].all(x, \(loops))", list, costLimit: 100_000)?.kind == .costExceeded)
  }

  @Test("the cost limit is the activation's")
  func costLimit() throws {
    let environment = ExpressionEnvironment(variables: ["list"])
    let expression = try Expression("list.map(x, x + 1).size()", environment: environment)
    var activation = Activation(environment: environment)
    activation.set("list", .list(Array(repeating: 1, count: 1_000)))
    #expect(try expression.evaluate(activation) == 1_000)
    activation.costLimit = 1_000
    #expect(throws: EvaluationError.self) { try expression.evaluate(activation) }
  }

  @Test(
    "texts and values that would grow without end are refused",
    arguments: [
      "record.l.map(a, record.t + record.t + record.t + record.t).join()",
      "record.l.map(a, record.l.map(b, record.l)) == record.l.map(a, record.l.map(b, record.l))",
      "json([record.l].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a])"
        + ".map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]))",
      "padStart(\"\", 1000000000, \"x\")", "record.t.padEnd(9223372036854775807, \"x\")",
      "record.l.map(a, record.l).flatten().map(a, record.l).flatten()",
    ])
  func growth(source: String) throws {
    let numbers = Array(repeating: "1", count: 400).joined(separator: ",")
    let record = "{\"l\": [\(numbers)], \"t\": \"\(String(repeating: "x", count: 200_000))\"}"
    #expect(try failure(source, record, costLimit: 1_000_000)?.kind == .costExceeded)
  }

  @Test("values from outside that are beyond every range are errors, not crashes")
  func extremeTimes() throws {
    let environment = ExpressionEnvironment(variables: ["a", "b"])
    let values: [Value] = [
      .duration(TimeSpan(seconds: .max)), .duration(TimeSpan(seconds: .min)), .timestamp(Timestamp(seconds: .max)),
      .timestamp(Timestamp(seconds: .min)), .int(.min), .int(.max), .uint(.max), .double(.infinity), .double(.nan),
      .decimal(Decimal(coefficient: .max, scale: 0)), .decimal(Decimal(coefficient: .min, scale: -30)), .null,
      .string(""),
    ]
    for source in ["a + b", "a - b", "a * b", "a / b", "a % b", "a < b", "a == b", "[a, b].sum()", "round(a, 34)"] {
      let expression = try Expression(source, environment: environment)
      for a in values {
        for b in values {
          var activation = Activation(environment: environment)
          activation.set("a", a)
          activation.set("b", b)
          // Any result will do; what must not be is the end of the process.
          _ = try? expression.evaluate(activation)
        }
      }
    }
  }
}
