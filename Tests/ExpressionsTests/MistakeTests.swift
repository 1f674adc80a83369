import Expressions
import Testing
import Values

@Suite("What is said about usual mistakes")
struct MistakeTests {
  /// A mistake, what is said, the part of the text it is said about, and the help.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let source: String
    let message: String
    let place: String
    var help: String?

    var testDescription: String { source }
  }

  @Test(
    "a text written out that is no date pattern, zone or regular expression is named before anything is evaluated",
    arguments: [
      Mistake(
        source: "timestamp(record.a, \"YYYY-MM-dd\")",
        message: "'YYYY' is not a date field; fields are yyyy, MM, dd, HH, mm, ss, SSS, XXX, and text in quotes",
        place: "\"YYYY-MM-dd\""),
      Mistake(
        source: "timestamp(record.a, \"yyyy-MM-dd\", \"Europe/Berln\")", message: "\"Europe/Berln\" is not a time zone",
        place: "\"Europe/Berln\"", help: "write Asia/Shanghai, UTC or +08:00"),
      Mistake(
        source: "timestamp(record.a).format(\"yyyy-mm-dd\")",
        message: "the date pattern has the minute (mm) and no month",
        place: "\"yyyy-mm-dd\"", help: "write MM for the month"),
      Mistake(
        source: "timestamp(record.a).format(\"yyyy-MM-dd HH:MM:ss\")",
        message: "the date pattern has the month (MM) and no minute", place: "\"yyyy-MM-dd HH:MM:ss\"",
        help: "write mm for the minute"),
      Mistake(
        source: "timestamp(record.a).startOfDay(\"Nowhere\")", message: "\"Nowhere\" is not a time zone",
        place: "\"Nowhere\"", help: "write Asia/Shanghai, UTC or +08:00"),
      Mistake(
        source: "timestamp(record.a).addDays(1, \"Nowhere\")", message: "\"Nowhere\" is not a time zone",
        place: "\"Nowhere\"", help: "write Asia/Shanghai, UTC or +08:00"),
      Mistake(
        source: "timestamp(record.a).getHours(\"Nowhere\")", message: "\"Nowhere\" is not a time zone",
        place: "\"Nowhere\"", help: "write Asia/Shanghai, UTC or +08:00"),
      Mistake(
        source: "regex.extract(record.a, \"(S)-(T)\")",
        message: "the regular expression has 2 groups, and one at most is extracted", place: "\"(S)-(T)\"",
        help: "write (?:...) for a group that is only for grouping"),
    ])
  func literals(_ mistake: Mistake) {
    let found = issues(mistake.source)
    #expect(found.map(\.kind) == [.invalidLiteral])
    #expect(found.first?.message == mistake.message && found.first?.help == mistake.help)
    #expect(found.first.map { part(mistake.source, $0.range) } == mistake.place)
  }

  @Test(
    "a regular expression written out is named in the words of the call",
    arguments: [
      "regex.extract(record.a, \"(S-\")", "regex.extractAll(record.a, \"(S-\")", "record.a.matches(\"(S-\")",
      "matches(record.a, \"(S-\")", "regex.replace(record.a, \"(S-\", \"\")",
    ])
  func patterns(_ source: String) throws {
    let found = issues(source)
    let late = try failure(source.replacing("\"(S-\"", with: "record.p"), #"{"a":"x","p":"(S-"}"#)
    #expect(found.map { part(source, $0.range) } == ["\"(S-\""])
    #expect(found.first?.message == late?.message && found.first?.message.isEmpty == false)
  }

  @Test(
    "patterns that have a meaning are taken, however odd",
    arguments: [
      "yyyyMMdd", "HH:mm", "mm:ss", "yyyy-MM-dd HH", "dd HH:mm", "yyyy", "yyyy-MM-dd'T'HH:mm:ssXXX", "MM/dd HH:mm",
    ])
  func meaningful(_ pattern: String) {
    #expect(issues("timestamp(record.a).format(\"\(pattern)\", \"+08:00\")").isEmpty)
  }

  @Test(
    "a mistake in the text is named at its place",
    arguments: [
      Mistake(
        source: "recrod.amount > 1", message: "unknown name 'recrod'", place: "recrod", help: "did you mean 'record'?"),
      Mistake(
        source: "record.status == \"Confirmed", message: "the string is not closed", place: "\"Confirmed",
        help: "close it with '\"' on the same line"),
      Mistake(
        source: "(record.a + 1", message: "')' is missing before the end of the expression", place: "",
        help: "the '(' at 0 is not closed"),
      Mistake(
        source: "record.a)", message: "')' cannot follow here", place: ")", help: "no '(' before it is open"),
      Mistake(
        source: "record.a = 1", message: "'=' is not an operator", place: "=", help: "write '==' to compare"),
      Mistake(
        source: "record.a and record.b", message: "'and' cannot follow here", place: "and", help: "write '&&'"),
      Mistake(source: "record.a & record.b", message: "'&' is not an operator", place: "&", help: "write '&&'"),
      Mistake(
        source: "record.name.substing(1)", message: "unknown function 'substing'", place: "record.name.substing(1)",
        help: "did you mean 'substring'?"),
      Mistake(
        source: "record.name.size(1)", message: "size() takes 0 arguments, not 1", place: "record.name.size(1)",
        help: "there is size(string|bytes|list(T)|map(K, V)) -> int, string.size() -> int, bytes.size() -> int, "
          + "list(T).size() -> int, map(K, V).size() -> int"),
      Mistake(
        source: "trim(record.name)", message: "unknown function 'trim'", place: "trim(record.name)",
        help: "it is called as string.trim() -> string"),
      Mistake(
        source: "upper(record.name)", message: "unknown function 'upper'", place: "upper(record.name)",
        help: "write text.upperAscii()"),
      Mistake(
        source: "record.name.toUpperCase()", message: "unknown function 'toUpperCase'",
        place: "record.name.toUpperCase()", help: "write text.upperAscii()"),
      Mistake(
        source: "len(record.items)", message: "unknown function 'len'", place: "len(record.items)",
        help: "write size(x)"),
      Mistake(
        source: "record.a == NULL", message: "unknown name 'NULL'", place: "NULL", help: "write null"),
      Mistake(
        source: "record.订单号 + 1", message: "names are written in ASCII letters; '订单号' is not", place: "订单号",
        help: "write the field in backquotes, as in record.`订单号`, or as record[\"订单号\"]"),
      Mistake(
        source: "size（record.a)", message: "'（' is not a sign of the language", place: "（", help: "write '('"),
      Mistake(
        source: "record.a ? 1", message: "':' is missing before the end of the expression", place: "",
        help: "the '?' at 9 needs a second choice"),
      Mistake(
        source: "Item{name: 1}", message: "messages cannot be made here", place: "Item{",
        help: "write a map, with the keys in quotes: {\"name\": value}"),
      Mistake(source: "1 +", message: "the end of the expression stands where a value is expected", place: ""),
      Mistake(source: "has(record)", message: "has() takes one field, as in has(record.name)", place: "has(record)"),
      Mistake(
        source: "\"C:\\data\"", message: "'\\d' is not an escape", place: "\\d",
        help: "write '\\\\' for a backslash, or put an r before the quote"),
      Mistake(source: "if", message: "'if' is a reserved word and no name", place: "if"),
      Mistake(
        source: "9223372036854775808", message: "the number is too large for a signed 64-bit whole number",
        place: "9223372036854775808", help: "write a u behind it"),
      Mistake(source: "", message: "the expression is empty", place: ""),
    ])
  func textMistake(mistake: Mistake) throws {
    let found = issues(mistake.source)
    #expect(found.count == 1)
    let issue = try #require(found.first)
    #expect(issue.message == mistake.message)
    #expect(part(mistake.source, issue.range) == mistake.place)
    #expect(issue.help == mistake.help)
  }

  @Test(
    "a mistake that shows with the values is named at its place",
    arguments: [
      Mistake(
        source: "1 + record.amout * 2", message: "no such field 'amout'", place: "record.amout",
        help: "did you mean 'amount'?"),
      Mistake(
        source: "1 + record.name", message: "no such overload: int + string", place: "1 + record.name",
        help: "write string(x) to make it text, or int(x) or decimal(x) to calculate"),
      Mistake(source: "2 * (10 / record.zero)", message: "division by zero", place: "10 / record.zero"),
      Mistake(
        source: "record.none.deep", message: "null has no fields; 'deep' cannot be read", place: "record.none.deep",
        help: "it is null here; test it with != null first"),
      Mistake(
        source: "record.items.sku", message: "a list has no fields; 'sku' cannot be read", place: "record.items.sku",
        help: "read the field of one element, as in x[0].name, or of all: x.map(item, item.name)"),
      Mistake(
        source: "record[\"amout\"]", message: "no such key: \"amout\"", place: "record[\"amout\"]",
        help: "did you mean 'amount'?"),
      Mistake(
        source: "record.items[\"sku\"]", message: "a list has no element \"sku\"; indexes are whole numbers",
        place: "record.items[\"sku\"]"),
      Mistake(
        source: "record.items[3].sku", message: "index 3 is outside the list of 1", place: "record.items[3]",
        help: "indexes start at 0; ask for size() first"),
      Mistake(
        source: "record.name > 5 ? 1 : 2", message: "no such overload: string > int", place: "record.name > 5",
        help: "write int(x) or decimal(x) around the text"),
      Mistake(
        source: "record.name && true", message: "a truth value is needed here, not a string", place: "record.name"),
      Mistake(
        source: "int(record.name)", message: "\"hub\" is not a whole number of 64 bits", place: "int(record.name)"),
      Mistake(
        source: "record.amount * double(2)", message: "no such overload: decimal * double",
        place: "record.amount * double(2)",
        help: "a double is not exact; write decimal(\"0.9\") or decimal(x), or double(x) where that is meant"),
      Mistake(
        source: "int(record.amount)", message: "the decimal 12.50 is no whole number of 64 bits",
        place: "int(record.amount)", help: "write int(round(x, 0)) to round it"),
      Mistake(
        source: "record.name.format(\"yyyy\")", message: "no such overload: format(string, string)",
        place: "record.name.format(\"yyyy\")", help: "write timestamp(x) or timestamp(x, pattern, zone) first"),
      Mistake(
        source: "record.name.matches(\"(\" + record.key)",
        message: "the regular expression is not valid: '(' is not closed",
        place: "record.name.matches(\"(\" + record.key)",
        help: "the syntax is RE2's (github.com/google/re2/wiki/Syntax)"),
      Mistake(
        source: "record.items.map(item, item.skuu)", message: "no such field 'skuu'", place: "item.skuu",
        help: "did you mean 'sku'?"),
      Mistake(
        source: "{\"a\": 1, record.key: 2}", message: "the key \"a\" is there twice", place: "record.key"),
    ])
  func valueMistake(mistake: Mistake) throws {
    let record =
      #"{"amount": 12.50, "name": "hub", "zero": 0, "none": null, "key": "a", "items": [{"sku": "A"}]}"#
    let error = try #require(try failure(mistake.source, record))
    #expect(error.message == mistake.message)
    #expect(part(mistake.source, error.range) == mistake.place)
    #expect(error.help == mistake.help)
  }

  @Test(
    "an activation that may hold secrets keeps values out of messages",
    arguments: [
      "int(record.key)", "timestamp(record.key)", "{}[record.key]", "[1][record.key]", "{record.key: 1, \"s3cret\": 2}",
    ])
  func hidden(source: String) throws {
    let environment = ExpressionEnvironment(variables: ["record"])
    let expression = try Expression(source, environment: environment)
    var activation = Activation(environment: environment)
    activation.set("record", ["key": "s3cret"])
    #expect(throws: EvaluationError.self) { try expression.evaluate(activation) }
    activation.showsValues = false
    do {
      _ = try expression.evaluate(activation)
    } catch {
      #expect(!error.description.contains("s3cret"))
    }
  }

  @Test("all unknown names are reported at once, in order")
  func everyIssue() {
    let found = issues("recrod.a + size(1, 2) + foo(rec)")
    #expect(
      found.map(\.message) == [
        "unknown name 'recrod'", "size() takes 1 argument, not 2", "unknown function 'foo'", "unknown name 'rec'",
      ])
  }

  @Test("an expression of thousands of unknown names is refused with a hundred issues")
  func manyIssues() {
    let source = "[" + (0..<20_000).map { "n\($0)" }.joined(separator: ",") + "]"
    #expect(source.utf8.count < 128 << 10)
    #expect(issues(source).count == 100)
  }

  @Test("a variable without a value is an error")
  func unset() throws {
    let environment = ExpressionEnvironment(variables: ["a", "b"])
    var activation = Activation(environment: environment)
    activation.set("a", 1)
    #expect(throws: EvaluationError(.unsetVariable("b"), "the variable 'b' has no value", at: 4..<5)) {
      _ = try Expression("a + b", environment: environment).evaluate(activation)
    }
    activation.set("b", 2)
    #expect(try Expression("a + b", environment: environment).evaluate(activation) == 3)
  }
}
