import HTTPServer
import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

/// A source with orders and a target that takes everything, on one server.
private final class Systems: Sendable {
  private struct Counts {
    var most = 0
    var now = 0
    var batches: [Int] = []
  }

  private let counts = Mutex(Counts())
  private let orders: Int

  init(orders: Int) { self.orders = orders }

  /// How many records each write carried.
  var batches: [Int] { counts.withLock { $0.batches } }

  func answer(_ request: ServerRequest) -> ServerResponse {
    guard request.path.hasPrefix("/save") else {
      let list = (1...orders).map { "{\"id\":\"\($0)\"}" }.joined(separator: ",")
      return .json(Array("{\"orders\":[\(list)]}".utf8))
    }
    let items = (try? Value(jsonBytes: request.body))?["items"]?.listValue ?? []
    counts.withLock { $0.batches.append(items.count) }
    return .json(Array("{\"results\":[\(items.map { _ in #"{"ok":true}"# }.joined(separator: ","))]}".utf8))
  }
}

private func hub(_ schedule: String = "onRecords", concurrency: Int = 1) -> String {
  """
  source: { connector: shop, api: acme/list, window: { start: 1h } }
  mapping: { code: "${ record.id }" }
  target: { connector: erp, api: acme/save, delivery: idempotency-key, concurrency: \(concurrency), schedule: "\(schedule)" }
  """
}

@Suite("The worker", .timeLimit(.minutes(5)))
struct WorkerTests {
  private func with(
    _ hubs: [String: String], orders: Int = 25, _ body: (FlowProject, Systems) async throws -> Void
  ) async throws {
    let systems = Systems(orders: orders)
    let server = try HTTPServer(handler: { systems.answer($0) })
    defer { server.stop() }
    try await FlowProject.with(hubs, baseURL: "http://127.0.0.1:\(server.port)") { try await body($0, systems) }
  }

  private func options(_ change: (inout Worker.Options) -> Void = { _ in }) -> Worker.Options {
    var options = Worker.Options()
    options.stopWhenEmpty = true
    change(&options)
    return options
  }

  @Test("a hub that sends on records is served whole: read, put into batches, sent")
  func onRecords() async throws {
    try await with(["orders": hub()]) { project, systems in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      let worker = Worker(context, project.flows, options: options())
      try await worker.run()
      #expect(worker.counters.counts.done == 25)
      #expect(systems.batches.sorted() == [5, 10, 10])
      #expect(try await project.store.status(hub: "orders", now: project.now).records == ["done": 25])
    }
  }

  @Test("a hub whose target has times is read, and its records wait for them")
  func scheduledTarget() async throws {
    try await with(["orders": hub("0 3 * * *")]) { project, systems in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      try await Worker(context, project.flows, options: options()).run()
      #expect(try await project.store.status(hub: "orders", now: project.now).records == ["pending": 25])
      #expect(systems.batches.isEmpty)
    }
  }

  @Test("many hubs are served although only one task may run at once")
  func oneAtATime() async throws {
    let hubs = Dictionary(uniqueKeysWithValues: (1...6).map { ("hub\($0)", hub(concurrency: 4)) })
    try await with(hubs) { project, systems in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      for flow in project.flows { _ = try await SourceDispatcher(context).dispatch(flow) }
      let worker = Worker(context, project.flows, options: options { $0.concurrency = 1 })
      try await worker.run()
      #expect(worker.counters.counts.done == 150)
    }
  }

  @Test("a worker ends after the tasks it was given, and the rest waits")
  func budget() async throws {
    try await with(["orders": hub()], orders: 95) { project, systems in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      _ = try await SourceDispatcher(context).dispatch(project.flows[0])
      try await Worker(
        context, project.flows,
        options: options {
          $0.maximumTasks = 4
          $0.stopWhenEmpty = false
        }
      ).run()
      #expect(systems.batches.count == 3)
      #expect(try await project.store.status(hub: "orders", now: project.now).tasks["target.running"] == nil)
    }
  }

  @Test("what another process queues is seen at once, however long the worker would sleep")
  func woken() async throws {
    try await with(["orders": hub()]) { project, systems in
      let session = try await project.store.openSession()
      let stop = StopSignal()
      let worker = Worker(
        project.context(session.owner, stop: stop), project.flows,
        options: options {
          $0.sleep = TimeSpan(seconds: 3_600)
          $0.stopWhenEmpty = false
        })
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await worker.run() }
        let other = try await SQLiteStore.open(folder: project.folder, tenant: "acme")
        let elsewhere = RunContext(store: other, owner: "other", now: { project.now }, stop: StopSignal())
        _ = try await SourceDispatcher(elsewhere).dispatch(project.flows[0])
        while worker.counters.counts.done < 25 { try await Task.sleep(for: .milliseconds(10)) }
        await other.close()
        stop.stop()
        for try await _ in group {}
      }
      #expect(systems.batches.reduce(0, +) == 25)
    }
  }
}

@Suite("The board of lanes")
struct LaneBoardTests {
  private func work(
    _ hub: String, source: Int = 0, target: Int = 0, running: Int = 0, pending: Int = 0, retryAt: Timestamp? = nil
  ) -> OpenWork {
    OpenWork(
      hub: hub, pendingRecords: pending, source: OpenQueue(ready: source, running: 0, retryAt: retryAt),
      target: OpenQueue(ready: target, running: running, retryAt: nil))
  }

  private func roles(_ starts: [LaneBoard.Start]) -> [String] { starts.map { "\($0.place.hub) \($0.place.role)" } }

  @Test("there are as many lanes as there is work and the hub allows, seeing those of others")
  func lanes() async throws {
    try await FlowProject.with(["a": hub(concurrency: 3)]) { project in
      var board = LaneBoard(project.flows, most: .max)
      #expect(roles(board.starts(for: [work("a", target: 1)], at: project.now)) == ["a target"])
      #expect(roles(board.starts(for: [work("a", target: 9)], at: project.now)) == ["a target", "a target"])
      #expect(board.starts(for: [work("a", target: 9)], at: project.now).isEmpty)
      board.end(.init(hub: "a", role: .target, number: 0))
      #expect(board.starts(for: [work("a", target: 9, running: 3)], at: project.now).isEmpty)
      #expect(roles(board.starts(for: [work("a", target: 9, running: 2)], at: project.now)) == ["a target"])
      #expect(roles(board.starts(for: [work("a", source: 9)], at: project.now)) == ["a source"])
      #expect(board.starts(for: [work("unknown", source: 9)], at: project.now).isEmpty)
    }
  }

  @Test("a retry is work when its time has come")
  func retries() async throws {
    try await FlowProject.with(["a": hub()]) { project in
      var board = LaneBoard(project.flows, most: .max)
      let later = project.now + TimeSpan(seconds: 1)
      #expect(board.starts(for: [work("a", retryAt: later)], at: project.now).isEmpty)
      #expect(roles(board.starts(for: [work("a", retryAt: later)], at: later)) == ["a source"])
    }
  }

  @Test("records are put into writes in full batches while their source is read, and all of them after")
  func dispatching() async throws {
    try await FlowProject.with(["a": hub(), "b": hub("0 3 * * *")]) { project in
      var board = LaneBoard(project.flows, most: .max)
      #expect(roles(board.starts(for: [work("a", source: 1, pending: 3)], at: project.now)) == ["a source"])
      let full = board.starts(for: [work("a", pending: 12)], at: project.now)
      #expect(roles(full) == ["a dispatch"])
      let dispatch = try #require(full.last)
      #expect(dispatch.fullBatchesOnly)
      board.end(dispatch.place)
      board.end(.init(hub: "a", role: .source, number: 0))
      let rest = board.starts(for: [work("a", pending: 2)], at: project.now)
      #expect(roles(rest) == ["a dispatch"])
      let last = try #require(rest.last)
      #expect(!last.fullBatchesOnly)
      board.end(last.place)
      // A well filled queue is worked off first; and another hub's records wait for their time.
      #expect(roles(board.starts(for: [work("a", target: 99, pending: 2)], at: project.now)) == ["a target"])
      #expect(board.starts(for: [work("b", pending: 99)], at: project.now).isEmpty)
    }
  }

  @Test("what waits for more of its group is not looked at again until its time, or until there is another record")
  func openGroups() async throws {
    try await FlowProject.with(["one": hub()]) { project in
      var board = LaneBoard(project.flows, most: .max)
      let moment = project.now
      let two = [work("one", pending: 2)]
      let start = try #require(board.starts(for: two, at: moment).first)
      #expect(start.place.role == .dispatch && board.nextClosing(after: moment) == nil)
      let end = moment + TimeSpan(seconds: 60)
      board.end(start.place, leaving: OpenGroups(records: 2, until: end))
      #expect(board.starts(for: two, at: moment + TimeSpan(seconds: 59)).isEmpty)
      #expect(board.nextClosing(after: moment) == end && board.nextClosing(after: end) == nil)
      let further = try #require(board.starts(for: [work("one", pending: 3)], at: moment).first)
      board.end(further.place, leaving: OpenGroups(records: 3, until: end))
      #expect(roles(board.starts(for: [work("one", pending: 3)], at: end)) == ["one dispatch"])
    }
  }

  @Test("where all may not run, each gets its turn")
  func turns() async throws {
    let names = ["a", "b", "c"]
    try await FlowProject.with(Dictionary(uniqueKeysWithValues: names.map { ($0, hub()) })) { project in
      var board = LaneBoard(project.flows, most: 1)
      let all = names.map { work($0, source: 1) }
      var seen: Set<String> = []
      for _ in 1...3 {
        let start = try #require(board.starts(for: all, at: project.now).first)
        #expect(board.isFull && !start.stop.isStopping)
        seen.insert(start.place.hub)
        #expect(board.starts(for: all, at: project.now).isEmpty)
        #expect(!start.stop.isStopping)
        _ = board.starts(for: all, at: project.now + TimeSpan(seconds: 1))
        #expect(start.stop.isStopping)
        board.end(start.place)
      }
      #expect(seen == Set(names))
    }
  }
}
