import Plans
import Testing
import Values

@Suite("Parents in hub files")
struct ParentsTests {
  private static let apis = """
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/lines }
    spec:
      platform: acme
      effect: query
      parameters: { order: { required: true }, size: { type: int, default: 5 } }
      request: { method: GET, path: "/orders/${ with.order }/lines" }
      records: ${ response.body.lines }
      record:
        key: ${ record.id }
        schema: { properties: { id: { type: string } }, required: [id] }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/all }
    spec:
      platform: acme
      effect: query
      request: { method: GET, path: /orders }
      records: ${ response.body.orders }
      record:
        key: ${ record.id }
        schema: { properties: { id: { type: string }, open: { type: boolean } }, required: [id, open] }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/whole }
    extends: acme/all
    spec: { detail: { request: { method: GET, path: "/orders/${ record.id }" }, record: "${ response.body }" } }

    """

  private func compile(_ parents: String, _ change: (String) -> String = { $0 }) throws -> (ExecutionPlan?, [Finding]) {
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: lines }
      spec:
        source: { connector: shop, api: acme/lines, parents: { \(parents) } }
        mapping: { code: "${ record.id }" }
        target: { connector: shop, api: acme/save }

      """
    let (plan, findings) = try SampleProject.compile(["lines.yaml": change(hub), "apis.yaml": Self.apis])
    return (plan, findings.filter { $0.code != "DH2021" })
  }

  @Test("the plan has what lists the parents, what they give and how many there may be")
  func plan() throws {
    let (plan, findings) = try compile(
      "hub: orders, when: '${ record.number != null }', give: { order: '${ record.key }' }, into: order, maximum: 50")
    #expect(findings.isEmpty, "\(findings)")
    let parents = try #require(plan?.hub("lines")?.source.parents)
    #expect(parents.hub == "orders" && parents.api == nil && parents.into == "order" && parents.maximum == 50)
    #expect(parents.give == ["order": "${ record.key }"] && parents.when == "${ record.number != null }")
    #expect(plan?.hub("orders")?.source.parents == nil)
    let listed = try compile("api: acme/all, give: { order: '${ record.id }' }").0?.hub("lines")?.source.parents
    #expect(listed?.api?.name == "acme/all" && listed?.hub == nil && listed?.maximum == 10_000)
  }

  @Test(
    "what does not fit is found where it stands",
    arguments: [
      ("give: { order: '1' }", "DH2003", "parents"),
      ("hub: orders, api: acme/list, give: { order: '1' }", "DH2022", "acme/list"),
      ("hub: ordres, give: { order: '1' }", "DH2009", "ordres"),
      ("api: acme/save, give: { order: '1' }", "", "acme/save"),
      ("hub: orders, with: { a: 1 }, give: { order: '1' }", "DH2022", "with"),
      ("hub: orders, give: { ordre: '1', order: '2' }", "", "ordre"),
      ("hub: orders, give: { size: 1 }", "", "acme/lines"),
      ("hub: lines, give: { order: '1' }", "DH2030", "lines"),
      ("hub: orders, give: { order: '${ recrd.id }' }", "", "recrd"),
      ("api: acme/list, give: { order: '${ record.id }' }", "DH2022", "acme/list"),
      ("api: acme/whole, give: { order: '${ record.id }' }", "DH2022", "acme/whole"),
      ("hub: orders, give: { }", "", "give"),
      ("hub: orders, give: { order: '${ record.id }' }", "DH3003", "record.id"),
      ("hub: orders, when: '${ record.status == \"open\" }', give: { order: '1' }", "DH3003", "record.status"),
      ("hub: orders, when: '${ record.key }', give: { order: '1' }", "", "record.key"),
      ("api: acme/all, give: { order: '${ record.number }' }", "DH3003", "record.number"),
      ("api: acme/all, key: '${ record.number }', give: { order: '1' }", "DH3003", "record.number"),
    ])
  func mistakes(_ parents: String, _ code: String, _ marked: String) throws {
    let (plan, findings) = try compile(parents)
    #expect(plan == nil)
    #expect(code.isEmpty || findings.first?.code == code, "\(findings)")
    #expect(findings.contains { $0.marked == marked }, "\(findings)")
  }

  @Test("a hub that is fed by one that keeps parents in its records knows them, as that one does")
  func kept() throws {
    func findings(_ field: String) throws -> [Finding] {
      try compile("api: acme/all, give: { order: '${ record.id }' }, into: order") { hub in
        let fed = hub.replacing("name: lines", with: "name: fed")
          .replacing("record.id", with: "record.content.\(field)")
        let source = fed.split(separator: "\n").map { line in
          line.contains("source:") ? "  source: { hub: lines }" : String(line)
        }
        return hub.replacing("code: \"${ record.id }\"", with: "code: \"${ record.\(field) }\"") + "---\n"
          + source.joined(separator: "\n") + "\n"
      }.1
    }
    let right = try findings("order.id")
    #expect(right.isEmpty, "\(right)")
    let wrong = try findings("order.number")
    #expect(wrong.map(\.code) == ["DH3003", "DH3003"], "\(wrong)")
    #expect(wrong.map(\.marked) == ["record.order.number", "record.content.order.number"], "\(wrong)")
    #expect(try findings("ordre.id").map(\.code) == ["DH3003", "DH3003"])
  }
}
