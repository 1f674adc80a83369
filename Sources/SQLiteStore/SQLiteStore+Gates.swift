public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// Books one call of a connector; see ``Keeping/GateStore``.
  ///
  /// The moments of the last calls stand in a ring for each limit, as long as the limit has calls: the call before all of
  /// them has to lie a whole span back.
  public func bookCall(
    connector: String, limits: [CallLimit], now: Timestamp, deadline: Timestamp
  ) async throws -> Timestamp {
    try await write(now: now) { try $0.bookCall(connector, limits, deadline: deadline.milliseconds) }
  }

  /// Keeps that a system told to be left alone until a moment.
  public func closeGate(connector: String, until: Timestamp, now: Timestamp) async throws {
    try await write(now: now) { transaction in
      let close = try transaction.connection.prepare(
        """
        INSERT INTO gates (connector, closed_until) VALUES (?1, ?2)
        ON CONFLICT (connector) DO UPDATE SET closed_until = max(closed_until, excluded.closed_until)
        """)
      close.bind(1, connector)
      close.bind(2, until.milliseconds)
      try close.run()
    }
  }

  /// What is known of a connector's system; nothing where nothing is kept.
  public func gate(connector: String) async throws -> GateState {
    try await read { try GateState.find(connector, $0) }
  }

  /// Keeps until when a connector's system is left alone, where that is still as it was read.
  public func changeGate(connector: String, from old: GateState, to new: GateState) async throws -> Bool {
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let found = try GateState.find(connector, transaction.connection)
      guard found.pauses == old.pauses, found.openUntil == old.openUntil else { return false }
      let change = try transaction.connection.prepare(
        """
        INSERT INTO gates (connector, pauses, open_until) VALUES (?1, ?2, ?3)
        ON CONFLICT (connector) DO UPDATE SET pauses = excluded.pauses, open_until = excluded.open_until
        """)
      change.bind(1, connector)
      change.bind(2, new.pauses)
      if let until = new.openUntil { change.bind(3, until.milliseconds) } else { change.bindNull(3) }
      try change.run()
      return true
    }
  }
}

extension GateState {
  fileprivate static func find(_ connector: String, _ connection: Connection) throws -> GateState {
    let find = try connection.prepare("SELECT pauses, open_until, closed_until FROM gates WHERE connector = ?1")
    find.bind(1, connector)
    defer { find.reset() }
    guard try find.step() else { return GateState() }
    let closed = find.int64(2)
    return GateState(
      pauses: find.int(0), openUntil: find.optionalInt64(1).map(Timestamp.init(milliseconds:)),
      closedUntil: closed == 0 ? nil : Timestamp(milliseconds: closed))
  }
}

extension Transaction {
  fileprivate func bookCall(_ connector: String, _ limits: [CallLimit], deadline: Int64) throws -> Timestamp {
    let find = try connection.prepare("SELECT calls, closed_until FROM gates WHERE connector = ?1")
    find.bind(1, connector)
    let isKnown = try find.step()
    let calls = isKnown ? find.int64(0) : 0
    var moment = max(now, isKnown ? find.int64(1) : 0)
    find.reset()
    for limit in limits {
      let first = try connection.prepare(
        "SELECT called_at FROM gate_calls WHERE connector = ?1 AND span = ?2 AND size = ?3 AND slot = ?4")
      first.bind(1, connector)
      first.bind(2, limit.milliseconds)
      first.bind(3, limit.requests)
      first.bind(4, calls % Int64(limit.requests))
      if try first.step() { moment = max(moment, first.int64(0) + limit.milliseconds) }
      first.reset()
    }
    guard moment <= deadline else { return Timestamp(milliseconds: moment) }
    for limit in limits {
      let keep = try connection.prepare(
        """
        INSERT INTO gate_calls (connector, span, size, slot, called_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (connector, span, size, slot) DO UPDATE SET called_at = excluded.called_at
        """)
      keep.bind(1, connector)
      keep.bind(2, limit.milliseconds)
      keep.bind(3, limit.requests)
      keep.bind(4, calls % Int64(limit.requests))
      keep.bind(5, moment)
      try keep.run()
    }
    let count = try connection.prepare(
      "INSERT INTO gates (connector, calls) VALUES (?1, 1) ON CONFLICT (connector) DO UPDATE SET calls = calls + 1")
    count.bind(1, connector)
    try count.run()
    return Timestamp(milliseconds: moment)
  }
}
