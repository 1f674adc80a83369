import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Telling what is wrong")
struct SyntaxErrorTests {
  @Test(
    "a mistake has its code and its place",
    arguments: [
      ("name: x\n«title»\nkind: y\n", .missingColon), ("name«:»x\ntitle: y\n", .missingColon),
      ("name: x\nkind«:»y\ntitle: z\n", .missingColon), ("«a»\nb: c\n", .missingColon),
      ("kind: Hub\n«spec» # c\n  a: b\n", .missingColon),
      ("a: b«:» c\n", .mappingInValue), ("- a: b«:» c\n", .mappingInValue), ("k: ${ a ? b «:» c }\n", .mappingInValue),
      ("a: b\n  «c: d»\n", .badIndentation), ("a:\n    b: c\n  «d: e» # f\n", .badIndentation),
      ("- a\n«b: c»\n", .badIndentation),
      ("a: b\n«- c»\n", .badIndentation), ("  x: 1\n«y: 2»\n", .badIndentation),
      ("a:\n  - b\n «c: d»\n", .badIndentation),
      ("a: «'»b\nc: d\n", .unclosedQuote), ("a: «\"»b\n", .unclosedQuote), ("名: «'»b\n---\nx: 1\n", .unclosedQuote),
      ("a: «[»1, 2\nc: d\n", .unclosedBracket), ("a: «{»b: 1\nc: d\n", .unclosedBracket),
      ("a: «[»\n", .unclosedBracket),
      ("a: [b:c, d: e«:» f]\n", .unclosedBracket), ("a: { b: $«{» x } }\n", .unclosedBracket),
      ("a: «@»x\n", .reservedCharacter), ("a: «`»x\n", .reservedCharacter),
      ("a: «%»x\n", .reservedCharacter), ("a: «*»\n", .reservedCharacter), ("a: «*».csv\n", .reservedCharacter),
      ("a: \"b\" «c»\n", .textAfterValue), ("\"b\" «c»\n", .textAfterValue), ("a: 'it'«s fine'»\n", .textAfterValue),
      ("a: [1] «c» # d\n", .textAfterValue),
      ("a:\n«\t»b: c\n", .tabIndentation), ("a: b\n«\t»c: d\n", .tabIndentation), ("a: |\n«\t»b\n", .tabIndentation),
      ("a: «- »b\n", .listOnKeyLine), ("a: \"«\\d»\"\n", .unknownEscape), ("a: \"«\\x»4\"\n", .unknownEscape),
      ("a: \"«\\ud800»\"\n", .unknownEscape),
      ("a: | «b»\n", .badBlockHeader), ("a: |«0»\n", .badBlockHeader), ("a: «!foo!bar» x\n", .unsupportedTag),
      ("a: «!vault» x\n", .unsupportedTag), ("a: &b «!!int» x\n", .unsupportedTag),
      ("a: «!!set» {x: 1}\n", .unsupportedTag),
      ("a: [1, «,» 2]\n", .invalidSyntax), ("a: «]»\n", .invalidSyntax), ("{«:» 1}\n", .emptyKey),
      ("«:» 1\n", .emptyKey),
      ("«%foo»\n---\na: b\n", .unsupportedDirective), ("a: 1\n«%foo: 2»\n", .unsupportedDirective),
      ("«%YAML 1.3»\n---\na: 1\n", .unsupportedDirective),
      ("%YAML 1.2\n«a: b»\n", .unsupportedDirective), ("«%TAG ! tag:x,1:»\n---\na: 1\n", .unsupportedDirective),
      ("a: 1\nb: 2\n«a»: 3\n", .duplicateKey), ("{a: 1, «\"a\"»: 2}\n", .duplicateKey),
      ("a: &x 1\nb: «*y»\n", .unknownAlias),
      ("a: &x [«*x»]\n", .aliasInsideItself), ("a: {b: 1}\nc:\n  «<<»: {d: 1}\n", .mergeKey),
      ("«[a]»: b\n", .keyNotScalar),
      ("«{{ name }}»: b\n", .keyNotScalar), ("a: «{{ name }}»\n", .keyNotScalar),
      ("a: «0xFFFFFFFFFFFFFFFFF»\n", .numberTooLarge),
      ("a: b«\u{7}»\n", .forbiddenCharacter),
      ("a: b«\r»c\n", .forbiddenCharacter), ("a: «\u{2028}»c\n", .forbiddenCharacter),
      ("a: «\u{FEFF}»c\n", .forbiddenCharacter),
    ] as [(String, DiagnosticCode)])
  func mistakes(marked: String, code: DiagnosticCode) throws {
    let text = Marked(marked)
    let found = parseYAML(text.file).diagnostics.sorted
    let report = TextRenderer().render(found, sources: text.sources)
    #expect(found.map(\.code.rawValue) == [code.rawValue], "\(report)")
    let place = try #require(found.first?.primary?.span.range)
    let isAtMark = place == text.ranges[0] || code == .listOnKeyLine && place.lowerBound == text.ranges[0].lowerBound
    #expect(isAtMark, "\(report)")
  }

  @Test(
    "the bad example of a code gives that code, the good one nothing",
    arguments: DiagnosticCode.all.filter { $0.rawValue.hasPrefix("DH1") })
  func examples(code: DiagnosticCode) {
    if let bad = code.badExample {
      #expect(parseYAML(Marked(bad).file).diagnostics.sorted.map(\.code.rawValue) == [code.rawValue])
    }
    if let good = code.goodExample {
      #expect(parseYAML(Marked(good).file).diagnostics.sorted.map(\.message) == [])
    }
  }

  @Test("a duplicate key shows both places")
  func duplicateKey() {
    let text = Marked("kind: Hub\nspec:\n  source: a\n  target: b\n  source: c\n", path: "hubs/sales.yaml")
    let expected = """
      error[DH1004]: duplicate key 'source'
       --> hubs/sales.yaml:5:3
        |
      3 |   source: a
        |   ------ first given here
      4 |   target: b
      5 |   source: c
        |   ^^^^^^
        |
        = help: remove one of the two

      """
    #expect(TextRenderer().render(parseYAML(text.file).diagnostics.sorted, sources: text.sources) == expected)
  }

  @Test("a misspelt alias names the anchor that was meant")
  func unknownAlias() {
    let found = parseYAML(Marked("a: &common 1\nb: *comon\n").file).diagnostics.sorted
    #expect(found.first?.help == "did you mean '*common'?")
  }

  @Test("the documents after a broken one are read")
  func recovery() throws {
    let text = Marked("a: 1\n---\nb: 'x\n---\nc: 3\n---\nd: [\n---\ne: 5\ne: 6\n")
    let checked = parseYAML(text.file)
    let documents = try #require(checked.value)
    #expect(documents.map { $0.root?.entries?.first?.keyText } == ["a", "c", "e"])
    #expect(checked.diagnostics.sorted.map(\.code.rawValue) == ["DH1016", "DH1017", "DH1004"])
    #expect(documents[2].root?.entries?.count == 1)
    #expect(documents[2].root?["e"]?.key.span.range == 37..<38)
  }

  @Test("places after a broken document are right behind wide characters and a byte order mark")
  func recoveryPlaces() throws {
    let text = Marked("\u{FEFF}名: 'x\n---\nключ: «値»\n")
    let checked = parseYAML(text.file)
    #expect(checked.value?.first?.root?["ключ"]?.value.span.range == text.ranges[0])
  }

  @Test("columns count characters")
  func columns() throws {
    let text = Marked("名前名前: [値, @x]\n")
    let place = try #require(parseYAML(text.file).diagnostics.sorted.first?.primary?.span.range)
    #expect(text.file.position(at: place.lowerBound) == SourcePosition(line: 1, column: 11))
  }

  @Test(
    "bytes that are no UTF-8 are reported at the first of them",
    arguments: [
      ([0x61, 0xFF], 1), ([0xC3], 0), ([0x61, 0xC0, 0x80], 1), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
      ([0xE0, 0x80, 0x80], 0), ([0xEF, 0xBB, 0xBF, 0x80], 3), ([0xFF, 0xFE, 0x61, 0x00], 0),
    ] as [([UInt8], Int)])
  func notUTF8(bytes: [UInt8], offset: Int) {
    var sources = SourceCollection()
    let checked = parseYAML(sources.add(path: "a", bytes: bytes))
    #expect(checked.value == nil)
    #expect(checked.diagnostics.all.map(\.code.rawValue) == ["DH1001"])
    #expect(checked.diagnostics.all.first?.primary?.span.range == offset..<offset + 1)
  }
}
