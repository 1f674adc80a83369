public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Books one call of a connector; see ``Keeping/GateStore``.
  ///
  /// The moments of the last calls stand in a ring for each limit, as long as the limit has calls: the call before all of
  /// them has to lie a whole span back. All rings of a connector are one document, which changes only where nobody has
  /// booked since it was read.
  public func bookCall(
    connector: String, limits: [CallLimit], now: Timestamp, deadline: Timestamp
  ) async throws -> Timestamp {
    try await perform { tenant in
      try tenant.addGate(connector)
      while true {
        let (calls, moment) = try tenant.nextCall(of: connector, limits, now)
        guard moment <= deadline else { return moment }
        var fields: [(String, Value)] = [("calls", .int(calls + 1))]
        for limit in limits { fields.append((limit.slot(of: calls), .timestamp(moment))) }
        let isBooked = try tenant.gates.updateOne(
          ["_id": .string(connector), "calls": .int(calls)], ["$set": .map(ValueMap(fields))])
        if isBooked { return moment }
      }
    }
  }

  /// Keeps that a system told to be left alone until a moment.
  public func closeGate(connector: String, until: Timestamp, now: Timestamp) async throws {
    try await perform { tenant in
      try tenant.addGate(connector)
      _ = try tenant.gates.updateOne(["_id": .string(connector)], ["$max": ["closedUntil": .timestamp(until)]])
    }
  }

  /// What is known of a connector's system; nothing where nothing is kept.
  public func gate(connector: String) async throws -> GateState {
    try await perform { tenant in
      let fields: Value = ["pauses": 1, "openUntil": 1, "closedUntil": 1]
      guard let row = try tenant.gates.findOne(["_id": .string(connector)], fields: fields) else { return GateState() }
      return GateState(
        pauses: row.int("pauses") ?? 0, openUntil: row.time("openUntil"), closedUntil: row.time("closedUntil"))
    }
  }

  /// Keeps until when a connector's system is left alone, where that is still as it was read.
  public func changeGate(connector: String, from old: GateState, to new: GateState) async throws -> Bool {
    try await perform { tenant in
      try tenant.addGate(connector)
      return try tenant.gates.updateOne(
        [
          "_id": .string(connector), "pauses": .int(Int64(old.pauses)),
          "openUntil": old.openUntil.map(Value.timestamp) ?? .null,
        ],
        ["$set": ["pauses": .int(Int64(new.pauses)), "openUntil": new.openUntil.map(Value.timestamp) ?? .null]])
    }
  }
}

extension Tenant {
  /// Makes a connector's document where there is none.
  fileprivate func addGate(_ connector: String) throws {
    if try gates.findOne(["_id": .string(connector)], fields: ["_id": 1]) != nil { return }
    try Schema.once {
      try gates.updateOne(
        ["_id": .string(connector)], ["$setOnInsert": ["calls": 0, "pauses": 0, "openUntil": nil]], upsert: true)
    }
  }

  /// How many calls were booked, and when the next may be made.
  fileprivate func nextCall(of connector: String, _ limits: [CallLimit], _ now: Timestamp) throws -> (Int64, Timestamp)
  {
    guard let calls = try gates.findOne(["_id": .string(connector)], fields: ["calls": 1])?.int64("calls") else {
      throw StoreError.damaged("there are no calls of \"\(connector)\"")
    }
    // Only the slots that matter: a ring may be long.
    var fields: [(String, Value)] = [("calls", 1), ("closedUntil", 1)]
    for limit in limits { fields.append((limit.slot(of: calls), 1)) }
    guard let row = try gates.findOne(["_id": .string(connector)], fields: .map(ValueMap(fields))) else {
      throw StoreError.damaged("there are no calls of \"\(connector)\"")
    }
    // Where another booked between the two, the change will not find what it expects, and all is read anew.
    var moment = max(now, row.time("closedUntil") ?? now)
    let rings = try row.document("rings")
    for limit in limits {
      guard let ring = try rings?.document(limit.ring), let last = ring.time(limit.place(of: calls)) else { continue }
      moment = max(moment, last + TimeSpan(milliseconds: limit.milliseconds))
    }
    return (calls, moment)
  }
}

extension CallLimit {
  /// What the limit's ring is called; made of numbers alone.
  fileprivate var ring: String { "\(requests)in\(milliseconds)" }
  /// Where in the ring a call stands.
  fileprivate func place(of call: Int64) -> String { String(call % Int64(requests)) }
  /// The field of a call in the connector's document.
  fileprivate func slot(of call: Int64) -> String { "rings.\(ring).\(place(of: call))" }
}
