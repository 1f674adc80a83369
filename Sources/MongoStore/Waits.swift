import Keeping
import MongoKit
import Plans
import Values

/// Records that wait for what the store itself keeps, and are woken in the transaction that brings it.
///
/// Whoever notes that a record waits touches what it waits for: the awaited record, or the hub one may come to. So of two
/// transactions, one that notes and one that brings, the second sees the first.
extension Tenant {
  var lookupWaits: MongoCollection { connection.collection("datahub.lookupWaits", of: database) }
  var deliveryWaits: MongoCollection { connection.collection("datahub.deliveryWaits", of: database) }

  /// Notes what a record waits for; false, and nothing noted, where that is there already.
  func note(_ awaits: [Awaited], of record: Int64, _ hub: String) throws -> Bool {
    var parser = JSONParser()
    var lookups: [LookupQuestion: Int64] = [:]
    var deliveries: [Awaited: Int64] = [:]
    for awaited in awaits {
      switch awaited {
      case .record(let question):
        guard let lookup = try readyLookup(question.lookup) else { continue }
        // As find() answers, and no other way: a record must not be tried again and again in vain.
        guard case .none = try answer(question, lookup: lookup, &parser) else { return false }
        lookups[question] = lookup
      case .delivery(let name, let key):
        let fields: Value = ["deliveredRevision": 1]
        guard let row = try records(name).findOne(["key": .string(key)], fields: fields), let id = row.int64("_id")
        else { continue }
        if row.has("deliveredRevision") { return false }
        deliveries[awaited] = id
      }
    }
    for (question, lookup) in lookups {
      try touch(question.lookup.hub)
      let key = question.key.map { String($0, radix: 16) }.joined(separator: " ")
      try lookupWaits.updateOne(
        ["_id": .string("\(lookup)/\(key)/\(record)/\(hub)")],
        [
          "$set": [
            "lookup": .int(lookup), "key": .bytes(question.key), "hub": .string(hub), "record": .int(record),
          ]
        ], upsert: true)
    }
    for (awaited, other) in deliveries {
      guard case .delivery(let name, _) = awaited else { continue }
      try records(name).updateOne(["_id": .int(other)], ["$inc": ["awaited": 1]])
      try deliveryWaits.updateOne(
        ["_id": .string("\(StoreNames.records(of: name))/\(other)/\(record)/\(hub)")],
        [
          "$set": [
            "awaitedHub": .string(name), "awaitedRecord": .int(other), "hub": .string(hub), "record": .int(record),
          ]
        ], upsert: true)
    }
    return true
  }

  /// Wakes the records that wait for what has just come.
  func wake(awaiting entries: Set<LookupEntry>, _ now: Timestamp) throws {
    for (lookup, entries) in Dictionary(grouping: entries, by: \.lookup) {
      let filter: Value = ["lookup": .int(lookup), "key": ["$in": .list(entries.map { .bytes($0.key) })]]
      if try wake(lookupWaits.find(filter), now) { try lookupWaits.delete(filter) }
    }
  }

  /// Wakes the records that wait for the delivery of records, which have just been settled.
  func wake(awaitingDeliveryOf numbers: [Int64], _ hub: String, _ now: Timestamp) throws {
    if numbers.isEmpty { return }
    let filter: Value = ["awaitedHub": .string(hub), "awaitedRecord": ["$in": .list(numbers.map(Value.int))]]
    if try wake(deliveryWaits.find(filter), now) { try deliveryWaits.delete(filter) }
  }

  /// Forgets what the records of a hub wait for: all of them are tried anew.
  func forgetWaits(of hub: String) throws {
    for waits in [lookupWaits, deliveryWaits] { try waits.delete(["hub": .string(hub)]) }
  }

  /// Forgets what records that are removed wait for; those that wait for their delivery are tried anew.
  func forget(_ numbers: [Int64], _ hub: String, _ now: Timestamp) throws {
    if numbers.isEmpty { return }
    try wake(awaitingDeliveryOf: numbers, hub, now)
    try forgetWaits(ofRecords: numbers, hub)
  }

  /// Forgets what records wait for: they are no longer woken by that.
  func forgetWaits(ofRecords numbers: [Int64], _ hub: String) throws {
    if numbers.isEmpty { return }
    let filter: Value = ["hub": .string(hub), "record": ["$in": .list(numbers.map(Value.int))]]
    for waits in [lookupWaits, deliveryWaits] { try waits.delete(filter) }
  }

  /// Makes the records of all hubs that wait for one of these pending again; gives how many there were.
  func wake(waitingFor supplied: [String], _ now: Timestamp) throws -> Int {
    if supplied.isEmpty { return 0 }
    var count = 0
    for hub in try hubNames() {
      let woken = try wake(["waitsFor": ["$in": .list(supplied.map(Value.string))]], of: hub, now)
      if woken > 0 { after.woken.insert(hub) }
      count += woken
    }
    return count
  }

  /// Makes those of a hub's waiting records that fit a filter pending again, in their old places; gives how many there were.
  func wake(_ filter: Value, of hub: String, _ now: Timestamp) throws -> Int {
    var conditions = Conditions()
    conditions.add(["state": RecordState.waiting.value])
    conditions.add(filter)
    return try records(hub).updateMany(
      conditions.filter,
      [
        "$set": ["state": RecordState.pending.value, "updatedAt": .timestamp(now)],
        "$unset": ["error": "", "waitsFor": ""],
      ])
  }

  /// Wakes the records of some rows of `hub, record`; false where there is no row.
  private func wake(_ rows: [BSONDocument], _ now: Timestamp) throws -> Bool {
    for (hub, rows) in Dictionary(grouping: rows, by: { $0.text("hub") ?? "" }) {
      let numbers = rows.map { Value.int($0.int64("record") ?? 0) }
      _ = try wake(["_id": ["$in": .list(numbers)]], of: hub, now)
      after.woken.insert(hub)
    }
    return !rows.isEmpty
  }
}
