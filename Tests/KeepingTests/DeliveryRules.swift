import Keeping
import Testing
import Values

/// Followers, doubt, steps and locks of writes.
let deliveryRules: [Rule] = [
  Rule("a write that is split ends with its parts in its place of the queue, and its records are theirs") { desk in
    try await desk.bring((1...6).map { desk.record("\($0)") })
    try await desk.queue(batch: 4)
    let whole = try await desk.claimOne(.target)
    let parts = [Array(whole.items[..<2]), Array(whole.items[2...])].map { desk.write($0) }
    let next = try await desk.follow(whole, whole.items.map { _ in .goesOn }, parts, phase: .rejected, claim: true)
    #expect(next.map(\.items) == [Array(whole.items[..<2])])
    #expect(next[0].doubt == nil && next[0].lease.epoch == 1)
    let detail = try await desk.task(whole)
    #expect(detail.summary.state == "done" && detail.summary.error == desk.failure() && detail.followers?.count == 2)
    #expect(try await desk.task(next[0]).origin == whole.lease.task)
    #expect(try await desk.status().records == ["queued": 6])
    try await desk.settle(next[0], [.done(id: "A"), .done(id: "B")])
    #expect(try await desk.task(desk.claimOne(.target)).keys == ["3", "4"])
    #expect(try await desk.task(desk.claimOne(.target)).keys == ["5", "6"])
    #expect(try await desk.store.splitProgress(of: whole.lease.task) == SplitProgress(refused: 1, taken: 1))
    await desk.expectLeaseLost { try await desk.settle(whole, [.done(id: "X")]) }
    #expect(try await desk.status().records == ["done": 2, "queued": 4])
  },
  Rule("a delivered record stays queued until its follow-up is done, and keeps the target's id and the steps") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    let step = try await desk.follow(write, [.delivered(id: "T1")], [desk.write(write.items)], claim: true)[0]
    #expect(try await desk.detail("1").deliveredRevision == 1)
    #expect(try await desk.detail("1").summary.targetID == "T1")
    #expect(try await desk.state("1") == "queued")
    var settlement = desk.settlement(step, [.done(id: nil)])
    settlement.steps = [DoneStep(item: step.items[0], name: "submit", id: "S1")]
    _ = try await desk.store.settleWrite(step.lease, settlement)
    #expect(try await desk.detail("1").summary.targetID == "T1")
    #expect(try await desk.detail("1").steps?.map(\.name) == ["submit"])
    let id = try await desk.detail("1").summary.id
    #expect(try await desk.store.doneSteps(hub: desk.hub, records: [id])[id] == settlement.steps)
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    #expect(try await desk.store.doneSteps(hub: desk.hub, records: [id]).isEmpty)
  },
  Rule("a record that changed while a follow-up was to be done goes on when that is done") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    let step = try await desk.follow(write, [.delivered(id: "T1")], [desk.write(write.items)], claim: true)[0]
    #expect(try await desk.store.recordsInWrite(hub: desk.hub, step.items).map(\.?.key) == [nil])
    try await desk.settle(step, [.done(id: nil)])
    #expect(try await desk.pending().map(\.revision) == [2])
    #expect(try await desk.pending().map(\.delivered) == [Delivered(revision: 1, id: "T1")])
  },
  Rule("a follower whose worker is gone is run again, and nothing of the write before it") { desk in
    let worker = try await desk.store.openSession()
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let write = try await desk.claimOne(.target, owner: worker.owner)
    _ = try await desk.follow(write, [.delivered(id: "T1")], [desk.write(write.items)])
    let step = try await desk.claimOne(.target, owner: worker.owner)
    await worker.close()
    try await desk.store.rescueOrphans(now: desk.at(1))
    let again = try await desk.claimOne(.target, at: 1)
    #expect(again.lease.task == step.lease.task)
    #expect(again.doubt == SendDoubt(sinceMilliseconds: desk.at(1).milliseconds, looks: 0))
    #expect(try await desk.task(write).summary.state == "done")
  },
  Rule("a write knows since when it may have arrived, and how often it was looked up since") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let kinds: [(kind: String, looks: Int?)] = [
      ("notSent", nil), ("rateLimited", nil), ("uncertain", 0), ("notFound", 1), ("lookup", 1), ("notFound", 2),
      ("uncertain", 0),
    ]
    for (number, step) in kinds.enumerated() {
      let task = try await desk.claimOne(.target, at: Int64(number))
      try await desk.store.setBack(
        task.lease, .retry(at: desk.at(0), countsAsAttempt: false), desk.failure(step.kind), now: desk.at(Int64(number))
      )
      let again = try await desk.claimOne(.target, at: Int64(number))
      #expect(again.doubt?.looks == step.looks, "\(number): \(step)")
      try await desk.store.setBack(
        again.lease, .retry(at: desk.at(0), countsAsAttempt: false), desk.failure("notSent"),
        now: desk.at(Int64(number)))
    }
    let last = try await desk.claimOne(.target, at: 9)
    #expect(last.doubt?.sinceMilliseconds == desk.at(6).milliseconds)
  },
  Rule("a write that is made of one of unknown outcome is doubtful from the start") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue(batch: 2)
    let whole = try await desk.claimOne(.target)
    var rest = desk.write([whole.items[1]])
    rest.isDoubtful = true
    let next = try await desk.follow(whole, [.done(id: nil), .goesOn], [rest], claim: true, at: 3)
    #expect(next[0].doubt == SendDoubt(sinceMilliseconds: desk.at(3).milliseconds, looks: 0))
  },
  Rule("a record that is voided is filtered and no longer delivered; one that changed meanwhile goes on") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue()
    for task in try await desk.claim(.target, limit: 2) { try await desk.settle(task, [.done(id: "T")]) }
    try await desk.bring(["1", "2"].map { desk.record($0, "{\"gone\":true}") })
    try await desk.queue()
    let voids = try await desk.claim(.target, limit: 2)
    try await desk.bring([desk.record("2", "{\"back\":true}")])
    for task in voids { try await desk.settle(task, [.voided]) }
    #expect(try await desk.status().records == ["filtered": 1, "pending": 1])
    #expect(try await desk.detail("1").summary.targetID == nil)
    #expect(try await desk.pending().map(\.delivered) == [nil])
  },
  Rule("a follower that is put off is due at its time, with the attempts made before") { desk in
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue(batch: 2)
    let whole = try await desk.claimOne(.target)
    var rest = desk.write([whole.items[1]])
    rest.due = desk.at(20)
    rest.attempts = 2
    #expect(try await desk.follow(whole, [.done(id: nil), .goesOn], [rest], claim: true, at: 3).isEmpty)
    #expect(try await desk.status().tasks["target.retrying"] == 1)
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .target) == desk.at(20))
    #expect(try await desk.claimOne(.target, at: 20).attempts == 2)
  },
  Rule("a delivered record that is to be taken back is pending, one that never was is what it came as") { desk in
    try await desk.bring(["1", "2", "3", "4"].map { desk.record($0) })
    try await desk.queue()
    let tasks = try await desk.claim(.target, limit: 3)
    try await desk.settle(tasks[0], [.done(id: "T")])
    try await desk.settle(tasks[1], [.failed(desk.failure())])
    let cancelled = ["1", "2", "3", "5"].map { key in
      IncomingRecord(
        key: key, number: nil, content: Array("{\"c\":1}".utf8), digest: [1], state: .filtered, voidsDelivered: true)
    }
    try await desk.bring(cancelled)
    for (key, state) in [("1", "pending"), ("2", "filtered"), ("5", "filtered")] {
      #expect(try await desk.state(key) == state)
    }
    // In flight: whether there is something to take back shows when it ends.
    try await desk.settle(tasks[2], [.done(id: "T3")])
    #expect(try await desk.pending().map(\.key) == ["1", "3"])
    let first = try await desk.pending()[0]
    let left = UnsendableRecord(
      item: WriteItem(record: first.id, revision: first.revision), failure: desk.failure(), isFiltered: true)
    _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: [left], now: desk.at(1))
    let summary = try await desk.detail("1").summary
    #expect(summary.state == "filtered" && summary.error == nil)
  },
  Rule("a delivered record that a whole pull did not bring is pending and vanished, until it is brought again") {
    desk in
    let bring = { (keys: [String]) in
      _ = try #require(try await desk.openPull(["all"]))
      let task = try await desk.claimOne(.source)
      var page = SettledPage(records: keys.map { desk.record($0) }, next: nil, claim: nil, now: desk.at(1))
      page.voidsVanished = true
      _ = try await desk.store.settlePage(task.lease, page)
    }
    try await bring(["1", "2", "3", "4"])
    try await desk.queue()
    for task in try await desk.claim(.target, limit: 3) { try await desk.settle(task, [.done(id: "T")]) }
    try await bring([])
    #expect(try await desk.status().records == ["done": 3, "queued": 1])
    try await bring(["2"])
    #expect(try await desk.pending().map(\.key) == ["1", "3"])
    let ids = try await desk.pending().map(\.id)
    #expect(try await desk.store.vanished(hub: desk.hub, records: ids) == Set(ids))
    #expect(try await desk.state("4") == "queued")
    try await bring(["1", "2"])
    #expect(try await desk.store.vanished(hub: desk.hub, records: ids) == [ids[1]])
    // Nothing is noted twice.
    #expect(try await desk.status().records == ["done": 1, "pending": 2, "queued": 1])
  },
  Rule("where most of what was delivered is gone at once, it is held for a person") { desk in
    let keys = (1...30).map { "\($0)" }
    try await desk.bring(keys.map { desk.record($0) })
    try await desk.queue(batch: 30)
    let task = try await desk.claimOne(.target)
    try await desk.settle(task, keys.map { _ in .done(id: "T") })
    _ = try #require(try await desk.openPull(["all"]))
    var page = SettledPage(records: [desk.record("1")], next: nil, claim: nil, now: desk.at(1))
    page.voidsVanished = true
    _ = try await desk.store.settlePage(desk.claimOne(.source).lease, page)
    #expect(try await desk.status().records == ["done": 1, "held": 29])
    #expect(try await desk.detail("9").summary.error?.kind == "vanished")
  },
  Rule("a lock keeps other writes out until its write has ended, and a follower takes it over") { desk in
    try await desk.bring(["1", "2", "3"].map { desk.record($0) })
    let items = try await desk.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    func locked(_ item: WriteItem) -> NewWrite {
      NewWrite(items: [item], payload: [], sendsAgain: true, lock: "north")
    }
    #expect(
      try await desk.store.enqueueWrites(
        hub: desk.hub, [locked(items[0]), locked(items[1])], unsendable: [], now: desk.at(0)) == 1)
    #expect(try await desk.pending().map(\.key) == ["2", "3"])
    let first = try await desk.claimOne(.target)
    #expect(try await desk.store.heldLocks(hub: desk.hub) == ["north"])
    let follower = try await desk.follow(first, [.delivered(id: nil)], [locked(items[0])], claim: true)[0]
    #expect(
      try await desk.store.enqueueWrites(hub: desk.hub, [locked(items[1])], unsendable: [], now: desk.at(0)) == 0)
    try await desk.settle(follower, [.uncertain(desk.failure())])
    #expect(try await desk.store.heldLocks(hub: desk.hub) == ["north"])
    #expect(try await desk.store.heldLocks(hub: "other").isEmpty)
  },
  Rule("of many that queue a write with one lock at once one does, and its lock is held once") { desk in
    try await desk.bring((1...8).map { desk.record("\($0)") })
    let items = try await desk.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    let queued = try await withThrowingTaskGroup(of: Int.self) { group in
      for item in items {
        group.addTask {
          let write = NewWrite(items: [item], payload: [], sendsAgain: true, lock: "north")
          return try await desk.store.enqueueWrites(hub: desk.hub, [write], unsendable: [], now: desk.at(0))
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(queued == 1)
    #expect(try await desk.status().records == ["pending": 7, "queued": 1])
  },
  Rule("what a part is split into comes before the parts behind it") { desk in
    try await desk.bring((1...5).map { desk.record("\($0)") })
    try await desk.queue(batch: 4)
    let whole = try await desk.claimOne(.target)
    let parts = [Array(whole.items[..<2]), Array(whole.items[2...])].map { desk.write($0) }
    let part = try await desk.follow(whole, whole.items.map { _ in .goesOn }, parts, phase: .rejected, claim: true)[0]
    let single = part.items.map { desk.write([$0]) }
    var next = try await desk.follow(part, part.items.map { _ in .goesOn }, single, phase: .rejected, claim: true)
    var keys: [[String]] = []
    while let task = next.first {
      keys.append(try await desk.task(task).keys)
      try await desk.settle(task, task.items.map { _ in .done(id: nil) })
      next = try await desk.claim(.target, limit: 1)
    }
    #expect(keys == [["1"], ["2"], ["3", "4"], ["5"]])
  },
]

extension Desk {
  func settlement(
    _ task: ClaimedTask, _ results: [ItemOutcome.Result], phase: SendPhase = .acknowledged, claim: Bool = false,
    at seconds: Int64 = 0
  ) -> WriteSettlement {
    WriteSettlement(
      outcomes: zip(task.items, results).map(ItemOutcome.init(item:result:)), phase: phase, status: 200, answer: nil,
      durationMilliseconds: 12, claim: claim ? request(.target, at: seconds) : nil, now: at(seconds))
  }

  func follow(
    _ task: ClaimedTask, _ results: [ItemOutcome.Result], _ followers: [NewWrite], phase: SendPhase = .acknowledged,
    claim: Bool = false, at seconds: Int64 = 0
  ) async throws -> [ClaimedTask] {
    var settlement = settlement(task, results, phase: phase, claim: claim, at: seconds)
    settlement.followers = followers
    if phase == .rejected { settlement.note = failure() }
    return try await store.settleWrite(task.lease, settlement)
  }
}
