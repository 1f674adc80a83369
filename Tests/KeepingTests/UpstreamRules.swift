import Keeping
import Testing
import Values

/// What hubs that are fed by others read, and how far.
let upstreamRules: [Rule] = [
  Rule("delivered records are given in the order they were delivered in, with what the target knows of them") { desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.bring(["1", "2", "3"].map { desk.record($0, "{\"no\":\($0)}", number: "N\($0)") })
    try await desk.queue()
    let writes = try await desk.claim(.target, limit: 3)
    // The last one first.
    for (place, write) in writes.enumerated().reversed() { try await desk.settle(write, [.done(id: "T\(place)")]) }
    let found = try await desk.delivered()
    #expect(found.map(\.key) == ["3", "2", "1"] && found.map(\.number) == ["N3", "N2", "N1"])
    #expect(found.map(\.delivered) == [2, 1, 0].map { Delivered(revision: 1, id: "T\($0)") })
    #expect(found.first?.content == Array("{\"no\":3}".utf8))
    #expect(found.map(\.position) == found.map(\.position).sorted() && Set(found.map(\.position)).count == 3)
  },
  Rule("behind a position there is what was delivered since, page by page, and no record twice") { desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.deliver(1...7)
    let end = try #require(try await desk.store.latestDelivery(of: desk.hub))
    var position: Int64 = -(1 << 62)
    var keys: [String] = []
    while let last = try await desk.delivered(after: position, upTo: end, limit: 3).last {
      keys += try await desk.delivered(after: position, upTo: end, limit: 3).map(\.key)
      position = last.position
      // What comes meanwhile is for the next time.
      try await desk.deliver(10 + keys.count...10 + keys.count)
    }
    #expect(keys == (1...7).map { "\($0)" })
    #expect(try await desk.delivered(after: end).map(\.key) == ["13", "16", "17"])
  },
  Rule("only what is done is given: neither what is pending, queued, failed, filtered nor uncertain") { desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.deliver(1...1)
    try await desk.bring([
      desk.record("failed"), desk.record("uncertain"), desk.record("queued"), desk.record("filtered", "{}", .filtered),
    ])
    try await desk.queue()
    let writes = try await desk.claim(.target, limit: 2)
    try await desk.settle(writes[0], [.failed(desk.failure())])
    try await desk.settle(writes[1], [.uncertain(desk.failure("uncertain"))])
    try await desk.bring([desk.record("pending")])
    #expect(try await desk.delivered().map(\.key) == ["1"])
  },
  Rule("a record that is delivered anew is given anew, once; one with a follow-up call only when that is done") {
    desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.deliver(1...2)
    let end = try #require(try await desk.store.latestDelivery(of: desk.hub))
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    #expect(try await desk.delivered().map(\.key) == ["2"])
    try await desk.queue()
    let write = try await desk.claimOne(.target)
    let step = try await desk.follow(write, [.delivered(id: "T9")], [desk.write(write.items)], claim: true)[0]
    #expect(try await desk.delivered(after: end).isEmpty)
    var settlement = desk.settlement(step, [.done(id: nil)])
    settlement.steps = [DoneStep(item: step.items[0], name: "submit", id: "S1")]
    _ = try await desk.store.settleWrite(step.lease, settlement)
    let found = try await desk.delivered(after: end)
    #expect(found.map(\.key) == ["1"] && found.first?.delivered == Delivered(revision: 2, id: "T9"))
    #expect(found.first?.steps.map(\.name) == ["submit"] && found.first?.steps.first?.id == "S1")
    #expect(try await desk.delivered().map(\.key) == ["2", "1"])
  },
  Rule("a record that a person says arrived is given behind all that were delivered meanwhile") { desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    let write = try await desk.doubt(["doubt"])
    try await desk.deliver(1...2)
    let end = try #require(try await desk.store.latestDelivery(of: desk.hub))
    #expect(try await desk.delivered().map(\.key) == ["1", "2"])
    #expect(try await desk.change(tasks: [write.lease.task], .arrived(id: "T9")).changed == 1)
    let found = try await desk.delivered(after: end)
    #expect(found.map(\.key) == ["doubt"] && found.first?.delivered.id == "T9")
  },
  Rule("a change that is kept and not sent is given as well") { desk in
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.deliver(1...1)
    let end = try #require(try await desk.store.latestDelivery(of: desk.hub))
    var change = desk.record("1", "{\"a\":1}")
    change.ignoresChange = true
    try await desk.bring([change])
    #expect(try await desk.state("1") == "done")
    let found = try await desk.delivered(after: end)
    #expect(found.map(\.content) == [Array("{\"a\":1}".utf8)] && found.first?.delivered.revision == 1)
  },
  Rule("what was delivered before anybody asked is given") { desk in
    try await desk.deliver(1...3)
    try await desk.store.keepDeliveries(of: desk.hub)
    try await desk.store.keepDeliveries(of: desk.hub)
    #expect(try await desk.delivered().map(\.key) == ["1", "2", "3"])
  },
  Rule("how far was read moves with the page that is kept, never back, and is one for each pair of hubs") { desk in
    #expect(try await desk.store.cursor(hub: desk.hub, upstream: "items") == nil)
    func read(to position: Int64, of upstream: String = "items") async throws {
      _ = try #require(try await desk.openPull(["page"]))
      let task = try await desk.claimOne(.source)
      var page = SettledPage(records: [desk.record("\(position)")], next: nil, claim: nil, now: desk.at(0))
      page.cursor = UpstreamCursor(upstream: upstream, position: position)
      _ = try await desk.store.settlePage(task.lease, page)
    }
    try await read(to: 7)
    #expect(try await desk.store.cursor(hub: desk.hub, upstream: "items") == 7)
    try await read(to: 3)
    #expect(try await desk.store.cursor(hub: desk.hub, upstream: "items") == 7)
    try await read(to: 2, of: "others")
    #expect(try await desk.store.cursor(hub: desk.hub, upstream: "others") == 2)
    #expect(try await desk.store.cursor(hub: "others", upstream: desk.hub) == nil)
    // A page whose worker has lost its lease moves nothing.
    _ = try #require(try await desk.openPull(["page"]))
    let task = try await desk.claimOne(.source)
    try await desk.store.setBack(
      task.lease, .retry(at: desk.at(0), countsAsAttempt: false), desk.failure("notSent"), now: desk.at(0))
    var late = SettledPage(records: [], next: nil, claim: nil, now: desk.at(0))
    late.cursor = UpstreamCursor(upstream: "items", position: 99)
    await desk.expectLeaseLost { _ = try await desk.store.settlePage(task.lease, late) }
    #expect(try await desk.store.cursor(hub: desk.hub, upstream: "items") == 7)
  },
  Rule("a hub that is not known has delivered nothing") { desk in
    let position = try await desk.store.latestDelivery(of: "nobody")
    let found = try await desk.store.deliveredRecords(of: "nobody", after: 0, upTo: 9, limit: 9)
    #expect(position == nil && found.isEmpty)
  },
]

extension Desk {
  /// Brings records of these numbers, and has them delivered.
  fileprivate func deliver(_ numbers: ClosedRange<Int>) async throws {
    try await bring(numbers.map { record("\($0)") })
    try await queue()
    for number in numbers { try await settle(claimOne(.target), [.done(id: "T\(number)")]) }
  }

  fileprivate func delivered(
    after position: Int64 = -(1 << 62), upTo end: Int64 = .max, limit: Int = 100
  ) async throws -> [DeliveredRecord] {
    try await store.deliveredRecords(of: hub, after: position, upTo: end, limit: limit)
  }
}
