import Glibc
import Keeping
import SQLiteStore
import Values

/// How many durable tasks a second a queue in a file of SQLite's takes in, hands out and finishes, ours beside others'.
///
/// Every commit is flushed to the disk (`synchronous=FULL`). A *batch* is how many tasks are put in, claimed and finished
/// at a time: a batch of 1 is one commit a task each time. Tasks do nothing: the figures are of the queue alone. All
/// processes are ready before the first task is put in, and begin together when the last one is.
enum QueueBench {
  /// Shares of the processes' claims, told by ours.
  private struct Drained {
    var seconds: Double
    var tasks: [Int]
    /// Claims with the finishing of the tasks before, in milliseconds, of all processes.
    var waits: [Double]
  }

  static func run(tasks: Int) throws -> [Measurement] {
    var rows: [Measurement] = []
    var singles: [Int: Double] = [:]
    for processes in [1, 4] {
      for batch in [1, 10, 100] {
        report("measuring: queue, \(processes) processes, batches of \(batch)")
        let (rate, drained) = try ours(tasks: batch == 1 ? tasks / 4 : tasks, processes: processes, batch: batch)
        let name = "queue, \(counted(processes, "process", "processes")), batches of \(batch)"
        rows.append(Measurement(name: name, value: rate, unit: "tasks/s", wanted: batch == 100 ? 10_000 : nil))
        if batch == 1 { singles[processes] = rate }
        if processes > 1 { rows += fairness(name, drained) }
      }
    }
    for processes in [1, 4] {
      for queue in [OtherQueue.huey, .minion] {
        report("measuring: \(queue.name), \(processes) processes")
        let rate = try queue.rate(tasks: tasks / 10, processes: processes)
        let name = "\(queue.name), \(counted(processes, "process", "processes")), one task at a time"
        rows.append(Measurement(name: name, value: rate, unit: "tasks/s"))
        let share = (singles[processes] ?? .nan) / rate
        rows.append(
          Measurement(
            name: "ours beside it, batches of 1, \(counted(processes, "process", "processes"))", value: share,
            unit: "times as many"))
      }
    }
    return rows
  }

  private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    count == 1 ? "1 \(one)" : "\(count) \(many)"
  }

  private static func fairness(_ name: String, _ drained: Drained) -> [Measurement] {
    let waits = drained.waits.sorted()
    func at(_ share: Double) -> Double { waits.isEmpty ? .nan : waits[Int(Double(waits.count - 1) * share)] }
    let most = Double(drained.tasks.max() ?? 0)
    let least = Double(max(drained.tasks.min() ?? 0, 1))
    return [
      Measurement(name: name + ": a claim, half of them", value: at(0.5), unit: "ms"),
      Measurement(name: name + ": a claim, 99 of 100", value: at(0.99), unit: "ms"),
      Measurement(name: name + ": the longest claim", value: at(1), unit: "ms"),
      Measurement(
        name: name + ": most tasks of a process to fewest", value: most / least, unit: "to 1", wanted: 3,
        lessIsBetter: true),
    ]
  }

  // MARK: - Ours

  private static func ours(tasks: Int, processes: Int, batch: Int) throws -> (Double, Drained) {
    let folder = try TemporaryFolder()
    _ = try datahub_bench.run(Programs.bench, ["queue-fill", folder.path, "\(tasks)"])
    let workers = try (0..<processes).map { _ in
      try Program(Programs.bench, ["queue-worker", folder.path, "\(batch)"])
    }
    for worker in workers { _ = try worker.readLine() }
    let queued = try Program(Programs.bench, ["queue-tasks", folder.path, "\(batch)"])
    _ = try queued.readLine()
    let start = ContinuousClock.now
    _ = try queued.ask("go")
    let filled = start.duration(to: .now).inSeconds
    let begin = ContinuousClock.now
    for worker in workers { _ = try worker.ask("go") }
    var drained = Drained(seconds: 0, tasks: [], waits: [])
    for worker in workers {
      let words = try worker.readLine().split(separator: " ").compactMap { Double($0) }
      drained.tasks.append(Int(words.first ?? 0))
      drained.waits += words.dropFirst()
    }
    drained.seconds = begin.duration(to: .now).inSeconds
    guard drained.tasks.reduce(0, +) == tasks else {
      throw BenchError("\(tasks) tasks were queued and \(drained.tasks) were finished")
    }
    return (Double(tasks) / (filled + drained.seconds), drained)
  }

  /// Writes a line at once.
  private static func say(_ line: String) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The three programs of the part: one keeps records, one queues their writes, one claims and finishes these.
  static func serve(_ arguments: [String]) async throws {
    guard arguments.count == 3, let number = Int(arguments[2]) else {
      throw BenchError("a part of 'queue', not for people")
    }
    let store = try await SQLiteStore.open(folder: arguments[1], tenant: "bench")
    let worker = try await StoreWorker(store)
    switch arguments[0] {
    case "queue-fill": try await worker.pull(worker.pages(of: number))
    case "queue-tasks":
      say("ready")
      _ = readLine()
      try await worker.queueSingles(at: number)
      say("queued")
    default:
      say("ready")
      _ = readLine()
      say("began")
      let waits = try await worker.drain(batch: number)
      say(([Double(waits.tasks)] + waits.milliseconds).map { String($0) }.joined(separator: " "))
    }
    await worker.session.close()
    await store.close()
  }
}

extension StoreWorker {
  /// Claims and finishes writes until there are none: how many, and how long each claim took, with the commit of the
  /// tasks that it came with.
  func drain(batch: Int) async throws -> (tasks: Int, milliseconds: [Double]) {
    var waits: [Double] = []
    var finished = 0
    var claimed = try await store.claim(request(.target, limit: batch))
    while !claimed.isEmpty {
      let tasks = claimed
      let start = ContinuousClock.now
      claimed = try await withThrowingTaskGroup(of: [ClaimedTask].self) { group in
        for (number, task) in tasks.enumerated() {
          // The last one asks for more; all of them share a commit.
          let claim = number == tasks.count - 1 ? request(.target, limit: batch) : nil
          group.addTask { try await store.settleWrite(task.lease, settlement(of: task, claim: claim)) }
        }
        var next: [ClaimedTask] = []
        for try await more in group { next += more }
        return next
      }
      waits.append(start.duration(to: .now).inSeconds * 1_000)
      finished += tasks.count
    }
    return (finished, waits)
  }
}
