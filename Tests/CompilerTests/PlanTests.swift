import Plans
import Testing
import Values

@Suite("Compiling a plan")
struct PlanTests {
  @Test("the same files give the same bytes, whatever their names and order")
  func canonical() throws {
    let first = try #require(try SampleProject.compile().plan)
    var renamed: [String: String] = ["hub.yaml": "", "connectors.yaml": ""]
    renamed["a/z.yaml"] = SampleProject.files["hub.yaml"]
    renamed["zz.yaml"] = SampleProject.files["connectors.yaml"]
    let second = try #require(try SampleProject.compile(renamed).plan)
    #expect(try first.canonicalBytes() == second.canonicalBytes())
  }

  @Test("a plan is read back as it was, and refused once it was changed")
  func readBack() throws {
    let plan = try #require(try SampleProject.compile().plan)
    let bytes = try plan.canonicalBytes()
    #expect(try ExecutionPlan(bytes: bytes) == plan)
    let text = String(decoding: bytes, as: UTF8.self)
    let changed = text.replacing("12.30", with: "12.31")
    #expect(throws: PlanError.changed) { try ExecutionPlan(bytes: Array(changed.utf8)) }
    let other = text.replacing(ExecutionPlan.currentFormat, with: "datahub/plan-v9")
    #expect(throws: PlanError.otherFormat("datahub/plan-v9")) { try ExecutionPlan(bytes: Array(other.utf8)) }
    #expect(throws: PlanError.self) { try ExecutionPlan(bytes: Array("<html>".utf8)) }
  }

  @Test("the mapping is in the plan with its digits and expressions, secrets only as references")
  func contents() throws {
    let plan = try #require(try SampleProject.compile().plan)
    let hub = try #require(plan.hub("orders"))
    #expect(hub.mapping["price"]?.json() == "12.30")
    #expect(hub.mapping["code"] == "${ record.id }")
    #expect(hub.source.with == ["status": "open"])
    #expect(hub.target.delivery == .idempotencyKey)
    #expect(hub.target.retryMilliseconds.first == 20_000)
    #expect(
      plan.connector("shop")?.parameters.last
        == ParameterPlan(
          name: "token", value: #"${ secret("env:TOKEN") }"#, isSecret: true))
  }

  @Test("what changed is told by its path")
  func difference() throws {
    let old = try #require(try SampleProject.compile().plan)
    let hub = try #require(SampleProject.files["hub.yaml"])
    let new = try #require(
      try SampleProject.compile([
        "hub.yaml": hub.replacing("12.30", with: "12.3").replacing("batch: 50", with: "batch: 60")
      ]).plan)
    let change = try PlanDifference(from: old, to: new).hubs
    #expect(change.map(\.action) == [.change])
    #expect(change.first?.paths == ["mapping.price", "target.batch"])
    #expect(try PlanDifference(from: old, to: old).isEmpty)
    #expect(try PlanDifference(from: nil, to: new).count(.add) == 1)
  }

  @Test("a resource takes over what it extends: maps merge, lists and scalars replace, null removes")
  func inheritance() throws {
    let child = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: refunds }
      extends: orders
      spec:
        select: null
        mapping: { code: "${ record.no }", extra: 1 }
        target: { batch: 7 }
      """
    let plan = try #require(try SampleProject.compile(["child.yaml": child]).plan)
    let hub = try #require(plan.hub("refunds"))
    #expect(hub.select == nil)
    #expect(hub.mapping["code"] == "${ record.no }")
    #expect(hub.mapping["price"]?.json() == "12.30")
    #expect(hub.mapping["extra"] == 1)
    #expect(hub.target.batch == 7)
    #expect(hub.source.api?.name == "acme/list")
  }

  @Test("inheritance in a circle is reported once, with the whole circle")
  func circle() throws {
    func hub(_ name: String, _ parent: String) -> String {
      "apiVersion: datahub/v1\nkind: Hub\nmetadata: { name: \(name) }\nextends: \(parent)\n"
    }
    let findings = try SampleProject.compile(["a.yaml": hub("a", "b"), "b.yaml": hub("b", "a")]).findings
    let circles = findings.filter { $0.code == "DH2010" }
    #expect(circles.count == 1)
    #expect(circles.first?.message.contains("a -> b -> a") == true)
  }
}
