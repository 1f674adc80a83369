import Foundation
import HTTPServer
import Keeping
import SQLiteStore
import Testing
import Values

@Suite("Schedules", .serialized, .timeLimit(.minutes(10)))
struct ScheduleTests {
  /// A source with three orders, and a target that takes everything and remembers it.
  private func with(
    source: String = "", target: String = "batch: 10", _ body: (SmallProject, Seen) throws -> Void
  ) throws {
    let seen = Seen()
    let sourceServer = try HTTPServer(handler: { _ in
      .json(Array(#"{"orders":[{"id":"A1","amount":1},{"id":"A2","amount":2},{"id":"A3","amount":3}]}"#.utf8))
    })
    let targetServer = try HTTPServer(handler: { request in
      seen.add(request)
      let items = (try? Value(jsonBytes: request.body))?["items"]?.listValue ?? []
      return .json(Array("{\"results\":[\(items.map { _ in #"{"ok":true}"# }.joined(separator: ","))]}".utf8))
    })
    defer {
      sourceServer.stop()
      targetServer.stop()
    }
    let project = try SmallProject(
      source: "http://127.0.0.1:\(sourceServer.port)", target: "http://127.0.0.1:\(targetServer.port)",
      targetLines: target)
    if !source.isEmpty { try change(project) { $0.replacing("retry: [1h] }\n", with: "retry: [1h], \(source) }\n") } }
    try body(project, seen)
  }

  private func change(_ project: SmallProject, _ edit: (String) -> String) throws {
    let file = project.folder.appending(path: "datahub.yaml")
    try edit(try String(contentsOf: file, encoding: .utf8)).write(to: file, atomically: true, encoding: .utf8)
    let applied = try project.program.run("apply", "--yes")
    try #require(applied.code == 0, "\(applied.messages)")
  }

  private func end(_ process: Process, with signal: Int32) {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
  }

  @Test("schedule run starts what is due once, however often it is called in a minute")
  func scheduleRun() throws {
    try with(source: "schedule: '* * * * *'") { project, _ in
      var pulls = 0
      // The minute may change between two calls; then the second skips, since the pull goes on.
      for _ in 1...4 {
        let outcome = try project.program.run("schedule", "run", "--output", "json")
        #expect(outcome.code == 0, "\(outcome.messages)")
        let runs = try outcome.json()["runs"]?.listValue ?? []
        pulls += runs.count { $0["state"] == "dispatched" }
        #expect(runs.allSatisfy { $0["state"] == "dispatched" || $0["state"] == "skipped" })
      }
      #expect(pulls == 1)
      let list = try project.program.run("schedule", "list", "orders", "--output", "json").json()
      let row = try #require(list.listValue?.first)
      #expect(row["schedule"] == "* * * * *" && row["next"]?.listValue?.count == 3 && row["timeZone"] == "UTC")
      #expect(row.at("last", "pull") == 1)
      #expect(try project.program.run("schedule", "list", "ordres").code == 64)
      let history = try project.program.run("schedule", "history", "orders", "--output", "json").json()
      #expect(history.listValue?.last?["pull"] == 1 && history.listValue?.last?["side"] == "source")
      #expect(try project.program.run("schedule", "history", "orders").output.contains("pull 1 under way"))
    }
  }

  @Test("up serves a hub whole: its times, its queue, its records as they arrive; it takes up a new plan and ends well")
  func up() throws {
    try with(target: "batch: 10, schedule: onRecords") { project, seen in
      let log = project.folder.appending(path: "up.log")
      try Data().write(to: log)
      let up = try project.program.start(["up"], output: FileHandle(forWritingTo: log))
      defer { if up.isRunning { end(up, with: SIGKILL) } }
      try eventually("it serves") { try String(contentsOf: log, encoding: .utf8).contains("generation 1") }
      #expect(seen.count == 0)
      // The new plan has a schedule: due in the minute it is taken up.
      try change(project) { $0.replacing("retry: [1h] }\n", with: "retry: [1h], schedule: '* * * * *' }\n") }
      try eventually("the orders arrive") { seen.count > 0 }
      #expect(try seen.values().first?["items"]?.listValue?.count == 3)
      end(up, with: SIGTERM)
      #expect(up.terminationReason == .exit && up.terminationStatus == 0)
      let text = try String(contentsOf: log, encoding: .utf8)
      #expect(text.contains("generation 2") && text.contains("done 3"), "\(text)")
      let status = try project.program.run("status", "orders", "--output", "json").json()
      #expect(status["hubs"]?.listValue?.first?.at("records", "done") == 3)
    }
  }

  @Test("of two schedulers one leads; when it is killed the other goes on, and each minute is started once")
  func twoSchedulers() async throws {
    let project = try await prepared()
    let first = try project.start(["schedule", "work"])
    let second = try project.start(["schedule", "work"])
    defer { for process in [first, second] where process.isRunning { end(process, with: SIGKILL) } }
    try await eventuallyRuns(1, in: project)
    // Whichever leads: kill one, then start it anew and kill the other.
    end(first, with: SIGKILL)
    let third = try project.start(["schedule", "work"])
    defer { if third.isRunning { end(third, with: SIGKILL) } }
    end(second, with: SIGKILL)
    let before = try await project.runs().count
    try await eventuallyRuns(before + 1, in: project)
    end(third, with: SIGTERM)
    #expect(third.terminationReason == .exit && third.terminationStatus == 0)
    let runs = try await project.runs()
    // Rows are by minute; so many of them as minutes, and each with a pull of its own or none.
    #expect(Set(runs.map(\.slot)).count == runs.count)
    #expect(Set(runs.compactMap(\.pull)).count == runs.compactMap(\.pull).count)
    let minutes = runs.map { $0.slot / 60_000 }.sorted()
    #expect(minutes.last.map { $0 - minutes[0] } == Int64(minutes.count - 1))
  }

  private func prepared() async throws -> ScheduledProject {
    var project: ScheduledProject?
    try with(source: "schedule: '* * * * *'") { small, _ in project = ScheduledProject(small) }
    return try #require(project)
  }

  private func eventuallyRuns(_ count: Int, in project: ScheduledProject) async throws {
    let deadline = Date().addingTimeInterval(150)
    while try await project.runs().count < count {
      try #require(Date() < deadline, "waited in vain for run \(count)")
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  @Test("a worker keeps to the attempts, the time and the tasks it was given")
  func workerOptions() throws {
    try with(target: "batch: 1, schedule: onRecords") { project, seen in
      #expect(try project.program.run("dispatch", "orders", "--source").code == 0)
      let limited = try project.program.run("work", "--max-tasks", "2", "--concurrency", "1", "--output", "json")
      #expect(limited.code == 0, "\(limited.messages)")
      #expect(seen.count == 1)
      #expect(try project.program.run("work", "--stop-when-empty").code == 0)
      #expect(seen.count == 3)
      for option in ["--tries", "--timeout", "--concurrency", "--max-tasks"] {
        #expect(try project.program.run("work", option, "0").code == 64)
      }
    }
  }

  @Test("after the tries a worker was given a task is dead, whatever the hub's ladder is")
  func tries() throws {
    let server = try HTTPServer(handler: { _ in ServerResponse(status: 500, headers: [], body: []) })
    defer { server.stop() }
    let url = "http://127.0.0.1:\(server.port)"
    let project = try SmallProject(source: url, target: url)
    _ = try project.program.run("dispatch", "orders", "--source")
    _ = try project.program.run("work", "--tries", "1", "--stop-when-empty")
    let tasks = try project.program.run("task", "list", "--output", "json").json()
    #expect(tasks.listValue?.map { $0["state"] } == ["dead"])
  }

  @Test("a remedy adds what is missing and leaves the rest")
  func remedy() throws {
    try with(source: "remedy: { schedule: '0 3 * * *', lookBack: 2d }") { project, _ in
      #expect(try project.program.run("dispatch", "orders", "--remedy").code == 0)
      #expect(try project.program.run("work", "--stop-when-empty").code == 0)
      let hub = try project.program.run("status", "orders", "--output", "json").json()["hubs"]?.listValue?.first
      #expect(hub?.at("records", "pending") == 3 && (hub?["watermark"] ?? .null) == .null)
      #expect(try project.program.run("dispatch", "orders", "--remedy", "--source").code == 64)
    }
    try with { project, _ in
      let outcome = try project.program.run("dispatch", "orders", "--remedy")
      #expect(outcome.code == 64)
    }
  }
}

/// A small project whose schedules are looked at.
private final class ScheduledProject: @unchecked Sendable {
  // Unchecked because nothing of it is changed after it was made.
  private let small: SmallProject
  private let store: String

  init(_ small: SmallProject) {
    self.small = small
    store = small.folder.appending(path: ".datahub/development").path
  }

  func start(_ arguments: [String]) throws -> Process { try small.program.start(arguments) }

  func runs() async throws -> [ScheduledRun] {
    let store = try await SQLiteStore.open(folder: store, tenant: "small")
    let runs = try await store.runs(of: ScheduleKey("orders", .source), limit: 100)
    await store.close()
    return runs
  }
}

@Suite("Cron expressions, as others read them", .timeLimit(.minutes(10)))
struct CronComparisonTests {
  private static let python = Program.root.appending(path: ".build/test-tools/venv/bin/python").path

  private static var missing: Bool {
    let installed = Program.root.appending(path: ".build/test-tools/installed")
    let packages = (try? String(contentsOf: installed, encoding: .utf8)) ?? ""
    return !packages.contains("cronsim")
  }

  @Test(
    "random expressions are due when croniter and cronsim say, but where a reason is known",
    .disabled(if: missing, "croniter and cronsim are not installed: run .ci/setup tests"))
  func comparison() throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments = [Program.root.appending(path: ".ci/compare-cron").path, Program.path, "300"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }
}
