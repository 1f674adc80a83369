import Expressions
import Testing
import Values

@Suite("Regular expressions")
struct PatternTests {
  @Test(
    "patterns of RE2 match what they should",
    arguments: [
      ("^1[3-9]\\d{9}$", "13800138000", true), ("^1[3-9]\\d{9}$", "1380013800", false), ("a|b|", "c", true),
      ("(?i)straSSE", "STRASSE", true), ("(?i)[a-c]+$", "xABC", true), ("(?i)é", "É", true), ("(?i)s", "ſ", true),
      ("(?i)k", "\u{212A}", true), ("a.c", "a\nc", false),
      ("(?s)a.c", "a\nc", true), ("^b", "a\nb", false), ("(?m)^b$", "a\nb\nc", true), ("\\bhub\\b", "a hub!", true),
      ("\\bhub\\b", "hubs", false), ("\\Bub", "hub", true), ("[[:alpha:]]+[[:digit:]]", "ab1", true),
      ("[^[:space:]]", " ", false),
      ("^\\p{Han}+$", "订单号", true), ("\\p{Lu}", "aB", true), ("\\PL", "ab", false), ("[\\p{Greek}x]", "Ω", true),
      ("a{2,3}b", "aab", true), ("^a{2,3}$", "aaaa", false), ("^(ab){2}$", "abab", true), ("a{,3}", "a{,3}", true),
      ("x*", "", true), ("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaab", false), ("[]a]", "]", true), ("[^]a]", "b", true),
      ("[a-]", "-", true), ("\\Qa.b\\E", "axb", false), ("\\x41\\x{1F431}\\101?", "A🐱", true),
      ("(?:a|b)(?P<n>c)", "bc", true),
      ("(?i:A)b", "ab", true), ("(?i:A)b", "aB", false), ("^$", "", true), ("\\A\\d+\\z", "12", true),
      ("a??b*?", "", true),
      ("[\\d\\-x]", "-", true), ("[^\\D5]", "5", false), ("é+", "éé", true), ("(|a)+", "", true), ("\\.", "a", false),
    ])
  func matches(pattern: String, text: String, expected: Bool) throws {
    let environment = ExpressionEnvironment(variables: ["p", "t"])
    var activation = Activation(environment: environment)
    activation.set("p", .string(pattern))
    activation.set("t", .string(text))
    #expect(try Expression("t.matches(p)", environment: environment).evaluate(activation) == .bool(expected))
    let constant = "t.matches(" + Value.string(pattern).json() + ")"
    #expect(try Expression(constant, environment: environment).evaluate(activation) == .bool(expected))
  }

  @Test(
    "what is no pattern, or would be too large, is refused",
    arguments: [
      "(", ")", "[a", "*a", "a**", "a{2}{3}", "\\", "[b-a]", "(?=a)", "(?<!a)", "\\1", "\\p{Nope}", "[[:nope:]]",
      "a{1001}",
      "((a{100}){100}){100}", "(?z)", "\\x{110000}", "\\y", "(?P<a",
      String(repeating: "(", count: 200) + String(repeating: ")", count: 200),
      String(repeating: "a", count: 5_000),
    ])
  func refused(pattern: String) throws {
    let environment = ExpressionEnvironment(variables: ["p"])
    var activation = Activation(environment: environment)
    activation.set("p", .string(pattern))
    let expression = try Expression("\"a\".matches(p)", environment: environment)
    #expect(throws: EvaluationError.self) { try expression.evaluate(activation) }
  }

  @Test("no pattern takes more than length times size")
  func linear() throws {
    let text = String(repeating: "a", count: 20_000)
    #expect(try evaluate("record.t.matches(\"(a*)*(a|aa)+$b\")", "{\"t\": \"\(text)\"}") == false)
    #expect(
      try failure("record.t.matches(\"((a?){500}){2}b\")", "{\"t\": \"\(text)\"}", costLimit: 1_000_000)?.kind
        == .costExceeded)
  }
}
