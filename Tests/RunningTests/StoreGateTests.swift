import Connecting
import FoundationEssentials
import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

@Suite("The gate of a connector")
struct StoreGateTests {
  @Test("a call that would have to wait for long is put back, and costs no attempt")
  func limits() async throws {
    try await withStore { store in
      let clock = HandClock()
      let gate = StoreGate(.test(limits: [LimitPlan(requests: 2, perMilliseconds: 60_000)]), store: store, clock)
      #expect(await gate.admit() == nil)
      #expect(await gate.admit() == nil)
      let refusal = try #require(await gate.admit())
      #expect(refusal.kind == .rateLimited && refusal.retryAfter == TimeSpan(seconds: 60))
      let ladder = RetryLadder(milliseconds: [])
      #expect(
        ladder.setback(refusal, attempts: 5, now: clock.now, repeatable: false)
          == .retry(at: clock.now + TimeSpan(seconds: 60), countsAsAttempt: false))
      clock.advance(60)
      #expect(await gate.admit() == nil)
    }
  }

  @Test("two processes share one limit")
  func sharing() async throws {
    try await withStore { store in
      let clock = HandClock()
      let plan = ConnectorPlan.test(limits: [LimitPlan(requests: 1, perMilliseconds: 60_000)])
      #expect(await StoreGate(plan, store: store, clock).admit() == nil)
      #expect(await StoreGate(plan, store: store, clock).admit()?.kind == .rateLimited)
    }
  }

  @Test("a system that does not answer is left alone by all; then one call decides")
  func circuit() async throws {
    try await withStore { store in
      let clock = HandClock()
      let plan = ConnectorPlan.test(
        circuit: CircuitPlan(failures: 3, pauseMilliseconds: 10_000, maximumPauseMilliseconds: 15_000))
      let (one, other) = (StoreGate(plan, store: store, clock), StoreGate(plan, store: store, clock))
      for _ in 0..<3 {
        #expect(await one.admit() == nil)
        await one.note(.failed(CallFailure(kind: .notSent, message: "refused")))
      }
      clock.advance(2)
      #expect(await one.admit()?.retryAfter == TimeSpan(seconds: 8))
      let refusal = try #require(await other.admit())
      #expect(refusal.kind == .notSent && refusal.isHeldBack)
      clock.advance(9)
      #expect(await other.admit() == nil)
      #expect(await one.admit() != nil)
      await other.note(.failed(CallFailure(kind: .uncertain, message: "no answer")))
      #expect(await other.admit()?.retryAfter == TimeSpan(seconds: 15))
      clock.advance(16)
      #expect(await one.admit() == nil)
      await one.note(.answered(Answer(status: 200, response: [:], bytes: 0, duration: .zero)))
      clock.advance(2)
      #expect(await other.admit() == nil)
      let left = try await store.gate(connector: "test")
      #expect(left == GateState())
    }
  }

  @Test("calls that were under way when a system was left alone do not prolong that")
  func underWay() async throws {
    try await withStore { store in
      let clock = HandClock()
      let plan = ConnectorPlan.test(
        circuit: CircuitPlan(failures: 2, pauseMilliseconds: 10_000, maximumPauseMilliseconds: 300_000))
      let gate = StoreGate(plan, store: store, clock)
      for _ in 0..<8 { await gate.note(.failed(CallFailure(kind: .uncertain, message: "no answer"))) }
      #expect(await gate.admit()?.retryAfter == TimeSpan(seconds: 10))
    }
  }

  @Test("an answer between failures begins the count anew, and a refusal is an answer")
  func counting() async throws {
    try await withStore { store in
      let clock = HandClock()
      let plan = ConnectorPlan.test(
        circuit: CircuitPlan(failures: 2, pauseMilliseconds: 10_000, maximumPauseMilliseconds: 10_000))
      let gate = StoreGate(plan, store: store, clock)
      for kind in [FailureClass.notSent, .rejected, .uncertain, .rejected, .notSent] {
        await gate.note(.failed(CallFailure(kind: kind, message: "x")))
      }
      #expect(await gate.admit() == nil)
    }
  }

  @Test("a system that asks to be left alone is, by all")
  func retryAfter() async throws {
    try await withStore { store in
      let clock = HandClock()
      let (one, other) = (StoreGate(.test(), store: store, clock), StoreGate(.test(), store: store, clock))
      await one.note(
        .failed(CallFailure(kind: .rateLimited, message: "slow down", retryAfter: TimeSpan(seconds: 40))))
      #expect(await other.admit()?.retryAfter == TimeSpan(seconds: 40))
      clock.advance(41)
      #expect(await other.admit() == nil)
    }
  }

  @Test("a process that stood still sends nothing whose lease may be over")
  func leases() {
    let start = Timestamp(seconds: 1_780_000_000)
    func after(_ seconds: Int64) -> Timestamp { start + TimeSpan(seconds: seconds) }
    func task(_ until: Int64) -> ClaimedTask {
      ClaimedTask(
        lease: TaskLease(task: 1, owner: "me", epoch: 1), hub: "orders", side: .target, pull: nil, attempts: 0,
        payload: [], items: [], leasedUntil: after(until))
    }
    let watch = LeaseWatch()
    #expect(watch.isGood(task(30), now: after(20)))
    #expect(!watch.isGood(task(30), now: after(26)))
    watch.extended(at: after(10), until: after(40))
    watch.extended(at: after(20), until: after(50))
    #expect(watch.isGood(task(30), now: after(40)))
    // Stopped for a minute: the next extension says nothing of tasks that were lost in between.
    watch.extended(at: after(80), until: after(110))
    #expect(!watch.isGood(task(30), now: after(81)))
    #expect(watch.isGood(task(100), now: after(81)))
  }

  @Test("what a process knows of its leases and its calls, its lanes know too")
  func lanes() async throws {
    try await withStore { store in
      let process = RunContext(
        store: store, owner: "me", now: { Timestamp(seconds: 1_780_000_000) }, stop: StopSignal())
      let lane = process.with(StopSignal(), nil)
      #expect(lane.leases === process.leases)
      #expect(lane.cancellations === process.cancellations)
    }
  }

  @Test("waits of which chance decides stay within bounds that grow, and end")
  func backoff() {
    let ladder = RetryLadder(
      milliseconds: [],
      backoff: BackoffPlan(baseMilliseconds: 1_000, maximumMilliseconds: 5_000, attempts: 4))
    let now = Timestamp(seconds: 1_780_000_000)
    let failure = CallFailure(kind: .notSent, message: "x")
    var waits: Set<Int64> = []
    for (attempts, bound) in [(0, 1_000), (1, 2_000), (2, 4_000), (3, 5_000)] as [(Int, Int64)] {
      for _ in 0..<100 {
        guard
          case .retry(let at, true) = ladder.setback(failure, attempts: attempts, now: now, repeatable: true)
        else {
          Issue.record("attempt \(attempts) is not tried again")
          return
        }
        let wait = (at - now).milliseconds
        #expect((0...bound).contains(wait))
        waits.insert(wait)
      }
    }
    #expect(waits.count > 50)
    #expect(ladder.setback(failure, attempts: 4, now: now, repeatable: true) == .give)
  }
}

/// A clock that is moved by hand.
private final class HandClock: Sendable {
  private let time = Mutex(Timestamp(seconds: 1_780_000_000))
  var now: Timestamp { time.withLock { $0 } }
  func advance(_ seconds: Int64) { time.withLock { $0 = $0 + TimeSpan(seconds: seconds) } }
}

extension StoreGate {
  fileprivate convenience init(_ plan: ConnectorPlan, store: any GateStore, _ clock: HandClock) {
    self.init(plan, store: store, stop: StopSignal(), now: { clock.now })
  }
}

extension ConnectorPlan {
  fileprivate static func test(limits: [LimitPlan]? = nil, circuit: CircuitPlan? = nil) -> ConnectorPlan {
    ConnectorPlan(
      name: "test", platform: "plain", parameters: [], baseURL: "http://127.0.0.1:9", request: RequestPlan(),
      signing: [], authentication: .none, response: ResponsePlan(), connectTimeoutMilliseconds: 1_000,
      timeoutMilliseconds: 1_000, maximumResponseBytes: 1_024, tls: nil, proxy: nil, limits: limits, circuit: circuit)
  }
}

private func withStore(_ body: (SQLiteStore) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.path + "/datahub-gate-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let store = try await SQLiteStore.open(folder: folder, tenant: "test")
  try await body(store)
  await store.close()
}
