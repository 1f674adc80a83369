import Foundation
import MongoKit
import TestServers
import Testing
import Values

/// The quickstart with its store on a MongoDB server, and fewer orders: the test server is not a fast one.
private final class MongoQuickstart {
  let quickstart: Quickstart
  let tenant = "quickstart-\(UInt64.random(in: .min ... .max))"
  let url: String

  init(orders: Int, faults: [String] = [], onSQLite: Bool = false) throws {
    url = try MongoServer.shared().url
    quickstart = try Quickstart(startSandbox: false)
    quickstart.set("QUICKSTART_STORE", to: url)
    try quickstart.edit("datahub.yaml", "tenant: quickstart", "tenant: \(tenant)")
    if !onSQLite { try moveToMongo() }
    let file = quickstart.project.appending(path: "data/cdnow-sample.csv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).prefix(orders + 1)
    try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    try quickstart.startSandbox(faults)
  }

  /// Names the server as the store, where the SQLite file was.
  func moveToMongo() throws {
    try quickstart.edit(
      "datahub.yaml", #"store: "sqlite:.datahub/development""#, #"store: '${ secret("env:QUICKSTART_STORE") }'"#)
  }

  /// Lends a look at the store without the program, and removes the tenant's database in the end.
  func withDatabase(_ body: (MongoPool, String) async throws -> Void) async throws {
    let pool = try MongoPool(MongoAddress(url, connections: 1))
    let database = "datahub_\(tenant)"
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(pool, database))
    } catch {
      result = .failure(error)
    }
    _ = try await pool.perform { try $0.write(["dropDatabase": 1], on: database) }
    await pool.close()
    try result.get()
  }

  func expectOnce() throws {
    let expected = try quickstart.expected()
    let report = try quickstart.report()
    #expect(report["orders"]?.intValue == expected.orders)
    #expect(report["inserts"]?.intValue == expected.orders)
    #expect(report["updates"] == 0)
    #expect(report["amount"]?.stringValue.flatMap { Amount($0) } == expected.amount)
  }
}

@Suite(
  "The main job on MongoDB", .serialized, .timeLimit(.minutes(10)),
  .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
struct MongoJobTests {
  @Test("every order arrives once, is found by its content, and every command shows how it stands")
  func wholeWay() async throws {
    let job = try MongoQuickstart(orders: 600)
    let quickstart = job.quickstart
    try await job.withDatabase { pool, database in
      let early = try quickstart.program.run("status")
      #expect(early.code == 1 && early.messages.contains("nothing is deployed"))
      try quickstart.apply()
      let first = try quickstart.run()
      #expect(first.code == 0, "\(first.messages)")
      #expect(first.summary["new"] == 600 && first.summary["done"] == 600)
      try job.expectOnce()
      let second = try quickstart.run()
      #expect(second.code == 0 && second.summary["sent"] == 0 && second.summary["new"] == 0)

      let order = try await pool.perform {
        try $0.collection("orders", of: database).findOne(["content.so_id": ["$exists": true]])
      }
      let key = try #require(order?.text("key"))
      let record = try quickstart.program.run("record", "show", "orders", key, "--output", "json").json()
      #expect(record["state"] == "done" && record["content"]?["so_id"] != nil)
      let tasks = try quickstart.program.run("task", "list", "--hub", "orders", "--output", "json")
      #expect(tasks.code == 0 && tasks.output.contains("done"))
      let status = try quickstart.program.run("status", "orders", "--output", "json").json()
      #expect(status["hubs"]?.listValue?.first?["records"]?["done"] == 600)

      let info = try quickstart.program.run("store", "info", "--output", "json")
      let counts = try info.json()["counts"]?.listValue ?? []
      #expect(info.code == 0 && counts.contains(["name": "records of orders", "count": 600]))
      _ = try await pool.perform { try $0.collection("orders", of: database).dropIndex("state") }
      #expect(try quickstart.program.run("store", "info").code == 1)
      #expect(try quickstart.program.run("store", "migrate").output == "made: index state of orders\n")
      #expect(try quickstart.program.run("store", "info").code == 0)
    }
  }

  @Test("a run that was begun on SQLite is copied and ends here: every order arrives once")
  func moved() async throws {
    let job = try MongoQuickstart(orders: 100_000, faults: ["--latency", "10"], onSQLite: true)
    let quickstart = job.quickstart
    try quickstart.edit("hubs/orders.yaml", "batch: 100", "batch: 50")
    try await job.withDatabase { _, _ in
      try quickstart.apply()
      let begun = try quickstart.program.start(["run", "orders"])
      try eventually("a good part has arrived") { try quickstart.report()["orders"]?.intValue ?? 0 >= 2_000 }
      kill(begun.processIdentifier, SIGKILL)
      begun.waitUntilExit()
      let expected = try quickstart.expected()
      #expect(expected.orders == 6_919)
      #expect(try quickstart.report()["orders"]?.intValue ?? 0 < expected.orders)

      let copy = try quickstart.program.run("store", "copy", "development", job.url, "--output", "json")
      #expect(copy.code == 0, "\(copy.messages)")
      let status = try quickstart.program.run("status", "orders", "--output", "json").json()
      try job.moveToMongo()
      let moved = try quickstart.program.run("status", "orders", "--output", "json").json()
      #expect(moved["hubs"]?.listValue?.first?["records"] == status["hubs"]?.listValue?.first?["records"])
      try eventually("a run ends with nothing left", within: 240) { try quickstart.run().code == 0 }
      try job.expectOnce()
    }
  }

  @Test("two workers share a queue and one is killed again and again: nothing is lost and nothing is sent twice")
  func killed() async throws {
    let job = try MongoQuickstart(orders: 600, faults: ["--drop-after", "0.03", "--seed", "7", "--latency", "20"])
    let quickstart = job.quickstart
    try quickstart.edit("hubs/orders.yaml", "batch: 100", "batch: 10")
    try await job.withDatabase { _, _ in
      try quickstart.apply()
      let log = quickstart.folder.appending(path: "survivor.log")
      try Data().write(to: log)
      let survivor = try quickstart.program.start(
        ["work", "--sleep", "200ms"], output: try FileHandle(forWritingTo: log))
      #expect(try quickstart.program.run("dispatch", "orders", "--source").code == 0)
      var random = SeededGenerator(seed: 20_261_125)
      var ended = 0
      for _ in 0..<8 {
        let victim = try quickstart.program.start(["work", "--sleep", "200ms"])
        _ = try quickstart.program.run("dispatch", "orders", "--target")
        // The moment of the kill is the point of the test.
        usleep(UInt32.random(in: 200_000...1_500_000, using: &random))
        if !victim.isRunning { ended += 1 }
        kill(victim.processIdentifier, SIGKILL)
        victim.waitUntilExit()
      }
      #expect(ended == 0, "a worker ended before it was killed")
      #expect(survivor.isRunning)
      survivor.terminate()
      survivor.waitUntilExit()
      let words = try String(contentsOf: log, encoding: .utf8)
      #expect(survivor.terminationStatus == 0, "\(words)")
      try eventually("a run ends with nothing left", within: 180) { try quickstart.run().code == 0 }
      try job.expectOnce()
    }
  }
}
