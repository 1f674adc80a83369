import Foundation
import Sandbox
import Testing
import Values

@Suite("Deliveries that ask for records of other hubs", .serialized, .timeLimit(.minutes(10)))
struct DeliveryFindTests {
  /// A hub that keeps the same orders and sends none of them.
  private static let codes = """
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: codes }
    spec:
      source: { connector: shop, api: bare/list }
      select: ${ false }
      mapping: { number: "${ record.id }" }
      target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once }
    """

  private func keepCodes(_ project: VoucherProject) throws {
    let run = try project.program.run("run", "codes")
    #expect(run.code == 0, "\(run.messages)")
  }

  @Test(
    "a group that asks for a record which is not there waits as a whole, and goes out as one document when it comes")
  func group() throws {
    let orders: [Value] = [
      ["id": "A1", "shop": "north", "amount": 1], ["id": "A2", "shop": "south", "amount": 2],
      ["id": "A3", "shop": "north", "amount": 3],
    ]
    let hub = """
      onChange: ignore
      group: { by: "${ record.shop }" }
      mapping:
        number: ${ group }
        amount: '${ records.map(r, find("codes", {"id": r.id}).amount).sum() }'
      target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once }
      """
    let project = try VoucherProject(orders, hub: hub, more: Self.codes)
    #expect(try project.run(wait: "0s").summary["sent"] == 0)
    for key in ["A1", "A2", "A3"] { #expect(try project.record(key)["state"] == "waiting") }
    try keepCodes(project)
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    let vouchers = project.erp.vouchers.map { "\($0["number"]?.stringValue ?? "") \($0["amount"]?.intValue ?? 0)" }
    #expect(vouchers == ["north 4", "south 2"])
    for key in ["A1", "A2", "A3"] { #expect(try project.record(key)["state"] == "done") }
  }

  @Test("a batch that is split is made anew with what it asks for, until the bad record stands alone")
  func split() throws {
    let hub = """
      mapping:
        number: '${ find("codes", {"id": record.id}).id }'
        amount: ${ record.amount }
      target: { connector: erp, api: yard/vouchers-save, batch: 8, delivery: at-least-once, retry: [0s] }
      """
    var orders = VoucherProject.orders(1...8)
    orders[4] = ["id": "A5", "amount": -1]
    let project = try VoucherProject(orders, hub: hub, more: Self.codes)
    try keepCodes(project)
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 1 && run.summary["done"] == 7, "\(run.summary)")
    #expect(project.numbers.sorted() == ["A1", "A2", "A3", "A4", "A6", "A7", "A8"])
    #expect(try project.record("A5")["state"] == "failed")
  }

  @Test("who waits for a delivery is woken by the write, not only by the last call that follows it")
  func delivered() throws {
    let hub = """
      mapping: { number: "${ record.id }", amount: "${ record.amount }" }
      target:
        connector: erp
        api: yard/vouchers-save
        delivery: at-least-once
        retry: [1h]
        then: [{ name: early, api: yard/vouchers-audit }]
      """
    let follower = """
      ---
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: notes }
      spec:
        source: { connector: shop, api: bare/list }
        mapping: { number: 'N-${ findDelivered("orders", {"id": record.id}).id }', amount: 1 }
        target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once }
      """
    let project = try VoucherProject(VoucherProject.orders(1...1), hub: hub, more: follower)
    #expect(try project.program.run("run", "notes", "--wait", "0s", "--output", "json").json()["sent"] == 0)
    // The call that follows is refused, as what it audits was not submitted: the record is failed, and delivered.
    #expect(try project.run().code == 1)
    let waiting = try project.program.run("record", "show", "notes", "A1", "--output", "json").json()
    #expect(waiting["state"] == "pending", "\(waiting)")
    let notes = try project.program.run("run", "notes", "--output", "json")
    #expect(notes.code == 0, "\(notes.messages)")
    #expect(project.numbers == ["A1", "N-V00000001"])
  }
}
