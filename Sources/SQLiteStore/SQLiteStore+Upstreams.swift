public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// Makes the store ready to give a hub's delivered records in order; does nothing where it is.
  ///
  /// Only hubs that feed others have an index for that: it is one more to be written with every delivery.
  public func keepDeliveries(of hub: String) async throws {
    let hub = try await tables(of: hub)
    let isReady = try await read { connection in
      let find = try connection.prepare("SELECT keeps_deliveries FROM hubs WHERE id = ?1")
      find.bind(1, hub.id)
      return try find.step() && find.bool(0)
    }
    if isReady { return }
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let connection = transaction.connection
      // What was done by a program that gave no positions stands before all others, in some order.
      try connection.execute(hub.placeDelivered)
      try connection.execute(hub.indexDelivered)
      let note = try connection.prepare("UPDATE hubs SET keeps_deliveries = 1 WHERE id = ?1")
      note.bind(1, hub.id)
      try note.run()
    }
  }

  /// The greatest position of a hub's delivered records; nil where it has delivered none.
  public func latestDelivery(of hub: String) async throws -> Int64? {
    guard let hub = try await tables(ifAnyOf: hub) else { return nil }
    return try await read { connection in
      let find = try connection.prepare(hub.latestDelivered)
      defer { find.reset() }
      return try find.step() ? find.optionalInt64(0) : nil
    }
  }

  /// The delivered records of a hub behind a position and up to another one, in order.
  public func deliveredRecords(
    of hub: String, after position: Int64, upTo end: Int64, limit: Int
  ) async throws -> [DeliveredRecord] {
    guard let hub = try await tables(ifAnyOf: hub) else { return [] }
    return try await read { connection in
      let list = try connection.prepare(hub.delivered)
      list.bind(1, position)
      list.bind(2, end)
      list.bind(3, min(max(limit, 0), SQLiteStore.longestList))
      let steps = try connection.prepare(hub.presentSteps)
      steps.bind(2, hub.id)
      var records: [DeliveredRecord] = []
      while try list.step() {
        let id = list.int64(0)
        var record = DeliveredRecord(
          position: list.int64(1), key: list.text(2), number: list.optionalText(3), content: list.bytes(6),
          delivered: Delivered(revision: list.int64(4), id: list.optionalText(5)))
        steps.bind(1, id)
        while try steps.step() {
          let item = WriteItem(record: id, revision: steps.int64(1))
          record.steps.append(DoneStep(item: item, name: steps.text(0), id: steps.optionalText(2)))
        }
        steps.reset()
        records.append(record)
      }
      return records
    }
  }

  /// Up to which position a hub has read another one's delivered records; nil where it has read none.
  public func cursor(hub: String, upstream: String) async throws -> Int64? {
    guard let hub = try await tables(ifAnyOf: hub), let upstream = try await tables(ifAnyOf: upstream) else {
      return nil
    }
    return try await read { connection in
      let find = try connection.prepare("SELECT position FROM cursors WHERE hub = ?1 AND upstream = ?2")
      find.bind(1, hub.id)
      find.bind(2, upstream.id)
      return try find.step() ? find.int64(0) : nil
    }
  }
}

extension Transaction {
  /// Moves a hub's place among another one's delivered records.
  func move(_ hub: Int64, to position: Int64, of upstream: HubTables) throws {
    let move = try connection.prepare(
      """
      INSERT INTO cursors (hub, upstream, position) VALUES (?1, ?2, ?3)
      ON CONFLICT (hub, upstream) DO UPDATE SET position = max(position, excluded.position)
      """)
    move.bind(1, hub)
    move.bind(2, upstream.id)
    move.bind(3, position)
    try move.run()
  }
}

extension HubTables {
  fileprivate var delivered: String {
    """
    SELECT r.id, r.position, r.key, r.number, r.delivered_revision, r.target_id, c.content
    FROM records_\(id) AS r CROSS JOIN content_\(id) AS c ON c.id = r.id
    WHERE r.state = 2 AND r.position > ?1 AND r.position <= ?2 ORDER BY r.position LIMIT ?3
    """
  }

  fileprivate var latestDelivered: String { "SELECT max(position) FROM records_\(id) WHERE state = 2" }

  fileprivate var placeDelivered: String {
    "UPDATE records_\(id) SET position = -id WHERE state = 2 AND position = 0"
  }

  var indexDelivered: String {
    "CREATE INDEX IF NOT EXISTS records_\(id)_delivered ON records_\(id) (position) WHERE state = 2"
  }
}
