import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Nodes and their places")
struct NodeTests {
  private func root(_ text: Marked) throws -> YAMLNode {
    let checked = parseYAML(text.file)
    #expect(checked.diagnostics.isEmpty, "\(checked.diagnostics.all)")
    return try #require(checked.value?.first?.root)
  }

  /// Every node of a tree but the root, in the order of their starts.
  private func nodes(_ node: YAMLNode) -> [YAMLNode] {
    switch node.content {
    case .scalar: []
    case .sequence(let items): items.flatMap { [$0] + nodes($0) }
    case .mapping(let entries): entries.flatMap { [$0.key, $0.value] + nodes($0.value) }
    }
  }

  @Test(
    "every node has tight bounds",
    arguments: [
      "«kind»: «Hub»\n", "«a»: «'b '»  # c\n«d»: «\"e\"»\n", "«a»:\n  «- «b»\n  - «c»»\n\n«d»: «1»\n",
      "«a»:\n«- «b»\n- «c»»\n", "«a»: «[«1», «2»]»\n", "«a»: «{«b»: «1», «c»: «2» }» # x\n",
      "«a»: «|\n  text\n  more»\n\n«b»: «1»\n",
      "«a»: «>-\n  text»", "«a»:«»\n«b»:«»\n", "«a»: «x\n  y»\n\n\n", "«名前»: «値 値»\n«次»: «👍»\n",
      "«a»:\r\n  «- «b»»\r\n«c»: «d»\r\n",
      "«a»: !!str «1»\n«b»: &x «2»\n«c»: «*x»\n", "«a»: &x\n  ««b»: «1»»\n«c»: &y «[«1»]»\n",
      "\u{FEFF}«a»: «é»\n«b»: «c»\n",
      "«a»: «[«b», ««c»: «d»»]»\n", "«a»:\n  «- «b»»\n", "«a»:\n  «- «- «b»\n    - «c»»\n  - «d»»\n",
    ])
  func bounds(marked: String) throws {
    let text = Marked(marked)
    let found = nodes(try root(text)).map(\.span.range)
      .sorted { ($0.lowerBound, -$0.upperBound) < ($1.lowerBound, -$1.upperBound) }
    #expect(found == text.ranges)
  }

  @Test("keys are found by their text")
  func lookUp() throws {
    let node = try root(Marked("kind: Hub\n'api version': \"v1\"\nlist: [1, two]\n"))
    #expect(node["kind"]?.value.scalar?.text == "Hub")
    #expect(node["api version"]?.value.scalar?.style == .doubleQuoted)
    #expect(node["list"]?.value.items?.map(\.scalar?.core) == [.integer(1), .string])
    #expect(node["other"] == nil)
    #expect(node["kind"]?.value["x"] == nil)
  }

  @Test("quoted and block scalars are strings whatever they say")
  func quotedAreStrings() throws {
    let node = try root(Marked("a: '1'\nb: \"true\"\nc: |\n  1\nd: >-\n  1\ne: !!str 1\nf: ''\n"))
    #expect(node.entries?.allSatisfy { $0.value.scalar?.core == .string } == true)
  }

  @Test("core tags are read where they fit")
  func coreTags() throws {
    let node = try root(Marked("a: !!int 1\nb: !!float 1\nc: !!bool true\nd: !!null\ne: !!seq [1]\nf: !!map {a: 1}\n"))
    #expect(node["a"]?.value.scalar?.core == .integer(1))
    #expect(node["d"]?.value.scalar?.core == .null)
  }

  @Test("documents are split, and empty ones have no root")
  func documents() throws {
    let text = Marked("# only a comment\n---\na: 1\n---\n---\nb: 2\n...\n")
    let documents = try #require(parseYAML(text.file).value)
    #expect(documents.map { $0.root?.entries?.first?.keyText } == ["a", nil, "b"])
    #expect(documents[0].root != nil && documents[1].root == nil)
    #expect(documents[0].span.range.lowerBound == 17)
    for source in ["", "\n\n", "# c\n", "\u{FEFF}", "\u{FEFF}# c"] {
      let checked = parseYAML(Marked(source).file)
      #expect(checked.value?.isEmpty == true)
      #expect(checked.diagnostics.isEmpty)
    }
  }

  @Test("an alias copies its node and keeps its own place")
  func aliases() throws {
    let text = Marked("a: &x { b: 1 }\nc: «*x»\n")
    let alias = try #require(try root(text)["c"]?.value)
    #expect(alias.span.range == text.ranges[0])
    #expect(alias["b"]?.value.scalar?.core == .integer(1))
  }

  @Test("a later anchor of the same name counts from there on")
  func anchorsAgain() throws {
    let node = try root(Marked("a: &x 1\nb: *x\nc: &x 2\nd: *x\n"))
    #expect(node["b"]?.value.scalar?.text == "1")
    #expect(node["d"]?.value.scalar?.text == "2")
  }
}
