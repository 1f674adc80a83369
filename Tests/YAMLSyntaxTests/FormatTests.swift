import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Canonical form")
struct FormatTests {
  private func formatted(_ text: String, _ order: KeyOrder = .asWritten) -> String {
    switch formatYAML(Marked.plain(text), order: { _ in order }) {
    case .unchanged: text
    case .changed(let bytes): String(decoding: bytes, as: UTF8.self)
    case .unreadable(let diagnostics): "unreadable: \(diagnostics.sorted.map(\.message))"
    case .refused(let reason): "refused: \(reason)"
    }
  }

  @Test(
    "blanks are made even",
    arguments: [
      ("a:   1\nb :\n      c:    2\n", "a: 1\nb:\n  c: 2\n"),
      ("a:\n- b\n-   - c\n    - d\n", "a:\n  - b\n  - - c\n    - d\n"),
      ("-\n    a: 1\n    b: 2\n", "- a: 1\n  b: 2\n"), ("[1,2,  {a:   b}]", "[1, 2, { a: b }]\n"),
      ("a: {}\nb: [ ]\nc: { }\n", "a: {}\nb: []\nc: {}\n"), ("{a, b: , c: [d: e]}", "{ a, b, c: [{ d: e }] }\n"),
      ("? a\n: b\n? c\n", "a: b\nc:\n"), ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"), ("\u{FEFF}a: 1\n", "a: 1\n"),
      ("a: 1", "a: 1\n"),
      ("a: 1   \n   \n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"), ("\n\na:\n\n  b: 1\n", "a:\n  b: 1\n"), ("", ""),
      ("\n\n", ""),
    ])
  func blanks(text: String, expected: String) { #expect(formatted(text) == expected) }

  @Test(
    "quotes stay only where they are needed",
    arguments: [
      ("\"a\"", "a"), ("'a b'", "a b"), ("\"yes\"", "\"yes\""), ("'No'", "'No'"), ("\"12\"", "\"12\""),
      ("'1a'", "'1a'"),
      ("\"0 */2 * * *\"", "\"0 */2 * * *\""), ("''", "''"), ("\"null\"", "\"null\""), ("'~'", "'~'"),
      ("'a: b'", "'a: b'"),
      ("'a:b'", "a:b"), ("'a:'", "'a:'"), ("'a #b'", "'a #b'"), ("'a#b'", "a#b"), ("' a'", "' a'"), ("'- a'", "'- a'"),
      ("\"\\u4e2d\"", "\"\\u4e2d\""), ("'${ a }'", "${ a }"), ("'${ a ? b : c }'", "'${ a ? b : c }'"), ("\"文\"", "文"),
      ("'a\u{A0}b'", "'a\u{A0}b'"), ("'@a'", "'@a'"), ("'it''s'", "it's"), ("!!str \"a\"", "!!str \"a\""),
      ("&x 'a'", "&x a"),
    ])
  func quotes(written: String, expected: String) {
    #expect(formatted("k: \(written)\n") == "k: \(expected)\n")
    let key = formatted("\(written): v\n")
    #expect(key == "\(expected): v\n" || written == "!!str \"a\"" || written == "&x 'a'")
  }

  @Test(
    "in brackets more quotes are needed",
    arguments: [
      ("'${ a }'", "'${ a }'"), ("'a, b'", "'a, b'"), ("'a:b'", "'a:b'"), ("'a b'", "a b"), ("\"[\"", "\"[\""),
    ])
  func quotesInFlow(written: String, expected: String) {
    #expect(formatted("k: [\(written)]\n") == "k: [\(expected)]\n")
    #expect(formatted("k: {a: \(written)}\n") == "k: { a: \(expected) }\n")
  }

  @Test("brackets that do not fit become a block, from the outside in")
  func wide() {
    let word = String(repeating: "w", count: 30)
    let list = "[\(word), \(word), \(word)]"
    #expect(formatted("key: \(list)\n") == "key: \(list)\n")
    #expect(
      formatted("key: {a: \(list), b: [\(word)]}\n") == "key:\n  a: \(list)\n  b: [\(word)]\n")
    #expect(
      formatted("- [\(word), \(word), \(word), \(word)]\n") == "- - \(word)\n  - \(word)\n  - \(word)\n  - \(word)\n")
  }

  @Test("the width counts wide characters as a terminal does")
  func wideCharacters() {
    let fits = "k: [\(String(repeating: "字", count: 57))]\n"
    #expect(formatted(fits) == fits)
    #expect(formatted("k: [\(String(repeating: "字", count: 58)), a]\n").hasPrefix("k:\n  - 字"))
  }

  @Test(
    "comments stay with what they belong to",
    arguments: [
      ("# top\na: 1 # one\n", "# top\na: 1 # one\n"),
      (
        "a:   # on a\n    # above b\n    b: 1\n    # end of a\nc: 1\n",
        "a: # on a\n  # above b\n  b: 1\n  # end of a\nc: 1\n"
      ),
      ("a:\n  - b\n  # end\n# above c\nc: 1\n", "a:\n  - b\n  # end\n# above c\nc: 1\n"),
      ("a:\n- b\n# above c\nc: 1\n", "a:\n  - b\n# above c\nc: 1\n"),
      ("a: 1   # goes\n       # on\nb: 2\n", "a: 1 # goes\n     # on\nb: 2\n"),
      ("a:\n  # b: 1\n  # c: 2\nd: 1\n", "a:\n  # b: 1\n  # c: 2\nd: 1\n"),
      ("a: [ # open\n  b, # first\n  # own\n  c ] # close\n", "a: # open\n   # close\n  - b # first\n  # own\n  - c\n"),
      ("a: [1] # short\n", "a: [1] # short\n"), ("a: [ # none\n ]\n", "a: [] # none\n"),
      ("a: | # text\n  # no comment\n# comment\nb: 1\n", "a: | # text\n  # no comment\n# comment\nb: 1\n"),
      ("- # on the item\n  a: 1\n-\n  # above b\n  b: 1\n", "- # on the item\n  a: 1\n# above b\n- b: 1\n"),
      ("a: 'x # y' # z\n", "a: 'x # y' # z\n"), ("a:\n  # above\n  value\n", "# above\na: value\n"),
      ("# only\n\n\n# comments\n", "# only\n\n# comments\n"), ("a: 1\n\n\n# end\n", "a: 1\n\n# end\n"),
      ("--- # on the marker\na: 1\n--- # second\nb: 2\n", "# on the marker\na: 1\n--- # second\nb: 2\n"),
      ("a: 1\n... # after\n# more\n---\n# head\nb: 2\n", "a: 1\n# after\n# more\n---\n# head\nb: 2\n"),
      ("a: &x # on x\n  b: 1\n", "a: &x # on x\n  b: 1\n"),
      ("&x # on x\n# above\na: 1\n", "&x # on x\n# above\na: 1\n"),
      ("a: 1 #\nb: 2\n", "a: 1 #\nb: 2\n"),
    ])
  func comments(text: String, expected: String) { #expect(formatted(text) == expected) }

  @Test(
    "blocks keep their text",
    arguments: [
      ("a: |\n     x\n       y\n\n     z\nb: 1\n", "a: |\n  x\n    y\n\n  z\nb: 1\n"),
      ("a: |4\n      x\n     y\n", "a: |2\n    x\n   y\n"),
      ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"), ("a: |+\n  x\nb: 1\n", "a: |\n  x\nb: 1\n"),
      ("a: >-\n   x\n   y\n\n\nb: 1\n", "a: >-\n  x\n  y\n\nb: 1\n"),
      ("a: >\n  x\n\n    - y\n  z\n", "a: >\n  x\n\n    - y\n  z\n"),
      ("a: |\nb: 1\n", "a: \"\"\nb: 1\n"), ("- |\n x\n- >\n y\n", "- |\n  x\n- >\n  y\n"), ("|\n x\n", "|\n  x\n"),
      ("a: |\n  x\n  \t\nb: 1\n", "a: |\n  x\n  \t\nb: 1\n"), ("a: |\n  x", "a: |-\n  x\n"),
      ("? |\n  x\n: y\n", "\"x\\n\": y\n"), ("? |-\n  x\n: y\n", "x: y\n"),
    ])
  func blocks(text: String, expected: String) { #expect(formatted(text) == expected) }

  @Test(
    "texts over several lines are joined where they fit",
    arguments: [
      ("a: x\n   y\n", "a: x y\n"), ("a: \"x\n  y\"\n", "a: x y\n"), ("a: x\n\n  y\n", "a: x\n\n  y\n"),
      ("a: 'x\n      - y'\n", "a: x - y\n"), ("a: \"x \\\n     y\"\n", "a: \"x \\\n  y\"\n"),
      ("a: [x\n  y]\n", "a: [x y]\n"),
    ])
  func manyLines(text: String, expected: String) { #expect(formatted(text) == expected) }

  @Test("a text that does not fit on one line keeps its lines")
  func longText() {
    let part = String(repeating: "text ", count: 14) + "end"
    #expect(formatted("a:\n      \(part)\n      \(part)\n") == "a: \(part)\n  \(part)\n")
  }

  @Test(
    "documents are parted by markers",
    arguments: [
      ("---\na: 1\n---\nb: 2\n...\n", "a: 1\n---\nb: 2\n"), ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n"),
      ("a: 1\n...\n%YAML 1.2\n---\nb: 1\n", "a: 1\n...\n%YAML 1.2\n---\nb: 1\n"),
      ("--- a\n--- |\n x\n", "a\n---\n|\n  x\n"),
      ("---\n---\na: 1\n", "---\n---\na: 1\n"), ("---\n", "---\n"), (" ...\n", "\"...\"\n"),
      (" ---\n\n x\n", "\"---\\nx\"\n"), ("[-]\n", "[\"-\"]\n"), ("{a:: , b}\n", "{ \"a:\", b }\n"),
    ])
  func documents(text: String, expected: String) { #expect(formatted(text) == expected) }

  // MARK: - Order

  private let order = KeyOrder.fields([
    ("kind", .asWritten),
    (
      "spec",
      .fields([
        ("a", .asWritten), ("b", .asWritten), ("list", .items(.fields([("x", .asWritten), ("y", .asWritten)]))),
      ])
    ),
  ])

  @Test(
    "keys stand in the order of the fields, and comments go with them",
    arguments: [
      ("spec: { b: 1, a: 2 }\nkind: K\n", "kind: K\nspec: { a: 2, b: 1 }\n"),
      (
        "spec:\n  # on b\n  b: 1 # b\n  # on a\n  a: 2\n  # end\nkind: K\n",
        "kind: K\nspec:\n  # on a\n  a: 2\n  # on b\n  b: 1 # b\n  # end\n"
      ),
      ("# top\n\nother: 1\nkind: K\n", "# top\n\nkind: K\nother: 1\n"),
      ("# top\nspec: 1\nkind: K\n", "# top\nkind: K\nspec: 1\n"),
      ("spec:\n  # group\n\n  # on b\n  b: 1\n  a: 2\n", "spec:\n  # group\n\n  a: 2\n  # on b\n  b: 1\n"),
      ("spec:\n  list:\n    - y: 1\n      x: 2\n", "spec:\n  list:\n    - x: 2\n      y: 1\n"),
      ("z: 1\nspec:\n  b: 1\n\n  c: 2\n\n  a: 3\n", "spec:\n  a: 3\n  b: 1\n\n  c: 2\nz: 1\n"),
    ])
  func ordered(text: String, expected: String) { #expect(formatted(text, order) == expected) }

  @Test("an alias never comes before its anchor, nor behind another one of the same name")
  func anchors() {
    let bound = "spec:\n  b: &x 1\n  a: *x\n"
    #expect(formatted(bound, order) == bound)
    let twice = "spec:\n  b: &x 1\n  a: &x 2\nz: *x\n"
    #expect(formatted(twice, order) == twice)
    #expect(formatted("spec:\n  b: &x 1\n  a: 2\nz: *x\n", order) == "spec:\n  a: 2\n  b: &x 1\nz: *x\n")
  }

  @Test("a file with an error is not formatted")
  func unreadable() {
    for text in ["a: [1\n", "a: 1\na: 1\n", "a: *b\n", "\ta: 1\n"] {
      #expect(formatted(text).hasPrefix("unreadable: "))
    }
  }
}
