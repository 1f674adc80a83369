import SourceText
import Testing

@Suite("Places in a file")
struct SourceFileTests {
  private func file(_ text: String) -> SourceFile {
    var sources = SourceCollection()
    return sources.add(path: "a.yaml", bytes: Array(text.utf8))
  }

  @Test(
    "offsets become lines and columns in characters",
    arguments: [
      ("", 0, 1, 1), ("abc", 2, 1, 3), ("a\nb", 2, 2, 1), ("a\nb\n", 4, 3, 1), ("a\r\nb", 3, 2, 1),
      ("a\rb", 2, 1, 3), ("名前: x", 8, 1, 5), ("e\u{301}x", 3, 1, 2), ("👨‍👩‍👧x", 18, 1, 2), ("\u{FEFF}ab", 4, 1, 2),
      ("\u{FEFF}ab", 3, 1, 1), ("abc", 99, 1, 4), ("abc", -1, 1, 1),
    ])
  func positions(text: String, offset: Int, line: Int, column: Int) {
    #expect(file(text).position(at: offset) == SourcePosition(line: line, column: column))
  }

  @Test("a line is given without its end")
  func lineRanges() {
    let file = file("one\r\ntwo\n\nlast")
    #expect(file.lineCount == 4)
    #expect((1...4).map { file.text(file.lineRange($0)) } == ["one", "two", "", "last"])
    #expect(file.lineRange(0).isEmpty)
    #expect(file.lineRange(5).isEmpty)
  }

  @Test("every offset lies in the line that is found for it")
  func linesAgreeWithRanges() {
    let file = file("a\n\nbb\r\n\r\n\nccc")
    for offset in 0...file.bytes.count {
      let line = file.line(at: offset)
      #expect(file.lineRange(line).lowerBound <= offset)
      #expect(line == file.lineCount || offset < file.lineRange(line + 1).lowerBound)
    }
  }

  @Test("text beyond the file is left out")
  func clampedText() {
    #expect(file("abc").text(1..<9) == "bc")
    #expect(file("abc").text(7..<9) == "")
  }

  @Test("a collection numbers its files in order")
  func collection() {
    var sources = SourceCollection()
    let first = sources.add(path: "a", bytes: [])
    let second = sources.add(path: "b", bytes: [])
    #expect(first.id < second.id)
    #expect(sources[second.id].path == "b")
    #expect(SourceSpan(file: first.id, range: 5..<9) < SourceSpan(file: second.id, range: 0..<1))
    #expect(SourceSpan(file: first.id, range: 5..<6) < SourceSpan(file: first.id, range: 5..<9))
  }
}
