import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Every style of YAML")
struct StyleTests {
  /// The documents of a text as JSON, a space between them; the codes where it has errors.
  private func read(_ text: String) -> String {
    let parsed = parseYAML(Marked.plain(text))
    guard parsed.diagnostics.isEmpty else {
      return parsed.diagnostics.sorted.map(\.code.rawValue).joined(separator: " ")
    }
    return (parsed.value ?? []).map { $0.root.map(jsonForm) ?? "empty" }.joined(separator: " ")
  }

  @Test(
    "blocks after | keep their lines",
    arguments: [
      ("|\n  a\n  b\n", "\"a\\nb\\n\""), ("|-\n  a\n\n\n", "\"a\""), ("|+\n  a\n\n\n", "\"a\\n\\n\\n\""),
      ("|\n  a\n\n\n", "\"a\\n\""),
      ("|\n\n\n  a\n", "\"\\n\\na\\n\""), ("|\n  a\n    b\n  c\n", "\"a\\n  b\\nc\\n\""), ("|1\n   a\n", "\"  a\\n\""),
      ("|2-\n    a\n", "\"  a\""),
      ("|\n  a  \n  \tb\n", "\"a  \\n\\tb\\n\""), ("|\n  # a\n  - b\n", "\"# a\\n- b\\n\""), ("|\n", "\"\""),
      ("|+\n\n", "\"\\n\""), ("|\r\n  a\r\n  b\r\n", "\"a\\nb\\n\""),
      ("- |\n a\n- |\n b\n", "[\"a\\n\",\"b\\n\"]"), ("a: | # comment\n  b\nc: 1\n", "{\"a\":\"b\\n\",\"c\":1}"),
      ("|0\n a\n", "DH1026"), ("|10\n a\n", "DH1026"), ("|x\n a\n", "DH1026"),
    ])
  func literal(text: String, expected: String) { #expect(read(text) == expected) }

  @Test(
    "blocks after > join their lines",
    arguments: [
      (">\n  a\n  b\n\n  c\n", "\"a b\\nc\\n\""), (">-\n  a\n  b\n", "\"a b\""), (">+\n  a\n\n", "\"a\\n\\n\""),
      (">\n  a\n    b\n  c\n", "\"a\\n  b\\nc\\n\""),
      (">\n  a\n\n\n  b\n", "\"a\\n\\nb\\n\""), (">\n\n  a\n", "\"\\na\\n\""),
      (">\n  a\n   - b\n   - c\n  d\n", "\"a\\n - b\\n - c\\nd\\n\""), (">2\n    a\n  b\n", "\"  a\\nb\\n\""),
    ])
  func folded(text: String, expected: String) { #expect(read(text) == expected) }

  @Test(
    "plain and quoted texts go over lines",
    arguments: [
      ("a: b\n  c\n\n  d\n", "{\"a\":\"b c\\nd\"}"), ("a: 'b\n  c'\n", "{\"a\":\"b c\"}"),
      ("a: \"b\n\n  c\"\n", "{\"a\":\"b\\nc\"}"), ("a: \"b\\\n  c\"\n", "{\"a\":\"bc\"}"),
      ("a: \"b \\\n  \\ c\"\n", "{\"a\":\"b  c\"}"), ("a: b # c\n", "{\"a\":\"b\"}"), ("a: b#c\n", "{\"a\":\"b#c\"}"),
      ("a: http://b:1/c?d=e\n", "{\"a\":\"http://b:1/c?d=e\"}"),
      ("a: -b\nc: ?d\ne: :f\n", "{\"a\":\"-b\",\"c\":\"?d\",\"e\":\":f\"}"), ("a: b - c: d\n", "DH1019"),
      ("a: \"b\" c\n", "DH1021"), ("'a'''\n", "\"a'\""),
      ("\"\\0\\a\\b\\e\\f\\v\"\n", "\"\u{0}\u{7}\u{8}\u{1B}\u{C}\u{B}\""),
      ("\"\\x41\\u00e9\\U0001F44D\\/\\_\\N\\L\\P\"", "\"Aé👍/\u{A0}\u{85}\u{2028}\u{2029}\""),
      ("\"\\z\"", "DH1022"), ("\"\\x4\"", "DH1022"), ("\"\\ud800\"", "DH1022"), ("\"a\nb\"\n", "\"a b\""),
    ])
  func texts(text: String, expected: String) { #expect(read(text) == expected) }

  @Test(
    "lists and maps nest in every way",
    arguments: [
      ("- - a\n  - b\n-\n  - c\n", "[[\"a\",\"b\"],[\"c\"]]"),
      ("a:\n- b\n- c: d\n  e: f\n", "{\"a\":[\"b\",{\"c\":\"d\",\"e\":\"f\"}]}"),
      ("- a: b\n  c:\n  - d\n- e\n", "[{\"a\":\"b\",\"c\":[\"d\"]},\"e\"]"),
      ("? a\n: b\n? - c\n: d\n", "DH1012"), ("? a\n: - b\n  - c\n", "{\"a\":[\"b\",\"c\"]}"),
      ("? a\n? b\n", "{\"a\":null,\"b\":null}"),
      ("{a: [b, {c: d}], \"e\":f}", "{\"a\":[\"b\",{\"c\":\"d\"}],\"e\":\"f\"}"),
      ("[a, [b], {}, [], ]", "[\"a\",[\"b\"],{},[]]"), ("[a: b, ? c : d]", "[{\"a\":\"b\"},{\"c\":\"d\"}]"),
      ("{? a : b, ? c}", "{\"a\":\"b\",\"c\":null}"), ("- \n- a\n-\n", "[null,\"a\",null]"),
      ("a:\n  b:\n c: d\n", "DH1015"), ("[a, b", "DH1017"), ("{a: b]", "DH1017"), ("[a,,b]", "DH1000"),
      ("a: - b\n", "DH1023"), ("\"a\":b", "DH1021"), ("a : b\n", "{\"a\":\"b\"}"),
      ("{a: b\n}\n", "{\"a\":\"b\"}"), ("a: {\n  b: c\n}\n", "{\"a\":{\"b\":\"c\"}}"),
    ])
  func collections(text: String, expected: String) { #expect(read(text) == expected) }

  @Test(
    "anchors, aliases and tags",
    arguments: [
      ("a: &x b\nc: *x\n", "{\"a\":\"b\",\"c\":\"b\"}"), ("&a b: c\nd: *a\n", "{\"b\":\"c\",\"d\":\"b\"}"),
      ("a: &x b\nc: &x d\ne: *x\n", "{\"a\":\"b\",\"c\":\"d\",\"e\":\"d\"}"),
      ("&x a: 1\n*x : 2\n", "DH1004"), ("a: &x\n  b: 1\nc: *x\n", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}"),
      ("a: &x\nb: *x\n", "{\"a\":null,\"b\":null}"), ("a: &x 1\n---\nb: *x\n", "DH1009"),
      ("a: &x !!str 1\nb: !!str &y 2\nc: *y\n", "{\"a\":\"1\",\"b\":\"2\",\"c\":\"2\"}"), ("! 12", "\"12\""),
      ("!<tag:yaml.org,2002:str> 1", "\"1\""), ("!!seq [a]", "[\"a\"]"), ("!!map [a]", "DH1010"),
      ("!!int a", "DH1010"), ("!!null ''", "DH1010"), ("a: &中 b\n", "DH1020"), ("a: & b\n", "DH1020"),
      ("a: *\n", "DH1020"), ("a: !x b\n", "DH1010"), ("&x &y a\n", "DH1021"),
    ])
  func properties(text: String, expected: String) { #expect(read(text) == expected) }

  @Test(
    "documents, directives and comments",
    arguments: [
      ("a\n---\nb\n", "\"a\" \"b\""), ("--- a\n--- b\n...\n", "\"a\" \"b\""), ("---\n---\n", "empty empty"),
      ("...\n", "DH1000"), ("# a\n\n# b\n", ""), ("%YAML 1.2\n---\na\n", "\"a\""),
      ("%YAML 1.1 # c\n--- # d\na # e\n... # f\n", "\"a\""), ("%YAML 2.0\n---\na\n", "DH1013"),
      ("%YAML 1.2\n%YAML 1.2\n---\na\n", "DH1013"), ("%X\n---\na\n", "DH1013"), ("%YAML 1.2\na: 1\n", "DH1013"),
      ("a: # b\n  # c\n\n  d # e\n# f\n", "{\"a\":\"d\"}"), ("[a, # b\n# c\nd]", "[\"a\",\"d\"]"),
      ("- # a\n  # b\n  c: d\n", "[{\"c\":\"d\"}]"), ("a: 'b # c'\n", "{\"a\":\"b # c\"}"), ("a\n# b\nc\n", "DH1015"),
      ("\u{FEFF}a: 1\n", "{\"a\":1}"), ("a: \u{FEFF}1\n", "DH1002"),
      ("a: 1\r\nb:\r\n  - c\r\n", "{\"a\":1,\"b\":[\"c\"]}"), ("a: 1\rb: 2\r", "DH1002 DH1002"), ("", ""),
      ("\n\n  \n", ""),
      ("名前: 値\n\"é\": 👍\n", "{\"名前\":\"値\",\"é\":\"👍\"}"), ("a: e\u{301}\n", "{\"a\":\"e\u{301}\"}"),
    ])
  func documents(text: String, expected: String) { #expect(read(text) == expected) }

  @Test("large and hostile files give a result or a clear error")
  func large() {
    let megabyte = String(repeating: "x", count: 1 << 20)
    #expect(read("a: \(megabyte)\n").utf8.count == megabyte.utf8.count + 8)
    #expect(read("a: \"\(megabyte)\\n\"\n").utf8.count == megabyte.utf8.count + 10)
    #expect(read("\(megabyte): 1\n") == "DH1015")
    #expect(read(String(repeating: "- a\n", count: 100_000)).utf8.count == 400_001)
    #expect(read((0..<100_000).map { "k\($0): 1\n" }.joined()).hasSuffix("\"k99999\":1}"))
    #expect(read("[" + String(repeating: "1,", count: 300_000) + "]").utf8.count == 600_001)
    #expect(read(String(repeating: "# comment\n", count: 300_000)) == "")
    #expect(read(String(repeating: "- &a [*a]\n", count: 20_000)).contains("DH1008"))
    #expect(read(String(repeating: "?\n", count: 100_000)).contains("DH1024"))
    #expect(read("\"" + megabyte) == "DH1016")
    #expect(read(String(repeating: "\n", count: 3 << 20)) == "")
    #expect(read(String(repeating: "a: 'x\n", count: 50_000)).hasPrefix("DH10"))
  }
}
