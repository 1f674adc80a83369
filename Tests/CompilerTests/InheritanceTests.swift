import Declarations
import Diagnostics
import Lowering
import Plans
import Resolving
import SourceText
import Testing
import Values

@Suite("Inheritance, defaults and environments")
struct InheritanceTests {
  private func workspace(_ changes: [String: String]) throws -> (Workspace, Diagnostics) {
    let loaded = Workspace.load(FilesInMemory(SampleProject.files.merging(changes) { $1 }))
    return (try #require(loaded.value), loaded.diagnostics)
  }

  private static let base = """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: base }
    abstract: true
    spec:
      source: { connector: shop, api: acme/list, schedule: "0 * * * *" }
      mapping: { code: "${ record.id }", note: from the base, price: 1 }
    """

  private static let child = """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    extends: base
    spec:
      mapping: { price: 2, note: null }
      target: { connector: shop, api: acme/save, batch: 50 }
    """

  @Test(
    "an abstract hub may be incomplete and is not in the plan; a child has what it inherits, without what it removes")
  func abstractHub() throws {
    let (plan, findings) = try SampleProject.compile(["base.yaml": Self.base, "hub.yaml": Self.child])
    #expect(findings.isEmpty)
    #expect(plan?.hubs.map(\.name) == ["orders"])
    #expect(plan?.hubs[0].mapping == ["code": "${ record.id }", "price": 2])
    #expect(plan?.hubs[0].source.schedule == "0 * * * *")
  }

  @Test("the project's defaults stand below what hubs say and what they extend")
  func defaults() throws {
    let project = """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: sample }
      spec:
        defaults:
          source: { schedule: "5 * * * *" }
          target: { concurrency: 4, schedule: onRecords }
      """
    let (plan, _) = try SampleProject.compile([
      "datahub.yaml": project, "base.yaml": Self.base, "hub.yaml": Self.child,
    ])
    let hub = try #require(plan?.hubs.first)
    #expect(hub.target.concurrency == 4)
    #expect(hub.target.schedule == "onRecords")
    #expect(hub.source.schedule == "0 * * * *")
  }

  @Test("every origin of a value is known, the effective one first")
  func origins() throws {
    let (workspace, _) = try workspace(["base.yaml": Self.base, "hub.yaml": Self.child])
    let hub = Declaration.Address(.hub, "orders")
    #expect(workspace.origins(of: hub, path: ["mapping", "price"]).map(\.owner.name) == ["orders", "base"])
    let removed = workspace.origins(of: hub, path: ["mapping", "note"])
    guard case .removes? = removed.first?.effect else { return #expect(Bool(false), "\(removed)") }
    #expect(workspace.sources[try #require(removed.last).span.file].path == "base.yaml")
    #expect(workspace.origins(of: hub, path: ["target", "retry"]).isEmpty)
  }

  @Test("a hub's mapping is merged over the shared one it names")
  func sharedMapping() throws {
    let shared = """
      apiVersion: datahub/v1
      kind: FieldMapping
      metadata: { name: order }
      spec: { mapping: { code: "${ record.id }", kind: order } }
      """
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: orders }
      spec:
        source: { connector: shop, api: acme/list }
        fieldMapping: order
        mapping: { kind: special }
        target: { connector: shop, api: acme/save }
      """
    let (plan, findings) = try SampleProject.compile(["shared.yaml": shared, "hub.yaml": hub])
    #expect(findings.isEmpty)
    #expect(plan?.hubs[0].mapping == ["code": "${ record.id }", "kind": "special"])
  }

  @Test("a finding in an inherited value is told once and shows who inherits it")
  func inheritedFinding() throws {
    let base = Self.base.replacing("acme/list", with: "acme/lost")
    let other = Self.child.replacing("name: orders", with: "name: others")
    let loaded = Workspace.load(
      FilesInMemory(
        SampleProject.files.merging(["base.yaml": base, "hub.yaml": Self.child, "other.yaml": other]) { $1 }))
    let workspace = try #require(loaded.value)
    let lowered = try lower(workspace, environment: "development", commit: nil)
    let unknown = lowered.diagnostics.sorted.filter { $0.code == .unknownResource }
    #expect(unknown.count == 1)
    #expect(unknown.first?.secondary.map(\.text) == ["hub 'orders' inherits it here"])
  }

  @Test("both spellings of a connector's environments mean the same, and one environment is given once")
  func environmentSpellings() throws {
    func connector(_ environments: String) -> String {
      """
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: shop }
      spec:
        platform: acme
        parameters: { token: '${ secret("env:TOKEN") }' }
      \(environments)
      """
    }
    let one = try SampleProject.compile([
      "connectors.yaml": connector("  environments: { development: { baseURL: \"http://d\" } }")
    ])
    let other = try SampleProject.compile(["connectors.yaml": connector("  env_development: { baseURL: \"http://d\" }")]
    )
    #expect(one.findings.isEmpty)
    #expect(one.plan?.digest == other.plan?.digest)
    let both = try SampleProject.compile([
      "connectors.yaml": connector(
        "  environments: { development: { baseURL: \"http://d\" } }\n  env_development: { baseURL: \"http://e\" }")
    ])
    #expect(both.findings.map(\.code) == ["DH1004"])
    #expect(both.findings.map(\.marked) == ["env_development"])
  }

  @Test("a hub may pin an environment of its connector, but not in a production")
  func pins() throws {
    let connector = """
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: shop }
      spec:
        platform: acme
        parameters: { token: '${ secret("env:TOKEN") }' }
        env_test: { baseURL: "http://test" }
        env_development: { baseURL: "http://development" }
        env_production: { baseURL: "http://production" }
      """
    let hub = (SampleProject.files["hub.yaml"] ?? "").replacing(
      "api: acme/list", with: "api: acme/list, environment: test")
    let files = FilesInMemory(SampleProject.files.merging(["connectors.yaml": connector, "hub.yaml": hub]) { $1 })
    let workspace = try #require(Workspace.load(files).value)
    let plan = try #require(try lower(workspace, environment: "development", commit: nil).value)
    #expect(plan.hubs[0].source.connector == "shop@test")
    #expect(plan.connector("shop@test")?.parameters.first?.value == "http://test")
    #expect(plan.connector("shop")?.parameters.first?.value == "http://development")
    let production = try lower(workspace, environment: "production", commit: nil)
    #expect(production.value == nil)
    #expect(production.diagnostics.sorted.map(\.code.rawValue) == ["DH2024"])
  }

  @Test("a code table is in the plan, from the file and from its CSV; what contradicts itself is an error")
  func codeTables() throws {
    let table = """
      apiVersion: datahub/v1
      kind: ValueMapping
      metadata: { name: customers }
      spec:
        entries: { b: B1 }
        csv: { file: data/codes.csv, from: shop, to: erp }
        onMiss: fail
      """
    let good = ["tables/t.yaml": table, "tables/data/codes.csv": "shop,erp\r\na,\"A,1\"\r\n"]
    let (plan, findings) = try SampleProject.compile(good)
    #expect(findings.isEmpty)
    #expect(plan?.valueMappings?.first?.entries == ["a": "A,1", "b": "B1"])
    let twice = try SampleProject.compile(good.merging(["tables/data/codes.csv": "shop,erp\nb,B2\n"]) { $1 })
    #expect(twice.findings.map(\.code) == ["DH2026"])
    let missing = try SampleProject.compile(["tables/t.yaml": table])
    #expect(missing.findings.map(\.marked) == ["data/codes.csv"])
    let outside = try SampleProject.compile([
      "t.yaml": table.replacing("data/codes.csv", with: "../../etc/passwd"), "../../etc/passwd": "x",
    ])
    #expect(outside.findings.map(\.code) == ["DH2016"])
  }

  @Test("what is abstract cannot be used, and a value mapping is named where it is asked")
  func refusals() throws {
    let abstract = (SampleProject.files["connectors.yaml"] ?? "").replacing("spec:", with: "abstract: true\nspec:")
    let used = try SampleProject.compile(["connectors.yaml": abstract])
    #expect(used.plan == nil)
    #expect(used.findings.map(\.marked) == ["shop", "shop"])
    let hub = (SampleProject.files["hub.yaml"] ?? "").replacing(
      "${ record.id }", with: "${ value(record.table, record.id) }")
    let asked = try SampleProject.compile(["hub.yaml": hub])
    #expect(asked.findings.map(\.marked) == ["record.table"])
  }
}
