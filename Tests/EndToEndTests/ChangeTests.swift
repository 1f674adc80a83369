import Foundation
import Sandbox
import Testing
import Values

@Suite("Changed and cancelled records", .serialized, .timeLimit(.minutes(10)))
struct ChangeTests {
  private static let apis = """
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-change }
    spec:
      platform: yard
      effect: execute
      request: { method: PUT, path: "/api/vouchers/${ delivered.id }", body: "${ document }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-void }
    spec:
      platform: yard
      effect: execute
      request: { path: /api/vouchers/void, body: { id: "${ delivered.id }" } }
      response: { errors: [{ when: '${ response.body.code == "1005" }', outcome: alreadyExists }] }

    """

  private static func hub(select: String = "", when: String = "") -> String {
    """
    \(select)
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target:
      connector: erp
      api: yard/vouchers-save
      batch: 10
      delivery: at-least-once
      retry: [0s, 0s, 0s]
      update: { api: yard/vouchers-change }
      void: { api: yard/vouchers-void\(when) }
    """
  }

  private static let cancelled = #", when: '${ record.?status.orValue("") == "Cancelled" }'"#

  private func order(_ id: String, _ amount: Int64, _ status: String = "Open") -> Value {
    ["id": .string(id), "amount": .int(amount), "status": .string(status)]
  }

  private func vouchers(_ project: VoucherProject) -> [String] {
    project.erp.vouchers.map {
      "\($0["id"]?.stringValue ?? "") \($0["number"]?.stringValue ?? "") \($0["amount"]?.intValue ?? 0) \($0["state"]?.stringValue ?? "")"
    }
  }

  @Test("a changed record is changed under the name the target gave it, not written once more; a new one is written")
  func update() throws {
    let project = try VoucherProject(
      [order("A1", 1), order("A2", 2)], hub: Self.hub(when: Self.cancelled), more: Self.apis)
    #expect(try project.run().code == 0)
    project.give([order("A1", 10), order("A2", 2), order("A3", 3)])
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(
      vouchers(project) == ["V00000001 A1 10 draft", "V00000002 A2 2 draft", "V00000003 A3 3 draft"],
      "\(vouchers(project))")
    #expect(try project.record("A1")["targetID"] == "V00000001")
    #expect(try project.record("A1")["deliveredRevision"] == 2)
    #expect(project.count("creates") == 3 && project.count("updates") == 1)
  }

  @Test("a change whose answer is lost is made again: it replaces what is there")
  func lostUpdate() throws {
    let project = try VoucherProject([order("A1", 1)], hub: Self.hub(when: Self.cancelled), more: Self.apis)
    #expect(try project.run().code == 0)
    project.give([order("A1", 5)])
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["V00000001 A1 5 draft"])
    #expect(project.count("creates") == 1)
  }

  @Test("a cancelled record is voided and filtered, and written anew when it comes back")
  func void() throws {
    let project = try VoucherProject(
      [order("A1", 1), order("A2", 2)], hub: Self.hub(when: Self.cancelled), more: Self.apis)
    #expect(try project.run().code == 0)
    project.give([order("A1", 1, "Cancelled"), order("A2", 2), order("A3", 3, "Cancelled")])
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["V00000001 A1 1 voided", "V00000002 A2 2 draft"])
    let record = try project.record("A1")
    #expect(record["state"] == "filtered" && record["deliveredRevision"] == nil, "\(record)")
    #expect(record["steps"]?.listValue?.first?["name"] == "void")
    #expect(try project.record("A3")["state"] == "filtered")
    project.give([order("A1", 4), order("A2", 2)])
    #expect(try project.run().code == 0)
    #expect(vouchers(project).last == "V00000003 A1 4 draft")
    #expect(try project.record("A1")["targetID"] == "V00000003")
  }

  @Test("without `when`, a record that is no longer selected is voided")
  func notSelected() throws {
    let project = try VoucherProject(
      [order("A1", 1), order("A2", 2, "New")], hub: Self.hub(select: #"select: ${ record.status == "Open" }"#),
      more: Self.apis)
    #expect(try project.run().code == 0)
    project.give([order("A1", 1, "Closed"), order("A2", 2, "Closed")])
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["V00000001 A1 1 voided"])
    #expect(project.count("voids") == 1)
  }

  @Test(
    "vanished: void: a record the source has no more is voided, one that comes back is written anew; nothing on no answer"
  )
  func vanished() throws {
    let hub = Self.hub(when: Self.cancelled).replacing("update:", with: "vanished: void\n  update:")
    let project = try VoucherProject([order("A1", 1), order("A2", 2), order("A3", 3)], hub: hub, more: Self.apis)
    #expect(try project.run().code == 0)
    project.give([])
    #expect(try project.run().code == 0)
    #expect(project.count("voids") == 0)
    project.give([order("A1", 1), order("A3", 3)])
    project.erp.faults.dropNextWrites = 1
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["V00000001 A1 1 draft", "V00000002 A2 2 voided", "V00000003 A3 3 draft"])
    #expect(try project.record("A2")["state"] == "filtered")
    project.give([order("A1", 1), order("A2", 2), order("A3", 3)])
    #expect(try project.run().code == 0)
    #expect(vouchers(project).last == "V00000004 A2 2 draft")
    #expect(project.count("creates") == 4 && project.count("voids") == 1)
  }

  @Test("a void that the target refuses leaves its record failed, still delivered, and says so")
  func refusedVoid() throws {
    let project = try VoucherProject([order("A1", 1)], hub: Self.hub(when: Self.cancelled), more: Self.apis)
    #expect(try project.run().code == 0)
    try project.edit(#"body: { id: "${ delivered.id }" } }"# + "\n  response", #"body: { id: "X" } }"# + "\n  response")
    project.give([order("A1", 1, "Cancelled")])
    #expect(try project.run().code == 1)
    let record = try project.record("A1")
    #expect(record["state"] == "failed" && record["deliveredRevision"] == 1, "\(record)")
    #expect(record["error"]?["message"]?.stringValue?.hasPrefix("void: ") == true, "\(record)")
  }
}
