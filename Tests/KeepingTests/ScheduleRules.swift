import Keeping
import Testing
import Values

/// Schedules, their runs, who leads, and what remedies do.
let scheduleRules: [Rule] = [
  Rule("a run happens once, whoever takes its step, and its pull is there with its row") { desk in
    try await desk.note(.source, seen: 0)
    let run = try #require(try await desk.take(.source, 100, .pull(desk.newPull(), waitsForItsLike: false)))
    #expect(run.state == .dispatched && run.pullState == "open")
    #expect(try await desk.store.openPull(hub: desk.hub)?.id == run.pull)
    #expect(try await desk.take(.source, 100, .pull(desk.newPull(), waitsForItsLike: false)) == nil)
    let other = try await desk.store.openSession()
    #expect(try await desk.take(.source, 100, .end(note: "x"), owner: other.owner) == nil)
    #expect(try await desk.store.runs(of: ScheduleKey(desk.hub, .source), limit: 9) == [run])
  },
  Rule("a slot before the last one that was looked at is not entered any more") { desk in
    try await desk.note(.target, seen: 50)
    #expect(try await desk.take(.target, 50, .end(note: "x")) == nil)
    #expect(try await desk.take(.target, 60, .miss(note: "late"))?.state == .missed)
    #expect(try await desk.take(.target, 55, .end(note: "x")) == nil)
    #expect(try await desk.states().first?.seen == 60)
  },
  Rule("a schedule that was never noted has no runs") { (desk: Desk) async throws in
    #expect(try await desk.take(.source, 1, .end(note: "x")) == nil)
    #expect(try await desk.states().isEmpty)
  },
  Rule("a schedule that says something new counts from then on, and never from before what was looked at") { desk in
    try await desk.note(.source, "a", seen: 10)
    try await desk.note(.source, "a", seen: 500)
    #expect(try await desk.states().first?.seen == 10)
    try await desk.note(.source, "b", seen: 400)
    #expect(try await desk.states().first?.seen == 400)
    try await desk.note(.source, "a", seen: 300)
    #expect(try await desk.states().first.map { [$0.rule, String($0.seen)] } == ["a", "400"])
  },
  Rule("a hub that another one feeds from now on begins anew: what it saw of the one before tells nothing") { desk in
    try await desk.note(.fed, "fed by a", seen: -9)
    #expect(try await desk.take(.fed, 1_000, .end(note: "x")) != nil)
    #expect(try await desk.take(.fed, 1_500, .wait(note: "x"))?.state == .waiting)
    try await desk.note(.fed, "fed by a", seen: -9)
    #expect(try await desk.states().first?.seen == 1_500)
    try await desk.note(.fed, "fed by b", seen: -9)
    let state = try #require(try await desk.states().first)
    #expect(state.seen == -9 && state.runs.isEmpty)
    #expect(try await desk.store.runs(of: ScheduleKey(desk.hub, .fed), limit: 9).isEmpty)
    #expect(try await desk.take(.fed, 1_000, .end(note: "y"))?.state == .dispatched)
    #expect(try await desk.states().first.map { [$0.seen] + $0.runs.map(\.slot) } == [1_000, 1_000])
  },
  Rule("a run whose like is under way is skipped or waits, as is asked; for a pull of another kind it waits") { desk in
    try await desk.note(.source, seen: 0)
    try await desk.note(.remedy, seen: 0)
    _ = try await desk.take(.source, 1, .pull(desk.newPull(), waitsForItsLike: false))
    let skipped = try #require(try await desk.take(.source, 2, .pull(desk.newPull(), waitsForItsLike: false)))
    #expect(skipped.state == .skipped && skipped.endedAt != nil && skipped.note != nil)
    #expect(try await desk.take(.source, 3, .pull(desk.newPull(), waitsForItsLike: true))?.state == .waiting)
    let remedy = RunStep.Action.pull(desk.newPull(.remedy), waitsForItsLike: false)
    #expect(try await desk.take(.remedy, 3, remedy)?.state == .waiting)
    #expect(try await desk.states().map { $0.runs.map(\.slot) } == [[3], [3]])

    try await desk.settle(desk.claimOne(.source))
    #expect(try await desk.take(.remedy, 3, remedy)?.state == .dispatched)
    #expect(try await desk.take(.source, 3, .pull(desk.newPull(), waitsForItsLike: true))?.state == .waiting)
    #expect(try await desk.take(.source, 2, .pull(desk.newPull(), waitsForItsLike: true)) == nil)
  },
  Rule("when a chore was done is kept for whoever leads next, and noted by the leader alone") { desk in
    let lead = try #require(
      try await desk.store.takeLead("scheduler", owner: desk.owner, until: desk.at(30), now: desk.at(0)))
    #expect(try await desk.store.lastTime(of: "prune") == nil)
    try await desk.store.note("prune", doneAt: desk.at(1), under: lead)
    try await desk.store.note("other", doneAt: desk.at(2), under: lead)
    try await desk.store.note("prune", doneAt: desk.at(3), under: lead)
    #expect(try await desk.store.lastTime(of: "prune") == desk.at(3))
    let other = try await desk.store.openSession()
    _ = try #require(
      try await desk.store.takeLead("scheduler", owner: other.owner, until: desk.at(90), now: desk.at(60)))
    await desk.expectLeaseLost { try await desk.store.note("prune", doneAt: desk.at(61), under: lead) }
    #expect(try await desk.store.lastTime(of: "prune") == desk.at(3))
  },
  Rule("a run that was begun is its owner's while that lives, and taken up by another after") { desk in
    try await desk.note(.target, seen: 0)
    let other = try await desk.store.openSession()
    let begin = RunStep.Action.begin(until: desk.at(600))
    #expect(try await desk.take(.target, 1, begin, owner: other.owner)?.state == .begun)
    #expect(try await desk.take(.target, 1, begin) == nil)
    #expect(try await desk.take(.target, 1, begin, owner: other.owner)?.state == .begun)
    await other.close()
    #expect(try await desk.take(.target, 1, begin)?.state == .begun)
    let key = ScheduleKey(desk.hub, .target)
    try await desk.store.endRun(key, slot: 1, owner: other.owner, records: 9, writes: 9, now: desk.at(1))
    #expect(try await desk.store.runs(of: key, limit: 1).first?.state == .begun)
    try await desk.store.endRun(key, slot: 1, owner: desk.owner, records: 7, writes: 2, now: desk.at(2))
    let run = try #require(try await desk.store.runs(of: key, limit: 1).first)
    #expect(run.state == .dispatched && run.records == 7 && run.writes == 2 && run.endedAt == desk.at(2))
    #expect(try await desk.take(.target, 1, begin) == nil)
  },
  Rule("a run that was begun is taken up when its time is over, even if its owner seems to live") { desk in
    try await desk.note(.target, seen: 0)
    let other = try await desk.store.openSession()
    _ = try await desk.take(.target, 1, .begin(until: desk.at(600)), owner: other.owner)
    #expect(try await desk.take(.target, 1, .begin(until: desk.at(900)), at: 601)?.state == .begun)
  },
  Rule("one leads: the lead is kept by its owner, and passes when that is gone or late") { desk in
    let store = desk.store
    let other = try await store.openSession()
    let first = try #require(
      try await store.takeLead("s", owner: other.owner, until: desk.at(30), now: desk.at(0)))
    #expect(first.epoch == 1)
    #expect(try await store.takeLead("s", owner: desk.owner, until: desk.at(40), now: desk.at(10)) == nil)
    let kept = try await store.takeLead("s", owner: other.owner, until: desk.at(60), now: desk.at(30))
    #expect(kept?.epoch == 1)
    #expect(try await store.takeLead("t", owner: desk.owner, until: desk.at(40), now: desk.at(10))?.epoch == 1)
    await other.close()
    let second = try #require(
      try await store.takeLead("s", owner: desk.owner, until: desk.at(70), now: desk.at(31)))
    #expect(second.epoch == 2)
    let third = try await store.openSession()
    let late = try await store.takeLead("s", owner: third.owner, until: desk.at(200), now: desk.at(71))
    #expect(late?.epoch == 3)

    try await desk.note(.target, seen: 0)
    await desk.expectLeaseLost { _ = try await desk.take(.target, 1, .end(note: "x"), lead: second) }
    #expect(try await desk.take(.target, 1, .end(note: "x"), lead: late) != nil)
  },
  Rule("only the latest runs are kept, and those that are not over") { desk in
    try await desk.note(.target, seen: 0)
    _ = try await desk.take(.target, 1, .wait(note: "x"))
    for slot in Int64(2)...230 { _ = try await desk.take(.target, slot, .end(note: "x")) }
    let runs = try await desk.store.runs(of: ScheduleKey(desk.hub, .target), limit: 1_000)
    #expect(runs.count == 201 && runs.first?.slot == 230 && runs.last?.slot == 1)
  },
  Rule("the ends of pulls are told for those who wait for them") { desk in
    #expect(try await desk.store.pullEnds(of: ["nothing"]).isEmpty)
    _ = try await desk.openPull(["a"])
    let open = PullEnd(hub: desk.hub, latest: 0, latestComplete: 0, isDelivered: true)
    #expect(try await desk.store.pullEnds(of: [desk.hub]) == [open])
    try await desk.settle(desk.claimOne(.source), [desk.record("1")])
    #expect(
      try await desk.store.pullEnds(of: [desk.hub]) == [
        PullEnd(hub: desk.hub, latest: 1, latestComplete: 1, isDelivered: false)
      ])
    try await desk.queue()
    #expect(try await desk.store.pullEnds(of: [desk.hub]).first?.isDelivered == false)
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    #expect(try await desk.store.pullEnds(of: [desk.hub]).first?.isDelivered == true)
    _ = try await desk.openPull(["a"])
    try await desk.store.setBack(desk.claimOne(.source).lease, .give, desk.failure(), now: desk.at(2))
    #expect(
      try await desk.store.pullEnds(of: [desk.hub]) == [
        PullEnd(hub: desk.hub, latest: 2, latestComplete: 1, isDelivered: true)
      ])
  },
  Rule("a remedy adds what is missing, changes nothing, and leaves the watermark") { desk in
    try await desk.bring([desk.record("1", "{\"a\":1}"), desk.record("2", "{\"a\":2}", .filtered)])
    let watermark = try await desk.store.watermark(hub: desk.hub)
    #expect(watermark == desk.at(100))
    var pull = desk.newPull(.remedy)
    pull.to = desk.at(500)
    _ = try #require(try await desk.store.openPull(pull))
    let counts = try await desk.settle(
      desk.claimOne(.source),
      [desk.record("1", "{\"a\":9}"), desk.record("2", "{\"a\":2}"), desk.record("3", "{\"a\":3}")]
    ).counts
    #expect(counts.read == 3 && counts.new == 1 && counts.changed == 0 && counts.unchanged == 2)
    #expect(try await desk.store.watermark(hub: desk.hub) == watermark)
    let first = try await desk.detail("1")
    #expect(first.content == ["a": 1] && first.summary.revision == 1)
    #expect(try await desk.state("2") == "filtered")
    #expect(try await desk.state("3") == "pending")
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
  },
  Rule("one look tells what there is to do for all hubs") { desk in
    #expect(try await desk.store.openWork().isEmpty)
    var other = desk
    other.hub = "items"
    _ = try await other.openPull(["a", "b", "c"])
    try await desk.bring([desk.record("1"), desk.record("2")])
    let tasks = try await other.claim(.source, limit: 2)
    try await desk.store.setBack(
      tasks[0].lease, .retry(at: desk.at(90), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    #expect(
      try await desk.store.openWork() == [
        OpenWork(
          hub: "items", pendingRecords: 0, source: OpenQueue(ready: 1, running: 1, retryAt: desk.at(90)),
          target: OpenQueue(ready: 0, running: 0, retryAt: nil)),
        OpenWork(
          hub: "orders", pendingRecords: 2, source: OpenQueue(ready: 0, running: 0, retryAt: nil),
          target: OpenQueue(ready: 0, running: 0, retryAt: nil)),
      ])
    try await desk.queue()
    let work = try await desk.store.openWork().last
    #expect(work?.target == OpenQueue(ready: 2, running: 0, retryAt: nil) && work?.pendingRecords == 0)
  },
]

extension Desk {
  fileprivate func newPull(_ kind: NewPull.Kind = .regular) -> NewPull {
    NewPull(hub: hub, from: at(0), to: at(100), queries: [NewQuery(payload: "all")], now: at(0), kind: kind)
  }

  fileprivate func note(_ kind: ScheduleKind, _ rule: String = "x", seen: Int64) async throws {
    try await store.note([NewSchedule(key: ScheduleKey(hub, kind), rule: rule, seen: seen)], now: at(0))
  }

  fileprivate func states() async throws -> [ScheduleState] { try await store.schedules() }

  fileprivate func take(
    _ kind: ScheduleKind, _ slot: Int64, _ action: RunStep.Action, owner: String? = nil, lead: Lead? = nil,
    at seconds: Int64 = 0
  ) async throws -> ScheduledRun? {
    try await store.take(
      RunStep(
        key: ScheduleKey(hub, kind), slot: slot, owner: owner ?? self.owner, lead: lead, action: action,
        now: at(seconds)))
  }
}
