import Keeping
import Testing
import Values

/// What hubs keep whose request is repeated for each of some parents.
let parentRules: [Rule] = [
  Rule("what a list of parents brings joins the pull, which ends with the last of its queries") { desk in
    try await desk.list(["a", "b"], isLast: false, next: "more")
    let more = try await desk.claimOne(.source)
    #expect(more.payload == Value.string("more").jsonBytes())
    try await desk.list(more, ["c"])
    let counts = try await desk.status().parents
    #expect(counts == ParentCounts(listed: 3, gone: 0, failing: 0))
    for (place, key) in ["a", "b", "c"].enumerated() {
      let task = try await desk.claimOne(.source)
      #expect(task.payload == Value.string(key).jsonBytes())
      let end = try await desk.read(task, key, ["\(key)1"], until: 100)
      #expect(end.pullIsComplete == (place == 2))
    }
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(100))
    #expect(try await desk.known() == ["a 100", "b 100", "c 100"])
    #expect(try await desk.detail("b1").parent == "b")
    #expect(try await desk.status().records == ["pending": 3])
  },
  Rule("a parent's watermark moves with the records it brings, with them alone, and never back") { desk in
    try await desk.list(["a"])
    let task = try await desk.claimOne(.source)
    try await desk.store.setBack(
      task.lease, .retry(at: desk.at(0), countsAsAttempt: false), desk.failure("notSent"), now: desk.at(0))
    await desk.expectLeaseLost { _ = try await desk.read(task, "a", ["late"], until: 100) }
    #expect(try await desk.known() == ["a never"])
    #expect(try await desk.store.record(hub: desk.hub, key: "late") == nil)
    // A page that is not the last moves nothing; the next one is the parent's as well.
    var page = SettledPage(
      records: [desk.record("a1")], next: NewQuery(payload: "page 2", parent: "a"), claim: nil, now: desk.at(0))
    _ = try await desk.store.settlePage(desk.claimOne(.source).lease, page)
    #expect(try await desk.known() == ["a never"])
    _ = try await desk.read(desk.claimOne(.source), "a", ["a2"], until: 100)
    #expect(try await desk.known() == ["a 100"])
    try await desk.list(["a"], to: 200)
    page = SettledPage(records: [], next: nil, claim: nil, now: desk.at(0))
    page.progress = ParentProgress(key: "a", readUntil: desk.at(50), isWhole: true)
    _ = try await desk.store.settlePage(desk.claimOne(.source).lease, page)
    #expect(try await desk.known() == ["a 100"])
  },
  Rule("a parent whose query is dead does not hold the others; the pull fails in the end, and the next one mends it") {
    desk in
    try await desk.list(["a", "b", "c"])
    try await desk.store.setBack(desk.claimOne(.source).lease, .give, desk.failure(), now: desk.at(1))
    #expect(try await desk.store.openPull(hub: desk.hub) != nil)
    for key in ["b", "c"] {
      #expect(try await !desk.read(desk.claimOne(.source), key, ["\(key)1"], until: 100).records.isEmpty)
    }
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    #expect(try await desk.store.pullEnds(of: [desk.hub]).map(\.latestComplete) == [0])
    #expect(try await desk.status().parents == ParentCounts(listed: 3, gone: 0, failing: 1))
    let failing = try await desk.store.parents(ParentFilter(hub: desk.hub, onlyFailing: true, limit: 9))
    #expect(failing.map(\.key) == ["a"] && failing.first?.failure == desk.failure())
    #expect(failing.first?.readUntil == nil)
    try await desk.list(["a"], to: 200)
    #expect(try await desk.read(desk.claimOne(.source), "a", [], until: 200).pullIsComplete)
    #expect(try await desk.status().parents?.failing == 0)
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(200))
  },
  Rule("a parent's query that a person cancels ends alone, and so does the last one of a pull") { desk in
    try await desk.list(["a", "b"])
    let all = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, states: [.ready], limit: 9))
    #expect(try await desk.change(tasks: all, .cancel(rendersAnew: false)).changed == 2)
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.status().parents?.failing == 2)
  },
  Rule("a list of parents that cannot be read ends the pull with the queries it has queued") { desk in
    try await desk.list(["a", "b"], isLast: false, next: "more")
    try await desk.store.setBack(desk.claimOne(.source).lease, .give, desk.failure(), now: desk.at(1))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.claim(.source).isEmpty)
    #expect(try await desk.status().tasks["source.cancelled"] == 2)
  },
  Rule("a parent that is not in the list any more is gone, and comes back with its watermark") { desk in
    try await desk.list(["a", "b"])
    for key in ["a", "b"] { _ = try await desk.read(desk.claimOne(.source), key, [], until: 100) }
    try await desk.list(["a"], to: 200)
    #expect(try await desk.status().parents == ParentCounts(listed: 1, gone: 1, failing: 0))
    _ = try await desk.read(desk.claimOne(.source), "a", [], until: 200)
    #expect(try await desk.known() == ["a 200", "b 100 gone"])
    try await desk.list(["a", "b"], to: 300)
    #expect(try await desk.known() == ["a 200", "b 100"])
    let one = try await desk.store.parents(ParentFilter(hub: desk.hub, keys: ["b", "nobody"], limit: 9))
    #expect(one.map(\.key) == ["b"])
  },
  Rule("a remedy leaves the watermarks of parents; a parent that cannot be asked is listed with the reason") { desk in
    try await desk.list(["a"], kind: .remedy)
    _ = try await desk.read(desk.claimOne(.source), "a", ["a1"], until: 100)
    #expect(try await desk.known() == ["a never"])
    let pull = NewPull(
      hub: desk.hub, from: desk.at(0), to: desk.at(9), queries: [NewQuery(payload: 1)], now: desk.at(0))
    _ = try #require(try await desk.store.openPull(pull))
    var page = SettledPage(records: [], next: nil, claim: nil, now: desk.at(0))
    page.parents = ListedParents([("x", desk.failure())], isLast: true)
    _ = try await desk.store.settlePage(desk.claimOne(.source).lease, page)
    #expect(try await desk.status().parents == ParentCounts(listed: 1, gone: 1, failing: 1))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
  },
]

/// How a parent's page ended.
private struct ReadPage {
  let records: [String]
  let pullIsComplete: Bool
}

extension Desk {
  /// Opens a pull whose first query lists these parents.
  fileprivate func list(
    _ keys: [String], isLast: Bool = true, next: Value? = nil, to seconds: Int64 = 100, kind: NewPull.Kind = .regular
  ) async throws {
    let pull = NewPull(
      hub: hub, from: at(0), to: at(seconds), queries: [NewQuery(payload: "list")], now: at(0), kind: kind)
    _ = try #require(try await store.openPull(pull))
    try await list(claimOne(.source), keys, isLast: isLast, next: next)
  }

  fileprivate func list(
    _ task: ClaimedTask, _ keys: [String], isLast: Bool = true, next: Value? = nil
  ) async throws {
    var page = SettledPage(records: [], next: next.map(NewQuery.init(payload:)), claim: nil, now: at(0))
    page.parents = ListedParents(keys.map { ($0, nil) }, isLast: isLast)
    page.further = keys.map { NewQuery(payload: .string($0), parent: $0) }
    _ = try await store.settlePage(task.lease, page)
  }

  /// Settles the only page of a parent.
  fileprivate func read(
    _ task: ClaimedTask, _ parent: String, _ keys: [String], until seconds: Int64
  ) async throws -> ReadPage {
    let records = keys.map { key in
      var record = record(key)
      record.parent = parent
      return record
    }
    var page = SettledPage(records: records, next: nil, claim: nil, now: at(0))
    page.progress = ParentProgress(key: parent, readUntil: at(seconds), isWhole: true)
    let result = try await store.settlePage(task.lease, page)
    return ReadPage(records: keys, pullIsComplete: result.pullIsComplete)
  }

  /// All parents with how far each is read, in seconds: `a 100`, `b never gone`.
  fileprivate func known() async throws -> [String] {
    try await store.parents(ParentFilter(hub: hub, limit: 100)).map { parent in
      let until = parent.readUntil.flatMap { Timestamp($0) }.map { "\(($0 - at(0)).seconds)" } ?? "never"
      return "\(parent.key) \(until)\(parent.isListed ? "" : " gone")"
    }
  }
}
