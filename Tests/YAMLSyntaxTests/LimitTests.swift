import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Limits")
struct LimitTests {
  private func codes(_ text: String, _ limits: YAMLLimits = YAMLLimits()) -> [String] {
    parseYAML(Marked(text).file, limits: limits).diagnostics.sorted.map(\.code.rawValue)
  }

  @Test("a hundred levels are read and one more is not")
  func depth() {
    #expect(codes(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) == [])
    #expect(codes(String(repeating: "[", count: 101) + String(repeating: "]", count: 101)) == ["DH1005"])
  }

  @Test("very deep nesting ends early", arguments: ["[", "{a: ", "- ", "? ", "[\n", "&a ["])
  func veryDeep(unit: String) {
    let text = String(repeating: unit, count: 100_000)
    #expect(codes(text) == ["DH1005"])
    #expect(codes(text, YAMLLimits(maximumDepth: .max)) == ["DH1005"])
  }

  @Test("aliases of aliases end before anything is copied")
  func aliasBomb() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    #expect(codes(text) == ["DH1007"])
  }

  @Test("aliases count against the depth")
  func aliasDepth() {
    var text = "a0: &a0 [x]\n"
    for level in 1..<120 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    let found = codes(text)
    #expect(!found.isEmpty && found.allSatisfy { $0 == "DH1005" })
  }

  @Test("the budget of aliases is exact")
  func aliasBudget() {
    let text = "a: &a [1, 2]\nb: *a\nc: *a\n"
    #expect(codes(text, YAMLLimits(maximumAliasExpansion: 6)) == [])
    #expect(codes(text, YAMLLimits(maximumAliasExpansion: 5)) == ["DH1007"])
  }

  @Test("the number of nodes is limited")
  func nodes() {
    #expect(codes("[1, 2, 3]", YAMLLimits(maximumNodes: 4)) == [])
    #expect(codes("[1, 2, 3, 4]", YAMLLimits(maximumNodes: 4)) == ["DH1006"])
  }

  @Test("a file beyond the limit is not read")
  func bytes() {
    let text = "a: 1234\n"
    #expect(codes(text, YAMLLimits(maximumBytes: 8)) == [])
    #expect(codes(text, YAMLLimits(maximumBytes: 7)) == ["DH1003"])
  }

  @Test("many broken documents end early")
  func manyBroken() {
    #expect(codes(String(repeating: "---\n[\n", count: 5_000)).count == 100)
  }

  @Test("a file with a thousand faults is not read further")
  func manyFaults() {
    #expect(codes(String(repeating: "a: 1\n", count: 50_000)).count == 1000)
  }

  @Test("many keys are compared by hash")
  func manyKeys() throws {
    let text = (0..<20_000).map { "key\($0): \($0)\n" }.joined() + "key7: again\nkey19999: again\n"
    #expect(codes(text) == ["DH1004", "DH1004"])
  }

  @Test("no prefix of a file with everything in it crashes")
  func prefixes() {
    let text = """
      %YAML 1.2
      ---
      a: &x [1, 'tw''o', "th\\u0072ee \\
        x", {b: ${ c }, ? d : e}]
      名: |2-
          literal
         é
      f: >+
        folded

          more
      ? - complex
      : *x
      g: !!str 1 # comment
      ... # end
      ---
      - - "👍"
        - ~
      """
    let bytes = Array(text.utf8)
    for count in 0...bytes.count {
      var sources = SourceCollection()
      let file = sources.add(path: "a", bytes: Array(bytes[..<count]))
      let found = parseYAML(file).diagnostics.sorted
      #expect(!TextRenderer().render(found, sources: sources).contains("byte order"))
      var other = SourceCollection()
      let rest = other.add(path: "a", bytes: Array(bytes[count...]))
      #expect(!TextRenderer().render(parseYAML(rest).diagnostics.sorted, sources: other).contains("byte order"))
    }
  }
}
