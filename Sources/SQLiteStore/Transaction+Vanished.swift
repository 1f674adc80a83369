import Keeping
import SQLiteKit
import Values

extension Transaction {
  /// More than so many at once, and more than half of what was delivered, is no clearing up but a source that has lost its
  /// records: a person decides.
  private static let mostVanishedUnasked = 10

  /// Notes that a pull brought a record.
  func noteSeen(_ record: Int64, _ task: HeldTask) throws {
    try noteSeen(record, task.hub, in: task.pull ?? 0)
  }

  private func noteSeen(_ record: Int64, _ hub: Int64, in pull: Int64) throws {
    let note = try connection.prepare(
      """
      INSERT INTO seen (hub, record, pull) VALUES (?1, ?2, ?3)
      ON CONFLICT (hub, record) DO UPDATE SET pull = excluded.pull
      """)
    note.bind(1, hub)
    note.bind(2, record)
    note.bind(3, pull)
    try note.run()
  }

  /// Makes delivered records pending that a pull, which is whole now, did not bring: they are to be taken back.
  ///
  /// A pull that brought nothing at all says nothing. Records in a write are left to the next pull, and held ones to the person
  /// who holds them.
  func takeNoteOfVanished(_ task: HeldTask) throws {
    guard let pull = task.pull, try brought(pull, task.hub) else { return }
    let records = hubs[task.hub]
    let list = try connection.prepare(records.vanished)
    list.bind(1, task.hub)
    list.bind(2, pull)
    var gone: [(id: Int64, state: RecordState)] = []
    while try list.step() {
      guard let state = RecordState(rawValue: list.int(1)) else {
        throw StoreError.damaged("a record is in state \(list.int(1))")
      }
      gone.append((list.int64(0), state))
    }
    if gone.isEmpty { return }
    let count = try connection.prepare(records.countDelivered)
    let delivered = try count.step() ? count.int(0) : 0
    count.reset()
    let isSuspicious = gone.count > Transaction.mostVanishedUnasked && gone.count * 2 > delivered
    let failure = Failure(
      kind: "vanished",
      message:
        "\(gone.count) of \(delivered) delivered records are no longer in the source; release them if that is right",
      at: Timestamp(milliseconds: now))
    let tally = tally(of: task.hub)
    let change = try connection.prepare(records.putAside)
    for (id, state) in gone {
      let new: RecordState = isSuspicious ? .held : .pending
      change.bind(1, id)
      change.bind(2, new.rawValue)
      change.bind(3, isSuspicious ? 0 : try tally.takePosition())
      change.bind(4, isSuspicious ? try FailureText.write(failure) : nil)
      change.bind(5, now)
      try change.run()
      tally.countRecord(from: state, to: new)
      try noteSeen(id, task.hub, in: 0)
    }
  }

  private func brought(_ pull: Int64, _ hub: Int64) throws -> Bool {
    let find = try connection.prepare("SELECT 1 FROM seen WHERE hub = ?1 AND pull = ?2 LIMIT 1")
    find.bind(1, hub)
    find.bind(2, pull)
    defer { find.reset() }
    return try find.step()
  }
}

extension HubTables {
  /// Delivered records that no write carries and no person holds, and that a pull did not bring; those that are known to be
  /// gone already are pending or voided.
  fileprivate var vanished: String {
    """
    SELECT r.id, r.state FROM records_\(id) AS r LEFT JOIN seen AS s ON s.hub = ?1 AND s.record = r.id
    WHERE r.delivered_revision IS NOT NULL AND r.state IN (0, 2, 3, 4, 5) AND coalesce(s.pull, -1) NOT IN (0, ?2)
    ORDER BY r.id
    """
  }

  fileprivate var countDelivered: String { "SELECT count(*) FROM records_\(id) WHERE delivered_revision IS NOT NULL" }

  fileprivate var putAside: String {
    "UPDATE records_\(id) SET state = ?2, position = ?3, error = ?4, updated_at = ?5 WHERE id = ?1"
  }
}
