import Keeping
import Testing
import Values

/// Deployments, and what people look at.
let lookingRules: [Rule] = [
  Rule("a deployment is the next generation, and the newest is in force") { desk in
    #expect(try await desk.store.deployment() == nil)
    for number in 1...3 {
      let plan = NewDeployment(
        plan: Array("plan \(number)".utf8), digest: "d\(number)", replaces: number == 2 ? nil : number - 1, by: "ann",
        commit: number == 1 ? nil : "c0ffee", at: desk.at(Int64(number)))
      #expect(try await desk.store.deploy(plan) == number)
    }
    let current = try #require(try await desk.store.deployment())
    #expect(current.generation == 3 && current.plan == Array("plan 3".utf8) && current.digest == "d3")
    #expect(current.by == "ann" && current.commit == "c0ffee" && current.at == desk.at(3).description)
    let list = try await desk.store.deployments(limit: 2)
    #expect(list.map(\.generation) == [3, 2] && list.allSatisfy(\.plan.isEmpty))
    #expect(try await desk.store.deployments(limit: -1).isEmpty)
  },
  Rule("a plan that was compared with another generation is refused") { (desk: Desk) async throws in
    for expected in [1, 7] {
      let plan = NewDeployment(plan: [], digest: "d", replaces: expected, by: "ann", commit: nil, at: desk.at(1))
      let error = await #expect(throws: StoreError.self) { try await desk.store.deploy(plan) }
      #expect(error?.code == .stale)
    }
    #expect(try await desk.store.deployment() == nil)
  },
  Rule("records are found by state and by a part of key or number, newest first") { desk in
    try await desk.bring([
      desk.record("a_1", number: "SO-100%"), desk.record("ab1", "{}", .filtered), desk.record("c\\d"),
      desk.record("e", "{}", .failed, failure: desk.failure()),
    ])
    func keys(_ text: String? = nil, _ states: Set<RecordState> = [], limit: Int = 50) async throws -> [String] {
      try await desk.store.records(RecordFilter(hub: desk.hub, states: states, text: text, limit: limit)).map(\.key)
    }
    #expect(try await keys() == ["e", "c\\d", "ab1", "a_1"])
    #expect(try await keys(limit: 2) == ["e", "c\\d"])
    #expect(try await keys(limit: 0).isEmpty)
    #expect(try await keys("a_") == ["a_1"])
    #expect(try await keys("100%") == ["a_1"])
    #expect(try await keys("\\") == ["c\\d"])
    #expect(try await keys("1") == ["ab1", "a_1"])
    #expect(try await keys(nil, [.failed, .filtered]) == ["e", "ab1"])
    #expect(try await keys(nil, [.failed, .pending]) == ["e", "c\\d", "a_1"])
    #expect(try await keys("a", [.filtered]) == ["ab1"])
    #expect(try await keys(nil, [.held]).isEmpty)
    #expect(try await desk.store.records(RecordFilter(hub: "never used")).isEmpty)
    #expect(try await desk.store.record(hub: desk.hub, key: "nobody") == nil)
    #expect(try await desk.store.record(hub: "never used", key: "e") == nil)
  },
  Rule("tasks are found by hub, side and state, newest first") { desk in
    var other = desk
    other.hub = "items"
    _ = try await other.openPull(["x"])
    try await desk.bring(["1", "2"].map { desk.record($0) })
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    try await desk.store.setBack(write.lease, .give, desk.failure(), now: desk.at(3))
    func states(_ filter: TaskFilter) async throws -> [String] {
      try await desk.store.tasks(filter).map { "\($0.hub) \($0.side) \($0.state)" }
    }
    #expect(try await states(TaskFilter()).count == 4)
    #expect(try await states(TaskFilter(hub: "items")) == ["items source ready"])
    #expect(
      try await states(TaskFilter(hub: "orders", side: .target)) == ["orders target ready", "orders target dead"])
    #expect(try await states(TaskFilter(states: [.dead, .uncertain])) == ["orders target dead"])
    #expect(try await states(TaskFilter(states: [.done])) == ["orders source done"])
    #expect(try await states(TaskFilter(limit: 1)) == ["orders target ready"])
    #expect(try await states(TaskFilter(hub: "never used")).isEmpty)
    let detail = try await desk.task(write)
    #expect(detail.owner == desk.owner && detail.epoch == 1 && detail.rescues == 0)
    #expect(detail.payload.json() == "{\"records\":1}" && detail.keys == ["1"])
    #expect(detail.summary.error == desk.failure() && detail.summary.records == 1)
    #expect(detail.summary.finishedAt == desk.at(3).description && detail.summary.runAt == nil)
    #expect(try await desk.store.task(4711) == nil)
  },
  Rule("a hub's status counts every record and task where it is") { desk in
    #expect(try await desk.store.status(hub: "never used", now: desk.at(0)).records.isEmpty)
    try await desk.bring((1...5).map { desk.record("\($0)") })
    try await desk.queue(batch: 2)
    let tasks = try await desk.claim(.target, limit: 2)
    try await desk.settle(tasks[0], [.done(id: nil), .done(id: nil)])
    let pull = try #require(try await desk.openPull(["a"], to: 200))
    let status = try await desk.status()
    #expect(status.hub == "orders" && status.watermark == desk.at(100).description && status.pull == pull)
    #expect(status.records == ["done": 2, "queued": 3])
    #expect(
      status.tasks == [
        "source.done": 1, "source.ready": 1, "target.done": 1, "target.running": 1, "target.ready": 1,
      ])
  },
  Rule("a failure comes back as it was kept") { desk in
    let failure = Failure(
      kind: "rejected", message: "«无效» \"quoted\" \n line", field: "a.b[0]", status: 422, at: desk.at(9))
    try await desk.bring([desk.record("1", "{}", .failed, failure: failure)])
    #expect(try await desk.detail("1").summary.error == failure)
  },
]
