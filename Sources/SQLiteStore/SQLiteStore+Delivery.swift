public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// The records a write carries, as it was rendered from them; nil for one that has changed since or is not in a write any
  /// more.
  public func recordsInWrite(hub: String, _ items: [WriteItem]) async throws -> [PendingRecord?] {
    guard let hub = try await tables(ifAnyOf: hub) else { return items.map { _ in nil } }
    return try await read { connection in
      let find = try connection.prepare(hub.inWrite)
      return try items.map { item in
        find.bind(1, item.record)
        find.bind(2, item.revision)
        defer { find.reset() }
        return try find.step() ? PendingRecord(row: find) : nil
      }
    }
  }

  /// What became of a write and of all that it was split into.
  public func splitProgress(of origin: Int64) async throws -> SplitProgress {
    try await read { connection in
      let count = try connection.prepare(
        """
        SELECT coalesce(sum(phase = ?2), 0), coalesce(sum(phase = ?3 OR phase = ?4), 0) FROM ledger
        WHERE task IN (SELECT id FROM tasks WHERE origin = ?1 UNION ALL SELECT ?1)
        """)
      count.bind(1, origin)
      for (parameter, phase) in zip(2..., [SendPhase.rejected, .acknowledged, .found]) {
        count.bind(parameter, phase.rawValue)
      }
      guard try count.step() else { return SplitProgress(refused: 0, taken: 0) }
      return SplitProgress(refused: count.int(0), taken: count.int(1))
    }
  }

  /// What has been done for the present revisions of records, beside their write; by the records' numbers.
  public func doneSteps(hub: String, records: [Int64]) async throws -> [Int64: [DoneStep]] {
    guard let hub = try await tables(ifAnyOf: hub) else { return [:] }
    return try await read { connection in
      let list = try connection.prepare(hub.presentSteps)
      list.bind(2, hub.id)
      var steps: [Int64: [DoneStep]] = [:]
      for record in records {
        list.bind(1, record)
        while try list.step() {
          let item = WriteItem(record: record, revision: list.int64(1))
          steps[record, default: []].append(DoneStep(item: item, name: list.text(0), id: list.optionalText(2)))
        }
        list.reset()
      }
      return steps
    }
  }

  /// Which of these records the source has no more.
  public func vanished(hub: String, records: [Int64]) async throws -> Set<Int64> {
    guard let hub = try await tables(ifAnyOf: hub) else { return [] }
    return try await read { connection in
      let find = try connection.prepare("SELECT 1 FROM seen WHERE hub = ?1 AND record = ?2 AND pull = 0")
      find.bind(1, hub.id)
      var gone: Set<Int64> = []
      for record in records {
        find.bind(2, record)
        if try find.step() { gone.insert(record) }
        find.reset()
      }
      return gone
    }
  }

  /// The locks that writes of the hub hold.
  public func heldLocks(hub: String) async throws -> Set<String> {
    guard let hub = try await tables(ifAnyOf: hub) else { return [] }
    return try await read { connection in
      let list = try connection.prepare(
        "SELECT lock FROM tasks WHERE hub = ?1 AND lock IS NOT NULL AND state != 2 AND state != 4 AND state != 5")
      list.bind(1, hub.id)
      var locks: Set<String> = []
      while try list.step() { locks.insert(list.text(0)) }
      return locks
    }
  }

  /// What was done for a record beside its write, in order; nil where there is nothing.
  static func steps(of record: Int64, _ hub: Int64, _ connection: Connection) throws -> [StepView]? {
    let list = try connection.prepare(
      """
      SELECT name, revision, target_id, task, done_at FROM steps WHERE hub = ?1 AND record = ?2 ORDER BY done_at, task
      """)
    list.bind(1, hub)
    list.bind(2, record)
    var steps: [StepView] = []
    while try list.step() {
      steps.append(
        StepView(
          name: list.text(0), revision: list.int64(1), id: list.optionalText(2), task: list.int64(3),
          at: Timestamp(milliseconds: list.int64(4)).description))
    }
    return steps.isEmpty ? nil : steps
  }

  /// The tasks that were made of a task, in order; nil where there is none.
  static func followers(of task: Int64, _ connection: Connection) throws -> [Int64]? {
    let list = try connection.prepare("SELECT id FROM tasks WHERE origin = ?1 ORDER BY id LIMIT 1000")
    list.bind(1, task)
    var followers: [Int64] = []
    while try list.step() { followers.append(list.int64(0)) }
    return followers.isEmpty ? nil : followers
  }
}

extension PendingRecord {
  /// A row of ``HubTables/pending``.
  init(row: Statement) {
    self.init(
      id: row.int64(0), position: row.int64(1), key: row.text(2), revision: row.int64(3), content: row.bytes(6),
      delivered: row.optionalInt64(4).map { Delivered(revision: $0, id: row.optionalText(5)) },
      firstSeenAt: Timestamp(milliseconds: row.int64(7)))
  }
}
