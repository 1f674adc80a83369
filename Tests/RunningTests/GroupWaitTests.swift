import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Testing
import Values

@testable import Running

@Suite("Groups that stay open")
struct GroupWaitTests {
  private func hub(_ group: String) -> String {
    """
    source: { connector: shop, api: acme/list, window: { start: 1h } }
    onChange: ignore
    group: { by: "${ record.id.substring(0, 1) }", \(group) }
    mapping: { code: "${ group }", ids: "${ records.map(r, r.id) }" }
    target: { connector: erp, api: acme/save, delivery: idempotency-key }
    """
  }

  private func bring(_ project: FlowProject, _ owner: String, _ keys: String...) async throws {
    _ = try await SourceDispatcher(project.context(owner)).dispatch(project.flows[0])
    try await project.endPull(of: "orders", owner: owner, keys)
  }

  private func dispatch(_ project: FlowProject, _ owner: String) async throws -> TargetDispatcher.Result {
    try await TargetDispatcher(project.context(owner)).dispatchAll(project.flows[0])
  }

  /// The records of the writes that are queued, each write once, and takes them out of the queue.
  private func sent(_ project: FlowProject, _ owner: String) async throws -> [[String]] {
    var all: [[String]] = []
    let claim = ClaimRequest(
      hub: "orders", side: .target, limit: 100, concurrency: 100, owner: owner, now: project.now,
      lease: TimeSpan(seconds: 30))
    for task in try await project.store.claim(claim) {
      all.append(try await project.store.recordsInWrite(hub: "orders", task.items).map { $0?.key ?? "?" })
      let outcomes = task.items.map { ItemOutcome(item: $0, result: .done(id: nil)) }
      _ = try await project.store.settleWrite(
        task.lease,
        WriteSettlement(
          outcomes: outcomes, phase: .acknowledged, status: 200, answer: nil, durationMilliseconds: 1, claim: nil,
          now: project.now))
    }
    return all
  }

  @Test("a group takes further records until its time has passed since its first one, whoever looks by then")
  func waits() async throws {
    try await FlowProject.with(["orders": hub("wait: 10m")]) { project in
      let session = try await project.store.openSession()
      try await bring(project, session.owner, "A1", "B1")
      let first = try await dispatch(project, session.owner)
      #expect(first.records == 0 && first.writes == 0 && first.open.records == 2)
      #expect(first.open.until == Timestamp("2026-03-02T09:10:00Z"))
      try project.set("2026-03-02T09:06:00Z")
      try await bring(project, session.owner, "A2", "C1")
      #expect(try await dispatch(project, session.owner).open.records == 4)
      try project.set("2026-03-02T09:09:59Z")
      #expect(try await dispatch(project, session.owner).writes == 0)
      // Another process: all that is known is in the store.
      await session.close()
      let other = try await project.store.openSession()
      try project.set("2026-03-02T09:10:00Z")
      let second = try await dispatch(project, other.owner)
      #expect(second.records == 3 && second.writes == 2)
      #expect(second.open == OpenGroups(records: 1, until: Timestamp("2026-03-02T09:16:00Z")))
      #expect(try await sent(project, other.owner) == [["A1", "A2"], ["B1"]])
      // What comes after it was sent opens the group anew.
      try await bring(project, other.owner, "A3")
      #expect(try await dispatch(project, other.owner).writes == 0)
      try project.set("2026-03-02T09:16:00Z")
      #expect(try await dispatch(project, other.owner).records == 1)
      try project.set("2026-03-02T09:20:00Z")
      #expect(try await dispatch(project, other.owner).records == 1)
      #expect(try await sent(project, other.owner) == [["C1"], ["A3"]])
    }
  }

  @Test("a document that is full is sent at once, and what is left of its group has its own time")
  func full() async throws {
    try await FlowProject.with(["orders": hub("wait: 10m, maximumLines: 2")]) { project in
      let session = try await project.store.openSession()
      try await bring(project, session.owner, "A1")
      #expect(try await dispatch(project, session.owner).open.records == 1)
      try project.set("2026-03-02T09:05:00Z")
      try await bring(project, session.owner, "A2", "A3", "B1")
      let result = try await dispatch(project, session.owner)
      #expect(result.records == 2 && result.writes == 1)
      #expect(result.open == OpenGroups(records: 1, until: Timestamp("2026-03-02T09:15:00Z")))
      #expect(try await sent(project, session.owner) == [["A1", "A2"]])
      #expect(try await dispatch(project, session.owner).open.records == 2)
      try project.set("2026-03-02T09:15:00Z")
      #expect(try await dispatch(project, session.owner).records == 2)
      #expect(try await sent(project, session.owner) == [["A3"], ["B1"]])
    }
  }

  @Test("without a time to wait a group is sent with what there is")
  func atOnce() async throws {
    try await FlowProject.with(["orders": hub("maximumLines: 2")]) { project in
      let session = try await project.store.openSession()
      try await bring(project, session.owner, "A1")
      let result = try await dispatch(project, session.owner)
      #expect(result.writes == 1 && result.open == OpenGroups())
    }
  }
}
