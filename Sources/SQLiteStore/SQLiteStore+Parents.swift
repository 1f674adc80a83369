public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// The parents of a hub that a filter wants, by their keys.
  public func parents(_ filter: ParentFilter) async throws -> [ParentState] {
    guard let hub = try await tables(ifAnyOf: filter.hub) else { return [] }
    return try await read { connection in
      let list = try connection.prepare(
        """
        SELECT p.key, p.read_until, p.seen_pull >= coalesce(h.listed_pull, 0), p.error
        FROM hubs AS h CROSS JOIN parents AS p ON p.hub = h.id
        WHERE h.id = ?1 AND (?2 IS NULL OR p.key IN (SELECT value FROM json_each(?2)))
          AND (NOT ?3 OR p.failed_pull IS NOT NULL)
        ORDER BY p.key LIMIT ?4
        """)
      list.bind(1, hub.id)
      list.bind(2, filter.keys.isEmpty ? nil : Value.list(filter.keys.map { .string($0) }).json())
      list.bind(3, filter.onlyFailing)
      list.bind(4, min(max(filter.limit, 0), SQLiteStore.longestList))
      var parents: [ParentState] = []
      while try list.step() {
        parents.append(
          ParentState(
            key: list.text(0), readUntil: list.optionalInt64(1).map { Timestamp(milliseconds: $0).description },
            isListed: list.bool(2), failure: try FailureText.read(list.optionalText(3))))
      }
      return parents
    }
  }

  /// How many parents a hub has; nil for one that has none.
  static func parentCounts(_ hub: Int64, _ connection: Connection) throws -> ParentCounts? {
    let count = try connection.prepare(
      """
      SELECT coalesce(sum(seen), 0), count(*) - coalesce(sum(seen), 0), coalesce(sum(seen AND fails), 0) FROM (
        SELECT p.seen_pull >= coalesce(h.listed_pull, 0) AS seen, p.failed_pull IS NOT NULL AS fails
        FROM hubs AS h CROSS JOIN parents AS p ON p.hub = h.id WHERE h.id = ?1)
      """)
    count.bind(1, hub)
    guard try count.step() else { return nil }
    let counts = ParentCounts(listed: count.int(0), gone: count.int(1), failing: count.int(2))
    return counts.listed + counts.gone == 0 ? nil : counts
  }
}

extension Transaction {
  /// Keeps a page of a list of parents.
  func keep(_ page: ListedParents, _ task: HeldTask) throws {
    guard let pull = task.pull else { return }
    let keep = try connection.prepare(
      """
      INSERT INTO parents (hub, key, seen_pull, failed_pull, error) VALUES (?1, ?2, ?3, iif(?4 IS NULL, NULL, ?3), ?4)
      ON CONFLICT (hub, key) DO UPDATE SET seen_pull = excluded.seen_pull,
        failed_pull = coalesce(excluded.failed_pull, failed_pull), error = coalesce(excluded.error, error)
      """)
    for (key, failure) in page.parents {
      keep.bind(1, task.hub)
      keep.bind(2, key)
      keep.bind(3, pull)
      keep.bind(4, try failure.map(FailureText.write))
      try keep.run()
    }
    guard page.isLast else { return }
    let note = try connection.prepare("UPDATE hubs SET listed_pull = ?2 WHERE id = ?1")
    note.bind(1, task.hub)
    note.bind(2, pull)
    try note.run()
  }

  /// Moves a parent's watermark, never back; a remedy leaves it where it is.
  func move(_ progress: ParentProgress, _ task: HeldTask, isRemedy: Bool) throws {
    let move = try connection.prepare(
      """
      UPDATE parents SET read_until = iif(?4, read_until, max(coalesce(read_until, ?3), ?3)),
        failed_pull = iif(?5, NULL, failed_pull), error = iif(?5, NULL, error)
      WHERE hub = ?1 AND key = ?2
      """)
    move.bind(1, task.hub)
    move.bind(2, progress.key)
    move.bind(3, progress.readUntil.milliseconds)
    move.bind(4, isRemedy)
    move.bind(5, progress.isWhole)
    try move.run()
  }

  /// Notes for which parent a query is.
  func note(_ query: Int64, isFor parent: String?) throws {
    guard let parent else { return }
    let keep = try connection.prepare("INSERT INTO query_parents (task, parent) VALUES (?1, ?2)")
    keep.bind(1, query)
    keep.bind(2, parent)
    try keep.run()
  }

  /// For which parent a query is; nil where it is for none.
  func parent(of query: Int64) throws -> String? {
    let find = try connection.prepare("SELECT parent FROM query_parents WHERE task = ?1")
    find.bind(1, query)
    defer { find.reset() }
    return try find.step() ? find.text(0) : nil
  }

  /// Notes that a parent's query did not succeed.
  func noteFailure(of parent: String, _ task: HeldTask, _ failure: String?) throws {
    let text =
      try failure
      ?? FailureText.write(
        Failure(kind: "cancelled", message: "its query was cancelled", at: Timestamp(milliseconds: now)))
    let note = try connection.prepare("UPDATE parents SET failed_pull = ?3, error = ?4 WHERE hub = ?1 AND key = ?2")
    note.bind(1, task.hub)
    note.bind(2, parent)
    note.bind(3, task.pull)
    note.bind(4, text)
    try note.run()
  }

  /// Whether a parent's query did not succeed in a pull.
  func hasFailedParents(_ pull: Int64, _ hub: Int64) throws -> Bool {
    let find = try connection.prepare("SELECT 1 FROM parents WHERE hub = ?1 AND failed_pull = ?2 LIMIT 1")
    find.bind(1, hub)
    find.bind(2, pull)
    defer { find.reset() }
    return try find.step()
  }
}
