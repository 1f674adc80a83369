import Expressions
import Testing
import Values

@Suite("Texts with expressions in them")
struct ExpressionTextTests {
  private func sources(_ text: String) throws -> [String] {
    try ExpressionText.parse(text).map { piece in
      switch piece {
      case .text(let text): text
      case .expression(let source, let range): "<\(source)|\(source == part(text, range))>"
      }
    }
  }

  @Test(
    "the brace that closes is found",
    arguments: [
      ("plain", ["plain"]), ("", []), ("${ a }", ["<a|true>"]),
      ("订单 ${a} of ${ b.c }!", ["订单 ", "<a|true>", " of ", "<b.c|true>", "!"]),
      ("$${a}", ["${a}"]), ("$$${a}", ["$${a}"]), ("$ {a} $", ["$ {a} $"]),
      ("${ {'a': {'b': 1}} }", ["<{'a': {'b': 1}}|true>"]),
      ("${ '}' + \"}\" }", ["<'}' + \"}\"|true>"]), ("${ '\\'}' }", ["<'\\'}'|true>"]),
      ("${ r'\\' }}", ["<r'\\'|true>", "}"]),
      ("${ '''a'}''' }", ["<'''a'}'''|true>"]), ("${ rb\"\"\"}\"\\\"\"\" }", ["<rb\"\"\"}\"\\\"\"\"|true>"]),
      ("${ a.`}` }", ["<a.`}`|true>"]), ("${ a // }\n + 1 }", ["<a // }\n + 1|true>"]),
      ("${ bar'}' }", ["<bar'}'|true>"]),
    ])
  func parts(text: String, expected: [String]) throws {
    #expect(try sources(text) == expected)
  }

  @Test(
    "what is not closed or empty is an issue",
    arguments: ["${", "a ${ b", "${ '}", "${ {} ", "${ a // }", "${}", "${  }", "${ \"\"\"}\" }"])
  func refused(text: String) {
    #expect(throws: ExpressionIssue.self) { try ExpressionText.parse(text) }
  }

  @Test("a text that is one expression says so")
  func sole() throws {
    #expect(try ExpressionText("${ a }").soleExpression?.range == 3..<4)
    #expect(try ExpressionText(" ${ a }").soleExpression == nil)
    #expect(ExpressionText.text(of: .bool(true)) == "true")
    #expect(ExpressionText.text(of: .list([])) == nil)
  }
}
