import Keeping
import Testing
import Values

/// What becomes of the tasks of workers that are gone.
let rescueRules: [Rule] = [
  Rule("tasks of a worker that is gone go back at once: queries and writes that may be sent again") { desk in
    let worker = try await desk.store.openSession()
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    _ = try await desk.openPull(["a"])
    let query = try await desk.claimOne(.source, owner: worker.owner)
    let write = try await desk.claimOne(.target, owner: worker.owner)
    #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 0)
    await worker.close()
    #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 2)
    #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 0)
    await desk.expectLeaseLost { try await desk.settle(query) }
    await desk.expectLeaseLost { try await desk.settle(write, [.done(id: nil)]) }
    #expect(try await desk.task(write).sendings.map(\.phase) == ["uncertain"])
    #expect(try await desk.state("1") == "queued")
    let again = try await desk.claimOne(.target, at: 1)
    #expect(again.lease.task == write.lease.task && again.lease.epoch == 2 && again.attempts == 0)
    #expect(again.payload == write.payload && again.items == write.items)
    #expect(try await desk.task(again).rescues == 1)
    #expect(try await desk.claimOne(.source, at: 1).lease.task == query.lease.task)
  },
  Rule("a write that may not be sent again is uncertain when its worker is gone, and so are its records") { desk in
    let worker = try await desk.store.openSession()
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue(batch: 2, sendsAgain: false)
    let write = try await desk.claimOne(.target, owner: worker.owner)
    await worker.close()
    #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 1)
    #expect(try await desk.task(write).summary.state == "uncertain")
    #expect(try await desk.status().records == ["uncertain": 2])
    #expect(try await desk.detail("1").summary.error?.kind == "uncertain")
    #expect(try await desk.claim(.target, at: 99).isEmpty)
  },
  Rule("a worker that ends without a word is gone too") { desk in
    _ = try await desk.openPull(["a"])
    let query = try await claimAndVanish(desk)
    #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 1)
    #expect(try await desk.claimOne(.source, at: 1).lease.task == query.lease.task)
  },
  Rule("a lease that ran out is worth nothing although its worker lives, and an extended one is") { desk in
    _ = try await desk.openPull(["a", "b"])
    let other = try await desk.store.openSession()
    let first = try await desk.claimOne(.source)
    _ = try await desk.claimOne(.source, owner: other.owner)
    try await desk.store.extendLeases(owner: desk.owner, until: desk.at(60))
    #expect(try await desk.store.rescueOrphans(now: desk.at(30)) == 0)
    #expect(try await desk.store.rescueOrphans(now: desk.at(31)) == 1)
    // Still the worker's own, since nobody took it yet.
    try await desk.settle(first)
    await other.close()
  },
  Rule("a task that is taken from workers for the fourth time is dead, with its records or its pull") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    _ = try await desk.openPull(["a", "b"])
    for round in 1...4 {
      let worker = try await desk.store.openSession()
      let query = try await desk.claimOne(.source, owner: worker.owner)
      let write = try await desk.claimOne(.target, owner: worker.owner)
      await worker.close()
      #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 2)
      #expect(try await desk.task(query).rescues == round)
      #expect(try await desk.task(query).summary.state == (round < 4 ? "ready" : "dead"))
      #expect(try await desk.task(write).summary.state == (round < 4 ? "ready" : "dead"))
    }
    let record = try await desk.detail("1").summary
    #expect(record.state == "failed" && record.error?.kind == "quarantined")
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.status().tasks["source.cancelled"] == 1)
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(100))
  },
  Rule("a query of a closed pull is not brought back") { desk in
    let worker = try await desk.store.openSession()
    _ = try await desk.openPull(["a", "b"])
    let first = try await desk.claimOne(.source, owner: worker.owner)
    try await desk.store.setBack(desk.claimOne(.source).lease, .give, desk.failure(), now: desk.at(1))
    await worker.close()
    #expect(try await desk.store.rescueOrphans(now: desk.at(2)) == 1)
    #expect(try await desk.task(first).summary.state == "dead")
  },
  Rule("each session has a name of its own") { desk in
    var names: Set<String> = [desk.owner]
    for _ in 1...5 { names.insert(try await desk.store.openSession().owner) }
    #expect(names.count == 6)
  },
]

/// Claims with a session that nobody keeps.
private func claimAndVanish(_ desk: Desk) async throws -> ClaimedTask {
  let worker = try await desk.store.openSession()
  return try await desk.claimOne(.source, owner: worker.owner)
}
