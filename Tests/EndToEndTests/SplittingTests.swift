import Foundation
import Sandbox
import Testing
import Values

@Suite("Splitting", .serialized, .timeLimit(.minutes(10)))
struct SplittingTests {
  private static let hub = #"""
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, batch: 100, delivery: at-most-once, retry: [1h] }
    """#

  private func orders(_ count: Int, bad: Set<Int>) -> [Value] {
    (1...count).map { ["id": .string("A\($0)"), "amount": .int(bad.contains($0) ? -1 : Int64($0))] }
  }

  @Test(
    "a batch that is refused as a whole is split until the bad record stands alone; the others arrive once, in order",
    arguments: [[1], [50], [100], [13, 14], [1, 2, 99]])
  func oneBad(_ bad: [Int]) throws {
    let project = try VoucherProject(orders(100, bad: Set(bad)), hub: Self.hub)
    let run = try project.run()
    #expect(run.code == 1)
    #expect(run.summary["done"]?.intValue == Int64(100 - bad.count), "\(run.summary)")
    #expect(project.numbers == (1...100).filter { !bad.contains($0) }.map { "A\($0)" })
    #expect(project.count("duplicates") == 0)
    let record = try project.record("A\(bad[0])")
    #expect(record["state"] == "failed")
    #expect(record["error"]?["message"]?.stringValue?.contains("below zero") == true)
    let whole = try project.tasks()[0]
    #expect(whole["state"] == "done" && whole["error"]?["kind"] == "rejected", "\(whole)")
    #expect((whole["followers"]?.listValue?.count ?? 0) >= 2)
  }

  @Test("an API that refuses everything is found out after a few requests")
  func allBad() throws {
    let project = try VoucherProject(orders(100, bad: Set(1...100)), hub: Self.hub)
    let run = try project.run()
    #expect(run.code == 1)
    #expect(run.summary["failed"] == 100)
    #expect(project.count("refusedRequests") == 11)
    let message = try project.record("A100")["error"]?["message"]?.stringValue ?? ""
    #expect(message.contains("below zero") && message.contains("the rest is not tried"), "\(message)")
  }

  @Test("a worker that is killed while a batch is being split loses and doubles nothing")
  func killed() throws {
    let project = try VoucherProject(
      orders(100, bad: [37, 71]),
      hub: Self.hub.replacing("at-most-once, retry: [1h]", with: "at-least-once, retry: [0s]"))
    project.erp.faults.latency = .milliseconds(60)
    for refusals in [2, 4] {
      let process = try project.program.start(["run", "orders"])
      try eventually("the batch is being split") { (project.count("refusedRequests") ?? 0) >= Int64(refusals) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    let run = try project.run()
    #expect(run.code == 1)
    #expect(Set(project.numbers).count == 98)
    #expect(try project.record("A37")["state"] == "failed" && project.record("A71")["state"] == "failed")
  }
}
