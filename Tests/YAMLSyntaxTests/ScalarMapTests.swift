import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("From a scalar's text to its source")
struct ScalarMapTests {
  /// Parses `a: SCALAR` and returns the scalar.
  private func scalar(_ text: Marked) throws -> YAMLScalar {
    let checked = parseYAML(text.file)
    #expect(checked.diagnostics.isEmpty, "\(checked.diagnostics.all)")
    return try #require(checked.value?.first?.root?["a"]?.value.scalar)
  }

  @Test(
    "the part of the text is where it was written",
    arguments: [
      ("a: x «${ y }» z\n", "${ y }"), ("a: é «${ 名 }» z\n", "${ 名 }"), ("a: one\n  two «three» four\n", "three"),
      ("a: one\n\n    two\n  «three» four\n", "three"), ("a: one\n  «two\n\n  three» four\n", "two\nthree"),
      ("a: 'it''s «here»'\n", "here"), ("a: 'it«''»s'\n", "'"), ("a: 'one\n  two «three»'\n", "three"),
      ("a: 'x''\n\n  «y»'\n", "y"), ("a: \"a\\nb «here»\"\n", "here"), ("a: \"a«\\n»b\"\n", "\n"),
      ("a: \"\\x41\\u00e9\\U0001F600«\\t»z\"\n", "\t"), ("a: \"«\\u540d»z\"\n", "名"),
      ("a: \"\\L\\P\\N\\_«here»\"\n", "here"),
      ("a: \"one \\\n   «two»\"\n", "two"), ("a: \"one\\\n\n   «two»\"\n", "two"),
      ("a: \"one\n   two\\t«three»\"\n", "three"),
      ("a: \"\\\"«q»\\\\\\/\\\"\"\n", "q"), ("a: |\n  one\n  «two»\n", "two"), ("a: |\n  one «x\n  two» y\n", "x\ntwo"),
      ("a: |\n\n\n    one\n     «two»\n", "two"), ("a: |2\n    one\n   «two»\n", "two"),
      ("a: |+\n  one\n  «two»\n\n\n", "two"),
      ("a: >\n  one\n  «two»\n\n  three\n", "two"), ("a: >\n  one\n\n\n  «two»\n", "two"),
      ("a: >\n  one\n    deep\n    «deeper»\n  back\n", "deeper"), ("a: >-\n  one\n    deep\n  «back»\n", "back"),
      ("a: >\n  one «x\n  y» z\n", "x y"), ("a: | # c\n  «one»\nb:\n    x\n", "one"),
      ("a: |\r\n  one\r\n  «two»\r\n", "two"),
      ("a: 'one\r\n  «two»'\r\n", "two"), ("a: one\r\n\r\n  «two»\r\n", "two"), ("a: \"one\\\r\n  «two»\"\r\n", "two"),
      ("a: |\n  one\n   \n  «two»\n# end\n", "two"), ("b:\n  - |\n    x\na: |-\n    «one»", "one"),
      ("a: |\n  é値\n  «名»x\n", "名"),
      ("a: &x !!str |\n  «one»\n", "one"), ("a: \" \\\n  «x»\"\n", "x"), ("a: \"\n  «x»\n  \"\n", "x"),
      ("a: '«  »'\n", "  "),
    ])
  func part(marked: String, part: String) throws {
    let text = Marked(marked)
    let scalar = try scalar(text)
    let bytes = Array(scalar.text.utf8)
    let wanted = Array(part.utf8)
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: wanted) })
    #expect(scalar.sourceRange(of: start..<start + wanted.count) == text.ranges[0])
  }

  @Test(
    "the end of a text is the end of what was written",
    arguments: ["a: x y«»\n", "a: 'x''y«»'\n", "a: \"x\\n«»\"\n", "a: x\n\n  y«»\n"])
  func end(marked: String) throws {
    let text = Marked(marked)
    let scalar = try scalar(text)
    let end = scalar.text.utf8.count
    #expect(scalar.sourceRange(of: end..<end) == text.ranges[0])
    #expect(scalar.sourceRange(of: end + 5..<end + 9) == text.ranges[0])
  }

  @Test("letters and digits of random scalars are found where they stand", arguments: 0..<40)
  func randomScalars(seed: Int) throws {
    var random = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    for _ in 0..<50 {
      let source = random.mapping()
      let file = Marked(source).file
      let checked = parseYAML(file)
      guard !checked.diagnostics.hasErrors, let scalar = checked.value?.first?.root?["a"]?.value.scalar else {
        continue
      }
      for (offset, byte) in scalar.text.utf8.enumerated() where byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") {
        let range = scalar.sourceRange(of: offset..<offset + 1)
        #expect(
          range.count == 1 && file.bytes[range.lowerBound] == byte,
          "seed \(seed): \(source.debugDescription) at \(offset)")
      }
    }
  }

  /// A small seeded generator of scalars in every style.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }

    mutating func mapping() -> String {
      let breakText = Bool.random(using: &self) ? "\n" : "\r\n"
      let words = (0..<Int.random(in: 1...6, using: &self)).map { _ in word() }
      let style = Int.random(in: 0..<5, using: &self)
      let quote = style == 1 ? "'" : style == 2 ? "\"" : ""
      if style >= 3 {
        let lines = words.map { String(repeating: " ", count: [2, 2, 2, 4].randomElement(using: &self) ?? 2) + $0 }
        let chomp = ["", "-", "+"].randomElement(using: &self) ?? ""
        let breaks = (0..<lines.count).map { _ in gap(breakText) }
        let body = zip(lines, breaks).map { $0 + $1 }.joined()
        return "a: " + (style == 3 ? "|" : ">") + chomp + breakText + "  " + word() + breakText + body + "b: 1\n"
      }
      var body = ""
      for word in words {
        let plain = style == 0 ? word.filter { $0 != "\\" && $0 != "'" && $0 != "\"" } : word
        let safe = style == 1 ? plain.replacing("'", with: "''") : style == 2 ? escaped(plain) : plain
        let space = [" ", "  ", " \t ", gap(breakText) + "  ", style == 2 ? "\\" + breakText + " " : " "]
        body += (body.isEmpty ? "" : space.randomElement(using: &self) ?? " ") + (safe.isEmpty ? "Q" : safe)
      }
      return "a: " + quote + body + quote + breakText + "b: 1\n"
    }

    private mutating func gap(_ breakText: String) -> String {
      String(repeating: breakText, count: [1, 1, 2, 3].randomElement(using: &self) ?? 1)
    }

    private mutating func escaped(_ text: String) -> String {
      let escapes = ["\\n", "\\x41", "\\u540d", "\\U0001F600", "\\L", "\\_", ""]
      return text.filter { $0 != "\\" && $0 != "\"" }
        + (escapes.randomElement(using: &self) ?? "").replacing("\\x41", with: "\\x61")
    }

    private mutating func word() -> String {
      let letters = ["A", "B", "C", "é", "名", "'", "\\", "1", "👍", "$"]
      return "W"
        + (0..<Int.random(in: 0...5, using: &self)).map { _ in letters.randomElement(using: &self) ?? "X" }.joined()
    }
  }
}
