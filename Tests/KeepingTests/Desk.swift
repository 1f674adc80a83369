import Keeping
import Testing
import Values

/// What the rules are tried with: a store, a hub and a worker, and short ways to do what workers do.
struct Desk {
  let store: any Store
  var hub = "orders"
  let session: any WorkerSession
  var owner: String { session.owner }

  init(_ store: any Store) async throws {
    self.store = store
    session = try await store.openSession()
  }

  /// A time, in seconds after the beginning of the test's time.
  func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_780_000_000_000 + seconds * 1000) }

  func request(_ side: Side, limit: Int = 1, at seconds: Int64 = 0, owner: String? = nil) -> ClaimRequest {
    ClaimRequest(
      hub: hub, side: side, limit: limit, owner: owner ?? self.owner, now: at(seconds), lease: TimeSpan(seconds: 30))
  }

  func claim(_ side: Side, limit: Int = 1, at seconds: Int64 = 0, owner: String? = nil) async throws -> [ClaimedTask] {
    try await store.claim(request(side, limit: limit, at: seconds, owner: owner))
  }

  func claimOne(_ side: Side, at seconds: Int64 = 0, owner: String? = nil) async throws -> ClaimedTask {
    try #require(try await claim(side, at: seconds, owner: owner).first)
  }

  // MARK: - Source

  func openPull(_ queries: [Value], to seconds: Int64 = 100) async throws -> Pull? {
    try await store.openPull(
      NewPull(hub: hub, from: at(0), to: at(seconds), queries: queries.map(NewQuery.init(payload:)), now: at(0)))
  }

  @discardableResult
  func settle(
    _ task: ClaimedTask, _ records: [IncomingRecord] = [], next: Value? = nil, claim: Bool = false,
    at seconds: Int64 = 0
  ) async throws -> SettledPageResult {
    try await store.settlePage(
      task.lease,
      SettledPage(
        records: records, next: next.map(NewQuery.init(payload:)), claim: claim ? request(.source, at: seconds) : nil,
        now: at(seconds)))
  }

  /// Brings records into the store as a pull of one page.
  @discardableResult
  func bring(_ records: [IncomingRecord], at seconds: Int64 = 0) async throws -> PageCounts {
    _ = try #require(try await openPull(["all"]))
    return try await settle(claimOne(.source, at: seconds), records, at: seconds).counts
  }

  func record(
    _ key: String, _ content: String = "{}", _ state: RecordState = .pending, number: String? = nil,
    failure: Failure? = nil
  ) -> IncomingRecord {
    // The content itself will do for its digest.
    IncomingRecord(
      key: key, number: number, content: Array(content.utf8), digest: Array(content.utf8), state: state,
      failure: failure)
  }

  // MARK: - Target

  func pending(after position: Int64 = 0, limit: Int = 1000) async throws -> [PendingRecord] {
    try await store.pendingRecords(hub: hub, after: position, limit: limit)
  }

  /// Puts all pending records into writes of some records each.
  @discardableResult
  func queue(batch: Int = 1, sendsAgain: Bool = true, at seconds: Int64 = 0) async throws -> Int {
    let items = try await pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    let writes = stride(from: 0, to: items.count, by: batch).map { start in
      write(Array(items[start..<min(start + batch, items.count)]), sendsAgain: sendsAgain)
    }
    return try await store.enqueueWrites(hub: hub, writes, unsendable: [], now: at(seconds))
  }

  func write(_ items: [WriteItem], sendsAgain: Bool = true) -> NewWrite {
    NewWrite(items: items, payload: Array("{\"records\":\(items.count)}".utf8), sendsAgain: sendsAgain)
  }

  @discardableResult
  func settle(
    _ task: ClaimedTask, _ results: [ItemOutcome.Result], phase: SendPhase = .acknowledged, claim: Bool = false,
    at seconds: Int64 = 0
  ) async throws -> [ClaimedTask] {
    try await store.settleWrite(
      task.lease,
      WriteSettlement(
        outcomes: zip(task.items, results).map(ItemOutcome.init(item:result:)), phase: phase, status: 200,
        answer: "{\"ok\":true}", durationMilliseconds: 12, claim: claim ? request(.target, at: seconds) : nil,
        now: at(seconds)))
  }

  // MARK: - Looking

  func detail(_ key: String) async throws -> RecordDetail {
    try #require(try await store.record(hub: hub, key: key))
  }

  func state(_ key: String) async throws -> String { try await detail(key).summary.state }

  func task(_ task: ClaimedTask) async throws -> TaskDetail {
    try #require(try await store.task(task.lease.task))
  }

  func status() async throws -> HubStatus { try await store.status(hub: hub, now: at(0)) }

  func failure(_ kind: String = "rejected", _ message: String = "no") -> Failure {
    Failure(kind: kind, message: message, field: "FDate", status: 400, at: at(1))
  }

  /// Expects a call to be refused because the lease is no longer good.
  func expectLeaseLost(_ call: () async throws -> Void, _ location: SourceLocation = #_sourceLocation) async {
    let error = await #expect(throws: StoreError.self, sourceLocation: location) { try await call() }
    #expect(error?.code == .leaseLost, sourceLocation: location)
  }
}

/// One rule every store keeps.
struct Rule: Sendable, CustomTestStringConvertible {
  let fact: String
  let check: @Sendable (Desk) async throws -> Void

  init(_ fact: String, _ check: @escaping @Sendable (Desk) async throws -> Void) {
    self.fact = fact
    self.check = check
  }

  var testDescription: String { fact }
}
