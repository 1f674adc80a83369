import SourceText
import Testing

@testable import Diagnostics

@Suite("Rendering text")
struct TextRendererTests {
  /// Renders one diagnostic at the marks `«»` of a text: the first is the primary label, the others are secondary.
  private func render(
    _ marked: String, labels: [String?] = [nil], width: Int = 100, color: Bool = false, help: String? = nil,
    message: String = "message"
  ) -> String {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    var ranges: [Range<Int>] = []
    for character in marked {
      switch character {
      case "«": starts.append(bytes.count)
      case "»": ranges.append((starts.popLast() ?? 0)..<bytes.count)
      default: bytes.append(contentsOf: Array(String(character).utf8))
      }
    }
    var sources = SourceCollection()
    let file = sources.add(path: "hubs/sales.yaml", bytes: bytes)
    let all = zip(ranges, labels).map { Label(SourceSpan(file: file.id, range: $0), $1) }
    let diagnostic = Diagnostic(
      code: .duplicateKey, message: message, primary: all.first, secondary: Array(all.dropFirst()), help: help)
    return TextRenderer(color: color, width: width).render([diagnostic], sources: sources)
  }

  @Test("two labels on distant lines share one frame")
  func distantLines() {
    let text = "a: 1\n  «source»: 1\nb: 1\nc: 1\n\n\n\n\n\n\n\n  «source»: 2\n"
    let expected = """
      error[DH1004]: message
        --> hubs/sales.yaml:2:3
         |
       2 |   source: 1
         |   ^^^^^^ here
      ...
      12 |   source: 2
         |   ------ and here
         |
         = help: remove one

      """
    #expect(render(text, labels: ["here", "and here"], help: "remove one") == expected)
  }

  @Test("one line between two labels is shown")
  func lineBetween() {
    let expected = """
      error[DH1004]: message
       --> hubs/sales.yaml:1:1
        |
      1 | a: 1
        | ^
      2 | b: 1
      3 | a: 2
        | -

      """
    #expect(render("«a»: 1\nb: 1\n«a»: 2\n", labels: [nil, nil]) == expected)
  }

  @Test(
    "marks stand under what they mean",
    arguments: [
      ("\t«x»", "    x", "    ^"), ("a\t«x»", "a   x", "    ^"), ("名«前»: x", "名前: x", "  ^^"),
      ("e\u{301}«x»", "e\u{301}x", " ^"), ("👨‍👩‍👧«x»", "👨‍👩‍👧x", "  ^"), ("❤\u{FE0F}«x»", "❤\u{FE0F}x", "  ^"),
      ("abc«»", "abc", "   ^"), ("«ab\ncd»", "ab", "^^"), ("«a»\u{1B}[31m", "a\u{FFFD}[31m", "^"),
      ("a \u{202E}«b»", "a \u{FFFD}b", "   ^"), ("\u{FEFF}«a»", "a", "^"), ("«名»", "名", "^^"), ("ﬀ«x»", "ﬀx", " ^"),
    ])
  func alignment(marked: String, line: String, marks: String) {
    let lines = render(marked).split(separator: "\n").map(String.init)
    #expect(lines[3] == "1 | " + line)
    #expect(lines[4] == "  | " + marks)
  }

  @Test("a long line is cut around the mark", arguments: [40, 60, 100])
  func longLine(width: Int) throws {
    let long = String(repeating: "abcdefghi ", count: 40)
    for marked in [long + "«x»" + long, "«x»" + long, long + "«x»", String(repeating: "名", count: 3000) + "«x»" + long]
    {
      let lines = render(marked, width: width).split(separator: "\n").map(Array.init)
      let mark = try #require(lines[4].firstIndex(of: "^"))
      let columns = lines[3].reduce(0) { $0 + CharacterWidth.columns($1) }
      #expect(columns <= width)
      var column = 0
      let under = lines[3].first { character in
        defer { column += CharacterWidth.columns(character) }
        return column == mark
      }
      #expect(under == "x")
    }
  }

  @Test("bytes that are no UTF-8 take one column each")
  func invalidBytes() {
    var sources = SourceCollection()
    let file = sources.add(path: "a", bytes: [0x61, 0xFF, 0xC3, 0x62])
    let diagnostic = Diagnostic(.notUTF8, "m", at: SourceSpan(file: file.id, range: 3..<4))
    let lines = TextRenderer().render([diagnostic], sources: sources).split(separator: "\n")
    #expect(lines[3] == "1 | a\u{FFFD}\u{FFFD}b")
    #expect(lines[4] == "  |    ^")
  }

  @Test("a message cannot command the terminal")
  func unsafeMessage() {
    #expect(!render("«a»", message: "key '\u{1B}[2J'").contains("\u{1B}"))
  }

  @Test("colour is written only when asked for")
  func color() {
    #expect(render("«a»", color: true).contains("\u{1B}[1;31merror[DH1004]\u{1B}[0m"))
    #expect(!render("«a»").contains("\u{1B}"))
  }

  @Test("labels in another file stand in a frame of their own")
  func otherFile() {
    var sources = SourceCollection()
    let first = sources.add(path: "a.yaml", bytes: Array("x: 1\n".utf8))
    let second = sources.add(path: "b.yaml", bytes: Array("y: 2\n".utf8))
    let diagnostic = Diagnostic(
      .duplicateKey, "m", at: SourceSpan(file: second.id, range: 0..<1),
      secondary: [Label(SourceSpan(file: first.id, range: 3..<4), "from here")], notes: ["a note"])
    let expected = """
      error[DH1004]: m
       --> b.yaml:1:1
        |
      1 | y: 2
        | ^
       ::: a.yaml:1:4
        |
      1 | x: 1
        |    - from here
        |
        = note: a note

      """
    #expect(TextRenderer().render([diagnostic], sources: sources) == expected)
  }

  @Test("without a place there is a headline alone, and a hundred are enough")
  func limits() {
    let diagnostic = Diagnostic(code: .fileTooLarge, message: "m")
    #expect(TextRenderer().render([diagnostic], sources: SourceCollection()) == "error[DH1003]: m\n")
    let many = TextRenderer().render(Array(repeating: diagnostic, count: 103), sources: SourceCollection())
    #expect(many.hasSuffix("\n... and 3 more: 3 errors\n"))
  }
}
