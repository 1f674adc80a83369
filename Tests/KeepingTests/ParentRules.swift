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
    page.parents = ListedParents([ListedParent("x", failure: desk.failure())], isLast: true)
    _ = try await desk.store.settlePage(desk.claimOne(.source).lease, page)
    #expect(try await desk.status().parents == ParentCounts(listed: 1, gone: 1, failing: 1))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
  },
  Rule("a remedy that reads a parent leaves noted that its own window could not be read") { desk in
    try await desk.list(["a"])
    try await desk.store.setBack(desk.claimOne(.source).lease, .give, desk.failure(), now: desk.at(1))
    try await desk.list(["a"], to: 200, kind: .remedy)
    #expect(try await desk.read(desk.claimOne(.source), "a", ["a1"], until: 200).pullIsComplete)
    #expect(try await desk.status().parents?.failing == 1)
    try await desk.list(["a"], to: 300)
    _ = try await desk.read(desk.claimOne(.source), "a", [], until: 300)
    #expect(try await desk.status().parents?.failing == 0)
  },
  Rule("a parent's query that is to be cancelled is done where it was on its last page, and failing where it was not") {
    desk in
    try await desk.list(["a", "b", "c"])
    let first = try await desk.claimOne(.source)
    #expect(try await desk.change(tasks: [first.lease.task], .cancel(rendersAnew: false)).requested == 1)
    _ = try await desk.read(first, "a", ["a1"], until: 100)
    #expect(try await desk.status().parents?.failing == 0)
    #expect(try await desk.known() == ["a 100", "b never", "c never"])
    let second = try await desk.claimOne(.source)
    #expect(try await desk.change(tasks: [second.lease.task], .cancel(rendersAnew: false)).requested == 1)
    let page = SettledPage(records: [], next: NewQuery(payload: "b2", parent: "b"), claim: nil, now: desk.at(0))
    _ = try await desk.store.settlePage(second.lease, page)
    #expect(try await desk.status().parents?.failing == 1)
    #expect(try await !desk.read(desk.claimOne(.source), "c", [], until: 100).records.contains("c1"))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
  },
  Rule("a parent that is listed twice, on a page or on two, is asked for once where the same is asked for it") { desk in
    try await desk.list(["a", "b", "a"], isLast: false, next: "more")
    try await desk.list(desk.claimOne(.source), ["b", "c"])
    for key in ["a", "b", "c"] {
      let end = try await desk.read(desk.claimOne(.source), key, [], until: 100)
      #expect(end.pullIsComplete == (key == "c"))
    }
    #expect(try await desk.status().parents == ParentCounts(listed: 3, gone: 0, failing: 0))
    // The next pull lists them anew.
    try await desk.list(["a"], to: 200)
    #expect(try await desk.read(desk.claimOne(.source), "a", [], until: 200).pullIsComplete)
  },
  Rule("of parents with one key that ask for different things none is taken for read, and it is said") { desk in
    try await desk.list(["a/1", "b/1", "a/2", "a/3"], isLast: false, next: "more")
    try await desk.list(desk.claimOne(.source), ["b/2", "c/1"])
    // The query for the first b is queued already: it brings its records, and tells nothing of the other one.
    #expect(try await !desk.read(desk.claimOne(.source), "b", ["b1"], until: 100).pullIsComplete)
    _ = try await desk.read(desk.claimOne(.source), "c", [], until: 100)
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.known() == ["a never", "b never", "c 100"])
    let failing = try await desk.store.parents(ParentFilter(hub: desk.hub, onlyFailing: true, limit: 9))
    #expect(failing.map(\.key) == ["a", "b"])
    for parent in failing {
      #expect(parent.failure?.message.contains("two parents have the key '\(parent.key)'") == true)
    }
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    try await desk.list(["a/1", "b/2"], to: 200)
    for key in ["a", "b"] { _ = try await desk.read(desk.claimOne(.source), key, [], until: 200) }
    #expect(try await desk.known() == ["a 200", "b 200", "c 100 gone"])
    #expect(try await desk.status().parents?.failing == 0)
  },
  Rule("parents are found by name, each once, however many are named") { desk in
    try await desk.list(["b", "a", "c"])
    let names = (100_000..<110_100).map { "nobody-\($0)" } + ["b", "a", "b"]
    let found = try await desk.store.parents(ParentFilter(hub: desk.hub, keys: names, limit: names.count))
    #expect(found.map(\.key) == ["a", "b"])
    let first = try await desk.store.parents(ParentFilter(hub: desk.hub, keys: names, limit: 1))
    #expect(first.map(\.key) == ["a"])
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
    // `a/1` is parent a, for which 1 is asked.
    let listed = keys.map { $0.split(separator: "/").map(String.init) }
    page.parents = ListedParents(listed.map { ListedParent($0[0], asked: $0.last) }, isLast: isLast)
    page.further = listed.map { NewQuery(payload: .string($0[0]), parent: $0[0]) }
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
