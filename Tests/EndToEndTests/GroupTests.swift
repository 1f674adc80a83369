import Foundation
import Sandbox
import Testing
import Values

@Suite("Grouped and divided records", .serialized, .timeLimit(.minutes(10)))
struct GroupTests {
  private static func hub(_ group: String = "by: '${ record.shop }'", target: String = "") -> String {
    """
    onChange: ignore
    group: { \(group) }
    mapping:
      number: ${ group }
      amount: ${ records.map(r, r.amount).sum() }
      lines: { each: "${ records }", as: r, emit: { id: "${ r.id }", amount: "${ r.amount }" } }
    target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once, retry: [0s, 0s]\(target) }
    """
  }

  private func order(_ id: String, _ shop: String, _ amount: Int64) -> Value {
    ["id": .string(id), "shop": .string(shop), "amount": .int(amount)]
  }

  private func vouchers(_ project: VoucherProject) -> [String] {
    project.erp.vouchers.map { voucher in
      let lines = (voucher["lines"]?.listValue ?? []).compactMap { $0["id"]?.stringValue }.joined(separator: "+")
      return "\(voucher["number"]?.stringValue ?? "") \(voucher["amount"]?.intValue ?? 0) \(lines)"
    }
  }

  @Test("records with something in common become one document with their sum, and all are done with its id")
  func sums() throws {
    let project = try VoucherProject(
      [order("A1", "north", 1), order("A2", "south", 2), order("A3", "north", 3)], hub: Self.hub())
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["north 4 A1+A3", "south 2 A2"])
    #expect(run.summary["done"] == 3)
    for (key, id) in [("A1", "V00000001"), ("A3", "V00000001"), ("A2", "V00000002")] {
      #expect(try project.record(key)["targetID"]?.stringValue == id)
    }
    project.give([order("A1", "north", 1), order("A4", "north", 5)])
    #expect(try project.run().code == 0)
    #expect(vouchers(project).last == "north 5 A4")
    let task = try project.tasks()[0]
    #expect(task["keys"]?.listValue?.compactMap { $0.stringValue } == ["A1", "A3"], "\(task)")
  }

  @Test("a document with too many lines is divided between records, and none of them is lost")
  func maximumLines() throws {
    let orders = (1...7).map { order("A\($0)", "north", Int64($0)) }
    let project = try VoucherProject(
      orders, hub: Self.hub("by: '${ record.shop }', lines: '${ record.amount }', maximumLines: 6"))
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(vouchers(project) == ["north 6 A1+A2+A3", "north 4 A4", "north 5 A5", "north 6 A6", "north 7 A7"])
    #expect(run.summary["done"] == 7)
  }

  @Test("a run leaves a group open that waits for more, says so and ends well; with patience it waits for it")
  func waits() throws {
    let project = try VoucherProject(
      [order("A1", "north", 1), order("A2", "south", 2)], hub: Self.hub("by: '${ record.shop }', wait: 1h"))
    let run = try project.run()
    #expect(run.code == 0 && run.summary["open"] == 2 && run.summary["pending"] == 2, "\(run.summary)")
    #expect(run.messages.contains("2 records left for more of their group, for "), "\(run.messages)")
    #expect(vouchers(project).isEmpty)
    let dispatched = try project.program.run("dispatch", "orders", "--target").output
    #expect(dispatched.contains("2 records left for more of their group"), "\(dispatched)")
    try project.edit("wait: 1h", "wait: 2s")
    let next = try project.run()
    #expect(next.code == 0 && next.summary["done"] == 2 && next.summary["open"] == 0, "\(next.summary)")
    #expect(vouchers(project) == ["north 1 A1", "south 2 A2"])
  }

  @Test("a group that is refused fails all of its records and no other; a record without a group fails alone")
  func refused() throws {
    let project = try VoucherProject(
      [order("A1", "north", -9), order("A2", "south", 2), order("A3", "north", 3), ["id": "A4", "amount": 1]],
      hub: Self.hub())
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 3, "\(run.summary)")
    #expect(vouchers(project) == ["south 2 A2"])
    for key in ["A1", "A3"] {
      #expect(try project.record(key)["error"]?["message"]?.stringValue?.contains("below zero") == true)
    }
    #expect(try project.record("A4")["error"]?["message"]?.stringValue?.contains("shop") == true)
  }

  @Test("while a write of a group is not over, further records of the group wait and others go on")
  func notTwice() throws {
    let project = try VoucherProject(
      [order("A1", "north", 1)],
      hub: Self.hub().replacing("at-least-once, retry: [0s, 0s]", with: "at-most-once, retry: [1h]"))
    project.erp.faults.dropNextWrites = 1
    #expect(try project.run(wait: "0s").summary["uncertain"] == 1)
    project.give([order("A1", "north", 1), order("A2", "north", 2), order("A3", "south", 3)])
    let run = try project.run(wait: "0s")
    #expect(vouchers(project) == ["north 1 A1", "south 3 A3"])
    #expect(try project.record("A2")["state"] == "pending", "\(run)")
  }

  @Test("a worker that is killed while groups are sent neither loses nor doubles one that is looked up")
  func killed() throws {
    let orders = (1...60).map { order("A\($0)", "shop\($0 % 20)", Int64($0)) }
    let lookup = """
      , lookup: { by: '${ document.number }', api: yard/vouchers-find, with: { numbers: '${ keys.join(",") }' },
          id: '${ record.id }' }
      """
    let project = try VoucherProject(
      orders, hub: Self.hub(target: lookup).replacing("at-least-once", with: "check-before-write"))
    project.erp.faults.latency = .milliseconds(40)
    for count in [3, 9] {
      let process = try project.program.start(["run", "orders"])
      try eventually("some more are there") { (project.count("creates") ?? 0) >= Int64(count) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.count("creates") == 20 && project.count("duplicates") == 0, "\(project.erp.voucherCounts)")
    let sum = project.erp.vouchers.reduce(0) { $0 + ($1["amount"]?.intValue ?? 0) }
    #expect(sum == (1...60).reduce(0, +))
  }

  // MARK: - One record into many

  private static func dividing(batch: Int) -> String {
    """
    onChange: ignore
    mapping:
      each: ${ record.parts }
      as: part
      emit: { number: "${ record.id }-${ part.no }", amount: "${ part.amount }" }
    target: { connector: erp, api: yard/vouchers-save, delivery: at-least-once, retry: [0s, 0s], batch: \(batch) }
    """
  }

  private func whole(_ id: String, _ amounts: [Int64]) -> Value {
    let parts = amounts.enumerated().map { number, amount -> Value in
      ["no": .int(Int64(number + 1)), "amount": .int(amount)]
    }
    return ["id": .string(id), "parts": .list(parts)]
  }

  @Test("a record becomes a document for each of its parts, in as many requests as it takes, and is done when all are")
  func divided() throws {
    let project = try VoucherProject(
      [whole("A", [1, 2, 3, 4, 5]), whole("B", [6]), whole("C", [])], hub: Self.dividing(batch: 2))
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.numbers == ["A-1", "A-2", "A-3", "A-4", "A-5", "B-1"])
    #expect(run.summary["done"] == 2)
    let record = try project.record("A")
    #expect(record["state"] == "done" && record["steps"]?.listValue?.count == 5, "\(record)")
    #expect(record["steps"]?.listValue?.first?["id"] == "V00000001")
    #expect(try project.record("C")["state"] == "filtered")
  }

  @Test("one part that is refused fails its record; those before it are kept as done")
  func onePart() throws {
    let project = try VoucherProject([whole("A", [1, 2, -3, 4])], hub: Self.dividing(batch: 1))
    let run = try project.run()
    #expect(run.code == 1 && run.summary["failed"] == 1)
    #expect(project.numbers == ["A-1", "A-2"])
    let record = try project.record("A")
    #expect(record["error"]?["message"]?.stringValue?.hasPrefix("document 3: ") == true, "\(record)")
    #expect(record["steps"]?.listValue?.count == 2)
  }

  @Test("a worker that is killed between the documents of a record goes on with the next, where they are looked up")
  func killedBetweenParts() throws {
    let hub = Self.dividing(batch: 1).replacing(
      "at-least-once",
      with: """
        check-before-write, lookup: { by: '${ document.number }', api: yard/vouchers-find,
            with: { numbers: '${ key }' }, id: '${ record.id }' }
        """)
    let project = try VoucherProject([whole("A", Array(1...30))], hub: hub)
    project.erp.faults.latency = .milliseconds(40)
    for count in [5, 12, 20] {
      let process = try project.program.start(["run", "orders"])
      try eventually("some more are there") { (project.count("creates") ?? 0) >= Int64(count) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    project.erp.faults.latency = .zero
    let run = try project.run()
    #expect(run.code == 0, "\(run.messages)")
    #expect(project.numbers == (1...30).map { "A-\($0)" })
    #expect(try project.record("A")["state"] == "done")
  }
}
