import Foundation
import Sandbox
import Testing
import Values

@Suite("How many may fail", .serialized, .timeLimit(.minutes(10)))
struct StopAfterTests {
  private static func hub(
    _ stopAfter: String, batch: Int = 1, number: String = "${ record.id }", more: String = ""
  )
    -> String
  {
    """
    stopAfter: \(stopAfter)
    mapping: { number: "\(number)", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, batch: \(batch), delivery: at-least-once, retry: [0s]\(more) }
    """
  }

  /// Orders of which those with these numbers are refused by the target.
  private func orders(_ numbers: ClosedRange<Int>, bad: Set<Int>) -> [Value] {
    numbers.map { ["id": .string("A\($0)"), "amount": .int(Int64(bad.contains($0) ? -1 : $0))] }
  }

  @Test("a run in which too many records cannot be rendered fails none beyond the bound, and the next one goes on")
  func rendering() throws {
    let project = try VoucherProject(
      VoucherProject.orders(1...20), hub: Self.hub("3", number: "${ record.nothing }"))
    let run = try project.run()
    #expect(run.code == 1)
    #expect(run.summary["failed"] == 4 && run.summary["pending"] == 16, "\(run.summary)")
    #expect(run.summary["overBudget"] == true)
    #expect(run.messages.contains("The run was stopped: 4 records failed"), "\(run.messages)")
    #expect(run.messages.contains("'stopAfter' allows 3 records. 16 records left as they were."), "\(run.messages)")
    #expect(run.messages.contains("datahub run orders"))
    try project.edit("${ record.nothing }", "${ record.id }")
    let next = try project.run()
    #expect(next.code == 0 && next.summary["done"] == 16 && next.summary["overBudget"] == false, "\(next.summary)")
  }

  @Test("a run whose target refuses too many stops asking it; what is queued is sent by the next run")
  func refused() throws {
    let project = try VoucherProject(orders(1...40, bad: Set(1...20)), hub: Self.hub("5"))
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 6 && run.summary["done"] == 0, "\(run.summary)")
    #expect(project.numbers.isEmpty)
    let left = (run.summary["pending"]?.intValue ?? 0) + (run.summary["queued"]?.intValue ?? 0)
    #expect(left == 34)
    try project.edit("stopAfter: 5", "stopAfter: 50")
    let next = try project.run()
    #expect(next.summary["failed"] == 14 && next.summary["done"] == 20, "\(next.summary)")
    #expect(next.summary["overBudget"] == false && project.numbers.count == 20)
  }

  @Test("with 0 the first record that fails stops the run")
  func none() throws {
    let project = try VoucherProject(orders(1...9, bad: [3, 5]), hub: Self.hub("0"))
    let run = try project.run()
    #expect(run.summary["done"] == 2 && run.summary["failed"] == 1, "\(run.summary)")
    #expect(project.numbers == ["A1", "A2"])
  }

  @Test("a record nobody knows about counts as one that failed")
  func uncertain() throws {
    let hub = Self.hub("0").replacing("at-least-once", with: "at-most-once")
    let project = try VoucherProject(VoucherProject.orders(1...5), hub: hub)
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 1 && run.summary["uncertain"] == 1 && run.summary["overBudget"] == true, "\(run.summary)")
    #expect(project.numbers == ["A1"])
  }

  @Test("a share is one of what the run deals with, and is judged from the hundredth record on")
  func share() throws {
    let few = try VoucherProject(orders(1...50, bad: Set(1...50)), hub: Self.hub("1%"))
    #expect(try few.run().summary["failed"] == 50)
    let some = try VoucherProject(orders(1...300, bad: [1, 2, 3]), hub: Self.hub("1%"))
    let within = try some.run()
    #expect(within.summary["failed"] == 3 && within.summary["done"] == 297, "\(within.summary)")
    #expect(within.summary["overBudget"] == false)
    let many = try VoucherProject(orders(1...300, bad: Set(1...30)), hub: Self.hub("1%"))
    let over = try many.run()
    #expect(over.summary["failed"] == 4 && over.summary["overBudget"] == true, "\(over.summary)")
    #expect(over.messages.contains("allows 1% of its records"), "\(over.messages)")
  }

  @Test("half of the records may fail, and not all: what the target refuses counts once")
  func half() throws {
    let project = try VoucherProject(orders(1...200, bad: Set(1...200)), hub: Self.hub("50%"))
    let run = try project.run()
    #expect(run.summary["failed"] == 101 && run.summary["overBudget"] == true, "\(run.summary)")
  }

  @Test("queueing writes ends where too many cannot be rendered, and says so")
  func dispatching() throws {
    let hub = Self.hub("2", number: "${ record.nothing }")
    let project = try VoucherProject(VoucherProject.orders(1...20), hub: hub)
    #expect(try project.program.run("dispatch", "orders", "--source").code == 0)
    #expect(try project.program.run("work", "--stop-when-empty").code == 0)
    let outcome = try project.program.run("dispatch", "orders", "--target", "--output", "json")
    let result = try outcome.json()
    #expect(outcome.code == 1 && result["failed"] == 3 && result["overBudget"] == true, "\(result)")
    #expect(try project.record("A4")["state"] == "pending")
    let again = try project.program.run("dispatch", "orders", "--target")
    #expect(again.code == 1 && again.output.contains("more than the hub allows"), "\(again.output)")
  }

  @Test("a worker leaves a hub alone whose records fail, says so, goes on with the others and ends with 1")
  func worker() throws {
    let other = """
      ---
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: others }
      spec:
        source: { connector: shop, api: bare/list }
        mapping: { number: "B${ record.id }", amount: 1 }
        target: { connector: erp, api: yard/vouchers-save, batch: 1, delivery: at-least-once, schedule: onRecords }
      """
    let project = try VoucherProject(
      orders(1...30, bad: Set(1...30)), hub: Self.hub("4", more: ", schedule: onRecords"), more: other)
    for hub in ["orders", "others"] { #expect(try project.program.run("dispatch", hub, "--source").code == 0) }
    let work = try project.program.run("work", "--stop-when-empty")
    #expect(work.code == 1)
    #expect(work.messages.contains("hub orders is left alone: 5 records failed"), "\(work.messages)")
    #expect(work.messages.contains("datahub record list orders --state failed"))
    #expect(project.numbers.count == 30 && project.numbers.allSatisfy { $0.hasPrefix("BA") })
    let status = try project.program.run("record", "list", "orders", "--state", "failed", "--output", "json").json()
    #expect(status.listValue?.count == 5, "\(status)")
  }
}
