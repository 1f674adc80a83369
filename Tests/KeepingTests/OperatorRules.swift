import Keeping
import Testing
import Values

/// What persons do to tasks of the queue.
let operatorRules: [Rule] = [
  Rule("tasks that are moved to the front come first, in the order given; the others keep theirs") { desk in
    try await desk.bring((1...5).map { desk.record("\($0)") })
    try await desk.queue()
    let numbers = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, side: .target, limit: 100))
    let report = try await desk.change(tasks: [numbers[3], numbers[2]], .front)
    #expect(report.changed == 2 && report.skipped.isEmpty)
    let again = try await desk.change(tasks: [numbers[4]], .front)
    #expect(again.changed == 1)
    #expect(try await desk.claim(.target, limit: 10).map(\.lease.task) == [4, 3, 2, 0, 1].map { numbers[$0] })
    let running = try await desk.change(tasks: [numbers[0], 4711], .front)
    #expect(running.changed == 0 && running.act == nil && running.skipped.count == 2)
  },
  Rule("a trial says what would be changed and what left, and keeps nothing of it") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    try await desk.bring([desk.record("4", "{}", .failed), desk.record("5")])
    let tasks = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, side: .target, limit: 100))
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    let before = try await desk.status()
    var act = Act("task.cancel", by: "ann", hub: desk.hub, at: desk.at(5))
    act.isTrial = true
    let cancelled = try await desk.store.change(tasks: tasks, .cancel(rendersAnew: false), act)
    #expect(cancelled.changed == 2 && cancelled.act == nil)
    #expect(cancelled.skipped == [.init(tasks[0], "it is done")])
    let records = try await desk.store.recordNumbers(RecordFilter(hub: desk.hub, limit: 100))
    let purged = try await desk.store.change(hub: desk.hub, records: records, .purge(byForce: false), act)
    #expect(purged.changed == 2 && purged.skipped.count == 3 && purged.act == nil)
    let after = try await desk.status()
    #expect(after.records == before.records && after.tasks == before.tasks)
    #expect(try await desk.store.audit(AuditFilter(limit: 10)).isEmpty)
    #expect(try await desk.claim(.target, limit: 9).map(\.lease.task) == [tasks[1], tasks[2]])
  },
  Rule("a task that waits for another attempt is due at once when it is moved to the front or retried") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    for _ in 1...2 {
      let task = try await desk.claimOne(.target)
      try await desk.store.setBack(
        task.lease, .retry(at: desk.at(1000), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(0))
    }
    let numbers = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.retrying], limit: 100))
    #expect(try await desk.change(tasks: [numbers[1]], .front, at: 5).changed == 1)
    #expect(try await desk.change(tasks: [numbers[0]], .retry(atEnd: true), at: 5).changed == 1)
    let claimed = try await desk.claim(.target, limit: 10, at: 5)
    #expect(claimed.map(\.attempts) == [1, 0, 1])
    #expect(claimed.first?.lease.task == numbers[1] && claimed.last?.lease.task == numbers[0])
  },
  Rule("a dead write that is retried goes out as it was, in its old place, with its records") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    let first = try await desk.claimOne(.target)
    try await desk.store.setBack(first.lease, .give, desk.failure("notSent"), now: desk.at(0))
    #expect(try await desk.state("1") == "failed")
    let report = try await desk.change(tasks: [first.lease.task], .retry(atEnd: false))
    #expect(report.changed == 1)
    #expect(try await desk.state("1") == "queued")
    let summary = try await desk.task(first).summary
    #expect(summary.attempts == 0 && summary.error == nil)
    let again = try await desk.claimOne(.target)
    #expect(again.lease.task == first.lease.task && again.payload == first.payload && again.items == first.items)
    try await desk.settle(again, [.done(id: "T1")])
    #expect(try await desk.state("1") == "done")
    #expect(
      try await desk.change(tasks: [first.lease.task], .retry(atEnd: false)).skipped.first?.reason == "it is done")
  },
  Rule("a dead write is not retried where one of its records has changed since") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    try await desk.queue(batch: 2)
    let task = try await desk.claimOne(.target)
    try await desk.store.setBack(task.lease, .give, desk.failure("notSent"), now: desk.at(0))
    try await desk.bring([desk.record("2", "{\"a\":1}")], at: 200)
    let report = try await desk.change(tasks: [task.lease.task], .retry(atEnd: false))
    #expect(report.changed == 0 && report.skipped.count == 1 && report.act == nil)
    #expect(try await desk.status().records == ["failed": 1, "pending": 1])
    #expect(try await desk.task(task).summary.state == "dead")
  },
  Rule("a dead query that is retried takes its pull up again, and the watermark moves when that is whole") { desk in
    _ = try await desk.openPull(["a", "b", "c"])
    try await desk.settle(desk.claimOne(.source), [desk.record("1")])
    let dead = try await desk.claimOne(.source)
    try await desk.store.setBack(dead.lease, .give, desk.failure("notSent"), now: desk.at(1))
    #expect(try await desk.status().tasks == ["source.done": 1, "source.dead": 1, "source.cancelled": 1])
    let report = try await desk.change(tasks: [dead.lease.task], .retry(atEnd: false))
    #expect(report.changed == 2)
    #expect(try await desk.store.openPull(hub: desk.hub)?.openQueries == 2)
    for _ in 1...2 { try await desk.settle(desk.claimOne(.source)) }
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(100))
  },
  Rule("a dead query is not retried once a newer pull has its window, or its pull cannot be whole") { desk in
    _ = try await desk.openPull(["a", "b"])
    let both = try await desk.claim(.source, limit: 2)
    try await desk.store.setBack(both[0].lease, .give, desk.failure("notSent"), now: desk.at(1))
    // This page was settled after the pull was closed: its next page is asked for by nobody.
    try await desk.settle(both[1], [], next: "b2", at: 2)
    let unwhole = try await desk.change(tasks: [both[0].lease.task], .retry(atEnd: false))
    #expect(unwhole.changed == 0 && unwhole.skipped.count == 1)
    _ = try await desk.openPull(["c"])
    let newer = try await desk.change(tasks: [both[0].lease.task], .retry(atEnd: false))
    #expect(newer.changed == 0 && newer.skipped.count == 1)
    #expect(try await desk.task(both[0]).summary.state == "dead")
  },
  Rule("a write that is cancelled before it runs holds its records, and what is released goes out anew") { desk in
    try await desk.bring([desk.record("1"), desk.record("2")])
    try await desk.queue(batch: 2)
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    #expect(try await desk.change(tasks: [number], .cancel(rendersAnew: false), reason: "wrong price").changed == 1)
    let detail = try await desk.detail("1")
    #expect(detail.summary.state == "held" && detail.summary.error?.kind == "cancelled")
    #expect(detail.summary.error?.message.contains("wrong price") == true)
    #expect(try await desk.claim(.target).isEmpty)
    #expect(try await desk.change(["1"], .release).changed == 1)
    #expect(try await desk.pending().map(\.key) == ["1"])
    #expect(try await desk.pending().first?.revision == 1)
    #expect(try await desk.status().tasks["target.cancelled"] == 1)
  },
  Rule("a write that is cancelled to be rendered anew gives its records their old places back") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    try await desk.bring([desk.record("4")], at: 200)
    let numbers = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready]))
    #expect(try await desk.change(tasks: numbers, .cancel(rendersAnew: true)).changed == 3)
    #expect(try await desk.pending().map(\.key) == ["1", "2", "3", "4"])
  },
  Rule("a content that came while a write was queued is sent when the write is cancelled") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    try await desk.bring([desk.record("1", "{\"a\":1}")], at: 200)
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    #expect(try await desk.change(tasks: [number], .cancel(rendersAnew: false)).changed == 1)
    #expect(try await desk.pending().map(\.revision) == [2])
  },
  Rule("a cancelled write can be retried, with its records") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let number = try #require(try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready])).first)
    _ = try await desk.change(tasks: [number], .cancel(rendersAnew: false))
    #expect(try await desk.change(tasks: [number], .retry(atEnd: false)).changed == 1)
    #expect(try await desk.state("1") == "queued")
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    #expect(try await desk.status().records == ["done": 1])
  },
  Rule("a query that is cancelled closes its pull, and the watermark stays") { desk in
    _ = try await desk.openPull(["a", "b"])
    let numbers = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, side: .source))
    #expect(try await desk.change(tasks: [numbers[0]], .cancel(rendersAnew: false)).changed == 1)
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    #expect(try await desk.status().tasks == ["source.cancelled": 2])
  },
  Rule("a running write that is to be cancelled is cancelled only where nothing was sent") { desk in
    try await desk.bring((1...4).map { desk.record("\($0)") })
    try await desk.queue()
    let tasks = try await desk.claim(.target, limit: 4)
    let report = try await desk.change(tasks: tasks.map(\.lease.task), .cancel(rendersAnew: false))
    #expect(report.changed == 4 && report.requested == 4)
    #expect(try await desk.store.cancelRequests(owner: desk.owner).sorted() == tasks.map(\.lease.task).sorted())
    #expect(try await desk.store.cancelRequests(owner: "somebody").isEmpty)
    let later = TaskSetback.retry(at: desk.at(9), countsAsAttempt: true)
    try await desk.store.setBack(tasks[0].lease, later, desk.failure("notSent"), now: desk.at(1))
    try await desk.store.setBack(tasks[1].lease, later, desk.failure("uncertain"), now: desk.at(1))
    try await desk.settle(tasks[2], [.done(id: "T")])
    try await desk.settle(tasks[3], [.again(desk.failure("uncertain"))])
    let states = try await ["1", "2", "3", "4"].asyncMap { try await desk.state($0) }
    #expect(states == ["held", "uncertain", "done", "uncertain"])
    let ends = try await tasks.asyncMap { try await desk.task($0).summary.state }
    #expect(ends == ["cancelled", "uncertain", "done", "uncertain"])
  },
  Rule("a running query that is to be cancelled keeps its page and closes the pull") { desk in
    _ = try await desk.openPull(["a", "b"])
    let query = try await desk.claimOne(.source)
    #expect(try await desk.change(tasks: [query.lease.task], .cancel(rendersAnew: false)).requested == 1)
    let result = try await desk.settle(query, [desk.record("1")], next: "a2")
    #expect(!result.pullIsComplete && result.counts.new == 1)
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.status().tasks == ["source.done": 1, "source.cancelled": 1])
  },
  Rule("a write that was to be cancelled when its worker died is uncertain, never cancelled") { desk in
    try await desk.bring([desk.record("1")])
    try await desk.queue()
    let worker = try await desk.store.openSession()
    let task = try await desk.claimOne(.target, owner: worker.owner)
    _ = try await desk.change(tasks: [task.lease.task], .cancel(rendersAnew: false))
    await worker.close()
    try await desk.store.rescueOrphans(now: desk.at(1))
    #expect(try await desk.task(task).summary.state == "uncertain")
    #expect(try await desk.state("1") == "uncertain")
  },
  Rule("an uncertain write that arrived is done, under the name a person gives") { desk in
    let task = try await desk.doubt(["1"])
    #expect(try await desk.change(tasks: [task.lease.task], .arrived(id: "T-9")).changed == 1)
    let detail = try await desk.detail("1")
    #expect(detail.summary.state == "done" && detail.summary.targetID == "T-9" && detail.deliveredRevision == 1)
    #expect(try await desk.task(task).summary.state == "done")
    #expect(try await desk.change(tasks: [task.lease.task], .notArrived).skipped.count == 1)
  },
  Rule("one name is not given to the records of a write of several") { desk in
    let task = try await desk.doubt(["1", "2"])
    #expect(try await desk.change(tasks: [task.lease.task], .arrived(id: "T")).skipped.count == 1)
    #expect(try await desk.change(tasks: [task.lease.task], .arrived(id: nil)).changed == 1)
    #expect(try await desk.status().records == ["done": 2])
  },
  Rule("an uncertain write that did not arrive is sent again with the same revision, before what is newer") { desk in
    let task = try await desk.doubt(["1", "2"])
    try await desk.bring([desk.record("3")], at: 200)
    #expect(try await desk.change(tasks: [task.lease.task], .notArrived).changed == 1)
    #expect(try await desk.pending().map(\.key) == ["1", "2", "3"])
    #expect(try await desk.pending().map(\.revision) == [1, 1, 1])
    #expect(try await desk.task(task).summary.state == "done")
  },
  Rule("a content that came while a write was uncertain is sent once that is resolved") { desk in
    let task = try await desk.doubt(["1"])
    try await desk.bring([desk.record("1", "{\"a\":1}")], at: 200)
    #expect(try await desk.state("1") == "uncertain")
    #expect(try await desk.change(tasks: [task.lease.task], .arrived(id: "T")).changed == 1)
    let pending = try await desk.pending()
    #expect(pending.map(\.revision) == [2] && pending.first?.delivered == Delivered(revision: 1, id: "T"))
  },
  Rule("tasks that need nobody any more are removed with all that belongs to them, others never") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    let done = try await desk.claimOne(.target)
    try await desk.settle(done, [.done(id: nil)])
    let dead = try await desk.claimOne(.target)
    try await desk.store.setBack(dead.lease, .give, desk.failure(), now: desk.at(1))
    let running = try await desk.claimOne(.target)
    let all = try await desk.store.taskNumbers(TaskFilter(limit: 100))
    let report = try await desk.change(tasks: all, .prune)
    #expect(report.changed == 3 && report.skipped.map(\.number) == [running.lease.task])
    #expect(try await desk.status().tasks == ["target.running": 1])
    #expect(try await desk.store.task(done.lease.task) == nil)
    #expect(try await desk.store.payload(ofTask: done.lease.task) == nil)
    try await desk.settle(running, [.done(id: nil)])
  },
  Rule("tasks are chosen by age, kind of error, number and record") { desk in
    try await desk.bring([desk.record("a", number: "SO-1"), desk.record("b"), desk.record("c")])
    try await desk.queue(at: 10)
    for (kind, seconds) in [("notSent", Int64(20)), ("rejected", 30)] {
      let task = try await desk.claimOne(.target, at: seconds)
      try await desk.store.setBack(task.lease, .give, desk.failure(kind), now: desk.at(seconds))
    }
    func chosen(_ filter: TaskFilter) async throws -> [String] {
      try await desk.store.taskNumbers(filter).asyncMap { number in
        let task = try #require(try await desk.store.task(number))
        return task.summary.side == "source" ? "query" : task.keys.joined()
      }
    }
    let hub = desk.hub
    #expect(try await chosen(TaskFilter(hub: hub, errors: ["rejected", "other"])) == ["b"])
    #expect(try await chosen(TaskFilter(hub: hub, states: [.dead], before: desk.at(25))) == ["a"])
    #expect(try await chosen(TaskFilter(hub: hub, since: desk.at(30))) == ["b"])
    #expect(try await chosen(TaskFilter(hub: hub, side: .target, before: desk.at(15))) == ["c"])
    #expect(try await chosen(TaskFilter(hub: hub, side: .target, keys: ["a", "c"])) == ["a", "c"])
    #expect(try await chosen(TaskFilter(hub: hub, text: "so-1")) == ["query", "a"])
    #expect(try await chosen(TaskFilter(hub: "never used")).isEmpty)
    let numbers = try await desk.store.taskNumbers(TaskFilter(hub: hub, side: .target, limit: 2))
    #expect(numbers.count == 2)
    #expect(try await desk.store.taskNumbers(TaskFilter(ids: [numbers[1], 4711], limit: 9)) == [numbers[1]])
  },
]

extension Desk {
  /// A write of records that became uncertain.
  func doubt(_ keys: [String]) async throws -> ClaimedTask {
    try await bring(keys.map { record($0) })
    try await queue(batch: keys.count, sendsAgain: false)
    let task = try await claimOne(.target)
    try await store.setBack(task.lease, .uncertain, failure("uncertain"), now: at(1))
    return task
  }

  func act(_ action: String, reason: String? = nil, at seconds: Int64 = 300) -> Act {
    Act(action, by: "ann@desk", reason: reason, hub: hub, at: at(seconds))
  }

  func change(
    tasks: [Int64], _ change: TaskChange, reason: String? = nil, at seconds: Int64 = 300
  ) async throws -> ChangeReport {
    try await store.change(tasks: tasks, change, act("task.test", reason: reason, at: seconds))
  }

  func change(_ keys: [String], _ change: RecordChange, reason: String? = nil) async throws -> ChangeReport {
    let numbers = try await store.recordNumbers(RecordFilter(hub: hub, keys: keys))
    return try await store.change(hub: hub, records: numbers, change, act("record.test", reason: reason))
  }
}

extension Sequence {
  /// What a body makes of each element, one after the other.
  func asyncMap<T>(_ body: (Element) async throws -> T) async throws -> [T] {
    var results: [T] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
