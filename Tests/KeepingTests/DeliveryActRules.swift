import Keeping
import Testing
import Values

/// What persons do to writes that are split, followed by others, locked or taken back.
let deliveryActRules: [Rule] = [
  Rule("a write that a person says arrived, and that a call follows, leaves its record pending as what the target has")
  {
    desk in
    try await desk.doubt(WriteArrival(goesOn: true))
    #expect(try await desk.change(["1"], .arrived(id: "T1")).changed == 1)
    let record = try await desk.pending()[0]
    #expect(record.revision == 1 && record.delivered == Delivered(revision: 1, id: "T1"))
    #expect(try await desk.status().tasks["target.done"] == 1)
    // The call that follows is of unknown outcome as well, and has arrived too.
    var call = desk.write([WriteItem(record: record.id, revision: 1)])
    call.arrival = WriteArrival(steps: ["submit"], effect: .unchanged)
    #expect(try await desk.doubt(about: call).summary.state == "uncertain")
    #expect(try await desk.change(["1"], .arrived(id: "S1")).changed == 1)
    let detail = try await desk.detail("1")
    #expect(detail.summary.state == "done" && detail.summary.targetID == "T1" && detail.deliveredRevision == 1)
    #expect(detail.steps?.map(\.name) == ["submit"] && detail.steps?.map(\.id) == ["S1"])
  },
  Rule("of a record of many documents, one that arrived is done and the record goes on; with the last it is done") {
    desk in
    try await desk.doubt(WriteArrival(steps: ["document 1"], goesOn: true, effect: .unchanged))
    #expect(try await desk.change(["1"], .arrived(id: nil)).changed == 1)
    let record = try await desk.pending()[0]
    #expect(record.delivered == nil)
    let done = try await desk.store.doneSteps(hub: desk.hub, records: [record.id])
    #expect(done[record.id]?.map(\.name) == ["document 1"])
    var last = desk.write([WriteItem(record: record.id, revision: 1)])
    last.arrival = WriteArrival(steps: ["document 2"], effect: .unchanged)
    _ = try await desk.doubt(about: last)
    #expect(try await desk.change(["1"], .arrived(id: nil)).changed == 1)
    #expect(try await desk.state("1") == "done")
    #expect(try await desk.detail("1").deliveredRevision == 1)
  },
  Rule("a call that takes a record back, and that a person says arrived, leaves it filtered and not delivered") {
    desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: "T")])
    try await desk.bring([desk.record("1", "{\"gone\":true}")])
    let record = try await desk.pending()[0]
    var void = desk.write([WriteItem(record: record.id, revision: 2)])
    void.arrival = WriteArrival(steps: ["void"], effect: .takenBack)
    _ = try await desk.doubt(about: void)
    #expect(try await desk.change(["1"], .arrived(id: nil)).changed == 1)
    let detail = try await desk.detail("1")
    #expect(detail.summary.state == "filtered" && detail.summary.targetID == nil && detail.deliveredRevision == nil)
    #expect(detail.steps?.map(\.name) == ["void"])
  },
  Rule("a record that comes back as it was after it was taken back is a new revision") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: "T")])
    try await desk.bring([desk.record("1", "{\"gone\":true}")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.voided])
    #expect(try await desk.state("1") == "filtered")
    try await desk.bring([desk.record("1", "{\"gone\":true}")])
    #expect(try await desk.pending().map(\.revision) == [3])
    #expect(try await desk.pending().map(\.delivered) == [nil])
  },
  Rule("what is to be taken back stays pending when the source gives it again unchanged") { desk in
    func gone() -> IncomingRecord {
      var record = desk.record("1", "{\"gone\":true}", .filtered)
      record.voidsDelivered = true
      return record
    }
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: "T")])
    try await desk.bring([gone()])
    try await desk.bring([gone()])
    #expect(try await desk.state("1") == "pending")
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.voided])
    try await desk.bring([gone()])
    #expect(try await desk.state("1") == "filtered")
  },
  Rule("a write that was to be cancelled when it was split does not go on in its parts; a call beside it does") {
    desk in
    try await desk.bring((1...4).map { desk.record("\($0)") })
    try await desk.queue(batch: 4)
    let whole = try await desk.claimOne(.target)
    #expect(try await desk.change(tasks: [whole.lease.task], .cancel(rendersAnew: false)).requested == 1)
    var parts = [Array(whole.items[..<2]), Array(whole.items[2...])].map { desk.write($0) }
    parts[1].due = desk.at(20)
    parts.append(desk.write([]))
    _ = try await desk.follow(whole, whole.items.map { _ in .goesOn }, parts, phase: .rejected)
    #expect(try await desk.status().records == ["held": 4])
    let tasks = try await desk.status().tasks
    #expect(tasks == ["source.done": 1, "target.done": 1, "target.cancelled": 2, "target.ready": 1])
    #expect(try await desk.detail("1").summary.error?.kind == "cancelled")
    #expect(try await desk.change(["1", "2", "3", "4"], .release).changed == 4)
    #expect(try await desk.pending().count == 4)
  },
  Rule("a task that is to be cancelled while it is looked up is uncertain, since an attempt may have arrived") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    for (kind, state) in [("uncertain", "retrying"), ("notFound", "uncertain")] {
      let task = try await desk.claimOne(.target)
      if kind == "notFound" { _ = try await desk.change(tasks: [task.lease.task], .cancel(rendersAnew: false)) }
      try await desk.store.setBack(
        task.lease, .retry(at: desk.at(0), countsAsAttempt: false), desk.failure(kind), now: desk.at(0))
      #expect(try await desk.task(task).summary.state == state)
    }
    #expect(try await desk.state("1") == "uncertain")
  },
  Rule("a dead write of a group is not tried again while another of the group is on its way") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    let items = try await desk.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    func queue(_ item: WriteItem) async throws {
      let write = NewWrite(items: [item], payload: [], sendsAgain: true, lock: "north#0")
      #expect(try await desk.store.enqueueWrites(hub: desk.hub, [write], unsendable: [], now: desk.at(0)) == 1)
    }
    try await queue(items[0])
    let dead = try await desk.claimOne(.target)
    try await desk.store.setBack(dead.lease, .give, desk.failure("notSent"), now: desk.at(0))
    try await queue(items[1])
    let refused = try await desk.change(tasks: [dead.lease.task], .retry(atEnd: false))
    #expect(refused.changed == 0 && refused.skipped.first?.reason.contains("group") == true)
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    #expect(try await desk.change(tasks: [dead.lease.task], .retry(atEnd: false)).changed == 1)
    #expect(try await desk.store.heldLocks(hub: desk.hub) == ["north#0"])
  },
  Rule("a record whose follow-up was refused is tried again as what the target has, not written anew") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    let step = try await desk.follow(write, [.delivered(id: "T1")], [desk.write(write.items)], claim: true)[0]
    try await desk.settle(step, [.failed(desk.failure("rejected"))])
    #expect(try await desk.change(["1"], .retry).changed == 1)
    #expect(try await desk.pending().map(\.revision) == [1])
    #expect(try await desk.pending().map(\.delivered) == [Delivered(revision: 1, id: "T1")])
  },
  Rule("what was done of a record stays done when a call that is left is edited") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    let step = try await desk.follow(write, [.delivered(id: "T1")], [desk.write(write.items)], claim: true)[0]
    var settlement = desk.settlement(step, [.delivered(id: nil)])
    settlement.steps = [DoneStep(item: step.items[0], name: "submit")]
    settlement.followers = [desk.write(step.items)]
    _ = try await desk.store.settleWrite(step.lease, settlement)
    let last = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    let payload = try #require(try await desk.store.payload(ofTask: last))
    let edited = try await desk.store.edit(
      task: last, expecting: payload, payload: { _ in Array("{}".utf8) }, desk.act("task.edit"))
    #expect(edited.changed == 1)
    let detail = try await desk.detail("1")
    #expect(detail.summary.revision == 2 && detail.deliveredRevision == 2)
    let done = try await desk.store.doneSteps(hub: desk.hub, records: [detail.summary.id])
    #expect(done[detail.summary.id]?.map(\.name) == ["submit"])
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    #expect(try await desk.state("1") == "done")
  },
  Rule("of a purged record nothing is left that another of its number could be taken for") { desk in
    func bring(_ keys: [String], at seconds: Int64) async throws {
      _ = try #require(try await desk.openPull(["all"], to: 100 + seconds))
      var page = SettledPage(records: keys.map { desk.record($0) }, next: nil, claim: nil, now: desk.at(seconds))
      page.voidsVanished = true
      _ = try await desk.store.settlePage(desk.claimOne(.source, at: seconds).lease, page)
    }
    try await bring(["1", "2"], at: 0)
    try await desk.queue()
    for task in try await desk.claim(.target, limit: 2) { try await desk.settle(task, [.done(id: "T")]) }
    try await bring(["1"], at: 10)
    let gone = try await desk.detail("2").summary.id
    #expect(try await desk.store.vanished(hub: desk.hub, records: [gone]) == [gone])
    #expect(try await desk.change(["2"], .purge(byForce: true)).changed == 1)
    #expect(try await desk.store.vanished(hub: desk.hub, records: [gone]).isEmpty)
  },
]

extension Desk {
  /// Brings the record `1`, of which a write of unknown outcome is then.
  fileprivate func doubt(_ arrival: WriteArrival) async throws {
    try await bring([record("1")])
    let record = try await pending()[0]
    var write = write([WriteItem(record: record.id, revision: record.revision)])
    write.arrival = arrival
    #expect(try await doubt(about: write).summary.state == "uncertain")
  }

  /// Queues a write and leaves its outcome unknown.
  fileprivate func doubt(about write: NewWrite) async throws -> TaskDetail {
    #expect(try await store.enqueueWrites(hub: hub, [write], unsendable: [], now: at(0)) == 1)
    let task = try await claimOne(.target)
    try await store.setBack(task.lease, .uncertain, failure("uncertain"), now: at(0))
    return try await self.task(task)
  }
}
