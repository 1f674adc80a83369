import Keeping
import Testing
import Values

/// What workers share of a connector.
let gateRules: [Rule] = [
  Rule("no span of a limit's length holds more calls than the limit has, whoever books them and when") { desk in
    let limits = [CallLimit(requests: 3, milliseconds: 1_000), CallLimit(requests: 10, milliseconds: 10_000)]
    var random = SplitMix(state: 7)
    var calls: [Int64] = []
    var now = desk.at(0).milliseconds
    for _ in 0..<200 {
      now += Int64(random.next() % 700)
      let booked = try await desk.store.bookCall(
        connector: "shop", limits: limits, now: Timestamp(milliseconds: now), deadline: desk.at(1_000_000))
      #expect(booked.milliseconds >= now)
      calls.append(booked.milliseconds)
    }
    for limit in limits {
      for place in calls.indices.dropFirst(limit.requests) {
        #expect(calls[place] - calls[place - limit.requests] >= limit.milliseconds)
      }
    }
    #expect(calls == calls.sorted())
  },
  Rule("calls are made at once as long as the limit is not reached") { desk in
    for _ in 0..<3 {
      let booked = try await desk.book(3, perSeconds: 10)
      #expect(booked == desk.at(0))
    }
    #expect(try await desk.book(3, perSeconds: 10) == desk.at(10))
  },
  Rule("a call beyond the deadline is not booked, and takes no other's place") { desk in
    for _ in 0..<3 { _ = try await desk.book(3, perSeconds: 10) }
    for _ in 0..<5 { #expect(try await desk.book(3, perSeconds: 10, within: 5) == desk.at(10)) }
    #expect(try await desk.book(3, perSeconds: 10, within: 20) == desk.at(10))
  },
  Rule("connectors have limits of their own") { desk in
    _ = try await desk.book(1, perSeconds: 10)
    let other = try await desk.store.bookCall(
      connector: "erp", limits: [CallLimit(requests: 1, milliseconds: 10_000)], now: desk.at(0), deadline: desk.at(0))
    #expect(other == desk.at(0))
  },
  Rule("no call is booked before the moment a system asked to be left alone until") { desk in
    try await desk.store.closeGate(connector: "shop", until: desk.at(30), now: desk.at(0))
    try await desk.store.closeGate(connector: "shop", until: desk.at(20), now: desk.at(0))
    #expect(try await desk.book(5, perSeconds: 1, within: 60) == desk.at(30))
    #expect(try await desk.store.gate(connector: "shop").closedUntil == desk.at(30))
  },
  Rule("only one of those who read the same state changes it") { desk in
    let closed = try await desk.store.gate(connector: "shop")
    #expect(closed == GateState())
    let open = GateState(pauses: 1, openUntil: desk.at(10))
    #expect(try await desk.store.changeGate(connector: "shop", from: closed, to: open))
    #expect(try await !desk.store.changeGate(connector: "shop", from: closed, to: open))
    #expect(try await desk.store.gate(connector: "shop") == open)
    #expect(try await desk.store.changeGate(connector: "shop", from: open, to: GateState()))
    #expect(try await desk.store.gate(connector: "shop") == GateState())
  },
]

extension Desk {
  fileprivate func book(_ requests: Int, perSeconds seconds: Int64, within: Int64 = 60) async throws -> Timestamp {
    try await store.bookCall(
      connector: "shop", limits: [CallLimit(requests: requests, milliseconds: seconds * 1_000)], now: at(0),
      deadline: at(within))
  }
}
