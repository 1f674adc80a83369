import Keeping
import Testing
import Values

/// What persons do to records and value mappings, and what the log has of it.
let recordActRules: [Rule] = [
  Rule("failed records that are retried are pending in the order they first came, behind all others") { desk in
    try await desk.bring([
      desk.record("2", "{}", .failed, failure: desk.failure("mapping")), desk.record("1", "{}", .failed),
      desk.record("3"), desk.record("4", "{}", .filtered),
    ])
    let report = try await desk.change(["1", "2", "3", "4"], .retry)
    #expect(report.changed == 2 && report.skipped.count == 2)
    #expect(try await desk.pending().map(\.key) == ["3", "2", "1"])
    #expect(try await desk.pending().allSatisfy { $0.revision == 1 })
    #expect(try await desk.detail("2").summary.error == nil)
  },
  Rule("what the target refused is retried as a new revision, and so is what it has") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    try await desk.queue(batch: 2)
    try await desk.settle(desk.claimOne(.target), [.failed(desk.failure("rejected")), .done(id: "T")])
    #expect(try await desk.change(["1", "2"], .retry).changed == 1)
    #expect(try await desk.change(["2"], .sendAnew).changed == 1)
    let pending = try await desk.pending()
    #expect(pending.map(\.key) == ["1", "2"] && pending.map(\.revision) == [2, 2])
    #expect(pending.last?.delivered == Delivered(revision: 1, id: "T"))
  },
  Rule("a record that is held is not sent until it is released, and says who holds it and why") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    #expect(try await desk.change(["1"], .hold, reason: "ask the shop").changed == 1)
    #expect(try await desk.pending().map(\.key) == ["2"])
    #expect(try await desk.detail("1").summary.error?.message == "ann@desk holds it: ask the shop")
    #expect(try await desk.change(["1", "2"], .release).changed == 1)
    #expect(try await desk.pending().map(\.key) == ["2", "1"])
    try await desk.queue()
    #expect(try await desk.change(["1"], .hold).skipped.count == 1)
  },
  Rule("a waiting record that is retried or held is not woken any more by what it waited for") { desk in
    try await desk.keep(["code"])
    let orders = desk.beside("sales")
    try await desk.bring([desk.record("d", #"{"code":"D"}"#)])
    try await orders.bring(["1", "2", "3"].map { orders.record($0) })
    try await orders.wait(for: [.record(desk.question("code", "A")), .delivery(hub: desk.hub, key: "d")])
    #expect(try await orders.change(["1"], .retry).changed == 1)
    #expect(try await orders.change(["2"], .hold).changed == 1)
    #expect(try await orders.change(["2"], .release).changed == 1)
    // By now both wait for something else, the third still for the same.
    try await orders.wait(for: [.record(desk.question("code", "B"))])
    try await desk.bring([desk.record("a", #"{"code":"A"}"#)])
    #expect(try await orders.pending().map(\.key) == ["3"])
    try await desk.queue()
    for task in try await desk.claim(.target, limit: 2) { try await desk.settle(task, [.done(id: "T")]) }
    #expect(try await orders.status().records == ["waiting": 2, "pending": 1])
    try await desk.bring([desk.record("b", #"{"code":"B"}"#)])
    #expect(try await orders.status().records == ["pending": 3])
  },
  Rule("a changed record that was sent is held where the hub wants that, with the reason") { desk in
    func changed(_ key: String, _ content: String) -> IncomingRecord {
      var record = desk.record(key, content)
      record.holdsChange = true
      return record
    }
    try await desk.bring([changed("1", "1"), changed("2", "1"), changed("3", "1")])
    let items = try await desk.pending(limit: 2).map { WriteItem(record: $0.id, revision: $0.revision) }
    #expect(
      try await desk.store.enqueueWrites(
        hub: desk.hub, items.map { desk.write([$0]) }, unsendable: [], now: desk.at(0)) == 2)
    let tasks = try await desk.claim(.target, limit: 2)
    try await desk.settle(tasks[0], [.done(id: "T")])
    // The second is in flight, the third was never sent.
    try await desk.bring([changed("1", "2"), changed("2", "2"), changed("3", "2")], at: 200)
    #expect(try await desk.detail("1").summary.error?.kind == "changed")
    try await desk.settle(tasks[1], [.done(id: "T")])
    let states = try await ["1", "2", "3"].asyncMap { try await desk.state($0) }
    #expect(states == ["held", "held", "pending"])
    try await desk.bring([changed("1", "3")], at: 300)
    #expect(try await desk.state("1") == "held")
    #expect(try await desk.detail("1").summary.error?.kind == "changed")
    #expect(try await desk.change(["1"], .release).changed == 1)
    #expect(try await desk.pending().first { $0.key == "1" }?.content == Array("3".utf8))
  },
  Rule("a record may come held, and is not held again once it was released") { desk in
    let held = desk.record("1", "{}", .held, failure: desk.failure("held"))
    try await desk.bring([held, desk.record("2", "{}", .filtered)])
    #expect(try await desk.status().records == ["held": 1, "filtered": 1])
    #expect(try await desk.change(["1"], .release).changed == 1)
    try await desk.bring([held, desk.record("2", "{}", .held)], at: 200)
    #expect(try await desk.status().records == ["pending": 1, "held": 1])
  },
  Rule("records of an uncertain write are resolved one by one; with the last the write is done") { desk in
    let task = try await desk.doubt(["1", "2", "3"])
    #expect(try await desk.change(["1"], .arrived(id: "T-1")).changed == 1)
    #expect(try await desk.change(["2"], .notArrived).changed == 1)
    #expect(try await desk.task(task).summary.state == "uncertain")
    #expect(try await desk.change(["3", "2"], .arrived(id: nil)).changed == 1)
    #expect(try await desk.task(task).summary.state == "done")
    #expect(try await desk.status().records == ["done": 2, "pending": 1])
    #expect(try await desk.detail("1").summary.targetID == "T-1")
  },
  Rule("only records nobody needs are purged without force, and those in a write never") { desk in
    try await desk.bring([
      desk.record("done"), desk.record("queued"), desk.record("pending"), desk.record("failed", "{}", .failed),
      desk.record("filtered", "{}", .filtered),
    ])
    let items = try await desk.pending(limit: 2).map { WriteItem(record: $0.id, revision: $0.revision) }
    _ = try await desk.store.enqueueWrites(
      hub: desk.hub, items.map { desk.write([$0]) }, unsendable: [], now: desk.at(0))
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    let keys = ["done", "queued", "pending", "failed", "filtered"]
    #expect(try await desk.change(keys, .purge(byForce: false)).changed == 3)
    #expect(try await desk.status().records == ["queued": 1, "pending": 1])
    #expect(try await desk.store.record(hub: desk.hub, key: "done") == nil)
    #expect(try await desk.change(keys, .purge(byForce: true)).changed == 1)
    #expect(try await desk.status().records == ["queued": 1])
    // What is purged is new when it comes again.
    #expect(try await desk.bring([desk.record("done")], at: 200).new == 1)
  },
  Rule("a purged record is found by nothing any more, and found again when it comes again") { desk in
    try await desk.keep(["n"])
    try await desk.bring([desk.record("1", #"{"n":7}"#, .filtered), desk.record("2", #"{"n":8}"#, .filtered)])
    #expect(try await desk.find(["n": 7]).key == "1")
    #expect(try await desk.change(["1"], .purge(byForce: false)).changed == 1)
    #expect(try await desk.find(["n": 7]).isNone)
    #expect(try await desk.find(["n": 8]).key == "2")
    #expect(try await desk.bring([desk.record("1", #"{"n":7}"#)], at: 200).new == 1)
    #expect(try await desk.find(["n": 7]).key == "1")
  },
  Rule("the number of a purged record is never another's") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    let old = try await desk.pending().map(\.id)
    #expect(try await desk.change(["2"], .purge(byForce: true)).changed == 1)
    try await desk.bring([desk.record("1"), desk.record("3"), desk.record("4")], at: 200)
    let new = try await desk.pending().filter { ["3", "4"].contains($0.key) }.map(\.id)
    #expect(Set(new).count == 2)
    #expect(Set(old).isDisjoint(with: new))
    #expect(try await desk.pending().map(\.key) == ["1", "3", "4"])
  },
  Rule("purging the last uncertain record of a write ends the write") { desk in
    let task = try await desk.doubt(["1"])
    #expect(try await desk.change(["1"], .purge(byForce: true)).changed == 1)
    #expect(try await desk.task(task).summary.state == "done")
  },
  Rule("records are read page by page, with their contents, in the order they came") { desk in
    try await desk.bring((1...5).map { desk.record("\($0)", "{\"n\":\($0)}", $0 == 3 ? .filtered : .pending) })
    var found: [String] = []
    var after: Int64 = 0
    while true {
      let page = try await desk.store.recordPage(
        RecordFilter(hub: desk.hub, states: [.pending], limit: 2), after: after)
      guard let last = page.last else { break }
      after = last.summary.id
      found += page.map { $0.content.json() }
    }
    #expect(found == ["{\"n\":1}", "{\"n\":2}", "{\"n\":4}", "{\"n\":5}"])
  },
  Rule("an edited write has a new revision of each record, and is sent") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    try await desk.queue(batch: 2)
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    let old = try #require(try await desk.store.payload(ofTask: number))
    let report = try await desk.store.edit(
      task: number, expecting: old,
      payload: { items in
        Array(items.map { "\($0.key):\($0.oldRevision)>\($0.newRevision)" }.joined(separator: " ").utf8)
      }, desk.act("task.edit"))
    #expect(report.changed == 1)
    let task = try await desk.claimOne(.target)
    #expect(task.payload == Array("1:1>2 2:1>2".utf8) && task.items.map(\.revision) == [2, 2])
    try await desk.settle(task, [.done(id: nil), .done(id: nil)])
    #expect(try await desk.status().records == ["done": 2])
    #expect(try await desk.detail("1").deliveredRevision == 2)
    let act = try #require(report.act)
    let item = try #require(try await desk.store.auditItems(of: act, after: 0, limit: 9).first)
    #expect(item.before["payload"]?.json() == "{\"records\":2}")
    #expect(item.after["payload"] == "1:1>2 2:1>2")
  },
  Rule("an edit is void where the task runs, was edited meanwhile, or a record of it has changed") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    let old = try #require(try await desk.store.payload(ofTask: number))
    func edit(_ expected: [UInt8]) async throws -> ChangeReport {
      try await desk.store.edit(
        task: number, expecting: expected, payload: { _ in Array("\"new\"".utf8) }, desk.act("task.edit"))
    }
    #expect(try await edit(Array("other".utf8)).skipped.count == 1)
    let running = try await desk.claimOne(.target)
    #expect(try await edit(old).skipped.count == 1)
    try await desk.store.setBack(
      running.lease, .retry(at: desk.at(0), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(0))
    try await desk.bring([desk.record("1", "{\"a\":1}")], at: 200)
    #expect(try await edit(old).skipped.count == 1)
    #expect(try await desk.store.payload(ofTask: number) == old)
    #expect(try await desk.store.audit(AuditFilter()).isEmpty)
  },
  Rule("an edited query asks for what it was edited to") { desk in
    _ = try await desk.openPull(["a"])
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub)).first)
    let report = try await desk.store.edit(
      task: number, expecting: Array("\"a\"".utf8),
      payload: { items in items.isEmpty ? Array("\"b\"".utf8) : [] }, desk.act("task.edit"))
    #expect(report.changed == 1)
    #expect(try await desk.claimOne(.source).payload == Array("\"b\"".utf8))
  },
]

/// Kept entries of value mappings, and the log.
let valueRules: [Rule] = [
  Rule("an entry is kept, replaced and removed, and each change is a new version") { desk in
    #expect(try await desk.store.valuesVersion() == 0)
    let first = try await desk.set("W01", "101", supplies: [])
    #expect(first.report.changed == 1 && first.woken == 0)
    #expect(try await desk.set("W01", "101", supplies: []).report.changed == 0)
    #expect(try await desk.store.valuesVersion() == 1)
    _ = try await desk.set("W01", "102", supplies: [])
    _ = try await desk.set("A", "1", supplies: [])
    let entries = try await desk.store.values(of: "warehouses", after: nil, limit: 10)
    #expect(entries.map(\.code) == ["A", "W01"] && entries.last?.value == "102")
    #expect(entries.last?.changedBy == "ann@desk" && entries.last?.changedAt == desk.at(300).description)
    #expect(try await desk.store.values(of: "warehouses", after: "A", limit: 10).map(\.code) == ["W01"])
    #expect(try await desk.store.values(of: "other", after: nil, limit: 10).isEmpty)
    let removed = try await desk.store.change(
      values: [EntryChange(code: "W01", entry: nil), EntryChange(code: "none", entry: nil)], of: "warehouses",
      desk.act("value.remove"))
    #expect(removed.report.changed == 1 && removed.report.skipped.count == 1)
    #expect(try await desk.store.valuesVersion() == 4)
    let act = try #require(removed.report.act)
    let items = try await desk.store.auditItems(of: act, after: 0, limit: 9)
    #expect(items == [AuditItem(number: 1, subject: "value warehouses/W01", before: ["value": "102"], after: .null)])
  },
  Rule("an entry wakes exactly the records that wait for it, of every hub, in their old places") { desk in
    var other = desk
    other.hub = "returns"
    for each in [desk, other] {
      try await each.bring((1...4).map { each.record("\($0)") })
      let unsendable = try await each.pending(limit: 3).map { record in
        UnsendableRecord(
          item: WriteItem(record: record.id, revision: record.revision), failure: each.failure("waiting"),
          isWaiting: true, waitsFor: record.key == "2" ? "warehouses: W02" : "warehouses: W01")
      }
      _ = try await each.store.enqueueWrites(hub: each.hub, [], unsendable: unsendable, now: each.at(1))
    }
    #expect(try await desk.status().records == ["waiting": 3, "pending": 1])
    let woken = try await desk.set("W01", "101", supplies: ["warehouses: W01"]).woken
    #expect(woken == 4)
    for each in [desk, other] {
      #expect(try await each.pending().map(\.key) == ["1", "3", "4"])
      #expect(try await each.status().records == ["waiting": 1, "pending": 3])
    }
  },
  Rule("a record that was rendered before an entry came stays pending, to be rendered with it") { desk in
    try await desk.bring([desk.record("1")])
    let version = try await desk.store.valuesVersion()
    let record = try #require(try await desk.pending().first)
    _ = try await desk.set("W01", "101", supplies: ["warehouses: W01"])
    let unsendable = UnsendableRecord(
      item: WriteItem(record: record.id, revision: 1), failure: desk.failure("waiting"), isWaiting: true,
      waitsFor: "warehouses: W01", valuesVersion: version)
    _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: [unsendable], now: desk.at(1))
    #expect(try await desk.state("1") == "pending")
  },
  Rule("a record that waits for something new is not woken by what it waited for before") { desk in
    try await desk.bring([desk.record("1")])
    func wait(for what: String) async throws {
      let unsendable = try await desk.pending().map { record in
        UnsendableRecord(
          item: WriteItem(record: record.id, revision: record.revision), failure: desk.failure("waiting"),
          isWaiting: true, waitsFor: what)
      }
      _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: unsendable, now: desk.at(1))
    }
    try await wait(for: "a: 1")
    try await desk.bring([desk.record("1", "{\"a\":2}")], at: 200)
    try await wait(for: "a: 2")
    #expect(try await desk.set("1", "x", supplies: ["a: 1"]).woken == 0)
    #expect(try await desk.set("2", "x", supplies: ["a: 2"]).woken == 1)
  },
  Rule("the log has who, what, when, why, before and after; a large act is one entry") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)", "{}", .failed, failure: desk.failure()) })
    var act = desk.act("record.retry", reason: "the ERP is back", at: 7)
    act.details = ["filter": "all"]
    let numbers = try await desk.store.recordNumbers(RecordFilter(hub: desk.hub))
    for number in numbers {
      act.number = try await desk.store.change(hub: desk.hub, records: [number], .retry, act).act
    }
    let entries = try await desk.store.audit(AuditFilter())
    let entry = try #require(entries.first)
    #expect(entries.count == 1 && entry.changed == 3 && entry.by == "ann@desk" && entry.action == "record.retry")
    #expect(entry.reason == "the ERP is back" && entry.hub == "orders" && entry.at == desk.at(7).description)
    #expect(entry.details == ["filter": "all"])
    let items = try await desk.store.auditItems(of: entry.number, after: 1, limit: 9)
    #expect(items.map(\.subject) == ["record orders/2", "record orders/3"] && items.map(\.number) == [2, 3])
    #expect(items.first?.before == ["state": "failed", "revision": 1, "error": "rejected: no"])
    #expect(items.first?.after == ["state": "pending", "revision": 2])
  },
  Rule("the log is found by thing, action, person, hub and time; a deployment is in it") { desk in
    try await desk.bring([desk.record("1", "{}", .failed)])
    _ = try await desk.change(["1"], .retry)
    _ = try await desk.set("W01", "101", supplies: [])
    var plan = NewDeployment(plan: [], digest: "d1", replaces: 0, by: "bob@host", commit: "c0ffee", at: desk.at(400))
    plan.reason = "go live"
    _ = try await desk.store.deploy(plan)
    func actions(_ change: (inout AuditFilter) -> Void) async throws -> [String] {
      var filter = AuditFilter()
      change(&filter)
      return try await desk.store.audit(filter).map(\.action)
    }
    #expect(try await actions { _ in } == ["deploy", "value.set", "record.test"])
    #expect(try await actions { $0.limit = 1 } == ["deploy"])
    #expect(try await actions { $0.subject = "record orders/1" } == ["record.test"])
    #expect(try await actions { $0.subject = "value warehouses/W01" } == ["value.set"])
    #expect(try await actions { $0.action = "value" } == ["value.set"])
    #expect(try await actions { $0.by = "bob" } == ["deploy"])
    #expect(try await actions { $0.by = "ann@desk" } == ["value.set", "record.test"])
    #expect(try await actions { $0.by = "an" }.isEmpty)
    #expect(try await actions { $0.since = desk.at(350) } == ["deploy"])
    #expect(try await actions { $0.number = 1 } == ["record.test"])
    let deployed = try #require(try await desk.store.audit(AuditFilter()).first)
    #expect(deployed.details == ["generation": 1, "digest": "d1", "commit": "c0ffee"] && deployed.reason == "go live")
  },
  Rule("a hub's status tells what went wrong last, and since when the next task waits") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    try await desk.queue(at: 10)
    #expect(try await desk.status().oldestReadyAt == desk.at(10).description)
    #expect(try await desk.status().lastError == nil)
    for _ in 1...2 {
      let task = try await desk.claimOne(.target, at: 20)
      try await desk.store.setBack(
        task.lease, .retry(at: desk.at(50), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(20))
    }
    let status = try await desk.status()
    #expect(status.oldestReadyAt == nil && status.nextDue == desk.at(50).description)
    #expect(status.lastError == desk.failure("notSent"))
  },
]

extension Desk {
  func set(_ code: String, _ value: String, supplies: [String]) async throws -> (report: ChangeReport, woken: Int) {
    try await store.change(
      values: [EntryChange(code: code, entry: KeptEntry(code: code, value: .string(value)), supplies: supplies)],
      of: "warehouses", act("value.set"))
  }
}
