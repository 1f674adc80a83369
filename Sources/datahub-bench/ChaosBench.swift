import Glibc
import Keeping
import Values

/// Whether a store keeps its promises while workers are killed and stopped at random.
///
/// Four worker processes (``ChaosWorker``) work off tasks on one store with leases of 300 ms (3 s on a MongoDB server), and this one kills one of them
/// every now and then (SIGKILL) and starts another, or stops one for longer than its leases last (SIGSTOP, SIGCONT). After
/// that it reads their journal and the store:
///
/// - nothing is lost: every task is done, and every record delivered;
/// - nothing is doubled: the end of no task was taken twice, or from another than the worker that claimed it last (one that is
///   killed between the commit and its line in the journal leaves no line: so none is demanded);
/// - first in, first out: in the hub with one task at a time, no task was finished before one that stood in front of it.
///
/// A program built without fencing (`make control`) fails this: a worker that wakes up finishes what is another's by then.
enum ChaosBench {
  static let ordered = "ordered"
  static let wide = "wide"

  /// What is asked for with `datahub-bench chaos`.
  private struct Options {
    var tasks = 20_000
    /// How many orders go through `datahub work`; nil for as many as there are tasks.
    var orders: Int?
    var seed = UInt64(20_261_125)
    var workers = 4
    /// The MongoDB server to keep the store on; nil for an SQLite file.
    var server: String?

    private static let usage =
      "datahub-bench chaos [--tasks N] [--orders N] [--seed N] [--workers N] [--store mongodb://HOST:PORT]"

    init(_ arguments: [String]) throws {
      var rest = arguments[...]
      while let name = rest.popFirst() {
        let value = rest.popFirst()
        if name == "--store", let value, value.hasPrefix("mongodb") {
          server = value
          continue
        }
        guard let number = value.flatMap({ UInt64($0) }), (1...10_000_000).contains(number) || name == "--seed" else {
          throw BenchError("\(Options.usage): what is '\(name)'?")
        }
        switch name {
        case "--tasks": tasks = Int(number)
        case "--orders": orders = Int(number)
        case "--seed": seed = number
        case "--workers": workers = Int(number)
        default: throw BenchError("\(Options.usage): there is no '\(name)'")
        }
      }
    }
  }

  /// Runs it; throws where a promise was broken.
  static func run(_ arguments: [String]) async throws {
    let options = try Options(arguments)
    let folder = try TemporaryFolder()
    let journal = folder.path + "/journal"
    let place = StorePlace(folder: folder.path, server: options.server)
    try await fill(place, options)
    let harm = try harass(place, journal, options)
    let store = try await place.open()
    let work = try Journal(path: journal)
    let faults = try await check(store, work, options)
    await store.close()
    try await place.remove()
    tell(
      "\(options.tasks) tasks, \(options.workers) workers, seed \(options.seed): \(harm.kills) killed, \(harm.stops) stopped, "
        + "\(work.begun) begun, \(work.taken) ends taken, \(work.refused) refused, \(harm.seconds) s")
    guard faults.isEmpty else {
      throw BenchError("promises broken:\n  " + faults.prefix(20).joined(separator: "\n  "))
    }
    tell("none lost, none doubled, first in, first out")
    var random = Dice(seed: options.seed)
    let orders = options.orders ?? options.tasks
    for (way, share) in [("concurrency: 32", orders * 4 / 5), ("concurrency: 1", orders / 5)] {
      try await ChaosProgram.run(
        records: share / 100 * 100, rate: way, workers: options.workers, server: options.server, &random)
    }
  }

  /// The time now.
  static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  // MARK: - Before

  private static func fill(_ place: StorePlace, _ options: Options) async throws {
    let store = try await place.open()
    var worker = try await StoreWorker(store)
    worker.now = now()
    for (hub, share) in [(ordered, options.tasks / 5), (wide, options.tasks - options.tasks / 5)] {
      worker.hub = hub
      try await worker.pull(worker.pages(of: share))
      try await worker.queueSingles()
    }
    await worker.session.close()
    await store.close()
  }

  // MARK: - Meanwhile

  private struct Harm {
    var kills = 0
    var stops = 0
    var seconds = 0
  }

  private static func harass(_ store: StorePlace, _ journal: String, _ options: Options) throws -> Harm {
    var random = Dice(seed: options.seed)
    func start() throws -> Program {
      try Program(Programs.bench, ["chaos-worker", store.text, journal, "\(random.next())"])
    }
    var workers = try (0..<options.workers).map { _ in try start() }
    var harm = Harm()
    let begin = ContinuousClock.now
    while true {
      usleep(UInt32((50_000 + random.below(200_000)) * store.slowness))
      for place in workers.indices {
        guard let status = workers[place].status() else { continue }
        guard status == 0 else {
          throw BenchError("a worker ended with \(status): \(workers[place].readMessages())")
        }
        // The last ones may wait for tasks that stopped ones hold.
        return try finish(workers.enumerated().filter { $0.offset != place }.map(\.element), harm, since: begin)
      }
      guard begin.duration(to: .now).inSeconds < store.patience else {
        throw BenchError("it has not ended after \(Int(store.patience)) s")
      }
      let place = random.below(workers.count)
      if random.below(10) < 7 {
        workers[place].signal(SIGKILL)
        _ = workers[place].wait()
        workers[place] = try start()
        harm.kills += 1
      } else {
        workers[place].signal(SIGSTOP)
        usleep(UInt32(ChaosWorker.lease(in: store).milliseconds * 1_000 + 200_000))
        workers[place].signal(SIGCONT)
        harm.stops += 1
      }
    }
  }

  private static func finish(_ workers: [Program], _ harm: Harm, since begin: ContinuousClock.Instant) throws -> Harm {
    for worker in workers {
      let (status, _) = worker.wait()
      guard status == 0 else { throw BenchError("a worker ended with \(status): \(worker.readMessages())") }
    }
    var harm = harm
    harm.seconds = Int(begin.duration(to: .now).inSeconds.rounded())
    return harm
  }

  // MARK: - After

  private static func check(_ store: any Store, _ work: Journal, _ options: Options) async throws -> [String] {
    var faults: [String] = []
    for (hub, share) in [(ordered, options.tasks / 5), (wide, options.tasks - options.tasks / 5)] {
      let records = try await store.status(hub: hub, now: now()).records
      let done = records["done", default: 0]
      if done != share { faults.append("\(hub): \(share) records came and \(done) are done: \(records)") }
    }
    for (task, ends) in work.ends where ends.count > 1 {
      faults.append("task \(task): its end was taken \(ends.count) times, at epochs \(ends)")
    }
    for (task, ends) in work.ends {
      guard let last = work.lastEpoch[task], let end = ends.last, end != last else { continue }
      faults.append("task \(task): its end was taken at epoch \(end), after it had been claimed at \(last)")
    }
    faults += try await outOfOrder(store)
    return faults
  }

  /// Tasks of the ordered hub by their places: none was finished before one in front of it.
  ///
  /// One that was taken from two workers stands behind all others, since it may be what ends them.
  private static func outOfOrder(_ store: any Store) async throws -> [String] {
    let filter = TaskFilter(hub: ordered, side: .target, limit: 10_000)
    let found = Dictionary(uniqueKeysWithValues: try await store.tasks(filter).map { ($0.id, $0) })
    let tasks = try await store.taskNumbers(filter).compactMap { found[$0] }
    guard tasks.count == found.count else { return ["\(found.count) tasks have \(tasks.count) places"] }
    return zip(tasks, tasks.dropFirst()).compactMap { before, after in
      guard let one = before.finishedAt.flatMap({ Timestamp($0) }),
        let other = after.finishedAt.flatMap({ Timestamp($0) }),
        one > other
      else { return nil }
      return "task \(after.id) was finished at \(other), before \(before.id), which stood in front of it, at \(one)"
    }
  }
}

/// What the workers of a run wrote down.
private struct Journal {
  var begun = 0
  var taken = 0
  var refused = 0
  /// The epochs at which the end of a task was taken.
  var ends: [Int64: [Int64]] = [:]
  /// The newest epoch a task was begun at.
  var lastEpoch: [Int64: Int64] = [:]

  init(path: String) throws {
    guard let file = fopen(path, "r") else { throw BenchError("there is no journal: \(systemError())") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, let task = Int64(words[1]), let epoch = Int64(words[2]) else {
        throw BenchError("a line of the journal: \(text)")
      }
      switch words[0] {
      case "B":
        begun += 1
        lastEpoch[task] = max(lastEpoch[task] ?? 0, epoch)
      case "F":
        taken += 1
        ends[task, default: []].append(epoch)
      default: refused += 1
      }
    }
  }
}
