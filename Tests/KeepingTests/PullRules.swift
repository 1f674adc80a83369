import Keeping
import Testing
import Values

/// Pulls, their queries and the watermark.
let pullRules: [Rule] = [
  Rule("a pull puts its queries into the queue in order, and a hub has one open pull at most") { desk in
    let pull = try #require(try await desk.openPull(["a", "b"]))
    #expect(pull.openQueries == 2 && pull.toMilliseconds == desk.at(100).milliseconds)
    #expect(try await desk.openPull(["c"]) == nil)
    #expect(try await desk.store.openPull(hub: desk.hub) == pull)
    let tasks = try await desk.claim(.source, limit: 10)
    #expect(tasks.map(\.payload) == [Array("\"a\"".utf8), Array("\"b\"".utf8)])
    #expect(tasks.allSatisfy { $0.pull == pull.id && $0.side == .source && $0.items.isEmpty })
  },
  Rule("the next page comes before the slices behind it") { desk in
    _ = try await desk.openPull(["a1", "b1"])
    let first = try await desk.claimOne(.source)
    let second = try await desk.settle(first, next: "a2", claim: true).claimed
    #expect(second.map(\.payload) == [Array("\"a2\"".utf8)])
    let third = try await desk.settle(try #require(second.first), claim: true).claimed
    #expect(third.map(\.payload) == [Array("\"b1\"".utf8)])
  },
  Rule("the watermark moves when every slice has been settled, and not before") { desk in
    _ = try await desk.openPull(["a", "b"])
    let tasks = try await desk.claim(.source, limit: 2)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    #expect(try await desk.settle(tasks[1]).pullIsComplete == false)
    #expect(try await desk.settle(tasks[0], next: "a2").pullIsComplete == false)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    #expect(try await desk.store.openPull(hub: desk.hub)?.openQueries == 1)
    #expect(try await desk.settle(desk.claimOne(.source)).pullIsComplete)
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(100))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.status().tasks == ["source.done": 3])
  },
  Rule("the watermark never moves back") { desk in
    for (to, expected) in [(Int64(100), Int64(100)), (50, 100), (120, 120)] {
      _ = try await desk.openPull(["a"], to: to)
      try await desk.settle(desk.claimOne(.source))
      #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(expected))
    }
  },
  Rule("a pull without queries is whole at once") { (desk: Desk) async throws in
    #expect(try await desk.openPull([])?.openQueries == 0)
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(100))
  },
  Rule("a dead query closes its pull, cancels the queries behind it and leaves the watermark") { desk in
    _ = try await desk.openPull(["a"], to: 10)
    try await desk.settle(desk.claimOne(.source))
    _ = try await desk.openPull(["a", "b", "c", "d"], to: 100)
    let tasks = try await desk.claim(.source, limit: 2)
    try await desk.store.setBack(
      tasks[1].lease, .retry(at: desk.at(60), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    try await desk.store.setBack(tasks[0].lease, .give, desk.failure(), now: desk.at(2))
    #expect(try await desk.store.openPull(hub: desk.hub) == nil)
    #expect(try await desk.store.watermark(hub: desk.hub) == desk.at(10))
    #expect(try await desk.status().tasks == ["source.done": 1, "source.dead": 1, "source.cancelled": 3])
    #expect(try await desk.claim(.source, limit: 9, at: 100).isEmpty)
    #expect(try await desk.openPull(["a"]) != nil)
  },
  Rule("what a running query of a closed pull brings is kept, and no page follows") { desk in
    _ = try await desk.openPull(["a", "b", "c"])
    let tasks = try await desk.claim(.source, limit: 3)
    try await desk.store.setBack(tasks[0].lease, .give, desk.failure(), now: desk.at(1))
    let result = try await desk.settle(tasks[1], [desk.record("1")], next: "b2", claim: true)
    #expect(result.counts.new == 1 && !result.pullIsComplete && result.claimed.isEmpty)
    #expect(try await desk.store.watermark(hub: desk.hub) == nil)
    // Nothing is left to be tried for, so a retry is refused too.
    try await desk.store.setBack(
      tasks[2].lease, .retry(at: desk.at(9), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(2))
    #expect(try await desk.task(tasks[2]).summary.state == "dead")
  },
  Rule("an open pull of a hub says nothing about another hub's") { desk in
    var other = desk
    other.hub = "items"
    _ = try await desk.openPull(["a"])
    _ = try await other.openPull(["b"])
    #expect(try await other.claimOne(.source).payload == Array("\"b\"".utf8))
    #expect(try await desk.claimOne(.source).payload == Array("\"a\"".utf8))
    #expect(try await desk.store.watermark(hub: "never used") == nil)
  },
  Rule("a query that is set back is due again at its time, and only a real attempt counts") { desk in
    _ = try await desk.openPull(["a"])
    let task = try await desk.claimOne(.source)
    try await desk.store.setBack(
      task.lease, .retry(at: desk.at(20), countsAsAttempt: true), desk.failure("notSent"), now: desk.at(1))
    #expect(try await desk.claim(.source, at: 19).isEmpty)
    #expect(try await desk.store.nextDue(hub: desk.hub, side: .source) == desk.at(20))
    let again = try await desk.claimOne(.source, at: 20)
    #expect(again.attempts == 1 && again.lease.epoch == task.lease.epoch + 1)
    try await desk.store.setBack(
      again.lease, .retry(at: desk.at(30), countsAsAttempt: false), desk.failure("rateLimited"), now: desk.at(21))
    #expect(try await desk.claimOne(.source, at: 30).attempts == 1)
    #expect(try await desk.task(task).summary.error?.kind == "rateLimited")
  },
]
