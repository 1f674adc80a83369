import Expressions
import Synchronization
import Testing
import Values

@testable import Templates

@Suite("Templates")
struct TemplateTests {
  private func evaluate(_ tree: Value, _ variables: [String: Value]) throws -> Value {
    let template = try Template(tree, environment: ExpressionEnvironment(variables: ["record"]))
    var activation = template.makeActivation()
    for (name, value) in variables { activation.set(name, value) }
    return try template.evaluate(&activation)
  }

  private let record: Value = [
    "no": "CD1", "qty": 2, "price": .decimal(Decimal(coefficient: 1250, scale: 2)), "nothing": nil,
    "items": [["sku": "a", "n": 1], ["sku": "b", "n": 0], ["sku": "c", "n": 3]],
  ]

  @Test("one expression keeps its type, mixed text becomes text, $${ stays ${")
  func scalars() throws {
    let tree: Value = [
      "number": "${ record.qty }", "amount": "${ record.price }", "text": "No ${ record.no }/${ record.qty }",
      "literal": "$${ record.no }", "plain": "x", "seven": 7,
    ]
    #expect(
      try evaluate(tree, ["record": record]).json()
        == #"{"number":2,"amount":12.50,"text":"No CD1/2","literal":"${ record.no }","plain":"x","seven":7}"#)
  }

  @Test(
    "a number that JSON does not have is an error of its field",
    arguments: [
      ("${ record.qty / 0.0 }", "a.b: the value is infinite"), ("${ 0.0 / 0.0 }", "a.b: the value is not a number"),
      ("${ {\"c\": [1.0, -1.0 / (record.qty - 2.0)]} }", "a.b.c[1]: the value is infinite"),
    ])
  func unwritable(_ source: String, _ message: String) throws {
    let error = #expect(throws: TemplateError.self) {
      try self.evaluate(["a": ["b": .string(source)]], ["record": ["qty": .double(2)]])
    }
    #expect(
      error?.description.hasPrefix(message + ": JSON has no such number in ${") == true, "\(String(describing: error))")
  }

  @Test("each goes over a list, as names its element, when leaves elements out")
  func loops() throws {
    let tree: Value = [
      "lines": [
        "each": "${ record.items }", "as": "line", "when": "${ line.n > 0 }",
        "emit": ["sku": "${ line.sku }", "doc": "${ record.no }"],
      ]
    ]
    #expect(
      try evaluate(tree, ["record": record]).json()
        == #"{"lines":[{"sku":"a","doc":"CD1"},{"sku":"c","doc":"CD1"}]}"#)
  }

  @Test("loops within loops and one after the other keep their variables apart")
  func nestedLoops() throws {
    let inner: Value = ["each": "${ [1, 2] }", "as": "b", "emit": "${ a * 10 + b }"]
    let tree: Value = [
      ["each": "${ [1, 2] }", "as": "a", "emit": inner], ["each": "${ [7] }", "as": "c", "emit": "${ c }"],
    ]
    #expect(try evaluate(tree, ["record": record]).json() == "[[[11,12],[21,22]],[7]]")
  }

  @Test("an error names the field and the expression")
  func errors() throws {
    let tree: Value = ["lines": ["each": "${ record.items }", "as": "line", "emit": ["x": "${ line.missing }"]]]
    let error = #expect(throws: TemplateError.self) { _ = try evaluate(tree, ["record": record]) }
    #expect(error?.path == "lines[0].x")
    #expect(error?.description.contains("line.missing") == true)
    let null = #expect(throws: TemplateError.self) {
      _ = try evaluate(["a": "x ${ record.nothing }"], ["record": record])
    }
    #expect(null?.path == "a")
  }

  @Test("a tree without variables is worked out once")
  func constants() throws {
    let tree: Value = ["a": "${ 1 + 2 }", "b": ["x", "y"], "c": "${'q'}"]
    let template = try Template(tree, environment: .standard)
    #expect(template.constantValue == ["a": 3, "b": ["x", "y"], "c": "q"])
  }

  @Test("an expression that cannot be read is refused with its path")
  func issues() {
    #expect(throws: TemplateIssue.self) { try Template(["a": ["${ 1 + }"]], environment: .standard) }
    #expect(throws: TemplateIssue.self) { try Template(["a": "${ unknown }"], environment: .standard) }
    #expect(throws: TemplateIssue.self) { try Template(["each": "x", "emit": 1], environment: .standard) }
  }

  @Test("where something is waited for, the rest is evaluated all the same and the first reason is given")
  func waiting() throws {
    let asked = Mutex<[String]>([])
    let environment = ExpressionEnvironment(variables: ["record"])
      .adding(function: "ask", arity: 1...1) { arguments in
        let text = arguments[0].stringValue ?? ""
        asked.withLock { $0.append(text) }
        if text == "bad" { throw EvaluationError(.missingValue, "bad") }
        if text.hasPrefix("?") { throw EvaluationError(.waiting(text), "no \(text) yet") }
        return .string(text)
      }
    func ask(_ items: Value) -> (TemplateError?, [String]) {
      asked.withLock { $0 = [] }
      do {
        let tree: Value = [
          "a": ["${ ask(\"1\") }", "${ ask(\"?2\") }"], "b": "${ ask(\"3\") }",
          "lines": ["each": "${ record }", "emit": ["x": "${ ask(item) }"]],
        ]
        let template = try Template(tree, environment: environment)
        var activation = template.makeActivation()
        activation.set("record", items)
        _ = try template.evaluate(&activation)
        return (nil, asked.withLock { $0 })
      } catch {
        return (error as? TemplateError, asked.withLock { $0 })
      }
    }
    let (error, all) = ask(["4", "?5", "6"])
    #expect(all == ["1", "?2", "3", "4", "?5", "6"])
    #expect(error?.path == "a[1]" && error?.isWaiting == true)
    // An error that nothing can mend by itself is the reason, and ends the evaluation.
    let (other, some) = ask(["bad", "6"])
    #expect(some == ["1", "?2", "3", "bad"])
    #expect(other?.path == "lines[0].x" && other?.isWaiting == false)
  }
}

@Suite("What expressions may name")
struct ScopeTests {
  @Test(
    "the fields of a page are known, where it is asked for and where the next one is",
    arguments: [
      ExpressionScope.apiRequest, .paging,
    ])
  func page(scope: ExpressionScope) throws {
    let environment = scope.typedEnvironment
    #expect(try Expression("page.offset + page.size * page.number", environment: environment).type == .int)
    let error = #expect(throws: ExpressionIssues.self) { try Expression("page.offest", environment: environment) }
    #expect(error?.issues.first?.help == "did you mean 'offset'?")
  }
}
