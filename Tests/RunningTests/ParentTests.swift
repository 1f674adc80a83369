import Connecting
import HTTPServer
import Keeping
import Plans
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

/// Posts with comments; it counts what it is asked.
private final class Forum: Sendable {
  private struct State {
    var posts: [(id: String, open: Bool)] = []
    var broken: Set<String> = []
    var trouble = ServerResponse(status: 404)
    var asked: [String] = []
  }

  private let state = Mutex(State())

  init(_ posts: String...) { state.withLock { $0.posts = posts.map { ($0, true) } } }

  /// Takes what was asked for comments since the last time: `p1 08:30 09:00 page 1`.
  func takeAsked() -> [String] {
    state.withLock { state in
      defer { state.asked = [] }
      return state.asked
    }
  }

  func set(_ posts: [String], closed: Set<String> = []) {
    state.withLock { $0.posts = posts.map { ($0, !closed.contains($0)) } }
  }

  func breaks(_ posts: String..., with trouble: ServerResponse = ServerResponse(status: 404)) {
    state.withLock { ($0.broken, $0.trouble) = (Set(posts), trouble) }
  }

  /// Two pages of comments in each window.
  func answer(_ request: ServerRequest) -> ServerResponse {
    let page = request.parameter("page").flatMap { Int($0) } ?? 1
    return state.withLock { state in
      if request.path == "/posts" {
        let posts = state.posts.dropFirst((page - 1) * 2).prefix(2).map { post -> Value in
          ["id": .string(post.id), "open": .bool(post.open)]
        }
        let more = state.posts.count > page * 2
        return .json((["posts": .list(posts), "more": .bool(more)] as Value).jsonBytes())
      }
      let post = String(request.path.split(separator: "/")[1])
      let (from, to) = (Forum.minute(request.parameter("from")), Forum.minute(request.parameter("to")))
      state.asked.append("\(post) \(from) \(to) page \(page)")
      if state.broken.contains(post) { return state.trouble }
      let comment: Value = ["id": .string("\(from)-\(page)")]
      return .json((["comments": [comment], "more": .bool(page < 2)] as Value).jsonBytes())
    }
  }

  private static func minute(_ time: String?) -> String { String((time ?? "").dropFirst(11).prefix(5)) }
}

@Suite("Sources that are asked for each of some parents", .timeLimit(.minutes(5)))
struct ParentTests {
  private func hub(_ parents: String = "api: acme/posts", more: String = "") -> String {
    """
    source:
      connector: shop
      api: acme/comments
      window: { start: 1h }
      key: "${ record.post.id + '-' + record.id }"
      retry: []
      parents: { \(parents), give: { post: "${ record.id }" }, into: post }
      \(more)
    mapping: { code: "${ record.id }", post: "${ record.post.id }" }
    target: { connector: erp, api: acme/save, delivery: idempotency-key }
    """
  }

  private func with(
    _ hub: String, _ forum: Forum, others: [String: String] = [:],
    _ body: (FlowProject, RunContext) async throws -> Void
  ) async throws {
    let server = try HTTPServer(handler: { forum.answer($0) })
    defer { server.stop() }
    let hubs = others.merging(["comments": hub]) { $1 }
    try await FlowProject.with(hubs, baseURL: "http://127.0.0.1:\(server.port)") { project in
      let session = try await project.store.openSession()
      try await body(project, project.context(session.owner))
      await session.close()
    }
  }

  /// Starts a pull, where there is none, and runs its queries until none is due.
  private func pull(_ project: FlowProject, _ context: RunContext, full: Bool = false) async throws {
    let flow = try #require(project.flows.first { $0.name == "comments" })
    _ = try await SourceDispatcher(context).dispatch(flow, full: full)
    try await runDue(flow, context)
  }

  private func runDue(_ flow: Flow, _ context: RunContext) async throws {
    let lane = Lane(QueryExecutor(context: context, flow: flow, counters: RunCounters()) {})
    while try await lane.runDue() {}
  }

  /// How far each parent is read: `p1 09:00`.
  private func known(_ project: FlowProject) async throws -> [String] {
    try await project.store.parents(ParentFilter(hub: "comments", limit: 100)).map { parent in
      let until = parent.readUntil.map { String($0.dropFirst(11).prefix(5)) } ?? "never"
      return "\(parent.key) \(until)" + (parent.isListed ? "" : " gone") + (parent.failure == nil ? "" : " failing")
    }
  }

  private func count(_ project: FlowProject) async throws -> Int {
    try await project.store.status(hub: "comments", now: project.now).records["pending"] ?? 0
  }

  @Test("each parent has its windows, slices and pages; what it brings is kept with it")
  func windows() async throws {
    let forum = Forum("p1", "p2", "p3")
    try await with(hub(), forum) { project, context in
      try await pull(project, context)
      let slices = ["08:00 08:30 page 1", "08:00 08:30 page 2", "08:30 09:00 page 1", "08:30 09:00 page 2"]
      #expect(forum.takeAsked().sorted() == ["p1", "p2", "p3"].flatMap { post in slices.map { "\(post) \($0)" } })
      #expect(try await known(project) == ["p1 09:00", "p2 09:00", "p3 09:00"])
      #expect(try await count(project) == 12)
      let record = try #require(try await project.store.record(hub: "comments", key: "p2-08:30-2"))
      #expect(record.parent == "p2" && record.content.at("post", "open") == true)
      #expect(try await project.store.watermark(hub: "comments") == Timestamp("2026-03-02T09:00:00Z"))
      try project.set("2026-03-02T09:10:00Z")
      try await pull(project, context)
      #expect(forum.takeAsked().sorted().first == "p1 09:00 09:10 page 1")
      #expect(try await known(project) == ["p1 09:10", "p2 09:10", "p3 09:10"])
    }
  }

  @Test("a parent whose query fails does not hold the others, and is asked for what it missed by the next pull")
  func failing() async throws {
    let forum = Forum("p1", "p2", "p3")
    try await with(hub(), forum) { project, context in
      forum.breaks("p2")
      try await pull(project, context)
      #expect(try await known(project) == ["p1 09:00", "p2 never failing", "p3 09:00"])
      #expect(try await count(project) == 8)
      #expect(try await project.store.watermark(hub: "comments") == nil)
      #expect(try await project.store.openPull(hub: "comments") == nil)
      _ = forum.takeAsked()
      forum.breaks()
      try project.set("2026-03-02T09:20:00Z")
      try await pull(project, context)
      let asked = forum.takeAsked()
      #expect(asked.filter { $0.hasPrefix("p1") } == ["p1 09:00 09:20 page 1", "p1 09:00 09:20 page 2"])
      // The first window of one that was never read starts where it would start now.
      #expect(asked.first { $0.hasPrefix("p2") } == "p2 08:20 08:50 page 1")
      #expect(try await known(project) == ["p1 09:20", "p2 09:20", "p3 09:20"])
      #expect(try await project.store.watermark(hub: "comments") == Timestamp("2026-03-02T09:20:00Z"))
    }
  }

  @Test("a parent that would have to wait for long holds nobody up: it fails, and the next pull asks for it")
  func waiting() async throws {
    let forum = Forum("p1", "p2", "p3")
    let text = hub().replacing("retry: []", with: "retry: [20s, 1h, 1h]")
    try await with(text, forum) { project, context in
      forum.breaks("p2", with: ServerResponse(status: 500))
      try await pull(project, context)
      #expect(try await known(project) == ["p1 09:00", "p2 never", "p3 09:00"])
      #expect(try await project.store.openPull(hub: "comments") != nil)
      try project.set("2026-03-02T09:00:20Z")
      let flow = try #require(project.flows.first { $0.name == "comments" })
      try await runDue(flow, context)
      #expect(try await known(project) == ["p1 09:00", "p2 never failing", "p3 09:00"])
      #expect(try await project.store.openPull(hub: "comments") == nil)
      // Told to wait for an hour it does not keep the others from being asked either.
      let limit = ServerResponse(status: 429, headers: [(name: "Retry-After", value: "3600")])
      forum.breaks("p2", with: limit)
      try project.set("2026-03-02T09:10:00Z")
      try await pull(project, context)
      #expect(try await known(project) == ["p1 09:10", "p2 never failing", "p3 09:10"])
      #expect(try await project.store.openPull(hub: "comments") == nil)
      forum.breaks()
      try project.set("2026-03-02T09:20:00Z")
      try await pull(project, context)
      #expect(try await known(project) == ["p1 09:20", "p2 09:20", "p3 09:20"])
    }
  }

  @Test("two parents with one key that ask for different things both fail, and the others go on")
  func sameKey() async throws {
    let forum = Forum("p1", "q1", "p2", "q2", "r")
    let text = hub("api: acme/posts, key: '${ record.id.substring(0, 1) }'")
    try await with(text, forum) { project, context in
      try await pull(project, context)
      #expect(try await known(project) == ["p never failing", "q never failing", "r 09:00"])
      let failing = try await project.store.parents(ParentFilter(hub: "comments", onlyFailing: true, limit: 9))
      #expect(failing.allSatisfy { $0.failure?.message.contains("two parents have the key") == true }, "\(failing)")
      // The same post again is one post.
      forum.set(["p1", "q1", "q1", "p1", "r"])
      try project.set("2026-03-02T09:10:00Z")
      _ = forum.takeAsked()
      try await pull(project, context)
      #expect(try await known(project) == ["p 09:10", "q 09:10", "r 09:10"])
      let asked = forum.takeAsked()
      #expect(asked.count == Set(asked).count, "\(asked)")
    }
  }

  @Test("a full pull leaves out nothing of a parent that is further behind than it goes back")
  func fullAfterLong() async throws {
    let forum = Forum("p1", "p2")
    try await with(hub(), forum) { project, context in
      try await pull(project, context)
      forum.breaks("p2")
      try project.set("2026-03-02T11:00:00Z")
      try await pull(project, context)
      #expect(try await known(project) == ["p1 11:00", "p2 09:00 failing"])
      forum.breaks()
      _ = forum.takeAsked()
      try project.set("2026-03-02T12:00:00Z")
      try await pull(project, context, full: true)
      let asked = forum.takeAsked()
      #expect(asked.first { $0.hasPrefix("p1") } == "p1 11:00 11:30 page 1")
      #expect(asked.first { $0.hasPrefix("p2") } == "p2 09:00 09:30 page 1")
      #expect(try await known(project) == ["p1 12:00", "p2 12:00"])
    }
  }

  @Test("a parent that is gone is not asked for; when it comes back it goes on where it stopped")
  func gone() async throws {
    let forum = Forum("p1", "p2", "p3")
    try await with(hub("api: acme/posts, when: '${ record.open }'"), forum) { project, context in
      try await pull(project, context)
      _ = forum.takeAsked()
      forum.set(["p1", "p3"], closed: ["p3"])
      try project.set("2026-03-02T09:10:00Z")
      try await pull(project, context)
      #expect(forum.takeAsked().allSatisfy { $0.hasPrefix("p1") })
      #expect(try await known(project) == ["p1 09:10", "p2 09:00 gone", "p3 09:00 gone"])
      forum.set(["p1", "p2", "p3"])
      try project.set("2026-03-02T09:20:00Z")
      try await pull(project, context)
      #expect(forum.takeAsked().contains("p2 09:00 09:20 page 1"))
      #expect(try await known(project) == ["p1 09:20", "p2 09:20", "p3 09:20"])
    }
  }

  @Test("more parents than may be end the pull with what to do, and none of those that are left is asked for")
  func limit() async throws {
    let forum = Forum("p1", "p2", "p3", "p4", "p5")
    try await with(hub("api: acme/posts, maximum: 4"), forum) { project, context in
      try await pull(project, context)
      let status = try await project.store.status(hub: "comments", now: project.now)
      #expect(status.lastError?.message.contains("more than 4 parents: narrow them") == true, "\(status)")
      #expect(status.pull == nil && status.watermark == nil)
      #expect(forum.takeAsked().isEmpty)
      #expect(status.tasks["source.ready"] == nil && status.tasks["source.dead"] == 1)
    }
  }

  @Test("the records that another hub has delivered are parents too")
  func upstream() async throws {
    let forum = Forum()
    let parents = "hub: posts, when: '${ record.content.id != \"p2\" }'"
    let text = hub(parents).replacing("\"${ record.id }\" }, into", with: "\"${ record.content.id }\" }, into")
      .replacing("record.post.id", with: "record.post.key")
    let posts = """
      source: { connector: shop, api: acme/list, window: { start: 1h } }
      mapping: { code: "${ record.id }" }
      target: { connector: erp, api: acme/save, delivery: idempotency-key, batch: 1 }
      """
    try await with(text, forum, others: ["posts": posts]) { project, context in
      let flow = try #require(project.flows.first { $0.name == "posts" })
      try await pull(project, context)
      #expect(forum.takeAsked().isEmpty)
      _ = try await SourceDispatcher(context).dispatch(flow)
      try await project.endPull(of: "posts", owner: context.owner, ["p1", "p2", "p3", "p4"])
      _ = try await TargetDispatcher(context).dispatchAll(flow)
      for _ in 1...3 {
        let claim = try #require(context.claim(flow, .target))
        let write = try #require(try await project.store.claim(claim).first)
        let outcomes = write.items.map { ItemOutcome(item: $0, result: .done(id: "T")) }
        _ = try await project.store.settleWrite(
          write.lease,
          WriteSettlement(
            outcomes: outcomes, phase: .acknowledged, status: 200, answer: nil, durationMilliseconds: 1, claim: nil,
            now: project.now))
      }
      try project.set("2026-03-02T09:10:00Z")
      try await pull(project, context)
      // Neither the one that is not selected nor the one that is not delivered.
      #expect(try await known(project) == ["p1 09:10", "p3 09:10"])
      let record = try #require(try await project.store.record(hub: "comments", key: "p3-08:40-1"))
      #expect(record.parent == "p3" && record.content.at("post", "target", "id") == "T")
    }
  }

  @Test("a remedy asks for its own window and leaves the watermarks; a full pull asks from the start")
  func remedy() async throws {
    let forum = Forum("p1")
    try await with(hub(more: "remedy: { schedule: '@daily', lookBack: 10m }"), forum) { project, context in
      try await pull(project, context)
      _ = forum.takeAsked()
      try project.set("2026-03-02T09:30:00Z")
      _ = try #require(try await SourceDispatcher(context).dispatchRemedy(project.flows[0]))
      try await runDue(project.flows[0], context)
      #expect(forum.takeAsked() == ["p1 09:20 09:30 page 1", "p1 09:20 09:30 page 2"])
      #expect(try await known(project) == ["p1 09:00"])
      try await pull(project, context, full: true)
      #expect(forum.takeAsked().first == "p1 08:30 09:00 page 1")
      #expect(try await known(project) == ["p1 09:30"])
    }
  }

  @Test("a query that a plan without parents left behind ends by itself, and the other way round")
  func otherPlan() async throws {
    let forum = Forum("p1")
    let plain = hub().replacing("parents:", with: "schema: {} #")
      .replacing("record.post.id + '-' + ", with: "").replacing(", post: \"${ record.post.id }\"", with: "")
      .replacing("api: acme/comments", with: "api: acme/comments\n  with: { post: p1 }")
    try await with(plain, forum, others: ["later": hub()]) { project, context in
      let old = try #require(project.flows.first { $0.name == "comments" })
      let new = try #require(project.flows.first { $0.name == "later" })
      // Each flow gets a query as the other one's plan makes it.
      let listing = ParentListing(from: nil, to: project.now, place: .page(.init(number: 1, size: 2)))
      let query = QueryTask(from: project.now - TimeSpan(seconds: 60), to: project.now, page: .init(number: 1, size: 2))
      for (flow, payload) in [(old, listing.payload), (new, query.payload)] {
        let pull = NewPull(
          hub: flow.name, from: project.now - TimeSpan(seconds: 60), to: project.now,
          queries: [NewQuery(payload: payload)], now: project.now)
        _ = try #require(try await project.store.openPull(pull))
        try await runDue(flow, context)
        let status = try await project.store.status(hub: flow.name, now: project.now)
        #expect(status.pull == nil && status.tasks == ["source.dead": 1], "\(flow.name): \(status)")
        #expect(status.lastError?.message.contains("is another now") == true)
      }
      #expect(forum.takeAsked().isEmpty)
    }
  }
}
