public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// Makes the store ready to give a hub's delivered records in order, and gives those a place that have none.
  ///
  /// A hub that feeds others has a sequence of its own for that, which is taken from within transactions: they are carried out
  /// one after the other, so that no record comes to be seen before one that has been given. A write that was being settled
  /// while the sequence was made knows nothing of it; so what has no place is looked for with each call.
  public func keepDeliveries(of hub: String) async throws {
    try await ensureHub(hub)
    let sequence = Tenant.deliveries(of: hub)
    try await perform { tenant in
      if try tenant.sequences.findOne(["_id": .string(sequence)]) != nil { return }
      try tenant.hubs.updateOne(["_id": .string(hub)], ["$set": ["keepsDeliveries": true]])
      try Schema.make([Schema.delivered], in: tenant.records(hub))
      try Schema.once {
        try tenant.sequences.updateOne(["_id": .string(sequence)], ["$setOnInsert": ["last": 0]], upsert: true)
      }
    }
    while try await placeDelivered(of: hub) == MongoStore.mostPlaced {
      // As much as a transaction should hold; a hub that had delivered much takes several.
    }
  }

  private static let mostPlaced = 1000

  /// Gives delivered records without a place one behind all others; gives how many.
  private func placeDelivered(of hub: String) async throws -> Int {
    let filter: Value = ["state": RecordState.done.value, "delivery": nil]
    let isNeeded = try await perform { tenant in
      try tenant.records(hub).findOne(filter, fields: ["_id": 1]) != nil
    }
    if !isNeeded { return 0 }
    return try await transact(
      { tenant in
        let rows = try tenant.records(hub).find(
          filter, fields: ["_id": 1], sort: ["_id": 1], limit: MongoStore.mostPlaced)
        guard let first = try tenant.takeDeliveries(rows.count, hub) else { return 0 }
        let changes = rows.enumerated().compactMap { offset, row in
          row.int64("_id").map { id in
            MongoChange(
              ["_id": .int(id), "state": RecordState.done.value],
              ["$set": ["delivery": .int(first + Int64(offset))]])
          }
        }
        try tenant.records(hub).update(changes)
        return rows.count
      },
      // What has a place is not looked for again, and what has none gets one the next time.
      wasKept: { _ in true })
  }

  /// The greatest position of a hub's delivered records; nil where it has delivered none.
  public func latestDelivery(of hub: String) async throws -> Int64? {
    try await perform { tenant in
      try tenant.records(hub).findOne(
        ["state": RecordState.done.value, "delivery": ["$gt": .int(-(1 << 62))]], fields: ["delivery": 1],
        sort: ["delivery": -1])?
        .int64("delivery")
    }
  }

  /// The delivered records of a hub behind a position and up to another one, in order.
  public func deliveredRecords(
    of hub: String, after position: Int64, upTo end: Int64, limit: Int
  ) async throws -> [DeliveredRecord] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      // Below the next place: SecantusDB leaves the end of a range out that is the beginning of an index's key.
      let range: Value = ["$gt": .int(position), "$lt": .int(end == .max ? end : end + 1)]
      let rows = try tenant.records(hub).find(
        ["state": RecordState.done.value, "delivery": range],
        fields: ["digest": 0, "error": 0], sort: ["delivery": 1], limit: limit)
      return try rows.map { row in
        guard let id = row.int64("_id"), let place = row.int64("delivery"), let key = row.text("key"),
          let revision = row.int64("deliveredRevision")
        else { throw StoreError.damaged("a delivered record without number, place, key or revision") }
        let present = row.int64("revision")
        return DeliveredRecord(
          position: place, key: key, number: row.text("number"), content: try tenant.content(of: row, hub, id),
          delivered: Delivered(revision: revision, id: row.text("targetID")),
          steps: try KeptStep.list(of: row).map(\.step).filter { $0.item.revision == present })
      }
    }
  }

  /// Up to which position a hub has read another one's delivered records; nil where it has read none.
  public func cursor(hub: String, upstream: String) async throws -> Int64? {
    try await perform { tenant in
      try tenant.cursors.findOne(["_id": ["hub": .string(hub), "upstream": .string(upstream)]])?.int64("position")
    }
  }
}

extension Tenant {
  /// The sequence of a hub's deliveries.
  static func deliveries(of hub: String) -> String { "deliveries/\(hub)" }

  /// Places behind all delivered records of a hub, the first of them; nil where the hub feeds none.
  ///
  /// Part of the transaction: another one that takes some waits for this one, or is carried out anew.
  func takeDeliveries(_ count: Int, _ hub: String) throws -> Int64? {
    if count == 0 { return nil }
    let row = try sequences.findAndUpdate(
      ["_id": .string(Tenant.deliveries(of: hub))], ["$inc": ["last": .int(Int64(count))]])
    return row?.int64("last").map { $0 - Int64(count) + 1 }
  }

  /// Moves a hub's place among another one's delivered records, never back.
  func move(_ cursor: UpstreamCursor, of hub: String) throws {
    try cursors.updateOne(
      ["_id": ["hub": .string(hub), "upstream": .string(cursor.upstream)]],
      ["$max": ["position": .int(cursor.position)]], upsert: true)
  }
}

extension Schema {
  /// The index of the delivered records of a hub that feeds others; those without a place stand before all others, in the
  /// order of their numbers.
  static let delivered = Index("delivered", ["state": 1, "delivery": 1, "_id": 1])
}
