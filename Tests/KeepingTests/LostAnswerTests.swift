import Keeping
import MongoStore
import TestServers
import Testing
import Values

/// The server has done what it was asked for, and the connection breaks before it can say so.
@Suite(
  "Answers that are lost on the way from MongoDB",
  .enabled(if: MongoServer.isOurs, "the server is not ours, or there is none: run .ci/setup tests"))
struct LostAnswerTests {
  @Test("tasks whose handing out nobody heard of are the worker's that asked, and nobody else's")
  func claims() async throws {
    try await withProxy { proxy, desk in
      try await desk.bring((1...3).map { desk.record("\($0)") })
      try await desk.queue()
      proxy.lose(answersTo: "claimedAt")
      let first = try await desk.claim(.target, limit: 2)
      #expect(first.count == 2 && proxy.lost == 1)
      let second = try await desk.claim(.target, limit: 9)
      #expect(second.count == 1 && Set((first + second).map(\.lease.task)).count == 3)
      for task in first + second { try await desk.settle(task, [.done(id: nil)]) }
      #expect(try await desk.status().records == ["done": 3])
    }
  }

  @Test("what was committed is done, and done once, however often nobody heard of it", arguments: [1, 3])
  func commits(_ times: Int) async throws {
    try await withProxy { proxy, desk in
      var lost = 0
      func losing<Result>(_ body: () async throws -> Result) async throws -> Result {
        proxy.lose(times, answersTo: "commitTransaction")
        let result = try await body()
        lost += times
        #expect(proxy.lost == lost)
        return result
      }
      _ = try await losing { try await desk.openPull(["all"]) }
      let query = try await desk.claimOne(.source)
      let counts = try await losing {
        try await desk.settle(query, (1...4).map { desk.record("\($0)") }, next: "next").counts
      }
      #expect(counts.new == 4)
      #expect(try await desk.status().tasks == ["source.done": 1, "source.ready": 1])
      #expect(try await losing { try await desk.queue() } == 4)
      let tasks = try await desk.claim(.target, limit: 9)
      #expect(tasks.count == 4)
      try await losing { _ = try await desk.settle(tasks[0], [.done(id: "T")]) }
      let later = TaskSetback.retry(at: desk.at(9), countsAsAttempt: true)
      try await losing {
        try await desk.store.setBack(tasks[1].lease, later, desk.failure("notSent"), now: desk.at(1))
      }
      try await losing {
        try await desk.store.setBack(tasks[2].lease, .uncertain, desk.failure("uncertain"), now: desk.at(1))
      }
      #expect(try await desk.task(tasks[0]).sendings.map(\.phase) == ["acknowledged"])
      #expect(try await desk.task(tasks[1]).summary.attempts == 1)
      let report = try await losing { try await desk.change(tasks: [tasks[2].lease.task], .arrived(id: "U")) }
      #expect(report.changed == 1 && report.act == 1)
      #expect(try await losing { try await desk.change(["1"], .sendAnew) }.changed == 1)
      #expect(try await losing { try await desk.set("W01", "101", supplies: []) }.report.changed == 1)
      var plan = NewDeployment(plan: [1, 2], digest: "d", replaces: 0, by: "ann@desk", commit: nil, at: desk.at(1))
      plan.reason = "go live"
      #expect(try await losing { try await desk.store.deploy(plan) } == 1)
      #expect(try await desk.status().records == ["done": 1, "pending": 1, "queued": 2])
      #expect(try await desk.detail("1").summary.revision == 2)
      #expect(try await desk.store.valuesVersion() == 1)
      #expect(try await desk.store.audit(AuditFilter()).map(\.changed) == [0, 1, 1, 1])
      #expect(try await desk.store.deployments(limit: 9).count == 1)
    }
  }

  private func withProxy(_ body: (LossyProxy, Desk) async throws -> Void) async throws {
    try await withTenant { _, tenant in
      let proxy = try LossyProxy()
      let store = try await MongoStore.open(url: proxy.url, tenant: tenant)
      try await body(proxy, Desk(store))
      await store.close()
      proxy.end()
    }
  }
}
