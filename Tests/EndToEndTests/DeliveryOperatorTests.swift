import Sandbox
import Testing
import Values

@Suite("What persons do to deliveries", .serialized, .timeLimit(.minutes(10)))
struct DeliveryOperatorTests {
  private static let then = """
    then:
      - { name: submit, api: yard/vouchers-submit }
      - { name: audit, api: yard/vouchers-audit }
    """
  private static let hub = """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, delivery: at-most-once, batch: 10, retry: [0s] }
    """

  @Test("a write that a person says arrived is followed up under the id he gives, and not written again")
  func resolved() throws {
    let project = try VoucherProject(VoucherProject.orders(1...1), hub: Self.hub, api: Self.then)
    project.erp.faults.dropNextWrites = 1
    #expect(try project.run(wait: "0s").code == 1)
    #expect(try project.record("A1")["state"] == "uncertain")
    let resolved = try project.program.run("record", "resolve", "orders", "A1", "--arrived", "--id", "V00000001")
    #expect(resolved.code == 0, "\(resolved.messages)")
    #expect(try project.record("A1")["state"] == "pending")
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.erp.vouchers.map { $0["state"] } == ["audited"])
    let counts = ["creates", "submits", "audits"].map { project.count($0) }
    #expect(counts == [1, 1, 1], "\(counts)")
    #expect(try project.record("A1")["targetID"] == "V00000001")
  }

  @Test("an edited write is sent as it was edited, and the calls that follow it follow")
  func edited() throws {
    let project = try VoucherProject(VoucherProject.orders(1...2), hub: Self.hub, api: Self.then)
    let id = try queue(project)
    let machinery = try project.program.run("task", "edit", "\(id)", "--set", "carried=[]")
    #expect(machinery.code == 1, "\(machinery.messages)")
    let edited = try project.program.run("task", "edit", "\(id)", "--set", "body.data[0].amount=55")
    #expect(edited.code == 0, "\(edited.messages)")
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.erp.vouchers.compactMap { $0["amount"]?.intValue } == [55, 2])
    #expect(project.erp.vouchers.map { $0["state"] } == ["audited", "audited"])
    #expect(try project.record("A1")["steps"]?.listValue?.count == 2)
  }

  @Test("an edited batch that is refused is not split, since its parts would be sent as they were rendered")
  func editedBatch() throws {
    let project = try VoucherProject(VoucherProject.orders(1...3), hub: Self.hub)
    let id = try queue(project)
    #expect(try project.program.run("task", "edit", "\(id)", "--set", "body.data[1].amount=-7").code == 0)
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 3, "\(run.summary)")
    #expect(project.erp.vouchers.isEmpty)
  }

  @Test("an edited write of a group has another key")
  func editedGroup() throws {
    let hub = """
      onChange: ignore
      group: { by: "${ record.shop }" }
      mapping: { number: "${ group }", amount: "${ records.map(r, r.amount).sum() }" }
      target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once, retry: [0s] }
      """
    let orders = (1...3).map { number -> Value in
      ["id": .string("A\(number)"), "shop": "north", "amount": .int(Int64(number))]
    }
    let project = try VoucherProject(orders, hub: hub)
    let id = try queue(project)
    let old = try key(project)
    #expect(try project.program.run("task", "edit", "\(id)", "--set", "body.data[0].amount=9").code == 0)
    #expect(try key(project) != old)
    #expect(try project.run().code == 0)
    #expect(project.erp.vouchers.compactMap { $0["amount"]?.intValue } == [9])
  }

  /// Brings the records and queues their write; gives its number.
  private func queue(_ project: VoucherProject) throws -> Int64 {
    #expect(try project.program.run("dispatch", "orders", "--source").code == 0)
    #expect(try project.program.run("work", "--stop-when-empty").code == 0)
    #expect(try project.program.run("dispatch", "orders", "--target").code == 0)
    return try #require(try project.tasks().last?["id"]?.intValue)
  }

  /// The key of the first document that the last write carries.
  private func key(_ project: VoucherProject) throws -> String {
    let carried = try project.tasks().last?.at("payload", "carried")?.listValue?.first
    return try #require(carried?["key"]?.stringValue)
  }
}
