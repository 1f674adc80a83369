import Expressions
import Testing
import Values

@Suite("Expressions")
struct ExpressionTests {
  private let environment = ExpressionEnvironment(variables: ["record", "a.b"])

  @Test("the variables and fields it reads are known")
  func reads() throws {
    let expression = try Expression(
      "record.items.map(i, i.sku + record.shop.code)[0] == a.b.c || has(record.note) || record[\"x y\"] == 1",
      environment: environment)
    #expect(expression.variables == ["record", "a.b"])
    #expect(
      expression.fieldPaths == [
        ["a.b", "c"], ["record", "items"], ["record", "note"], ["record", "shop"], ["record", "shop", "code"],
        ["record", "x y"],
      ])
  }

  @Test("what is constant is worked out beforehand, what fails or varies is not")
  func folding() throws {
    func constant(_ source: String) throws -> Value? {
      try Expression(source, environment: environment).constantValue
    }
    #expect(try constant("1 + 2 * 3") == 7)
    #expect(try constant("[1, 2, 3].map(x, x * 2).filter(x, x > 2)") == [4, 6])
    #expect(try constant("hex(md5(\"abc\")).size() == 32") == true)
    #expect(try constant("[1, 2].map(x, [x].map(y, y + x))") == [[2], [4]])
    #expect(try constant("{\"a\": 1}.a") == 1)
    #expect(try constant("1 / 0") == nil)
    #expect(try constant("record.a") == nil)
    #expect(try constant("[1].map(x, record)") == nil)
  }

  @Test("a field is found in records of different shapes by the same expression")
  func shapes() throws {
    let expression = try Expression("has(record.b) ? record.b : -1", environment: environment)
    var activation = Activation(environment: environment)
    let records: [(Value, Value)] = [
      (["a": 1, "b": 2], 2), (["b": 3], 3), (["a": 1], -1), (["c": 0, "a": 1, "b": 4], 4), (["a": 1], -1),
      (["b": 5], 5),
    ]
    for (record, expected) in records {
      activation.set("record", record)
      #expect(try expression.evaluate(activation) == expected)
    }
  }

  @Test("one expression is evaluated by many threads at once, over records of many shapes")
  func threads() async throws {
    let expression = try Expression("record.items.map(i, i.q).sum()", environment: environment)
    let environment = environment
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          var activation = Activation(environment: environment)
          for round in 0..<500 {
            let item: Value = (task + round) % 2 == 0 ? ["q": 2, "x": 1] : ["x": 1, "q": 2]
            activation.set("record", ["items": .list([item, item])])
            if try expression.evaluate(activation) != 4 { return false }
          }
          return true
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test("texts are equal by their characters' codes and ordered by them")
  func textOrder() throws {
    #expect(try evaluate("\"\\u00e9\" == \"e\\u0301\"") == false)
    #expect(try evaluate("\"中\" < \"\\U0001F600\" && \"a\" < \"é\"") == true)
  }

  @Test("an environment that grew keeps the slots of the one before")
  func growth() throws {
    let expression = try Expression("record.x", environment: environment)
    let larger = environment.adding(variables: ["source", "record"])
    #expect(larger.variables == ["record", "a.b", "source"])
    var activation = Activation(environment: larger)
    activation.set("record", ["x": 1])
    #expect(try expression.evaluate(activation) == 1)
  }
}
