import Keeping
import Plans
import SQLiteKit
import Values

/// Records that wait for what the store itself keeps, and are woken in the transaction that brings it.
extension Transaction {
  /// Notes what a record waits for; false, and nothing noted, where that is there already.
  func note(_ awaits: [Awaited], of record: Int64, _ hub: HubTables) throws -> Bool {
    for awaited in awaits where try isThere(awaited) { return false }
    for awaited in awaits {
      switch awaited {
      case .record(let question):
        guard let lookup = try lookupID(question.lookup) else { continue }
        let insert = try connection.prepare(
          "INSERT INTO lookup_waits (lookup, key, hub, record) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")
        insert.bind(1, lookup)
        insert.bind(2, question.key)
        insert.bind(3, hub.id)
        insert.bind(4, record)
        try insert.run()
      case .delivery(let name, let key):
        guard let other = try hubID(name), let delivery = try delivery(of: key, hubs[other]) else { continue }
        let insert = try connection.prepare(
          """
          INSERT INTO delivery_waits (awaited_hub, awaited_record, hub, record) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT DO NOTHING
          """)
        insert.bind(1, other)
        insert.bind(2, delivery.record)
        insert.bind(3, hub.id)
        insert.bind(4, record)
        try insert.run()
      }
    }
    return true
  }

  /// Wakes the records that wait for a record of a key, which has just come.
  func wake(awaiting lookup: Int64, _ key: [UInt8]) throws {
    let list = try connection.prepare("SELECT hub, record FROM lookup_waits WHERE lookup = ?1 AND key = ?2")
    list.bind(1, lookup)
    list.bind(2, key)
    guard try wake(list) else { return }
    let forget = try connection.prepare("DELETE FROM lookup_waits WHERE lookup = ?1 AND key = ?2")
    forget.bind(1, lookup)
    forget.bind(2, key)
    try forget.run()
  }

  /// Wakes the records that wait for the delivery of a record, which has just been settled.
  func wake(awaitingDeliveryOf record: Int64, _ hub: Int64) throws {
    let list = try connection.prepare(
      "SELECT hub, record FROM delivery_waits WHERE awaited_hub = ?1 AND awaited_record = ?2")
    list.bind(1, hub)
    list.bind(2, record)
    guard try wake(list) else { return }
    let forget = try connection.prepare("DELETE FROM delivery_waits WHERE awaited_hub = ?1 AND awaited_record = ?2")
    forget.bind(1, hub)
    forget.bind(2, record)
    try forget.run()
  }

  /// Forgets what the records of a hub wait for: all of them are tried anew.
  func forgetWaits(of hub: Int64) throws {
    for table in ["lookup_waits", "delivery_waits"] {
      let forget = try connection.prepare("DELETE FROM \(table) WHERE hub = ?1")
      forget.bind(1, hub)
      try forget.run()
    }
  }

  /// Forgets what a record that is removed waits for; those that wait for its delivery are tried anew.
  func forget(_ record: Int64, _ hub: HubTables) throws {
    try wake(awaitingDeliveryOf: record, hub.id)
    for table in ["lookup_waits", "delivery_waits"] {
      let forget = try connection.prepare("DELETE FROM \(table) WHERE hub = ?1 AND record = ?2")
      forget.bind(1, hub.id)
      forget.bind(2, record)
      try forget.run()
    }
  }

  /// Wakes the records of some rows of `hub, record`; false where there is no row.
  private func wake(_ list: Statement) throws -> Bool {
    // Read to the end before anything is changed.
    var woken: [(hub: Int64, record: Int64)] = []
    while try list.step() { woken.append((list.int64(0), list.int64(1))) }
    for (hub, record) in woken {
      let wake = try connection.prepare(hubs[hub].wakeRecord)
      wake.bind(1, record)
      wake.bind(2, now)
      try wake.run()
      if connection.changes > 0 { tally(of: hub).countRecord(from: .waiting, to: .pending) }
    }
    return !woken.isEmpty
  }

  private func isThere(_ awaited: Awaited) throws -> Bool {
    switch awaited {
    case .record(let question):
      guard let lookup = try lookupID(question.lookup), let hub = try hubID(question.lookup.hub) else { return false }
      // As find() answers, and no other way: a record must not be tried again and again in vain.
      if case .none = try LookupReader(connection).answer(question, lookup: lookup, hubs[hub]) { return false }
      return true
    case .delivery(let name, let key):
      guard let hub = try hubID(name) else { return false }
      return try delivery(of: key, hubs[hub])?.isDelivered ?? false
    }
  }

  private func delivery(of key: String, _ hub: HubTables) throws -> (record: Int64, isDelivered: Bool)? {
    let find = try connection.prepare(hub.findDelivery)
    find.bind(1, key)
    defer { find.reset() }
    return try find.step() ? (find.int64(0), !find.isNull(1)) : nil
  }

  private func lookupID(_ lookup: LookupPlan) throws -> Int64? {
    guard let hub = try hubID(lookup.hub) else { return nil }
    let find = try connection.prepare(
      "SELECT id FROM lookups WHERE hub = ?1 AND fields = ?2 AND is_retired = 0 AND next_record IS NULL")
    find.bind(1, hub)
    find.bind(2, LookupFields.write(lookup.fields))
    defer { find.reset() }
    return try find.step() ? find.int64(0) : nil
  }

  private func hubID(_ name: String) throws -> Int64? {
    if let known = hubs[name] { return known.id }
    let find = try connection.prepare("SELECT id FROM hubs WHERE name = ?1")
    find.bind(1, name)
    defer { find.reset() }
    return try find.step() ? find.int64(0) : nil
  }
}
