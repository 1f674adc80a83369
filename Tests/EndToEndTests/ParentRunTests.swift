import Foundation
import Sandbox
import Testing
import Values

@Suite("Hubs that ask for each of some parents", .serialized, .timeLimit(.minutes(10)))
struct ParentRunTests {
  private static let hub = """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, batch: 1, delivery: at-least-once, retry: [0s] }
    """

  /// A hub that asks for each order at the path the order names.
  private static let lines = """
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: bare/lines }
    spec:
      platform: bare
      effect: query
      parameters: { what: { required: true } }
      request: { method: GET, path: "/${ with.what }" }
      records: ${ response.body.orders }
      record: { key: "${ record.id }" }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: lines }
    spec:
      source:
        connector: shop
        api: bare/lines
        retry: [0s]
        key: "${ record.of.id + '-' + record.id }"
        parents: { api: bare/list, give: { what: "${ record.what }" }, into: of }
      mapping: { number: "${ record.of.id }-${ record.id }", amount: "${ record.amount }" }
      target: { connector: erp, api: yard/vouchers-save, batch: 1, delivery: at-least-once, retry: [0s] }

    """

  private func order(_ id: String, _ what: String) -> Value {
    ["id": .string(id), "what": .string(what), "amount": 1]
  }

  @Test("what its parents give is sent; status says which of them fails and since when, record show whose a record is")
  func run() throws {
    let project = try VoucherProject(
      [order("A1", "orders"), order("A2", "nothing")], hub: Self.hub, more: Self.lines)
    let run = try project.program.run("run", "lines", "--output", "json")
    #expect(run.code == 1)
    #expect(try run.json()["done"] == 2, "\(run.output) \(run.messages)")
    #expect(project.numbers.sorted() == ["A1-A1", "A1-A2"])
    let status = try project.program.run("status", "lines")
    #expect(status.output.contains("parents of 'lines': 2 listed, 1 failing"), "\(status.output)")
    #expect(status.output.contains("  A2: ") && status.output.contains("never read"), "\(status.output)")
    let report = try project.program.run("status", "--output", "json").json()
    #expect(report.at("failingParents", "lines")?.listValue?.first?["key"] == "A2", "\(report)")
    let record = try project.program.run("record", "show", "lines", "A1-A2")
    #expect(record.output.contains("parent") && record.output.contains("A1"), "\(record.output)")
    // With A2 itself the record of A1 that is A2 has changed, too.
    project.give([order("A1", "orders"), order("A2", "orders")])
    let next = try project.program.run("run", "lines", "--output", "json")
    #expect(next.code == 0)
    #expect(try next.json()["done"] == 3, "\(next.output) \(next.messages)")
    #expect(Set(project.numbers) == ["A1-A1", "A1-A2", "A2-A1", "A2-A2"])
    #expect(try project.program.run("status", "lines").output.contains("parents of 'lines': 2 listed\n"))
  }

  @Test("it is drawn with what its parents are")
  func graph() throws {
    let lines = Self.lines.replacing("api: bare/list", with: "hub: orders")
      .replacing("record.what", with: "record.content.what").replacing("record.of.id", with: "record.of.key")
    let project = try VoucherProject([], hub: Self.hub, more: lines)
    let mermaid = try project.program.run("graph").output
    #expect(mermaid.contains("|\"parents\"|"), "\(mermaid)")
  }
}
