import Plans
import Testing
import Values

@Suite("Declaring schedules")
struct ScheduleTests {
  /// The sample project with lines in its hub, and further hubs.
  private func compile(
    source: String = "", target: String = "", hub: String = "", more: String = ""
  ) throws -> (plan: ExecutionPlan?, findings: [Finding]) {
    let text = try #require(SampleProject.files["hub.yaml"])
      .replacing("api: acme/list", with: "api: acme/list" + (source.isEmpty ? "" : ", " + source))
      .replacing("batch: 50", with: "batch: 50" + (target.isEmpty ? "" : ", " + target))
    return try SampleProject.compile(["hub.yaml": text + (hub.isEmpty ? "" : "\n  " + hub) + more])
  }

  private func other(_ name: String, after: String) -> String {
    "\n---\napiVersion: datahub/v1\nkind: Hub\nmetadata: { name: \(name) }\nextends: orders\nspec: { source: { after: \(after) } }\n"
  }

  @Test("what is declared is in the plan")
  func plan() throws {
    let (plan, findings) = try compile(
      source: "schedule: '0 */2 * * mon-fri', remedy: { schedule: '@daily', lookBack: 2d }",
      target: "schedule: onRecords",
      hub: "timeZone: Europe/Berlin\n  scheduling: { misfire: all, overlap: queue, catchUp: 6h }",
      more: other("short", after: "orders") + other("long", after: "{ hub: short, on: delivered }"))
    #expect(findings.isEmpty, "\(findings)")
    let hub = try #require(plan?.hub("orders"))
    #expect(hub.timeZone == "Europe/Berlin")
    #expect(hub.scheduling == SchedulingPlan(misfire: .all, catchUpMilliseconds: 21_600_000, overlap: .queue))
    #expect(hub.source.remedy == RemedyPlan(schedule: "@daily", lookBackMilliseconds: 172_800_000))
    #expect(plan?.hub("short")?.source.after == TriggerPlan(hub: "orders", on: .success))
    #expect(plan?.hub("long")?.source.after == TriggerPlan(hub: "short", on: .delivered))
    #expect(plan?.timeZone == "Asia/Shanghai")
  }

  @Test("where nothing is declared the plan says nothing, and its digest is what it was")
  func silence() throws {
    let hub = try #require(try compile().plan?.hub("orders"))
    let text = try ValueEncoder().encode(hub).json()
    for word in ["timeZone", "scheduling", "after"] { #expect(!text.contains("\"\(word)\"")) }
  }

  @Test("scheduling is taken over from the project's defaults")
  func defaults() throws {
    let project = try #require(SampleProject.files["datahub.yaml"])
    let (plan, findings) = try SampleProject.compile([
      "datahub.yaml": project.replacing(
        "spec: {", with: "spec: { defaults: { scheduling: { misfire: skip } },")
    ])
    #expect(findings.isEmpty, "\(findings)")
    #expect(plan?.hub("orders")?.scheduling == SchedulingPlan(misfire: .skip))
  }

  @Test(
    "what cannot be meant is reported at its place",
    arguments: [
      ("schedule: '0 24 * * *'", "", "DH2015", "'24' is no hour"),
      ("schedule: '0 0 30 2 *'", "", "DH2015", "never comes"),
      ("schedule: onRecords", "", "DH2015", "five fields"),
      ("after: ordres", "", "DH2009", "there is no hub 'ordres'"),
      ("after: orders", "", "DH2030", "'orders' after 'orders'"),
      ("after: { on: any }", "", "DH2003", "'hub' is missing"),
      ("after: { hub: orders, on: failure }", "", "DH2004", "'failure' is not allowed"),
      ("after: [orders]", "", "DH2002", "the name of a hub, or a map"),
      ("remedy: { schedule: '@daily' }", "", "DH2003", "'lookBack' is missing"),
      ("", "timeZone: Mars/Olympus", "DH2015", "a time zone such as"),
      ("", "scheduling: { misfire: all }", "DH2022", "would pass them over"),
      ("", "scheduling: { misfire: skip, catchUp: 1h }", "DH2022", "makes up for none"),
      ("", "scheduling: { misfire: never }", "DH2004", "'never' is not allowed"),
    ])
  func mistakes(_ source: String, _ hub: String, _ code: String, _ message: String) throws {
    let findings = try compile(source: source, hub: hub).findings
    #expect(findings.map(\.code) == [code], "\(findings)")
    #expect(findings.first?.message.contains(message) == true, "\(findings)")
  }

  @Test("hubs that run after each other in a circle are reported once")
  func circle() throws {
    let more =
      other("a", after: "c") + other("b", after: "{ hub: a }") + other("c", after: "b") + other("d", after: "c")
    let findings = try compile(more: more).findings
    #expect(findings.map(\.code) == ["DH2030"], "\(findings)")
    #expect(findings.first?.message.contains("'a' after 'c' after 'b' after 'a'") == true)
  }
}
