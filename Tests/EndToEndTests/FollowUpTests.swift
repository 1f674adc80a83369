import Foundation
import Keeping
import SQLiteStore
import Sandbox
import Testing
import Values

@Suite("Follow-up calls", .serialized, .timeLimit(.minutes(10)))
struct FollowUpTests {
  private static let then = """
    then:
      - { name: submit, api: yard/vouchers-submit }
      - { name: audit, api: yard/vouchers-audit }
    """

  private static func hub(_ more: String = "batch: 10, retry: [0s, 0s]") -> String {
    """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, delivery: at-most-once, \(more) }
    """
  }

  private static let checkedHub = """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target:
      connector: erp
      api: yard/vouchers-save
      delivery: check-before-write
      retry: [0s, 0s]
      lookup:
        by: ${ document.number }
        request: { method: GET, path: /api/vouchers, query: { numbers: '${ keys.join(",") }' } }
        records: ${ response.body.data.recordList }
        key: ${ record.number }
        id: ${ record.id }
        maximum: 50
    """

  private func states(_ project: VoucherProject) -> [String] {
    project.erp.vouchers.compactMap { $0["state"]?.stringValue }
  }

  @Test("records are submitted in lists and audited one by one after they are written, each once")
  func all() throws {
    let project = try VoucherProject(VoucherProject.orders(1...12), hub: Self.hub(), api: Self.then)
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(run.summary["done"] == 12)
    #expect(states(project) == Array(repeating: "audited", count: 12))
    #expect(project.count("submits") == 12 && project.count("audits") == 12)
    let record = try project.record("A3")
    #expect(record["state"] == "done" && record["targetID"] == "V00000003")
    #expect(record["steps"]?.listValue?.compactMap { $0["name"] } == ["submit", "audit"], "\(record)")
    #expect(try project.program.run("record", "show", "orders", "A3").output.contains("audit"))
    #expect(try project.run().summary["sent"] == 0)
  }

  @Test("a record that is sent again goes on with the call that is left, and is not written again")
  func resumed() async throws {
    let then = Self.then.replacing("submit }", with: "submit, repeatable: true }")
    let project = try VoucherProject(
      VoucherProject.orders(1...3), hub: Self.hub("batch: 10, retry: [1h]"), api: then)
    // The answer cannot be read, so nobody knows whether they were submitted; the next attempt is an hour away.
    let good = "item: ${ delivered.id }\n    results: ${ response.body.data.infos }"
    let unreadable = "item: ${ delivered.id }\n    results: ${ response.body.data.nothing }"
    try project.edit(good, unreadable)
    #expect(try project.run(wait: "0s").code == 1)
    #expect(try project.record("A1")["targetID"] == "V00000001")
    try await sendAgain(project)
    #expect(try project.record("A1")["state"] == "pending")
    try project.edit(unreadable, good)
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(states(project) == ["audited", "audited", "audited"])
    let counts = ["creates", "submits", "audits"].map { project.count($0) }
    #expect(counts == [3, 3, 3], "\(counts)")
  }

  /// Ends the write under way as one whose records are to be sent again, as an operator may.
  private func sendAgain(_ project: VoucherProject) async throws {
    let store = try await SQLiteStore.open(
      folder: project.folder.appending(path: ".datahub/development").path, tenant: "vouchers")
    let session = try await store.openSession()
    let later = Timestamp(seconds: Int64(Date().timeIntervalSince1970) + 7_200)
    let claim = ClaimRequest(
      hub: "orders", side: .target, limit: 1, owner: session.owner, now: later, lease: TimeSpan(seconds: 30))
    let task = try #require(try await store.claim(claim).first)
    let outcomes = task.items.map {
      ItemOutcome(item: $0, result: .again(Failure(kind: "uncertain", message: "again")))
    }
    _ = try await store.settleWrite(
      task.lease,
      WriteSettlement(
        outcomes: outcomes, phase: .uncertain, status: nil, answer: nil, durationMilliseconds: 0, claim: nil, now: later
      ))
    await session.close()
    await store.close()
  }

  @Test("a call that fails leaves its record failed with the call's name")
  func failedStep() throws {
    let project = try VoucherProject(VoucherProject.orders(1...2), hub: Self.hub(), api: Self.then)
    // Audited before it is submitted: the ERP refuses it.
    try project.edit("{ name: submit, api: yard/vouchers-submit }", "{ name: early, api: yard/vouchers-audit }")
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 2, "\(run.summary)")
    let record = try project.record("A1")
    #expect(record["state"] == "failed" && record["targetID"] == "V00000001", "\(record)")
    #expect(record["error"]?["message"]?.stringValue?.contains("follow-up call 'early'") == true, "\(record)")
    #expect(states(project) == ["draft", "draft"])
  }

  @Test("a call whose answer is lost is made again where that is allowed, and was done before is done")
  func repeatable() throws {
    let then = Self.then.replacing("vouchers-audit", with: "vouchers-audit, repeatable: true")
    let project = try VoucherProject(VoucherProject.orders(1...1), hub: Self.hub("retry: [1s]"), api: then)
    let process = try project.program.start(["run", "orders", "--wait", "20s"])
    try eventually("it is submitted") {
      if project.count("submits") == 1 { project.erp.faults.dropNextWrites = 1 }
      return project.count("submits") == 1
    }
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(project.count("audits") == 1 && project.count("creates") == 1)
    #expect(try project.record("A1")["state"] == "done")
  }

  @Test("a call whose answer is lost is left to a person where nothing is said, and nothing is written again")
  func notRepeatable() throws {
    let project = try VoucherProject(
      VoucherProject.orders(1...1), hub: Self.hub("retry: [0s]"),
      api: "then: [{ name: audit, api: yard/vouchers-audit }]")
    project.erp.faults.latency = .milliseconds(300)
    let process = try project.program.start(["run", "orders", "--wait", "5s"])
    try eventually("it is written") { project.count("creates") == 1 }
    project.erp.faults.dropNextWrites = 2
    process.waitUntilExit()
    project.erp.faults = StandInFaults()
    _ = try project.run()
    let state = try project.record("A1")["state"]
    #expect(state == "uncertain" || state == "failed", "\(String(describing: state))")
    #expect(project.count("creates") == 1)
  }

  @Test("a worker that is killed between the calls leaves every one of them made once")
  func killed() throws {
    let then = Self.then.replacing("audit }", with: "audit, repeatable: true }").replacing(
      "submit }", with: "submit, repeatable: true }")
    let hub = Self.checkedHub.replacing("delivery:", with: "batch: 5\n  delivery:")
    let project = try VoucherProject(VoucherProject.orders(1...20), hub: hub, api: then)
    project.erp.faults.latency = .milliseconds(40)
    for audits in [1, 4, 8, 12] {
      let process = try project.program.start(["run", "orders"])
      try eventually("some more are audited") { (project.count("audits") ?? 0) >= Int64(audits) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(states(project) == Array(repeating: "audited", count: 20))
    let counts = ["creates", "submits", "audits"].map { project.count($0) }
    #expect(counts == [20, 20, 20], "\(counts)")
    #expect(try project.record("A20")["steps"]?.listValue?.count == 2)
  }

  @Test("with several requests at once, a refused batch is split and what is good of it followed up, each once")
  func concurrent() throws {
    let orders = (1...200).map { number -> Value in
      ["id": .string("A\(number)"), "amount": .int(number % 67 == 0 ? -1 : Int64(number))]
    }
    let project = try VoucherProject(
      orders, hub: Self.hub("batch: 20, concurrency: 8, retry: [0s, 0s]"), api: Self.then)
    let run = try project.run()
    #expect(run.code == 1 && run.summary["done"] == 198 && run.summary["failed"] == 2, "\(run.summary)")
    let counts = ["held", "duplicates", "submits", "audits"].map { project.count($0) }
    #expect(counts == [198, 0, 198, 198], "\(counts)")
    #expect(try project.run().summary["sent"] == 0)
  }

  @Test("in steps, through dispatch and work, the same comes out")
  func inSteps() throws {
    let project = try VoucherProject(VoucherProject.orders(1...5), hub: Self.hub("batch: 2"), api: Self.then)
    for side in ["--source", "--target"] {
      #expect(try project.program.run("dispatch", "orders", side).code == 0)
      #expect(try project.program.run("work", "--stop-when-empty").code == 0)
    }
    #expect(states(project) == Array(repeating: "audited", count: 5))
    #expect(try project.record("A5")["state"] == "done")
  }

  @Test("a document found by a lookup is followed up under its id")
  func foundAndFollowed() throws {
    let project = try VoucherProject(VoucherProject.orders(1...1), hub: Self.checkedHub, api: Self.then)
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(states(project) == ["audited"])
    #expect(try project.record("A1")["targetID"] == "V00000001")
  }
}
