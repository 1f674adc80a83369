import Connecting
import HTTPServer
import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

/// A target that loses its first answers about a write, and counts what it is asked.
private final class ForgetfulTarget: Sendable {
  private let paths = Mutex<[String]>([])
  private let lost: Int

  init(lost: Int) { self.lost = lost }

  /// What was asked for, in order.
  var asked: [String] { paths.withLock { $0 } }

  func answer(_ request: ServerRequest) -> ServerResponse {
    let path = String(request.path.prefix { $0 != "?" })
    let before = paths.withLock { paths in
      defer { paths.append(path) }
      return paths.count { $0 == path }
    }
    switch path {
    case "/save": return .json(Array((before < lost ? "{}" : #"{"results":[{"ok":true,"id":"T1"}]}"#).utf8))
    case "/find": return .json(Array(#"{"orders":[{"id":"A1","name":"T1"}]}"#.utf8))
    default: return .json(Array("{}".utf8))
    }
  }
}

/// A gate that holds back every call while it is closed.
private final class ClosableGate: CallGate {
  private let closed = Mutex(false)

  var isClosed: Bool {
    get { closed.withLock { $0 } }
    set { closed.withLock { $0 = newValue } }
  }

  func admit() async -> CallFailure? {
    guard isClosed else { return nil }
    return CallFailure(
      kind: .notSent, message: "not sent: left alone", retryAfter: TimeSpan(seconds: 3), isHeldBack: true)
  }

  func note(_ outcome: CallOutcome) async {}
}

private let lookup = "lookup: { by: '${ document.code }', api: acme/find, id: '${ record.name }' }"

@Suite("Deliveries, and what workers share", .timeLimit(.minutes(5)))
struct DeliveryGateTests {
  private func hub(_ target: String, _ more: String = "") -> String {
    """
    source: { connector: shop, api: acme/list, window: { start: 1h } }
    mapping: { code: "${ record.id }" }
    target: { connector: erp, api: acme/save, retry: [1s, 1s], \(target) }
    \(more)
    """
  }

  private func with(
    _ hub: String, lost: Int = 1, _ body: (FlowProject, RunContext, ForgetfulTarget, ClosableGate) async throws -> Void
  ) async throws {
    let target = ForgetfulTarget(lost: lost)
    let gate = ClosableGate()
    let server = try HTTPServer(handler: { target.answer($0) })
    defer { server.stop() }
    try await FlowProject.with(["orders": hub], baseURL: "http://127.0.0.1:\(server.port)", gate: gate) { project in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner, ["A1"])
      _ = try await TargetDispatcher(context).dispatchAll(project.flows[0])
      try await body(project, context, target, gate)
      await session.close()
    }
  }

  /// Claims the write that is due and runs it, with those that follow it at once.
  private func runDue(_ project: FlowProject, _ context: RunContext, at time: String) async throws {
    try project.set(time)
    let executor = WriteExecutor(context: context, flow: project.flows[0], counters: RunCounters()) {}
    _ = try await Lane(executor).runDue()
  }

  private func task(_ project: FlowProject) async throws -> TaskDetail {
    let list = try await project.store.tasks(TaskFilter(hub: "orders", side: .target, limit: 1))
    let first = try #require(list.first)
    return try #require(try await project.store.task(first.id))
  }

  @Test("a look that is held back costs no attempt, asks for nothing and leaves what is not known as it is")
  func look() async throws {
    try await with(hub("delivery: check-before-write, \(lookup)")) { project, context, target, gate in
      try await runDue(project, context, at: "2026-03-02T09:00:01Z")
      #expect(target.asked == ["/save"])
      gate.isClosed = true
      for second in [10, 20, 30, 40] {
        try await runDue(project, context, at: "2026-03-02T09:00:\(second)Z")
        let held = try await task(project)
        #expect(held.summary.state == "retrying" && held.summary.attempts == 1)
        #expect(held.sendings.map(\.phase).first == "uncertain" && held.sendings.last?.phase == "notSent")
      }
      #expect(target.asked == ["/save"])
      gate.isClosed = false
      try await runDue(project, context, at: "2026-03-02T09:00:50Z")
      #expect(target.asked == ["/save", "/find"])
      let record = try await project.store.record(hub: "orders", key: "A1")
      #expect(record?.summary.state == "done" && record?.summary.targetID == "T1")
    }
  }

  @Test(
    "a follow-up call and a write-back that are held back cost no attempt, and are made when the gate opens",
    arguments: [
      ("delivery: at-least-once, then: [{ name: mark, api: acme/mark }]", ""),
      ("delivery: at-least-once", "writeBack: { connector: erp, api: acme/mark }"),
    ])
  func beside(_ target: String, _ more: String) async throws {
    try await with(hub(target, more)) { project, context, server, gate in
      try await runDue(project, context, at: "2026-03-02T09:00:01Z")
      // The write itself goes through; what follows it is another task, claimed with it.
      let executor = WriteExecutor(context: context, flow: project.flows[0], counters: RunCounters()) {
        gate.isClosed = true
      }
      try project.set("2026-03-02T09:00:10Z")
      _ = try await Lane(executor).runDue()
      for second in [20, 30, 40] {
        try await runDue(project, context, at: "2026-03-02T09:00:\(second)Z")
        let held = try await task(project)
        #expect(held.summary.state == "retrying" && held.summary.attempts == 0)
      }
      #expect(server.asked == ["/save", "/save"])
      gate.isClosed = false
      try await runDue(project, context, at: "2026-03-02T09:00:50Z")
      #expect(server.asked == ["/save", "/save", "/mark"])
      #expect(try await task(project).summary.state == "done")
      #expect(try await project.store.record(hub: "orders", key: "A1")?.summary.state == "done")
    }
  }

  @Test("a worker whose lease may be over neither sends nor looks")
  func lease() async throws {
    try await with(hub("delivery: check-before-write, \(lookup)")) { project, context, target, _ in
      let executor = WriteExecutor(context: context, flow: project.flows[0], counters: RunCounters()) {}
      func claimed() async throws -> ClaimedTask {
        let claim = try #require(context.claim(project.flows[0], .target))
        return try #require(try await project.store.claim(claim).first)
      }
      let first = try await claimed()
      try project.set("2026-03-02T09:00:27Z")
      try await executor.run(first)
      let held = try await task(project)
      // Nothing else would claim it again as long as this worker says that it lives.
      #expect(held.summary.state == "retrying" && held.summary.attempts == 0)
      #expect(held.sendings.map(\.phase) == ["notSent"] && target.asked.isEmpty)
      let lost = try await claimed()
      try await project.store.setBack(
        lost.lease, .retry(at: project.now, countsAsAttempt: true), Failure(kind: "uncertain", message: "lost"),
        now: project.now)
      let second = try await claimed()
      #expect(second.doubt != nil)
      try project.set("2026-03-02T09:01:30Z")
      try await executor.run(second)
      #expect(try await task(project).summary.state == "retrying" && target.asked.isEmpty)
      // What is another's by now is left to it.
      let third = try await claimed()
      try await project.store.setBack(
        third.lease, .retry(at: project.now, countsAsAttempt: false), Failure(kind: "notSent", message: "rescued"),
        now: project.now)
      _ = try await claimed()
      try project.set("2026-03-02T09:03:30Z")
      let error = await #expect(throws: StoreError.self) { try await executor.run(third) }
      #expect(error?.code == .leaseLost && target.asked.isEmpty)
    }
  }

  @Test("a lane of a worker knows that the worker's leases were made longer")
  func sharedLeases() async throws {
    try await with(hub("delivery: at-least-once")) { project, context, target, _ in
      let lane = context.with(StopSignal(), nil)
      let claim = try #require(lane.claim(project.flows[0], .target))
      let task = try #require(try await project.store.claim(claim).first)
      context.leases.extended(at: project.now, until: project.now + TimeSpan(seconds: 60))
      try project.set("2026-03-02T09:00:40Z")
      try await WriteExecutor(context: lane, flow: project.flows[0], counters: RunCounters()) {}.run(task)
      #expect(target.asked == ["/save"])
    }
  }

  @Test(
    "waits of which chance decides are counted for looks too: after the last attempt there is one look, and no more")
  func backoff() async throws {
    let target = "delivery: check-before-write, backoff: { base: 1ms, maximum: 2ms, attempts: 1 }, \(lookup)"
    let none = target.replacing("'${ document.code }'", with: "'${ \"no \" + document.code }'")
    try await with(hub(none).replacing("retry: [1s, 1s], ", with: ""), lost: 9) { project, context, target, _ in
      try await runDue(project, context, at: "2026-03-02T09:00:01Z")
      for second in [10, 20, 30, 40] { try await runDue(project, context, at: "2026-03-02T09:00:\(second)Z") }
      #expect(target.asked == ["/save", "/find", "/save", "/find"])
      #expect(try await project.store.record(hub: "orders", key: "A1")?.summary.state == "uncertain")
    }
  }
}
