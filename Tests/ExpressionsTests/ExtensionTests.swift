import Digests
import Expressions
import Testing
import Values

@Suite("What this program adds to the language")
struct ExtensionTests {
  @Test(
    "decimals are exact, and literals beside them are the decimals they are written as",
    arguments: [
      ("record.price * 0.9", "11.250"), ("record.price * record.qty", "37.50"), ("record.whole * 0.9", "10.8"),
      ("0.1 + record.price", "12.60"), ("decimal(\"0.1\") + decimal(\"0.2\")", "0.3"), ("decimal(0.1)", "0.1"),
      ("decimal(\"2\") * 0.5", "1.0"), ("-0.5 * record.price", "-6.250"), ("record.price > 10.5", "true"),
      ("record.price == 12.5", "true"), ("10.5 >= record.price", "false"), ("record.price in [12.5]", "true"),
      ("round(record.price * 1.13, 2)", "14.13"), ("round(decimal(\"2.345\"), 2)", "2.35"),
      ("round(decimal(\"-2.345\"), 2)", "-2.35"), ("roundHalfEven(decimal(\"2.345\"), 2)", "2.34"),
      ("round(7, 2)", "7.00"), ("int(decimal(\"12.00\"))", "12"), ("string(record.price)", "\"12.50\""),
      ("double(record.price)", "12.5"), ("record.price / 4", "3.125"), ("decimal(\"1\") / 3 > 0.3333", "true"),
      ("type(record.price) == decimal", "true"), ("record.untouched", "1E+2"), ("math.abs(-record.price)", "12.50"),
      ("math.ceil(record.price)", "13"), ("math.floor(-record.price)", "-13"), ("math.sign(-record.price)", "-1"),
      ("math.greatest(record.price, 3, 12.4)", "12.50"), ("math.least([3, 2.5])", "2.5"), ("0.1 + 0.2 > 0.3", "true"),
    ])
  func decimals(source: String, expected: String) throws {
    let record = #"{"price": 12.50, "qty": 3, "whole": 12, "untouched": 1E+2}"#
    #expect(try json(source, record) == expected)
  }

  @Test("texts are the same where the codes of their characters are, wherever they are compared")
  func canonicalTexts() throws {
    for (a, b) in [("\u{E9}", "e\u{301}"), ("\u{212B}", "A\u{30A}"), ("\u{AC00}", "\u{1100}\u{1161}")] {
      let record = "{\"a\": \"\(a)\", \"b\": \"\(b)\", \"map\": {\"\(a)\": 1, \"\(b)\": 2}}"
      for (source, expected) in [
        ("record.a == record.b", "false"), ("[record.a, record.b].distinct().size()", "2"),
        ("{record.a: 1, record.b: 2}.size()", "2"), ("record.map.size()", "2"), ("record.map[record.b]", "2"),
        ("sets.contains([record.a], [record.b])", "false"), ("record.a in {record.b: 1}", "false"),
        ("{'\(a)': 1} == {'\(b)': 1}", "false"), ("record.a in [record.b]", "false"),
        ("record.a == record.a && [record.a, record.a].distinct() == [record.a]", "true"),
      ] {
        #expect(try json(source, record) == expected, "\(source)")
      }
    }
  }

  @Test(
    "texts",
    arguments: [
      ("\"héllo\".charAt(1)", "\"é\""), ("\"abc\".charAt(3)", "\"\""), ("\"a-b-c\".indexOf(\"-\")", "1"),
      ("\"a-b-c\".indexOf(\"-\", 2)", "3"), ("\"a-b-c\".lastIndexOf(\"-\")", "3"), ("\"abc\".indexOf(\"x\")", "-1"),
      ("\"a-b-c\".lastIndexOf(\"-\", 2)", "1"), ("\"abc\".indexOf(\"\")", "0"), ("\"abc\".lastIndexOf(\"\")", "3"),
      ("[\"a\", \"b\"].join(\"/\")", "\"a/b\""), ("[].join()", "\"\""), ("\"TacoCät\".lowerAscii()", "\"tacocät\""),
      ("\"TacoCät\".upperAscii()", "\"TACOCäT\""), ("\"hello hello\".replace(\"he\", \"we\")", "\"wello wello\""),
      ("\"hello hello\".replace(\"he\", \"we\", 1)", "\"wello hello\""), ("\"ab\".replace(\"\", \"-\")", "\"-a-b-\""),
      ("\"é€\".replace(\"\", \"-\")", "\"-é-€-\""), ("\"ab\".replace(\"b\", \"\", 0)", "\"ab\""),
      ("\"a,b,c\".split(\",\")", "[\"a\",\"b\",\"c\"]"), ("\"a,b,c\".split(\",\", 2)", "[\"a\",\"b,c\"]"),
      ("\"a,b\".split(\",\", 0)", "[]"), ("\"äb\".split(\"\")", "[\"ä\",\"b\"]"), ("\"\".split(\",\")", "[\"\"]"),
      ("\"tacocat\".substring(4)", "\"cat\""), ("\"tacocat\".substring(0, 4)", "\"taco\""),
      ("\" \\t trim\\n \".trim()", "\"trim\""), ("\"  \".trim()", "\"\""), ("\"abc\".reverse()", "\"cba\""),
      ("padStart(string(7), 3, \"0\")", "\"007\""), ("\"ab\".padEnd(4)", "\"ab  \""),
      ("\"abc\".padStart(2, \"0\")", "\"abc\""),
    ])
  func texts(source: String, expected: String) throws {
    #expect(try json(source) == expected)
  }

  @Test(
    "a place outside a text or list is an error",
    arguments: [
      "\"abc\".charAt(4)", "\"abc\".charAt(-1)", "\"abc\".substring(2, 1)", "\"abc\".substring(0, 9)",
      "\"abc\".indexOf(\"a\", 9)", "[1].slice(0, 2)", "[1].slice(1, 0)", "[].first().value()", "[].last().value()",
      "[].max()",
      "\"abc\".padStart(9, \"ab\")", "[1, \"a\"].sort()", "[1, \"a\"].join()", "[\"a\"].sum()", "[0.5, 1].sum()",
    ])
  func refusedPlaces(source: String) throws {
    #expect(try failure(source) != nil)
  }

  @Test(
    "lists",
    arguments: [
      ("[3, 1, 2].sort()", "[1,2,3]"), ("[\"b\", \"a\"].sort()", "[\"a\",\"b\"]"),
      ("[1, 2, 1, 1.0].distinct()", "[1,2]"),
      ("record.items.map(i, i.price).sum()", "4.75"), ("[].sum()", "0"), ("sum([1, 2])", "3"), ("[1, 3, 2].max()", "3"),
      ("[1, 3, 2].min()", "1"), ("[[1, [2]], [3], 4].flatten()", "[1,[2],3,4]"), ("[[1, [2]]].flatten(2)", "[1,2]"),
      ("[1, 2, 3].slice(1, 3)", "[2,3]"), ("[1, 2].first()", "1"), ("[1, 2].last().value()", "2"),
      ("[].first().orValue(7)", "7"), ("[].last()", "null"),
      ("[1, 2].reverse()", "[2,1]"),
      ("record.items.filter(i, i.price > 2).map(i, i.sku)", "[\"B\"]"), ("record.map(k, k)", "[\"items\"]"),
      ("[5, 6].all(i, v, i < v)", "true"), ("[5, 6].exists(i, v, i == 1 && v == 6)", "true"),
      ("{\"a\": 1, \"b\": 2}.transformMap(k, v, v * 2)", "{\"a\":2,\"b\":4}"),
      ("[1, 2, 3].transformList(i, v, v > 1, i * v)", "[2,6]"), ("[1, 2, 3].existsOne(i, v, v == 2)", "true"),
      ("[[1, 2], [3]].map(l, l.map(x, x * l.size()))", "[[2,4],[3]]"),
    ])
  func lists(source: String, expected: String) throws {
    #expect(try json(source, #"{"items": [{"sku": "A", "price": 1.25}, {"sku": "B", "price": 3.5}]}"#) == expected)
  }

  @Test(
    "times are read and written by pattern and zone",
    arguments: [
      ("timestamp(\"2026-11-24T03:10:14Z\").format(\"yyyy-MM-dd\")", "\"2026-11-24\""),
      ("timestamp(\"2026-11-24T18:10:14Z\").format(\"yyyy-MM-dd HH:mm\", \"Asia/Shanghai\")", "\"2026-11-25 02:10\""),
      ("timestamp(record.t, \"yyyy-MM-dd HH:mm:ss\", \"Asia/Shanghai\")", "\"2026-11-23T16:30:00Z\""),
      ("timestamp(record.t, \"yyyy-MM-dd HH:mm:ss\") + duration(\"1h\")", "\"2026-11-24T01:30:00Z\""),
      ("timestamp(0).getFullYear()", "1970"), ("duration(\"-90s\").getMinutes()", "-1"),
      ("duration(\"-1500ms\").getMilliseconds()", "-500"),
    ])
  func times(source: String, expected: String) throws {
    #expect(try json(source, #"{"t": "2026-11-24 00:30:00"}"#) == expected)
  }

  @Test(
    "encodings and digests",
    arguments: [
      ("hex(md5(\"abc\"))", "\"900150983cd24fb0d6963f7d28e17f72\""),
      ("hex(sha1(\"abc\"))", "\"a9993e364706816aba3e25717850c26c9cd0d89d\""),
      ("hex(sha256(b\"abc\"))", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
      ("hex(sha512(\"abc\")).substring(0, 16)", "\"ddaf35a193617aba\""),
      // RFC 4231, test case 2.
      (
        "hex(hmac(\"sha256\", \"Jefe\", \"what do ya want for nothing?\"))",
        "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\""
      ),
      ("base64.encode(\"hub\")", "\"aHVi\""), ("string(base64.decode(\"aHVi\"))", "\"hub\""),
      ("urlEncode(\"a b&c=d/é~-._\")", "\"a%20b%26c%3Dd%2F%C3%A9~-._\""),
      ("json({\"b\": 1.50, \"a\": [null]})", "\"{\\\"b\\\":1.5,\\\"a\\\":[null]}\""),
      ("parseJson(\"{\\\"a\\\": 1.50}\").a", "1.50"), ("parseJson(json(record)) == record", "true"),
    ])
  func encodings(source: String, expected: String) throws {
    #expect(try json(source, #"{"x": [1, "a", null]}"#) == expected)
  }

  @Test("functions of the program around are called each time, and their errors get a place")
  func hostFunctions() throws {
    struct Broken: Error, CustomStringConvertible { let description = "the pipe broke" }
    let environment = ExpressionEnvironment(variables: ["record"])
      .adding(function: "twice", arity: 1...1) { arguments in .int((arguments[0].intValue ?? 0) * 2) }
      .adding(function: "value", arity: 2...2) { _ in
        throw EvaluationError(.waiting("customers/W01"), "no code for W01", help: "add it")
      }
      .adding(function: "broken", arity: 0...0) { _ in throw Broken() }
    let activation = Activation(environment: environment)
    #expect(try Expression("1 + twice(4)", environment: environment).evaluate(activation) == 9)
    #expect(try Expression("twice(4)", environment: environment).constantValue == nil)
    #expect(throws: EvaluationError(.waiting("customers/W01"), "no code for W01", at: 1..<20, help: "add it")) {
      _ = try Expression("[value(\"map\", \"W01\")]", environment: environment).evaluate(activation)
    }
    #expect(throws: EvaluationError(.invalidArgument, "broken(): the pipe broke", at: 0..<8)) {
      _ = try Expression("broken()", environment: environment).evaluate(activation)
    }
  }

  @Test("the example of every standard function is an expression that checks")
  func examples() throws {
    let descriptions = ExpressionEnvironment.standard.functionDescriptions
    #expect(descriptions.count > 60)
    for function in descriptions {
      #expect(issues(function.example).isEmpty, "\(function.name): \(function.example)")
      #expect(!function.signatures.isEmpty && function.summary.hasSuffix("."))
      for signature in function.signatures {
        #expect(Signature.isWellFormed(signature, of: function.name), "\(signature)")
      }
    }
  }
}
