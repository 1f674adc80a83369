import Expressions
import Foundation
import Testing
import Values

@Suite("Limits of expressions")
struct LimitTests {
  @Test("nesting beyond the limit is an issue", arguments: DeepExpressions.tooDeep.indices)
  func tooDeep(place: Int) {
    #expect(issues(DeepExpressions.tooDeep[place]).count == 1)
  }

  @Test("what is deep, or too deep, needs no more stack than the threads of tasks have")
  func smallStacks() async {
    let outcome: [String] = await withCheckedContinuation { continuation in
      let thread = Thread {
        var wrong: [String] = []
        for (place, source) in DeepExpressions.tooDeep.enumerated() where issues(source).count != 1 {
          wrong.append("too deep \(place)")
        }
        for (place, (source, expected)) in DeepExpressions.deepEnough.enumerated() {
          do {
            let value = try evaluate(source, #"{"n": 1, "l": [1, 2]}"#)
            if value != expected { wrong.append("deep enough \(place) gives \(value)") }
          } catch {
            wrong.append("deep enough \(place): \(error)")
          }
        }
        continuation.resume(returning: wrong)
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
    #expect(outcome == [])
  }

  @Test("what is only looked at before it is evaluated needs no more stack either")
  func smallStacksBefore() async {
    let outcome: [String] = await withCheckedContinuation { continuation in
      let thread = Thread {
        let environment = ExpressionEnvironment().adding(
          types: ["record": .record(RecordType([.init("n", .int.orNull, isRequired: false)]))])
        var wrong: [String] = []
        for (place, (source, _)) in DeepExpressions.deepEnough.enumerated() {
          let condition = "record.n == 1 && (\(source)) != null"
          if environment.refined(by: condition).type(of: "record") == environment.type(of: "record") {
            wrong.append("condition \(place)")
          }
          let calls = Expression.literalMapCalls(of: ["find"], in: "[find('a', {'b': 1}), \(source)]")
          if calls.map(\.name) != ["a"] { wrong.append("calls \(place)") }
        }
        continuation.resume(returning: wrong)
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
    #expect(outcome == [])
  }

  @Test("long chains of fields are checked in reasonable time", .timeLimit(.minutes(1)))
  func longChains() throws {
    let chain = "record" + String(repeating: ".a", count: 480)
    let expression = try Expression(
      Array(repeating: "\(chain) == 1", count: 100).joined(separator: " && "),
      environment: ExpressionEnvironment(variables: ["record"]))
    #expect(expression.fieldPaths.count == 480)
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

  @Test("values are not put into each other without end, whatever they are bound to on the way")
  func deepValues() throws {
    func wrapped(_ text: String) -> String {
      String(repeating: "[", count: 90) + text + String(repeating: "]", count: 90)
    }
    func bound(_ levels: Int) -> String {
      (0..<levels).reduce("") { $0 + "cel.bind(x\($1), \(wrapped($1 == 0 ? "record.n" : "x\($1 - 1)")), " }
        + "x\(levels - 1)"
        + String(repeating: ")", count: levels)
    }
    #expect(try json(bound(5), #"{"n": 1}"#).utf8.count == 2 * 450 + 1)
    #expect(
      issues(bound(6)).map(\.message) == ["the expression puts lists and maps into each other more than 500 times"])
    #expect(
      issues("[1].map(x, " + String(repeating: "[x].map(x, ", count: 60) + "x" + String(repeating: ")", count: 61))
        == [])
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

  @Test(
    "values whose parts are shared many times over are paid for as often as they are walked through",
    arguments: [
      "LAST", "[LAST]", "{'a': LAST}.a", "sets.contains([LAST], [LAST])", "sets.intersects([LAST, 1], [LAST])",
      "sets.equivalent([LAST], [LAST])", "[LAST].distinct()", "LAST.flatten(1000)",
      "[optional.of(1), optional.of(LAST)]",
    ])
  func sharing(source: String) throws {
    for start in ["[]", "[record.n]"] {
      let levels = (1...60).map { "cel.bind(x\($0), [x\($0 - 1), x\($0 - 1)], " }.joined()
      let shared =
        "cel.bind(x0, \(start), " + levels + source.replacingOccurrences(of: "LAST", with: "x60")
        + String(repeating: ")", count: 61)
      #expect(try failure(shared, #"{"n": 1, "l": [1, 2]}"#, costLimit: 100_000)?.kind == .costExceeded)
      let environment = ExpressionEnvironment(variables: ["record"])
      #expect(try Expression(shared, environment: environment).constantValue == nil)
    }
  }

  @Test(
    "types whose parts are shared many times over are checked at once", .timeLimit(.minutes(1)),
    arguments: [
      "LAST + 1", "LAST < 1", "LAST == LAST", "LAST == 1", "[LAST, LAST].size() + 1", "LAST.x.x", "size(LAST) + 1",
      "record.n == 1 ? LAST : [LAST]", "LAST.foo", "1 in LAST", "-LAST", "LAST.map(k, k)",
      "{'a': LAST} == {'a': LAST.x}",
      "record.n == 1 ? LAST : {'x': LAST.x, 'y': LAST.x}", "type(LAST) == map ? LAST.x : 1",
    ])
  func sharedTypes(source: String) {
    let levels = (1...60).map { "cel.bind(x\($0), {'x': x\($0 - 1), 'y': x\($0 - 1)}, " }.joined()
    let shared =
      "cel.bind(x0, {'x': 1, 'y': 2}, " + levels + source.replacingOccurrences(of: "LAST", with: "x60")
      + String(repeating: ")", count: 61)
    // Right or wrong, it must come to an end.
    _ = issues(shared)
  }

  @Test("flattening many short lists costs what they hold")
  func flatten() throws {
    #expect(try evaluate("lists.range(20000).map(x, [x, x]).flatten().size()", costLimit: 500_000) == 40_000)
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
