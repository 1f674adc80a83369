import Keeping
import Testing
import Values

/// Writes: how they are queued, claimed and settled.
let writeRules: [Rule] = [
  Rule("a write takes its records out of what is pending and gives them back to nobody else") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0) })
    #expect(try await desk.queue(batch: 2) == 2)
    #expect(try await desk.pending().isEmpty)
    #expect(try await desk.status().records == ["queued": 3])
    let tasks = try await desk.claim(.target, limit: 10)
    #expect(tasks.map(\.items.count) == [2, 1])
    #expect(tasks[0].payload == Array("{\"records\":2}".utf8) && tasks[0].attempts == 0)
    #expect(try await desk.task(tasks[0]).keys == ["1", "2"])
    #expect(try await desk.claim(.target, limit: 10).isEmpty)
    #expect(try await desk.store.runningCount(hub: desk.hub, side: .target) == 2)
    #expect(try await desk.store.runningCount(hub: desk.hub, side: .source) == 0)
  },
  Rule("a write with one stale record is void as a whole, and its records keep their places") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0, "1") })
    let items = try await desk.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    try await desk.bring([desk.record("2", "2")])
    let writes = [desk.write([items[0], items[1]]), desk.write([items[2]]), desk.write([items[2]])]
    #expect(try await desk.store.enqueueWrites(hub: desk.hub, writes, unsendable: [], now: desk.at(1)) == 1)
    #expect(try await desk.pending().map(\.key) == ["1", "2"])
    #expect(try await desk.status().tasks == ["source.done": 2, "target.ready": 1])
    #expect(try await desk.status().records == ["pending": 2, "queued": 1])
    let twice = desk.write([items[0], items[0]])
    #expect(try await desk.store.enqueueWrites(hub: desk.hub, [twice], unsendable: [], now: desk.at(1)) == 0)
    let unknown = desk.write([WriteItem(record: 999, revision: 1)])
    #expect(try await desk.store.enqueueWrites(hub: desk.hub, [unknown], unsendable: [], now: desk.at(1)) == 0)
  },
  Rule("a record that cannot be sent is failed with its reason, unless it changed meanwhile") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0, "1") })
    let items = try await desk.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    try await desk.bring([desk.record("2", "2")])
    let unsendable = items.map { UnsendableRecord(item: $0, failure: desk.failure("mapping")) }
    #expect(try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: unsendable, now: desk.at(1)) == 0)
    #expect(try await desk.detail("1").summary.error == desk.failure("mapping"))
    #expect(try await desk.status().records == ["pending": 1, "failed": 1])
  },
  Rule("a record whose code is missing waits, and is pending again in its old place when it is woken") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0) })
    let first = try await desk.pending()[0]
    let item = WriteItem(record: first.id, revision: first.revision)
    let waiting = UnsendableRecord(item: item, failure: desk.failure("waiting"), isWaiting: true)
    _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: [waiting], now: desk.at(1))
    #expect(try await desk.status().records == ["pending": 2, "waiting": 1])
    #expect(try await desk.detail("1").summary.error == desk.failure("waiting"))
    #expect(try await desk.store.wakeWaiting(hub: desk.hub, now: desk.at(2)) == 1)
    #expect(try await desk.pending().map(\.key) == ["1", "2", "3"])
    #expect(try await desk.status().records == ["pending": 3])
    #expect(try await desk.store.wakeWaiting(hub: desk.hub, now: desk.at(3)) == 0)
  },
  Rule("writes are claimed first in, first out, and others pass one that waits for its retry") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0) })
    try await desk.queue()
    let first = try await desk.claimOne(.target)
    #expect(try await desk.task(first).keys == ["1"])
    try await desk.store.setBack(
      first.lease, .retry(at: desk.at(20), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    #expect(try await desk.state("1") == "queued")
    let second = try await desk.claimOne(.target, at: 2)
    #expect(try await desk.task(second).keys == ["2"])
    let rest = try await desk.settle(second, [.done(id: nil)], claim: true, at: 20)
    #expect(rest.map(\.lease.task) == [first.lease.task] && rest.map(\.lease.epoch) == [2])
    #expect(rest.map(\.attempts) == [1] && rest.map(\.payload) == [first.payload])
  },
  Rule("the ledger says sending from the claim on, and then how it ended") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let task = try await desk.claimOne(.target)
    #expect(try await desk.task(task).sendings.map(\.phase) == ["sending"])
    try await desk.store.setBack(
      task.lease, .retry(at: desk.at(2), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    let again = try await desk.claimOne(.target, at: 2)
    try await desk.store.setBack(
      again.lease, .retry(at: desk.at(3), countsAsAttempt: true), desk.failure("uncertain"), now: desk.at(2))
    try await desk.settle(desk.claimOne(.target, at: 3), [.done(id: "T")], at: 4)
    let sendings = try await desk.task(task).sendings
    #expect(sendings.map(\.phase) == ["notSent", "uncertain", "acknowledged"])
    #expect(sendings.map(\.epoch) == [1, 2, 3] && sendings.map(\.status) == [400, 400, 200])
    #expect(sendings[2].answer == "{\"ok\":true}" && sendings[2].durationMilliseconds == 12)
    #expect(sendings[0].startedAt == desk.at(0).description)
    #expect(try await desk.task(task).summary.state == "done")
  },
  Rule("each record of a write gets its own outcome, and the next write is claimed at once") { desk in
    try await desk.bring((1...6).map { desk.record("\($0)") })
    try await desk.queue(batch: 4)
    let task = try await desk.claimOne(.target)
    let next = try await desk.settle(
      task,
      [
        .done(id: "T"), .failed(desk.failure()), .again(desk.failure("uncertain")),
        .uncertain(desk.failure("uncertain")),
      ],
      claim: true, at: 5)
    #expect(next.map(\.items.count) == [2])
    #expect(try await desk.task(task).summary.state == "uncertain")
    #expect(try await desk.status().records == ["done": 1, "failed": 1, "pending": 1, "uncertain": 1, "queued": 2])
    let done = try await desk.detail("1")
    #expect(done.summary.targetID == "T" && done.deliveredRevision == 1 && done.targetTask == task.lease.task)
    #expect(try await desk.detail("2").summary.error == desk.failure())
    #expect(try await desk.pending().map(\.key) == ["3"])
  },
  Rule("a record that a settlement says nothing of is uncertain, and one of another write is not touched") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0) })
    try await desk.queue(batch: 2)
    let tasks = try await desk.claim(.target, limit: 2)
    let stranger = ItemOutcome(item: tasks[1].items[0], result: .done(id: "X"))
    let own = ItemOutcome(item: tasks[0].items[0], result: .done(id: "A"))
    _ = try await desk.store.settleWrite(
      tasks[0].lease,
      WriteSettlement(
        outcomes: [own, own, stranger], phase: .acknowledged, status: nil, answer: nil, durationMilliseconds: 1,
        claim: nil, now: desk.at(1)))
    #expect(try await desk.state("1") == "done")
    #expect(try await desk.state("2") == "uncertain")
    #expect(try await desk.state("3") == "queued")
    #expect(try await desk.task(tasks[0]).summary.state == "uncertain")
  },
  Rule("a write that is given up fails its records, and one of unknown outcome leaves them uncertain") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue()
    let tasks = try await desk.claim(.target, limit: 2)
    try await desk.store.setBack(tasks[0].lease, .give, desk.failure(), now: desk.at(1))
    try await desk.store.setBack(tasks[1].lease, .uncertain, desk.failure("notSent"), now: desk.at(1))
    #expect(try await desk.task(tasks[0]).summary.state == "dead")
    #expect(try await desk.detail("1").summary.error == desk.failure())
    #expect(try await desk.state("1") == "failed")
    #expect(try await desk.task(tasks[0]).sendings.map(\.phase) == ["rejected"])
    #expect(try await desk.task(tasks[1]).summary.state == "uncertain")
    #expect(try await desk.state("2") == "uncertain")
    #expect(try await desk.task(tasks[1]).sendings.map(\.phase) == ["uncertain"])
    #expect(try await desk.task(tasks[1]).summary.finishedAt == desk.at(1).description)
  },
  Rule("a record sent again goes behind the others") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    let one = try await desk.pending(limit: 1).map { WriteItem(record: $0.id, revision: $0.revision) }
    _ = try await desk.store.enqueueWrites(hub: desk.hub, [desk.write(one)], unsendable: [], now: desk.at(0))
    try await desk.settle(desk.claimOne(.target), [.again(desk.failure("uncertain"))])
    #expect(try await desk.pending().map(\.key) == ["2", "1"])
  },
  Rule("nothing is settled with a stale lease") { desk in
    _ = try await desk.openPull(["a"])
    let query = try await desk.claimOne(.source)
    let thief = TaskLease(task: query.lease.task, owner: "another", epoch: query.lease.epoch)
    let page = SettledPage(records: [desk.record("1")], next: nil, claim: nil, now: desk.at(1))
    await desk.expectLeaseLost { _ = try await desk.store.settlePage(thief, page) }
    let late = TaskLease(task: query.lease.task, owner: desk.owner, epoch: query.lease.epoch - 1)
    await desk.expectLeaseLost { _ = try await desk.store.settlePage(late, page) }
    await desk.expectLeaseLost { try await desk.store.setBack(late, .give, desk.failure(), now: desk.at(1)) }
    await desk.expectLeaseLost { try await desk.settle(query, [.done(id: nil)]) }
    #expect(try await desk.status().records.isEmpty)
    #expect(try await desk.task(query).summary.state == "running")
    _ = try await desk.store.settlePage(query.lease, page)
    await desk.expectLeaseLost { _ = try await desk.store.settlePage(query.lease, page) }

    try await desk.queue()
    let write = try await desk.claimOne(.target)
    await desk.expectLeaseLost { _ = try await desk.store.settlePage(write.lease, page) }
    try await desk.settle(write, [.done(id: "T")])
    await desk.expectLeaseLost { try await desk.settle(write, [.failed(desk.failure())]) }
    await desk.expectLeaseLost { try await desk.store.setBack(write.lease, .give, desk.failure(), now: desk.at(1)) }
    #expect(try await desk.state("1") == "done")
    let none = TaskLease(task: 4711, owner: desk.owner, epoch: 1)
    await desk.expectLeaseLost { try await desk.store.setBack(none, .give, desk.failure(), now: desk.at(1)) }
  },
  Rule("a queue says when it is due next, whatever stands first") { desk in
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .target) == nil)
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue()
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .target) == desk.at(0))
    for (task, due) in zip(try await desk.claim(.target, limit: 2), [Int64(50), 40]) {
      try await desk.store.setBack(
        task.lease, .retry(at: desk.at(due), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    }
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .target) == desk.at(40))
    _ = try await desk.claim(.target, limit: 2, at: 60)
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .target) == nil)
  },
  Rule("many workers at once never get the same task") { desk in
    try await desk.bring((1...60).map { desk.record("\($0)") })
    try await desk.queue()
    let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for _ in 1...20 {
        group.addTask { try await desk.claim(.target, limit: 4).map(\.lease.task) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(claimed.count == 60 && Set(claimed).count == 60)
  },
]
