import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

@Suite("Finished tasks are removed once a day")
struct UpkeepTests {
  /// Runs a body over a hub with two done tasks, a dead and a ready one, all of 9 o'clock on March 2nd.
  private func with(_ body: (FlowProject, any WorkerSession) async throws -> Void) async throws {
    let hub = """
      source: { connector: shop, api: acme/list, window: { start: 1h } }
      mapping: { code: "${ record.id }" }
      target: { connector: erp, api: acme/save, delivery: idempotency-key }
      """
    try await FlowProject.with(["orders": hub]) { project in
      let session = try await project.store.openSession()
      _ = try await SourceDispatcher(project.context(session.owner)).dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner, (1...25).map { "\($0)" })
      _ = try await TargetDispatcher(project.context(session.owner)).dispatchAll(project.flows[0])
      let claim = ClaimRequest(
        hub: "orders", side: .target, limit: 2, owner: session.owner, now: project.now, lease: TimeSpan(seconds: 30))
      let writes = try await project.store.claim(claim)
      try #require(writes.count == 2)
      _ = try await project.store.settleWrite(
        writes[0].lease,
        WriteSettlement(
          outcomes: writes[0].items.map { ItemOutcome(item: $0, result: .done(id: nil)) }, phase: .acknowledged,
          status: 200, answer: nil, durationMilliseconds: 1, claim: nil, now: project.now))
      try await project.store.setBack(
        writes[1].lease, .give, Failure(kind: "rejected", message: "no"), now: project.now)
      #expect(try await states(project) == ["dead", "done", "done", "ready"])
      try await body(project, session)
    }
  }

  private func states(_ project: FlowProject) async throws -> [String] {
    try await project.store.tasks(TaskFilter(limit: 100)).map(\.state).sorted()
  }

  private func lead(_ project: FlowProject, _ session: any WorkerSession) async throws -> Lead {
    try #require(
      try await project.store.takeLead(
        "scheduler", owner: session.owner, until: project.now + TimeSpan(seconds: 30), now: project.now))
  }

  /// An upkeep that looks for one task at a time, and what it told.
  private func upkeep(
    _ project: FlowProject, _ session: any WorkerSession, _ retention: RetentionPlan = .usual
  ) -> (upkeep: Upkeep, told: Told) {
    let told = Told()
    return (Upkeep(project.context(session.owner), retention, batch: 1, report: { told.add($0) }), told)
  }

  private final class Told: Sendable {
    private let kept = Mutex<[Int]>([])
    var counts: [Int] { kept.withLock { $0 } }
    func add(_ count: Int) { kept.withLock { $0.append(count) } }
  }

  @Test("as the retention says, not again before a day is over, and whoever leads then")
  func daily() async throws {
    try await with { project, session in
      var (upkeep, told) = upkeep(project, session)
      while try await upkeep.goOn(under: lead(project, session)) {}
      try project.set("2026-03-09T08:59:59Z")
      while try await upkeep.goOn(under: lead(project, session)) {}
      #expect(told.counts.isEmpty)
      // They are seven days old by now; the last look was two seconds ago.
      try project.set("2026-03-09T09:00:01Z")
      while try await upkeep.goOn(under: lead(project, session)) {}
      #expect(try await states(project) == ["dead", "done", "done", "ready"])
      try project.set("2026-03-10T08:59:59Z")
      while try await upkeep.goOn(under: lead(project, session)) {}
      #expect(told.counts == [2])
      #expect(try await states(project) == ["dead", "ready"])

      let none = RetentionPlan(doneMilliseconds: 0, deadMilliseconds: 0)
      await session.close()
      let other = try await project.store.openSession()
      var (next, toldNext) = self.upkeep(project, other, none)
      try project.set("2026-03-11T08:59:58Z")
      while try await next.goOn(under: lead(project, other)) {}
      #expect(try await states(project) == ["dead", "ready"])
      try project.set("2026-03-11T08:59:59Z")
      while try await next.goOn(under: lead(project, other)) {}
      #expect(toldNext.counts == [1])
      #expect(try await states(project) == ["ready"])

      var filter = AuditFilter()
      filter.by = "scheduler"
      let entries = try await project.store.audit(filter)
      #expect(entries.map(\.action) == ["task.prune", "task.prune"] && entries.map(\.changed) == [1, 2])
    }
  }

  @Test("what a scheduler that ended left is removed by the next; one that lost the lead does not say it is done")
  func goingOn() async throws {
    try await with { project, session in
      try project.set("2026-03-20T00:00:00Z")
      let old = try await lead(project, session)
      var (upkeep, told) = upkeep(project, session)
      #expect(try await upkeep.goOn(under: old))
      #expect(try await states(project).count == 3)
      try project.set("2026-03-20T00:01:00Z")
      let other = try await project.store.openSession()
      let new = try await lead(project, other)
      let error = await #expect(throws: StoreError.self) { while try await upkeep.goOn(under: old) {} }
      #expect(error?.code == .leaseLost && told.counts.isEmpty)
      #expect(try await project.store.lastTime(of: Upkeep.chore) == nil)
      var (next, _) = self.upkeep(project, other)
      while try await next.goOn(under: new) {}
      #expect(try await states(project) == ["dead", "ready"])
      #expect(try await project.store.lastTime(of: Upkeep.chore) == project.now)
    }
  }

  @Test("a clock that was set back does not keep it from being done")
  func clockSetBack() async throws {
    try await with { project, session in
      try project.set("2099-01-01T00:00:00Z")
      let lead = try await lead(project, session)
      try await project.store.note(Upkeep.chore, doneAt: project.now, under: lead)
      try project.set("2026-03-20T00:00:00Z")
      var (upkeep, told) = upkeep(project, session)
      while try await upkeep.goOn(under: lead) {}
      #expect(told.counts == [2])
    }
  }

  @Test("a scheduler that stays does it")
  func scheduler() async throws {
    try await with { project, session in
      try project.set("2026-03-20T00:00:00Z")
      let stop = StopSignal()
      let retention = RetentionPlan(doneMilliseconds: 86_400_000, deadMilliseconds: 2 * 86_400_000)
      let scheduler = try Scheduler(
        project.context(session.owner, stop: stop), project.flows, timeZone: "UTC", retention: retention,
        removed: {
          #expect($0 == 3)
          stop.stop()
        })
      try await scheduler.run()
      #expect(try await states(project) == ["ready"])
    }
  }
}
