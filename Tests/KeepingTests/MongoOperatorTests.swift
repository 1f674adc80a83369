import Keeping
import MongoKit
import TestServers
import Testing
import Values

@testable import MongoStore

@Suite(
  "The MongoDB store, for persons",
  .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
struct MongoOperatorTests {
  @Test("an entry that comes while records are noted to wait for it finds every one of them")
  func entriesMeetWaits() async throws {
    try await withTenant { url, tenant in
      let store = try await MongoStore.open(url: url, tenant: tenant)
      let other = try await MongoStore.open(url: url, tenant: tenant)
      let (desk, person) = (try await Desk(store), try await Desk(other))
      try await desk.bring((1...12).map { desk.record("\($0)") })
      for record in try await desk.pending() {
        let what = "warehouses: \(record.key)"
        let unsendable = UnsendableRecord(
          item: WriteItem(record: record.id, revision: record.revision), failure: desk.failure("waiting"),
          isWaiting: true, waitsFor: what, valuesVersion: try await store.valuesVersion())
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: [unsendable], now: desk.at(1))
          }
          group.addTask { _ = try await person.set(record.key, "x", supplies: [what]) }
          try await group.waitForAll()
        }
      }
      #expect(try await desk.status().records == ["pending": 12])
      #expect(try await store.valuesVersion() == 12)
      await store.close()
      await other.close()
    }
  }

  @Test("a write whose last records two persons resolve at once is done")
  func resolvingTogether() async throws {
    try await withTenant { url, tenant in
      let stores = [
        try await MongoStore.open(url: url, tenant: tenant), try await MongoStore.open(url: url, tenant: tenant),
      ]
      let desks = [try await Desk(stores[0]), try await Desk(stores[1])]
      for round in 1...6 {
        let keys = ["\(round)a", "\(round)b"]
        let task = try await desks[0].doubt(keys)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (desk, key) in zip(desks, keys) {
            let change: RecordChange = key.hasSuffix("a") ? .arrived(id: key) : .purge(byForce: true)
            group.addTask { _ = try await desk.change([key], change) }
          }
          try await group.waitForAll()
        }
        #expect(try await desks[0].task(task).summary.state == "done")
      }
      for store in stores { await store.close() }
    }
  }

  @Test("a pull that is taken up again while one of its queries is settled has as many queries as it waits for")
  func reopeningWhileSettling() async throws {
    try await withTenant { url, tenant in
      let stores = [
        try await MongoStore.open(url: url, tenant: tenant), try await MongoStore.open(url: url, tenant: tenant),
      ]
      let (desk, person) = (try await Desk(stores[0]), try await Desk(stores[1]))
      for _ in 1...6 {
        _ = try #require(try await desk.openPull(["a", "b"]))
        let both = try await desk.claim(.source, limit: 2)
        try await desk.store.setBack(both[0].lease, .give, desk.failure("notSent"), now: desk.at(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await desk.settle(both[1], [], next: "b2", at: 2) }
          group.addTask { _ = try await person.change(tasks: [both[0].lease.task], .retry(atEnd: false)) }
          try await group.waitForAll()
        }
        let open = try await desk.store.openPull(hub: desk.hub)?.openQueries ?? 0
        #expect(try await desk.status().tasks["source.ready", default: 0] == open)
        for query in try await desk.claim(.source, limit: 9) { try await desk.settle(query, at: 3) }
        #expect(try await desk.store.openPull(hub: desk.hub) == nil)
      }
      for store in stores { await store.close() }
    }
  }

  @Test("what the log and the entries have comes back exactly, and nothing of it is taken for an operator")
  func exactness() async throws {
    try await withStore { _, desk in
      let odd: Value = ["$set": ["a.b": 1, "$where": "x"], "n": .decimal(try #require(Decimal("1.50")))]
      for (place, word) in ["$key", "a.b", ".*", "100%", "租 户", "a/b"].enumerated() {
        var act = desk.act("value.\(word)", reason: "$reason", at: Int64(place))
        act.by = "\(word)@desk"
        act.details = odd
        let change = EntryChange(code: word, entry: KeptEntry(code: word, label: "$label", value: odd))
        let report = try await desk.store.change(values: [change], of: "$m", act).report
        let number = try #require(report.act)
        for filter in [
          { $0.by = word }, { $0.action = act.action }, { $0.subject = AuditItem.subject(value: word, of: "$m") },
        ] as [(inout AuditFilter) -> Void] {
          var chosen = AuditFilter()
          filter(&chosen)
          #expect(try await desk.store.audit(chosen).map(\.number) == [number])
        }
        let item = try #require(try await desk.store.auditItems(of: number, after: 0, limit: 9).first)
        let kept: Value = ["value": odd, "label": "$label"]
        #expect(item.before == .null && item.after.json() == kept.json())
        #expect(try await desk.store.audit(AuditFilter()).first?.details?.json() == odd.json())
      }
      let entries = try await desk.store.values(of: "$m", after: nil, limit: 99)
      #expect(entries.count == 6 && entries.allSatisfy { $0.value.json() == odd.json() && $0.label == "$label" })
      #expect(entries.map(\.code) == entries.map(\.code).sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
    }
  }

  @Test("a request longer than a document is edited, logged and removed with all its pieces")
  func longEdit() async throws {
    try await withStore { store, desk in
      try await desk.bring([desk.record("1")])
      try await desk.queue()
      let number = try #require(try await store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
      let long = Array(("\"" + String(repeating: "x", count: 9_000_000) + "\"").utf8)
      var old = try #require(try await store.payload(ofTask: number))
      for new in [long, Array("\"short\"".utf8), long] {
        let report = try await store.edit(
          task: number, expecting: old, payload: { _ in new }, desk.act("task.edit"))
        #expect(try await store.payload(ofTask: number) == new)
        let act = try #require(report.act)
        let item = try #require(try await store.auditItems(of: act, after: 0, limit: 9).first)
        #expect(item.before["payload"]?.jsonBytes() == old && item.after["payload"]?.jsonBytes() == new)
        old = new
      }
      #expect(try await desk.change(tasks: [number], .cancel(rendersAnew: true)).changed == 1)
      #expect(try await desk.change(tasks: [number], .prune).changed == 1)
      let left = try await store.perform { try $0.pieces.count(["of": .string(Tenant.owner(task: number))]) }
      #expect(left == 0)
    }
  }

  @Test("a record that is purged leaves none of its pieces, and nothing it waited for")
  func purging() async throws {
    try await withStore { store, desk in
      try await desk.keep(["n"])
      let long = #"{"n":1,"text":""# + String(repeating: "x", count: 7_000_000) + #""}"#
      var record = desk.record("long", long)
      record.digest = [1]
      try await desk.bring([record, desk.record("other")])
      try await desk.wait(for: [.record(desk.question("n", "9")), .delivery(hub: desk.hub, key: "other")])
      #expect(try await desk.change(["long", "other"], .purge(byForce: true)).changed == 2)
      let left = try await store.perform { tenant in
        try [tenant.pieces, tenant.lookupWaits, tenant.deliveryWaits, tenant.records("orders")].map {
          try $0.count([:])
        }
      }
      #expect(left == [0, 0, 0, 0])
    }
  }

  @Test("a move that the machines do not have is refused, with all of its transaction")
  func illegalMoves() async throws {
    for old in RecordState.allCases {
      for new in RecordState.allCases {
        let isLegal = (try? Moves.check(old, to: new)) != nil
        #expect(isLegal == old.successors.contains(new))
      }
    }
    for old in TaskState.allCases {
      for new in TaskState.allCases {
        let isLegal = (try? Moves.check(old, to: new)) != nil
        #expect(isLegal == old.successors.contains(new))
      }
    }
    try await withStore { _, desk in
      let error = await #expect(throws: StoreError.self) {
        // No source brings what is done.
        try await desk.bring([desk.record("1"), desk.record("2", "{}", .done)])
      }
      #expect(error?.code == .damaged && error?.message.contains("not there") == true)
      let status = try await desk.status()
      #expect(status.records.isEmpty && status.tasks == ["source.running": 1])
    }
  }

  private func withStore(_ body: (MongoStore, Desk) async throws -> Void) async throws {
    try await withTenant { url, tenant in
      let store = try await MongoStore.open(url: url, tenant: tenant)
      try await body(store, Desk(store))
      await store.close()
    }
  }
}
