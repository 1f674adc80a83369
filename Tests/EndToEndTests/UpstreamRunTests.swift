import Foundation
import Sandbox
import Testing
import Values

@Suite("Hubs that are fed by other hubs", .serialized, .timeLimit(.minutes(10)))
struct UpstreamRunTests {
  private static let hub = """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, batch: 1, delivery: at-least-once, retry: [0s] }
    """

  private static func receipts(_ source: String = "hub: orders", target: String = "delivery: at-least-once") -> String {
    """
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: receipts }
    spec:
      source: { \(source) }
      mapping: { number: "R-${ record.key }-${ record.target.id }", amount: "${ record.content.amount }" }
      target: { connector: erp, api: yard/vouchers-save, batch: 1, retry: [0s], \(target) }

    """
  }

  private func follow(_ project: VoucherProject, _ more: String...) throws -> Value {
    let run = try project.program.run(["run", "receipts", "--output", "json"] + more)
    #expect(run.code == 0, "\(run.messages)")
    return try run.json()
  }

  private func receipts(_ project: VoucherProject) -> [String] {
    project.numbers.filter { $0.hasPrefix("R-") }
  }

  @Test("a hub makes of another one's delivered records what its mapping says, each once, with the target's answer")
  func once() throws {
    let orders: [Value] = VoucherProject.orders(1...3) + [["id": "bad", "amount": -1]]
    let project = try VoucherProject(orders, hub: Self.hub, more: Self.receipts())
    #expect(try follow(project)["read"] == 0)
    #expect(try project.run().code == 1)
    let first = try follow(project)
    #expect(first["read"] == 3 && first["done"] == 3, "\(first)")
    #expect(receipts(project) == ["R-A1-V00000001", "R-A2-V00000002", "R-A3-V00000003"])
    let second = try follow(project)
    #expect(second["read"] == 0 && second["sent"] == 0, "\(second)")
    project.give(VoucherProject.orders(1...4))
    #expect(try project.run().code == 0)
    let third = try follow(project)
    #expect(third["read"] == 1 && receipts(project).last?.hasPrefix("R-A4-") == true, "\(third)")
    // From the very start again: what is unchanged is not sent again.
    let full = try follow(project, "--full")
    #expect(full["read"] == 4 && full["unchanged"] == 4 && full["sent"] == 0, "\(full)")
    let record = try project.program.run("record", "show", "receipts", "A2", "--output", "json").json()
    #expect(record.at("content", "content", "amount") == 2 && record.at("content", "target", "id") == "V00000002")
  }

  @Test("a record that changed is given again when it has been delivered again")
  func changed() throws {
    let project = try VoucherProject(VoucherProject.orders(1...3), hub: Self.hub, more: Self.receipts())
    try project.run()
    _ = try follow(project)
    project.give([["id": "A2", "amount": 20]])
    #expect(try follow(project)["read"] == 0)
    try project.run()
    let next = try follow(project)
    #expect(next["read"] == 1 && next["changed"] == 1 && next["done"] == 1, "\(next)")
    #expect(project.erp.vouchers.last?["amount"] == 20)
  }

  @Test("more records than are read at once are read to the end")
  func many() throws {
    let hub = Self.hub.replacing("batch: 1,", with: "batch: 100,")
    let project = try VoucherProject(
      VoucherProject.orders(1...1_201), hub: hub, more: Self.receipts().replacing("batch: 1,", with: "batch: 100,"))
    #expect(try project.run().code == 0)
    let run = try follow(project)
    #expect(run["read"] == 1_201 && run["done"] == 1_201, "\(run)")
    #expect(Set(receipts(project)).count == 1_201)
  }

  @Test("two hubs in a row, both killed again and again: nothing is lost and nothing is there twice")
  func killed() throws {
    func lookup(_ hub: String) -> String {
      hub.replacing(
        "at-least-once",
        with: """
          check-before-write, lookup: { by: '${ document.number }', api: yard/vouchers-find,
              with: { numbers: '${ key }' }, id: '${ record.id }' }
          """)
    }
    let project = try VoucherProject(
      VoucherProject.orders(1...30), hub: lookup(Self.hub), more: lookup(Self.receipts()))
    project.erp.faults.latency = .milliseconds(30)
    for (round, hub) in ["orders", "receipts", "orders", "receipts", "receipts", "orders", "receipts"].enumerated() {
      let before = project.count("creates") ?? 0
      let process = try project.program.start(["run", hub])
      let aim = before + (round == 1 || hub == "orders" ? 6 : 3)
      try eventually("some more are there, or all") {
        (project.count("creates") ?? 0) >= aim || !process.isRunning
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    #expect(try project.run().code == 0)
    _ = try follow(project)
    #expect(project.count("creates") == 60 && project.count("duplicates") == 0, "\(project.erp.voucherCounts)")
    #expect(Set(receipts(project).map { $0.split(separator: "-")[1] }).count == 30)
    #expect(try follow(project)["read"] == 0)
  }

  @Test("it is fed by itself as the other one delivers")
  func after() throws {
    let hub = Self.hub.replacing("retry: [0s]", with: "retry: [0s], schedule: onRecords")
    let project = try VoucherProject(
      VoucherProject.orders(1...5), hub: hub,
      more: Self.receipts(target: "delivery: at-least-once, schedule: onRecords"))
    #expect(try project.program.run("schedule", "list").output.contains("receipts"))
    let process = try project.program.start(["up"])
    defer { process.waitUntilExit() }
    defer { kill(process.processIdentifier, SIGTERM) }
    #expect(try project.program.run("dispatch", "orders", "--source").code == 0)
    try eventually("the hub is fed") { receipts(project).count == 5 }
    let history = try project.program.run("schedule", "history", "receipts")
    #expect(history.code == 0 && history.output.contains("fed up to"), "\(history.output)")
  }

  @Test(
    "a hub that reads from a system and then from a hub reads all of that, and what was queued before ends by itself")
  func otherSource() throws {
    let before = Self.receipts("connector: shop, api: bare/list").replacing(
      "record.content.amount", with: "record.amount"
    )
    .replacing("${ record.key }-${ record.target.id }", with: "${ record.id }")
    let project = try VoucherProject(VoucherProject.orders(1...2), hub: Self.hub, more: before)
    #expect(try project.run().code == 0)
    #expect(try project.program.run("dispatch", "receipts", "--source").code == 0)
    try project.edit(before, Self.receipts())
    let run = try project.program.run("run", "receipts", "--output", "json")
    #expect(try run.json()["done"] == 2, "\(run.output) \(run.messages)")
    #expect(receipts(project) == ["R-A1-V00000001", "R-A2-V00000002"])
  }

  @Test("it is drawn, and learning a schema for it says where its records come from")
  func commands() throws {
    let project = try VoucherProject([], hub: Self.hub, more: Self.receipts())
    let mermaid = try project.program.run("graph").output
    #expect(mermaid.contains("h0 -->|\"delivered\"| h1"), "\(mermaid)")
    #expect(
      try project.program.run("graph", "receipts", "--format", "dot").output.contains(
        "\"hub orders\" -> \"hub receipts\""))
    try Data("{}\n".utf8).write(to: project.folder.appending(path: "x.jsonl"))
    let infer = try project.program.run("infer", "receipts", "x.jsonl")
    #expect(infer.code == 1 && infer.messages.contains("datahub infer orders"), "\(infer.messages)")
  }
}
