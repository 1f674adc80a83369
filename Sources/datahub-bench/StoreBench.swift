import Keeping
import Plans
import SQLiteStore
import Values

/// How fast the store keeps records and settles writes, on a disk, with every commit flushed.
///
/// The figures are of the store alone: nothing is asked for, mapped or sent.
enum StoreBench {
  static func run(records: Int) async throws -> [Measurement] {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path, tenant: "bench")
    let worker = try await StoreWorker(store)
    var measurements: [Measurement] = []

    func time(_ name: String, _ body: () async throws -> Void) async throws {
      let seconds = try await ContinuousClock().measure { try await body() }.inSeconds
      measurements.append(Measurement(name: "store: " + name, value: Double(records) / seconds, unit: "records/s"))
    }

    let pages = worker.pages(of: records)
    try await time("new records, pages of 100") { try await worker.pull(pages) }
    try await time("writes of 100, from pending to done") { try await worker.writeBatches() }
    try await time("the same records again, unchanged") { try await worker.pull(pages) }
    try await worker.pull(worker.pages(of: records, discount: 7))
    try await time("writes of 1, queued by hundreds") { try await worker.queueSingles() }
    try await time("writes of 1, 64 at a time, claimed and settled") { try await worker.settleSingles(callers: 64) }
    let perTask = measurements.suffix(2).map { 1 / $0.value }.reduce(0, +)
    measurements.append(
      Measurement(
        name: "durable queue task: enqueued, leased, finished", value: 1 / perTask, unit: "tasks/s", wanted: 10_000))
    try await time("an index for find(), made of records that are kept") {
      try await store.keepLookups([worker.lookup], onlyThese: true)
    }
    try await time("records found by a field, 1,000 a call") { try await worker.find(records) }
    await worker.session.close()
    await store.close()

    let indexedFolder = try TemporaryFolder()
    let indexedStore = try await SQLiteStore.open(folder: indexedFolder.path, tenant: "bench")
    let indexed = try await StoreWorker(indexedStore)
    try await indexedStore.keepLookups([indexed.lookup], onlyThese: true)
    try await time("new records, pages of 100, with such an index") { try await indexed.pull(pages) }
    await indexed.session.close()
    await indexedStore.close()
    return measurements
  }
}

/// Does with the store what workers do.
struct StoreWorker: Sendable {
  let store: any Store
  let session: any WorkerSession
  var hub = "sales-out"
  /// Whether keys come in an order that is not theirs, so that each lands anywhere in the index; else they rise, as a shop
  /// numbers its orders.
  var scattersKeys = true
  var now = Timestamp(milliseconds: 1_780_000_000_000)
  let body = [UInt8](repeating: 0x20, count: 100_000)

  init(_ store: any Store) async throws {
    self.store = store
    session = try await store.openSession()
  }

  func pages(of count: Int, discount: Int = 0) -> [[IncomingRecord]] {
    pages(0..<count, discount: discount)
  }

  /// Records with these numbers, in pages of 100.
  func pages(_ numbers: some Collection<Int>, discount: Int = 0) -> [[IncomingRecord]] {
    let numbers = Array(numbers)
    return stride(from: 0, to: numbers.count, by: 100).map { start in
      numbers[start..<min(start + 100, numbers.count)].map { number in
        var content = Array(Samples.kilobyteOrder(number).utf8)
        if discount > 0 { content.insert(0x20, at: 0) }
        let text = discount > 0 ? content.map { $0 == 0x35 ? 0x36 : $0 } : content
        let digest = (0..<32).map { text[$0 * 30] &+ UInt8(truncatingIfNeeded: number >> ($0 % 16)) &+ UInt8(discount) }
        return IncomingRecord(
          key: "SO2026\(scattersKeys ? number * 7919 % 100_000_007 : 100_000_000 + number)", number: "SO-\(number)",
          content: text, digest: digest,
          state: .pending)
      }
    }
  }

  func request(_ side: Side, limit: Int = 1) -> ClaimRequest {
    ClaimRequest(
      hub: hub, side: side, limit: limit, owner: session.owner, now: now, lease: TimeSpan(seconds: 3600))
  }

  func pull(_ pages: [[IncomingRecord]]) async throws {
    let first = NewQuery(payload: ["page": 1])
    _ = try await store.openPull(NewPull(hub: hub, from: now, to: now, queries: [first], now: now))
    var task = try await store.claim(request(.source)).first
    for (number, page) in pages.enumerated() {
      guard let lease = task?.lease else { throw StoreError(.damaged, "no query to settle") }
      let isLast = number == pages.count - 1
      let settled = SettledPage(
        records: page, next: isLast ? nil : NewQuery(payload: ["page": .int(Int64(number + 2))]),
        claim: isLast ? nil : request(.source), now: now)
      task = try await store.settlePage(lease, settled).claimed.first
    }
  }

  func writeBatches() async throws {
    while true {
      let records = try await store.pendingRecords(hub: hub, after: 0, limit: 100)
      if records.isEmpty { return }
      let items = records.map { WriteItem(record: $0.id, revision: $0.revision) }
      let write = NewWrite(items: items, payload: body, sendsAgain: true)
      _ = try await store.enqueueWrites(hub: hub, [write], unsendable: [], now: now)
      guard let task = try await store.claim(request(.target)).first else { return }
      _ = try await store.settleWrite(task.lease, settlement(of: task, claim: nil))
    }
  }

  /// A write for each record that waits for one, so many in a commit.
  func queueSingles(at a: Int = 100) async throws {
    while true {
      let records = try await store.pendingRecords(hub: hub, after: 0, limit: max(a, 100))
      if records.isEmpty { return }
      let writes = records.map { record in
        NewWrite(
          items: [WriteItem(record: record.id, revision: record.revision)], payload: record.content, sendsAgain: true)
      }
      for start in stride(from: 0, to: writes.count, by: a) {
        let some = Array(writes[start..<min(start + a, writes.count)])
        _ = try await store.enqueueWrites(hub: hub, some, unsendable: [], now: now)
      }
    }
  }

  func settleSingles(callers: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...callers {
        group.addTask {
          var task = try await store.claim(request(.target)).first
          while let current = task {
            task = try await store.settleWrite(current.lease, settlement(of: current, claim: request(.target))).first
          }
        }
      }
      try await group.waitForAll()
    }
  }

  let lookup = LookupPlan(hub: "sales-out", fields: ["so_id"])

  func find(_ count: Int) async throws {
    for start in stride(from: 0, to: count, by: 1_000) {
      let questions = (start..<min(start + 1_000, count)).map { number in
        let digits = String(number)
        return LookupQuestion(lookup, ["SO2026" + String(repeating: "0", count: 10 - digits.count) + digits])
      }
      let answers = try await store.find(questions)
      guard answers.count == questions.count else { throw StoreError(.damaged, "a question without an answer") }
    }
  }

  func settlement(of task: ClaimedTask, claim: ClaimRequest?) -> WriteSettlement {
    WriteSettlement(
      outcomes: task.items.map { ItemOutcome(item: $0, result: .done(id: "T-\($0.record)")) }, phase: .acknowledged,
      status: 200, answer: "{\"code\":0}", durationMilliseconds: 3, claim: claim, now: now)
  }
}
