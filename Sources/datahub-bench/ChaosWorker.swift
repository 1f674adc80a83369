import Glibc
import Keeping
import Values

/// A worker that is made to be killed: it claims writes, notes in a journal that it works on them, and finishes them.
///
/// Its leases are short (``lease(in:)``) and never made longer, and now and then it sleeps through the end of one, as a process does that
/// was stopped. Lines of the journal, one write to the file each: `B task epoch` before the work, `F task epoch` once the store
/// took the end, `R task epoch` where it refused it.
struct ChaosWorker {
  /// How long a lease lasts: some times as long as it takes to finish what is claimed at a time.
  static func lease(in place: StorePlace) -> TimeSpan { TimeSpan(milliseconds: Int64(300 * place.slowness)) }

  private let lease: TimeSpan
  /// How long it waits where there is nothing to claim, in microseconds: to look costs a slow server what others need.
  private let pause: UInt32
  private let store: any Store
  private let session: any WorkerSession
  private let journal: Int32
  private var random: Dice

  /// The program of one worker, until no write is left in any hub.
  static func serve(_ arguments: [String]) async throws {
    guard arguments.count == 4, let seed = UInt64(arguments[3]) else {
      throw BenchError("a part of 'chaos', not for people")
    }
    let place = try StorePlace(arguments[1])
    let store = try await place.open()
    let journal = open(arguments[2], O_WRONLY | O_APPEND | O_CREAT, 0o600)
    guard journal >= 0 else { throw BenchError("cannot open \(arguments[2]): \(systemError())") }
    let session = try await store.openSession()
    var worker = ChaosWorker(
      lease: lease(in: place), pause: UInt32(20_000 * place.slowness), store: store, session: session, journal: journal,
      random: Dice(seed: seed))
    try await worker.work()
    await session.close()
    await store.close()
  }

  private mutating func work() async throws {
    var idle = 0
    while idle < 20 {
      var claimed = 0
      for (hub, concurrency) in [(ChaosBench.ordered, 1), (ChaosBench.wide, 64)] {
        let limit = concurrency == 1 ? 1 : 1 + random.below(8)
        let tasks = try await store.claim(
          ClaimRequest(
            hub: hub, side: .target, limit: limit, concurrency: concurrency, owner: session.owner, now: now(),
            lease: lease))
        claimed += tasks.count
        for task in tasks { note("B", task.lease) }
        if !tasks.isEmpty, random.below(400) == 0 { usleep(UInt32(lease.milliseconds * 1_000 + 100_000)) }
        for task in tasks { try await finish(task) }
      }
      idle = claimed > 0 ? 0 : idle + 1
      if claimed == 0 || random.below(50) == 0 { _ = try await store.rescueOrphans(now: now()) }
      if claimed == 0 { usleep(pause) }
    }
  }

  private func finish(_ task: ClaimedTask) async throws {
    let outcomes = task.items.map { ItemOutcome(item: $0, result: .done(id: "T-\($0.record)")) }
    do {
      _ = try await store.settleWrite(
        task.lease,
        WriteSettlement(
          outcomes: outcomes, phase: .acknowledged, status: 200, answer: "{}", durationMilliseconds: 1, claim: nil,
          now: now()))
      note("F", task.lease)
    } catch let error as StoreError where error.code == .leaseLost {
      note("R", task.lease)
    }
  }

  private func note(_ what: String, _ lease: TaskLease) {
    let line = Array("\(what) \(lease.task) \(lease.epoch)\n".utf8)
    _ = Glibc.write(journal, line, line.count)
  }

  private func now() -> Timestamp { ChaosBench.now() }
}
