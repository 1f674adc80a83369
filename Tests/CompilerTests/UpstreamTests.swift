import Plans
import Testing

@Suite("Hubs that are fed by other hubs, in files")
struct UpstreamTests {
  /// The sample project with a further hub that another one feeds.
  private func compile(
    _ source: String = "hub: orders", mapping: String = "{ code: \"${ record.key }\" }", more: String = "",
    others: String = "", platform: (String) -> String = { $0 }
  ) throws -> (plan: ExecutionPlan?, findings: [Finding]) {
    let text = try #require(SampleProject.files["platform.yaml"])
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: receipts }
      spec:
        source: { \(source) }
        mapping: \(mapping)
        target: { connector: shop, api: acme/save }
        \(more)

      """
    return try SampleProject.compile(["receipts.yaml": hub + others, "platform.yaml": platform(text)])
  }

  private func other(_ name: String, _ source: String) -> String {
    """
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: \(name) }
    spec:
      source: { \(source) }
      mapping: { code: "x" }
      target: { connector: shop, api: acme/save }

    """
  }

  @Test("the plan says which hub feeds it, and is fed as it delivers")
  func plan() throws {
    let (plan, findings) = try compile("hub: orders, number: \"${ record.target.id }\"")
    #expect(findings.isEmpty, "\(findings)")
    let source = try #require(plan?.hub("receipts")).source
    #expect(source.upstream == UpstreamPlan(hub: "orders", number: "${ record.target.id }"))
    #expect(source.connector == nil && source.api == nil)
    #expect(source.after == nil && source.schedule == nil)
    #expect(plan?.hub("receipts")?.connectorNames == ["shop"])
  }

  @Test(
    "it runs at its own times, or after what it names, where it says so",
    arguments: [
      ("schedule: '@hourly'", nil), ("after: orders", TriggerPlan(hub: "orders", on: .success)),
      ("after: { hub: orders, on: any }", TriggerPlan(hub: "orders", on: .any)),
    ])
  func times(_ text: String, _ after: TriggerPlan?) throws {
    let (plan, findings) = try compile("hub: orders, \(text)")
    #expect(findings.isEmpty, "\(findings)")
    #expect(plan?.hub("receipts")?.source.after == after)
  }

  @Test("a plan of hubs that read from systems is what it was")
  func unchanged() throws {
    let plan = try #require(try SampleProject.compile().plan)
    #expect(!String(decoding: try plan.canonicalBytes(), as: UTF8.self).contains("upstream"))
  }

  @Test(
    "what does not fit is found where it stands",
    arguments: [
      ("hub: ordres", "", "", "DH2009", "ordres"),
      ("hub: orders, connector: shop", "", "", "DH2022", "connector"),
      ("hub: orders, api: acme/list", "", "", "DH2022", "api"),
      ("hub: orders, window: { overlap: 1h }", "", "", "DH2022", "window"),
      ("hub: orders, remedy: { schedule: '@daily', lookBack: 1d }", "", "", "DH2022", "remedy"),
      ("hub: orders", "writeBack: { api: acme/save }", "", "DH2003", "writeBack"),
      ("hub: receipts", "", "", "DH2030", "receipts"),
      ("hub: second", "", "second: { hub: receipts }", "DH2030", "second"),
      ("hub: second", "", "second: { hub: third }, third: { hub: receipts }", "DH2030", "second"),
      ("hub: second", "", "second: { connector: shop, api: acme/list, after: receipts }", "DH2030", "second"),
      ("connector: shop", "", "", "DH2003", "source"),
    ])
  func mistakes(_ source: String, _ more: String, _ others: String, _ code: String, _ marked: String) throws {
    let further = others.split(separator: "}, ").map { part in
      let name = String(part.prefix { $0 != ":" })
      let text = part.dropFirst(name.count + 3).replacing("}", with: "")
      return other(name, String(text))
    }
    let (plan, findings) = try compile(source, more: more, others: further.joined())
    #expect(plan == nil)
    #expect(findings.first?.code == code && findings.first?.marked == marked, "\(findings)")
    #expect(findings.count == 1, "\(findings)")
  }

  @Test("vanished: void is for sources that give all they have")
  func vanished() throws {
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: receipts }
      spec:
        source: { hub: orders }
        mapping: { code: "${ record.key }" }
        target: { connector: shop, api: acme/save, vanished: void, void: { api: acme/save } }

      """
    let findings = try SampleProject.compile(["receipts.yaml": hub]).findings
    #expect(findings.map(\.code) == ["DH2022"] && findings.first?.marked == "vanished", "\(findings)")
  }

  @Test(
    "its records have the type of what the other hub keeps, and of what its target knows",
    arguments: [
      ("${ record.content.id }", "", ""), ("${ record.content.nothing }", "DH3003", "nothing"),
      ("${ record.id }", "DH3003", "id"), ("${ record.target.revision + 1 }", "", ""),
      ("${ record.target.name }", "DH3003", "name"), ("V-${ record.target.id }", "DH3010", "record.target.id"),
    ])
  func types(_ text: String, _ code: String, _ marked: String) throws {
    let (_, findings) = try compile(mapping: "{ code: \"\(text)\" }") {
      $0.replacing(
        #"record: { key: "${ record.id }" }"#,
        with:
          #"record: { key: "${ record.id }", schema: { properties: { id: { type: string }, status: { type: string }, items: { type: array } }, required: [id, status, items] } }"#
      )
    }
    let own = findings.filter { $0.file == "receipts.yaml" }
    #expect(own.map(\.code) == (code.isEmpty ? [] : [code]), "\(findings)")
    #expect(own.first.map { $0.marked.contains(marked) } ?? marked.isEmpty, "\(findings)")
  }

  @Test("a hub that is fed by a fed one knows what the first one keeps")
  func chain() throws {
    let (_, findings) = try compile(
      "hub: middle", mapping: "{ code: \"${ record.content.content.nothing }\" }",
      others: other("middle", "hub: orders")
    ) {
      $0.replacing(
        #"record: { key: "${ record.id }" }"#,
        with:
          #"record: { key: "${ record.id }", schema: { properties: { id: { type: string }, status: { type: string }, items: { type: array } }, required: [id, status, items] } }"#
      )
    }
    #expect(findings.filter { $0.file == "receipts.yaml" }.map(\.code) == ["DH3003"], "\(findings)")
  }
}
