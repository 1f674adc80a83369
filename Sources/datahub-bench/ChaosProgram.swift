import Glibc

/// Whether `datahub work` keeps its promises while its processes are killed at random: the whole way, over HTTP.
///
/// Several workers on one store pull orders page by page and write them one by one to a target that minds idempotency keys.
/// Every order has to arrive once: none is lost, and none reaches the target under a second key.
enum ChaosProgram {
  static func run(
    records: Int, rate: String, workers count: Int, server address: String?, _ random: inout Dice
  ) async throws {
    guard records > 0 else { return }
    let server = try Program(Programs.bench, ["serve"])
    guard let port = Int(try server.readLine()) else { throw BenchError("the servers told no port") }
    let folder = try TemporaryFolder()
    let place = StorePlace(folder: folder.path + "/.datahub/development", server: address)
    try GeneratedProject.write(to: folder, port: port, store: place)
    try GeneratedProject.addHub("orders", way: "one", rate: rate, schedule: "onRecords", to: folder)
    _ = try server.ask("reset \(records) keys")
    let project = ["-C", folder.path, "--output", "json"]
    _ = try datahub_bench.run(Programs.datahub, ["apply", "--yes"] + project)
    _ = try datahub_bench.run(Programs.datahub, ["dispatch", "orders", "--source"] + project)

    func start() throws -> Program { try Program(Programs.datahub, ["work", "--sleep", "1s"] + project) }
    var workers = try (0..<count).map { _ in try start() }
    var kills = 0
    var retried = 0
    let begin = ContinuousClock.now
    var report = Arrived(try server.ask("report"))
    while report.distinct < records {
      // Of a worker that is gone a MongoDB server only knows when its leases are over.
      usleep(UInt32((50_000 + random.below(200_000)) * place.slowness * place.slowness))
      report = Arrived(try server.ask("report"))
      if report.distinct == records { break }
      let victim = random.below(count)
      workers[victim].signal(SIGKILL)
      _ = workers[victim].wait()
      workers[victim] = try start()
      kills += 1
      let known = report.distinct
      report = Arrived(try server.ask("report"))
      if report.distinct == known, kills % 8 == 0, try retryDead(project) { retried += 1 }
      guard begin.duration(to: .now).inSeconds < place.patience else {
        throw BenchError("\(report.distinct) of \(records) orders arrived in \(Int(place.patience)) s")
      }
    }
    let seconds = Int(begin.duration(to: .now).inSeconds.rounded())
    retried += try settle(workers, project, records)
    try await place.remove()
    report = Arrived(try server.ask("report"))
    tell(
      "datahub work, \(rate): \(records) orders, \(count) workers, \(kills) killed, \(report.repeats) repeats known by their key, "
        + (retried > 0 ? "\(retried) times set aside and retried, " : "") + "\(seconds) s")
    guard report.received == records else {
      throw BenchError(
        "\(records) orders were to arrive once each; \(report.received) arrived, \(report.distinct) different")
    }
    guard rate != "concurrency: 1" || report.overtaken == 0 else {
      throw BenchError("\(report.overtaken) orders came after one that stood behind them")
    }
    tell(rate == "concurrency: 1" ? "none lost, none doubled, first in, first out" : "none lost, none doubled")
  }

  /// Has tasks run once more whose workers were killed four times; false where there are none.
  ///
  /// These are set aside for a person.
  private static func retryDead(_ project: [String]) throws -> Bool {
    let answer = try datahub_bench.run(
      Programs.datahub, ["task", "retry", "--hub", "orders", "--state", "dead", "--yes"] + project)
    return !answer.output.contains("\"changed\":0,")
  }

  /// Lets the workers come to an end once the store says that all is done; gives how often tasks were retried for that.
  private static func settle(_ workers: [Program], _ project: [String], _ records: Int) throws -> Int {
    let begin = ContinuousClock.now
    var retried = 0
    while true {
      let status = try datahub_bench.run(Programs.datahub, ["status", "orders"] + project).output
      if status.contains("\"done\":\(records)") { break }
      // What is set aside may have arrived: the target knows it by its key.
      if status.contains("\"target.dead\""), try retryDead(project) { retried += 1 }
      guard begin.duration(to: .now).inSeconds < 60 else {
        throw BenchError("all orders arrived, and the store says: \(status)")
      }
      usleep(200_000)
    }
    for worker in workers { worker.signal(SIGTERM) }
    for worker in workers {
      let (code, _) = worker.wait()
      // One that has only begun may not listen to signals yet, and is ended by it.
      guard code == 0 || code == 128 + SIGTERM else {
        throw BenchError("a worker ended with \(code): \(worker.readMessages())")
      }
    }
    return retried
  }

  /// What the servers say they were sent.
  private struct Arrived {
    let received: Int
    let distinct: Int
    let repeats: Int
    let overtaken: Int

    init(_ line: String) {
      let numbers = line.split(separator: " ").map { Int($0) ?? 0 } + [0, 0, 0, 0]
      (received, distinct, repeats, overtaken) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }
  }
}
