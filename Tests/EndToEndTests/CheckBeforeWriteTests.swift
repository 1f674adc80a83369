import Foundation
import Sandbox
import Testing
import Values

@Suite("Check before write", .serialized, .timeLimit(.minutes(10)))
struct CheckBeforeWriteTests {
  private static let mapping = #"mapping: { number: "${ record.id }", amount: "${ record.amount }" }"#

  private static func hub(
    batch: Int, retry: String = "[0s, 0s, 0s]", tries: Int = 2, lag: String = "300ms", more: String = ""
  ) -> String {
    """
    \(mapping)
    target:
      connector: erp
      api: yard/vouchers-save
      batch: \(batch)
      delivery: check-before-write
      retry: \(retry)
      \(more)
      lookup:
        by: ${ document.number }
        api: yard/vouchers-find
        with: { numbers: '${ keys.join(",") }' }
        id: ${ record.id }
        maximum: 50
        lag: \(lag)
        tries: \(tries)
    """
  }

  @Test("a write whose answer is lost is found by its number and not sent again, with the id the target gave it")
  func found() throws {
    let project = try VoucherProject(VoucherProject.orders(1...3), hub: Self.hub(batch: 1))
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.numbers == ["A1", "A2", "A3"])
    #expect(project.count("duplicates") == 0)
    let record = try project.record("A1")
    #expect(record["state"] == "done" && record["targetID"] == "V00000001", "\(record)")
    let sendings = try project.tasks()[0]["sendings"]?.listValue ?? []
    #expect(sendings.first?["phase"] == "uncertain" && sendings.last?["phase"] == "found", "\(sendings)")
  }

  @Test("without looking, the same fault makes a duplicate: the ERP counts what it has twice")
  func control() throws {
    let hub = """
      \(Self.mapping)
      target: { connector: erp, api: yard/vouchers-save, batch: 1, delivery: at-least-once, retry: [0s] }
      """
    let project = try VoucherProject(VoucherProject.orders(1...3), hub: hub)
    project.erp.faults.dropNextWrites = 1
    #expect(try project.run().code == 0)
    #expect(project.count("duplicates") == 1)
  }

  @Test("what the search finds only later is looked for as long as the hub says, and not sent again")
  func slowSearch() throws {
    let project = try VoucherProject(
      VoucherProject.orders(1...1), hub: Self.hub(batch: 1, tries: 4, lag: "500ms"))
    project.erp.faults.dropNextWrites = 1
    project.erp.faults.searchLag = .milliseconds(1_200)
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 1)
    let phases = try project.tasks()[0]["sendings"]?.listValue?.compactMap { $0["phase"]?.stringValue } ?? []
    #expect(phases.contains("notFound") && phases.last == "found", "\(phases)")
  }

  @Test("what is not found after every look is sent again")
  func notFound() throws {
    let project = try VoucherProject(VoucherProject.orders(1...1), hub: Self.hub(batch: 1, tries: 2, lag: "50ms"))
    project.erp.faults.errorNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 1)
    let phases = try project.tasks()[0]["sendings"]?.listValue?.compactMap { $0["phase"]?.stringValue } ?? []
    #expect(phases.first == "uncertain" && phases.suffix(2) == ["notFound", "acknowledged"], "\(phases)")
  }

  @Test("of a batch whose answer is lost all are found; of one that a person shortened, the rest is sent")
  func batch() throws {
    let project = try VoucherProject(VoucherProject.orders(1...20), hub: Self.hub(batch: 10))
    project.erp.faults.dropNextWrites = 2
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 20 && project.count("duplicates") == 0)
  }

  @Test("checkFirst: what the target has is done with its id, and of a batch only the rest is sent")
  func checkFirst() throws {
    let project = try VoucherProject(
      VoucherProject.orders(2...2), hub: Self.hub(batch: 10, more: "checkFirst: true"))
    #expect(try project.run().code == 0)
    #expect(try project.program.run("record", "list", "orders").code == 0)
    // Another hub has the same orders: its store knows nothing of what the first one sent.
    try project.edit("metadata: { name: orders }", "metadata: { name: again }")
    project.give(VoucherProject.orders(1...4))
    let outcome = try project.program.run("run", "again", "--output", "json")
    #expect(outcome.code == 0, "\(outcome.messages)")
    #expect(project.numbers == ["A2", "A1", "A3", "A4"])
    let found = try project.program.run("record", "show", "again", "A2", "--output", "json").json()
    #expect(found["targetID"] == "V00000001" && found["state"] == "done")
    let rest = try project.program.run("record", "show", "again", "A4", "--output", "json").json()
    #expect(rest["targetID"] == "V00000004" && rest["state"] == "done", "\(rest)")
  }

  @Test("what is found more than once is left to a person, with both names")
  func several() throws {
    let orders: [Value] = [
      ["id": "X1", "amount": 1, "number": "A1"], ["id": "X2", "amount": 2, "number": "A1"],
    ]
    let project = try VoucherProject(
      orders, hub: Self.hub(batch: 1).replacing("${ record.id }\", amount", with: "${ record.number }\", amount"))
    project.erp.faults.dropNextWrites = 2
    let run = try project.run()
    #expect(run.code == 1)
    #expect(project.count("creates") == 2)
    let states = try ["X1", "X2"].map { try project.record($0)["state"]?.stringValue ?? "" }
    #expect(states.contains("uncertain"), "\(states)")
    let error = try project.record("X2")["error"]?["message"]?.stringValue ?? ""
    #expect(error.contains("V00000001") && error.contains("V00000002"), "\(error)")
  }

  @Test("after the last attempt what may have arrived is looked up once more")
  func lastLook() throws {
    let project = try VoucherProject(
      VoucherProject.orders(1...2), hub: Self.hub(batch: 1, retry: "[]", tries: 1, lag: "10ms"))
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 2 && project.count("duplicates") == 0)
    project.give(VoucherProject.orders(3...3))
    project.erp.faults.errorNextWrites = 1
    #expect(try project.run().summary["uncertain"] == 1)
    #expect(try project.record("A3")["state"] == "uncertain")
    #expect(project.count("creates") == 2)
  }

  @Test("a worker that is killed while it sends leaves nothing that is written twice")
  func killed() throws {
    let project = try VoucherProject(VoucherProject.orders(1...40), hub: Self.hub(batch: 1, tries: 1, lag: "10ms"))
    for round in 1...4 {
      project.erp.faults.latency = .milliseconds(40)
      let process = try project.program.start(["run", "orders"])
      try eventually("some more vouchers are there") { (project.count("creates") ?? 0) >= Int64(round * 6) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 40 && project.count("duplicates") == 0, "\(project.erp.voucherCounts)")
  }
}
