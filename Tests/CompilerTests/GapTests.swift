import Checking
import Declarations
import Diagnostics
import Resolving
import Testing

@Suite("What follows from something that cannot be read is not told as well")
struct GapTests {
  /// A hub that inherits nearly all it has.
  private static let heir = """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: heir }
    extends: orders
    spec: { source: { with: { status: closed } } }

    """

  private static func findings(_ changes: [String: String]) throws -> [Finding] {
    let loaded = Workspace.load(FilesInMemory(SampleProject.files.merging(changes) { $1 }))
    let workspace = try #require(loaded.value)
    let all = Diagnostics(loaded.diagnostics.all + checkProject(workspace).all)
    return all.sorted.map { Finding($0, workspace.sources) }
  }

  private static func hub(_ old: String, _ new: String) -> [String: String] {
    ["heir.yaml": heir, "hub.yaml": SampleProject.files["hub.yaml", default: ""].replacing(old, with: new)]
  }

  @Test("an heir without mistakes has no findings")
  func sound() throws { #expect(try Self.findings(["heir.yaml": Self.heir]).isEmpty) }

  @Test(
    "a broken base is told once, and its heirs are not",
    arguments: [
      ("kind: Hub", "kind: Hubb", "DH2005"), ("datahub/v1", "datahub/v2", "DH2006"),
      ("  source:", "\tsource:", "DH1014"), ("metadata: { name: orders }", "metadata: { name: orderz }", "DH2009"),
    ])
  func base(old: String, new: String, code: String) throws {
    let found = try Self.findings(Self.hub(old, new))
    #expect(found.map(\.code) == [code], "\(found)")
  }

  @Test("an heir of an heir is not told either")
  func chain() throws {
    let second = Self.heir.replacing("name: heir", with: "name: second").replacing(
      "extends: orders", with: "extends: heir")
    let found = try Self.findings([
      "heir.yaml": Self.heir.replacing("extends: orders", with: "extends: odrers") + "---\n" + second
    ])
    #expect(found.map(\.code) == ["DH2009"] && found.first?.marked == "odrers", "\(found)")
  }

  @Test("a hub of a standard API that misses its base is not told what the base would say")
  func api() throws {
    let api = """
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/mine }
      extends: acme/lst
      spec: { platform: acme, effect: query }

      """
    let hub = SampleProject.files["hub.yaml", default: ""].replacing(
      "api: acme/list", with: "api: acme/mine, with: { status: open }")
    let found = try Self.findings(["api.yaml": api, "hub.yaml": hub])
    #expect(found.map(\.code) == ["DH2009"], "\(found)")
  }

  @Test("what a file that cannot be read may refer to is not called unused")
  func unused() throws {
    let found = try Self.findings(["hub.yaml": SampleProject.files["hub.yaml", default: ""] + "\n\u{0}"])
    #expect(found.count == 1 && found.first?.code.hasPrefix("DH1") == true, "\(found)")
  }

  @Test(
    "of a malformed schema only the schema is told",
    arguments: [
      #"{"type":"objct","required":"code"}"#, #"{"type":"object","properties":{"x":{"maxLength":"20"}}}"#, "{",
    ])
  func schema(_ text: String) throws {
    let platform = SampleProject.files["platform.yaml", default: ""].replacing(
      "idempotencyKey: true", with: "idempotencyKey: true\n  document: { schemaFile: order.json }")
    let found = try Self.findings(["platform.yaml": platform, "order.json": text])
    #expect(!found.isEmpty && found.allSatisfy { $0.file == "order.json" }, "\(found)")
  }

  /// Files below a folder that cannot be read in part.
  private struct PartialFiles: ProjectFiles {
    func yamlFiles(in folder: String) throws -> [String] {
      throw PartialListing(
        files: ["datahub.yaml", "hub.yaml"], problems: ["the folder 'hubs' cannot be read: Permission denied"])
    }

    func read(_ path: String, limit: Int) throws -> [UInt8] {
      try FilesInMemory(SampleProject.files).read(path, limit: limit)
    }
  }

  @Test("a folder that cannot be read is named, and the project is found all the same")
  func folder() throws {
    let loaded = Workspace.load(PartialFiles())
    #expect(loaded.value?.project?.name == "sample")
    let workspace = try #require(loaded.value)
    #expect(checkProject(workspace).isEmpty, "what the folder holds may be what is referred to")
    #expect(loaded.diagnostics.all.map(\.message) == ["the folder 'hubs' cannot be read: Permission denied"])
  }

  @Test("a file beyond the limit is told with the code that the documentation has")
  func size() throws {
    let found = try Self.findings(["big.yaml": String(repeating: "# x\n", count: 1 << 20) + "#\n"])
    #expect(
      found.map(\.code) == ["DH1003"] && found.first?.message == "'big.yaml' is too large: it has more than 4 MiB")
  }
}
