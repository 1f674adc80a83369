import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Testing
import Values

@testable import Running

/// A hub with some lines of its source and target, and of the hub itself.
private func hub(source: String = "", target: String = "", _ more: String = "") -> String {
  """
  source: { connector: shop, api: acme/list, window: { start: 1h }\(source.isEmpty ? "" : ", " + source) }
  mapping: { code: "${ record.id }" }
  target: { connector: erp, api: acme/save, delivery: idempotency-key\(target.isEmpty ? "" : ", " + target) }
  \(more)
  """
}

/// What a look did, in short: `orders source 09:05 dispatched`.
private func words(_ look: Scheduler.Look) -> [String] {
  look.runs.map { run in
    let slot =
      run.key.kind == .after || run.key.kind == .fed
      ? "\(run.slot)" : String(Timestamp(milliseconds: run.slot).description.dropFirst(11).prefix(5))
    return "\(run.key.hub) \(run.key.kind) \(slot) \(run.state)"
  }
}

@Suite("The scheduler")
struct SchedulerTests {
  private func scheduler(
    _ project: FlowProject, _ session: any WorkerSession, zone: String = "UTC"
  ) throws -> Scheduler {
    try Scheduler(project.context(session.owner), project.flows, timeZone: zone)
  }

  @Test("what is due is started once, and the next time is told")
  func once() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '*/5 * * * *'")]) { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      let first = try await scheduler.look()
      #expect(words(first) == ["orders source 09:00 dispatched"])
      #expect(first.next == Timestamp("2026-03-02T09:05:00Z"))
      #expect(try await words(scheduler.look()).isEmpty)
      #expect(try await project.store.openPull(hub: "orders")?.id == first.runs[0].pull)
      try await project.endPull(of: "orders", owner: session.owner)
      try project.set("2026-03-02T09:04:59Z")
      #expect(try await words(scheduler.look()).isEmpty)
      try project.set("2026-03-02T09:05:00Z")
      #expect(try await words(scheduler.look()) == ["orders source 09:05 dispatched"])
    }
  }

  @Test("a schedule that is not due when it is first seen waits for its time, whatever it would have missed")
  func firstSeen() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '30 8 * * *'")]) { project in
      let session = try await project.store.openSession()
      #expect(try await words(scheduler(project, session).look()).isEmpty)
      try project.set("2026-03-03T08:30:07Z")
      #expect(try await words(scheduler(project, session).look()) == ["orders source 08:30 dispatched"])
    }
  }

  @Test("a hub's times are those of its zone")
  func zone() async throws {
    let hubs = [
      "orders": hub(source: "schedule: '0 17 * * *'"),
      "items": hub(source: "schedule: '0 10 * * *'", "timeZone: Europe/Berlin"),
    ]
    try await FlowProject.with(hubs) { project in
      let session = try await project.store.openSession()
      let look = try await scheduler(project, session, zone: "Asia/Shanghai").look()
      #expect(words(look) == ["items source 09:00 dispatched", "orders source 09:00 dispatched"])
    }
  }

  @Test("two schedulers start each time once, whoever looks first")
  func two() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '* * * * *'")]) { project in
      let sessions = [try await project.store.openSession(), try await project.store.openSession()]
      let schedulers = try sessions.map { try scheduler(project, $0) }
      for minute in 10...19 {
        try project.set("2026-03-02T09:\(minute):00Z")
        async let one = schedulers[0].look()
        async let other = schedulers[1].look()
        let runs = try await one.runs + other.runs
        #expect(runs.count == 1)
        try await project.endPull(of: "orders", owner: sessions[0].owner)
      }
      #expect(try await project.store.runs(of: ScheduleKey("orders", .source), limit: 99).count == 10)
    }
  }

  @Test("who has lost the lead starts nothing")
  func lostLead() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '* * * * *'")]) { project in
      let old = try await project.store.openSession()
      let until = project.now + TimeSpan(seconds: 30)
      let lead = try #require(
        try await project.store.takeLead("scheduler", owner: old.owner, until: until, now: project.now))
      let new = try await project.store.openSession()
      _ = try await project.store.takeLead(
        "scheduler", owner: new.owner, until: until + TimeSpan(seconds: 60), now: until + TimeSpan(seconds: 1))
      let error = await #expect(throws: StoreError.self) { try await scheduler(project, old).look(under: lead) }
      #expect(error?.code == .leaseLost)
      #expect(try await project.store.openPull(hub: "orders") == nil)
    }
  }

  @Test("a time that comes while its like goes on is passed over, and with overlap: queue it waits")
  func overlap() async throws {
    let hubs = [
      "first": hub(source: "schedule: '* * * * *'"),
      "second": hub(source: "schedule: '* * * * *'", "scheduling: { overlap: queue }"),
    ]
    try await FlowProject.with(hubs) { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      _ = try await scheduler.look()
      try project.set("2026-03-02T09:01:00Z")
      let look = try await scheduler.look()
      #expect(words(look) == ["first source 09:01 skipped", "second source 09:01 waiting"])
      #expect(look.hasWaiting)
      try project.set("2026-03-02T09:02:00Z")
      #expect(try await words(scheduler.look()) == ["first source 09:02 skipped", "second source 09:02 waiting"])
      for hub in ["first", "second"] { try await project.endPull(of: hub, owner: session.owner) }
      #expect(try await words(scheduler.look()) == ["second source 09:01 dispatched"])
      try await project.endPull(of: "second", owner: session.owner)
      try project.set("2026-03-02T09:02:30Z")
      let last = try await scheduler.look()
      #expect(words(last) == ["second source 09:02 dispatched"] && !last.hasWaiting)
    }
  }

  @Test("a remedy waits for the pull under way, and reads its own window")
  func remedy() async throws {
    let source = "schedule: '0 * * * *', remedy: { schedule: '0 9 * * *', lookBack: 2d }"
    try await FlowProject.with(["orders": hub(source: source)]) { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      #expect(
        try await words(scheduler.look()) == ["orders source 09:00 dispatched", "orders remedy 09:00 waiting"])
      try await project.endPull(of: "orders", owner: session.owner)
      try project.set("2026-03-02T09:00:30Z")
      #expect(try await words(scheduler.look()) == ["orders remedy 09:00 dispatched"])
      let pull = try #require(try await project.store.openPull(hub: "orders"))
      #expect(pull.fromMilliseconds == Timestamp("2026-02-28T09:00:30Z")?.milliseconds)
      #expect(pull.toMilliseconds == project.now.milliseconds)
      try await project.endPull(of: "orders", owner: session.owner)
      #expect(try await project.store.watermark(hub: "orders") == Timestamp("2026-03-02T09:00:00Z"))
    }
  }

  @Test("missed times are made up for as the hub says, and counted")
  func misfire() async throws {
    let hubs = [
      "all": hub(source: "schedule: '0 * * * *'", "scheduling: { misfire: all, overlap: queue, catchUp: 3h }"),
      "latest": hub(source: "schedule: '0 * * * *'"),
      "skip": hub(source: "schedule: '0 * * * *'", "scheduling: { misfire: skip }"),
    ]
    try await FlowProject.with(hubs, at: "2026-03-02T09:30:00Z") { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      #expect(try await words(scheduler.look()).isEmpty)
      try project.set("2026-03-02T15:30:00Z")
      let look = try await scheduler.look()
      #expect(
        words(look) == [
          "all source 13:00 dispatched", "all source 14:00 waiting", "all source 15:00 waiting",
          "latest source 15:00 dispatched", "skip source 15:00 missed",
        ])
      #expect(look.runs.map(\.missed) == [3, 0, 0, 5, 6])
      // Each of them reads up to its own time.
      let pull = try #require(try await project.store.openPull(hub: "all"))
      #expect(pull.toMilliseconds == Timestamp("2026-03-02T13:00:00Z")?.milliseconds)
      #expect(try await project.store.openPull(hub: "skip") == nil)
      try await project.endPull(of: "skip", owner: session.owner)
      try project.set("2026-03-02T16:00:09Z")
      #expect(try await words(scheduler.look()).contains("skip source 16:00 dispatched"))
    }
  }

  @Test("writes are queued at the target's times; a scheduler that was killed in between has them queued by the next")
  func target() async throws {
    try await FlowProject.with(["orders": hub(target: "schedule: '30 * * * *'")]) { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      _ = try await scheduler.look()
      _ = try await SourceDispatcher(project.context(session.owner)).dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner, (1...25).map { "\($0)" })
      try project.set("2026-03-02T09:30:00Z")
      let killed = try await project.store.openSession()
      let step = RunStep(
        key: ScheduleKey("orders", .target), slot: project.now.milliseconds, owner: killed.owner,
        action: .begin(until: project.now + TimeSpan(seconds: 600)), now: project.now)
      #expect(try await project.store.take(step)?.state == .begun)
      #expect(try await words(scheduler.look()).isEmpty)
      await killed.close()
      let look = try await scheduler.look()
      #expect(words(look) == ["orders target 09:30 dispatched"])
      #expect(look.runs[0].records == 25 && look.runs[0].writes == 3)
      #expect(try await project.store.status(hub: "orders", now: project.now).tasks["target.ready"] == 3)
      #expect(try await words(scheduler.look()).isEmpty)
    }
  }

  @Test("a hub runs after another one's pull, once for each, under its condition")
  func after() async throws {
    let hubs = [
      "any": hub(source: "after: { hub: items, on: any }"),
      "delivered": hub(source: "after: { hub: items, on: delivered }"),
      "items": hub(), "success": hub(source: "after: items"),
    ]
    try await FlowProject.with(hubs) { project in
      let session = try await project.store.openSession()
      let scheduler = try scheduler(project, session)
      let items = try #require(project.flows.first { $0.name == "items" })
      let dispatcher = SourceDispatcher(project.context(session.owner))
      // A pull that ended before is not waited for.
      let before = try #require(try await dispatcher.dispatch(items))
      try await project.endPull(of: "items", owner: session.owner)
      #expect(try await words(scheduler.look()).isEmpty)

      try project.set("2026-03-02T09:10:00Z")
      let failed = try #require(try await dispatcher.dispatch(items))
      #expect(failed.id > before.id)
      #expect(try await words(scheduler.look()).isEmpty)
      let task = try #require(
        try await project.store.claim(
          ClaimRequest(
            hub: "items", side: .source, limit: 1, owner: session.owner, now: project.now, lease: TimeSpan(seconds: 9))
        ).first)
      try await project.store.setBack(task.lease, .give, Failure(kind: "rejected", message: "no"), now: project.now)
      #expect(try await words(scheduler.look()) == ["any after \(failed.id) dispatched"])
      try await project.endPull(of: "any", owner: session.owner)

      try project.set("2026-03-02T09:20:00Z")
      let pull = try #require(try await dispatcher.dispatch(items)).id
      try await project.endPull(of: "items", owner: session.owner, ["1"])
      #expect(
        try await words(scheduler.look()) == ["any after \(pull) dispatched", "success after \(pull) dispatched"])
      #expect(try await words(scheduler.look()).isEmpty)
      _ = try await TargetDispatcher(project.context(session.owner)).dispatchAll(items)
      #expect(try await words(scheduler.look()).isEmpty)
      let write = try #require(
        try await project.store.claim(
          ClaimRequest(
            hub: "items", side: .target, limit: 1, owner: session.owner, now: project.now, lease: TimeSpan(seconds: 9))
        ).first)
      _ = try await project.store.settleWrite(
        write.lease,
        WriteSettlement(
          outcomes: write.items.map { ItemOutcome(item: $0, result: .done(id: nil)) }, phase: .acknowledged,
          status: 200,
          answer: nil, durationMilliseconds: 1, claim: nil, now: project.now))
      #expect(try await words(scheduler.look()) == ["delivered after \(pull) dispatched"])
    }
  }

  @Test("another expression or zone counts from when it is seen")
  func changedRule() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '0 3 * * *'")]) { project in
      let session = try await project.store.openSession()
      _ = try await scheduler(project, session).look()
      try project.set("2026-03-03T12:30:00Z")
      // 3:00 in Shanghai was at 19:00; by the old zone 3:00 was missed too. Neither is made up for.
      #expect(try await words(scheduler(project, session, zone: "Asia/Shanghai").look()).isEmpty)
      try project.set("2026-03-03T19:00:01Z")
      #expect(
        try await words(scheduler(project, session, zone: "Asia/Shanghai").look()) == ["orders source 19:00 dispatched"]
      )
    }
  }

  @Test("a plan with an expression this program does not know is refused by the hub's name")
  func damagedPlan() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '0 3 * * *'")]) { project in
      var plan = project.flows[0].plan
      plan.source.schedule = "0 3 * *"
      let error = #expect(throws: RunError.self) { try Schedule.all(of: plan, timeZone: "UTC") }
      #expect(error?.description.contains("orders") == true)
      #expect(throws: RunError.self) { try Schedule.all(of: project.flows[0].plan, timeZone: "Mars/Olympus") }
    }
  }

  @Test("a scheduler that is told to stop ends, and a stopped one leaves the lead to others")
  func stopping() async throws {
    try await FlowProject.with(["orders": hub(source: "schedule: '* * * * *'")]) { project in
      let session = try await project.store.openSession()
      let stop = StopSignal()
      let scheduler = try Scheduler(
        project.context(session.owner, stop: stop), project.flows, timeZone: "UTC", report: { _ in stop.stop() })
      try await scheduler.run()
      #expect(try await project.store.runs(of: ScheduleKey("orders", .source), limit: 9).count == 1)
      await session.close()
      let other = try await project.store.openSession()
      let lead = try await project.store.takeLead(
        "scheduler", owner: other.owner, until: project.now + TimeSpan(seconds: 30), now: project.now)
      #expect(lead?.epoch == 2)
    }
  }

  @Test("a hub that another one feeds is read when that one has delivered, every while as long as it goes on sending")
  func fed() async throws {
    let receipts = """
      source: { hub: orders }
      mapping: { code: "${ record.key }" }
      target: { connector: erp, api: acme/save, delivery: idempotency-key }
      """
    try await FlowProject.with(["orders": hub(target: "batch: 1"), "receipts": receipts]) { project in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      let scheduler = try scheduler(project, session)
      func deliver(_ count: Int) async throws {
        for write in try await project.store.claim(
          ClaimRequest(
            hub: "orders", side: .target, limit: count, owner: session.owner, now: project.now,
            lease: TimeSpan(seconds: 30))
        ) {
          let outcomes = write.items.map { ItemOutcome(item: $0, result: .done(id: "T")) }
          _ = try await project.store.settleWrite(
            write.lease,
            WriteSettlement(
              outcomes: outcomes, phase: .acknowledged, status: 200, answer: nil, durationMilliseconds: 1, claim: nil,
              now: project.now))
        }
      }
      func read() async throws -> [String] {
        let runs = try await scheduler.look().runs.map { "\($0.key.hub) \($0.key.kind) \($0.state)" }
        let lane = Lane(QueryExecutor(context: context, flow: project.flows[1], counters: RunCounters()) {})
        _ = try await lane.runDue()
        return runs
      }
      #expect(try await read().isEmpty)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner, ["A1", "A2", "A3"])
      _ = try await TargetDispatcher(context).dispatchAll(project.flows[0])
      #expect(try await read().isEmpty)
      try await deliver(1)
      #expect(try await read() == ["receipts fed dispatched"])
      #expect(try await project.store.status(hub: "receipts", now: project.now).records == ["pending": 1])
      // More is delivered, and one is left: it is not read at once, but after a while.
      try project.set("2026-03-02T09:00:10Z")
      try await deliver(1)
      let look = try await scheduler.look()
      #expect(look.runs.isEmpty && look.hasWaiting)
      try project.set("2026-03-02T09:00:31Z")
      #expect(try await read() == ["receipts fed dispatched"])
      // With the last one nothing is left to be sent; no pull is needed for it to be read.
      try await deliver(1)
      #expect(try await read() == ["receipts fed dispatched"])
      #expect(try await read().isEmpty)
      #expect(try await project.store.status(hub: "receipts", now: project.now).records == ["pending": 3])
    }
  }

  @Test("a hub that another one feeds is read again after a pull that failed, though nothing new is delivered")
  func fedAgain() async throws {
    let receipts = "source: { hub: orders }\n" + hub().split(separator: "\n").dropFirst().joined(separator: "\n")
    try await FlowProject.with([
      "orders": hub(), "receipts": receipts.replacing("record.id", with: "record.key"),
    ]) { project in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      let scheduler = try scheduler(project, session)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner, ["A1"])
      _ = try await scheduler.look()
      _ = try await TargetDispatcher(context).dispatchAll(project.flows[0])
      let claim = try #require(context.claim(project.flows[0], .target))
      let write = try #require(try await project.store.claim(claim).first)
      _ = try await project.store.settleWrite(
        write.lease,
        WriteSettlement(
          outcomes: write.items.map { ItemOutcome(item: $0, result: .done(id: "T")) }, phase: .acknowledged,
          status: 200, answer: nil, durationMilliseconds: 1, claim: nil, now: project.now))
      func kinds() async throws -> [String] { try await scheduler.look().runs.map { "\($0.key.kind) \($0.state)" } }
      #expect(try await kinds() == ["fed dispatched"])
      // While it is under way nothing is to be done; then it fails.
      #expect(try await kinds().isEmpty)
      let query = try #require(context.claim(project.flows[1], .source))
      let task = try #require(try await project.store.claim(query).first)
      let failure = Failure(kind: "rejected", message: "x", at: project.now)
      try await project.store.setBack(task.lease, .give, failure, now: project.now)
      let look = try await scheduler.look()
      #expect(look.runs.isEmpty && look.hasWaiting)
      try project.set("2026-03-02T09:05:00Z")
      #expect(try await kinds() == ["fed dispatched"])
      let lane = Lane(QueryExecutor(context: context, flow: project.flows[1], counters: RunCounters()) {})
      _ = try await lane.runDue()
      #expect(try await project.store.status(hub: "receipts", now: project.now).records == ["pending": 1])
      try project.set("2026-03-02T10:05:00Z")
      let last = try await scheduler.look()
      #expect(last.runs.isEmpty && !last.hasWaiting)
    }
  }
}
