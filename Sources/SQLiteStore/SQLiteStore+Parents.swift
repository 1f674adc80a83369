public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// The parents of a hub that a filter wants, by their keys.
  public func parents(_ filter: ParentFilter) async throws -> [ParentState] {
    guard let hub = try await tables(ifAnyOf: filter.hub) else { return [] }
    return try await read { connection in
      // Some are found one by one, however many there are.
      let source =
        filter.keys.isEmpty
        ? "hubs AS h CROSS JOIN parents AS p ON p.hub = h.id"
        : """
        (SELECT DISTINCT value AS key FROM json_each(?4)) AS k
          CROSS JOIN parents AS p ON p.hub = ?1 AND p.key = k.key CROSS JOIN hubs AS h
        """
      let list = try connection.prepare(
        """
        SELECT p.key, p.read_until, p.seen_pull >= coalesce(h.listed_pull, 0), p.error FROM \(source)
        WHERE h.id = ?1 AND (NOT ?2 OR p.failed_pull IS NOT NULL) ORDER BY p.key LIMIT ?3
        """)
      list.bind(1, hub.id)
      list.bind(2, filter.onlyFailing)
      list.bind(3, min(max(filter.limit, 0), max(filter.keys.count, SQLiteStore.longestList)))
      if !filter.keys.isEmpty { list.bind(4, Value.list(filter.keys.map { .string($0) }).json()) }
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
  /// Keeps a page of a list of parents; gives those of its queries that join the pull.
  func keep(_ page: ListedParents, _ queries: [NewQuery], _ task: HeldTask) throws -> [NewQuery] {
    guard let pull = task.pull else { return queries }
    let (parents, joining) = page.settled(
      after: try listedBefore(page, pull, task.hub), queries, now: Timestamp(milliseconds: now))
    let keep = try connection.prepare(
      """
      INSERT INTO parents (hub, key, seen_pull, failed_pull, error, asked)
      VALUES (?1, ?2, ?3, iif(?4 IS NULL, NULL, ?3), ?4, ?5)
      ON CONFLICT (hub, key) DO UPDATE SET seen_pull = excluded.seen_pull, asked = excluded.asked,
        failed_pull = coalesce(excluded.failed_pull, failed_pull), error = coalesce(excluded.error, error)
      """)
    for parent in parents {
      keep.bind(1, task.hub)
      keep.bind(2, parent.key)
      keep.bind(3, pull)
      keep.bind(4, try parent.failure.map(FailureText.write))
      keep.bind(5, parent.asked)
      try keep.run()
    }
    guard page.isLast else { return joining }
    let note = try connection.prepare("UPDATE hubs SET listed_pull = ?2 WHERE id = ?1")
    note.bind(1, task.hub)
    note.bind(2, pull)
    try note.run()
    return joining
  }

  /// What is asked for those of a page's parents that an earlier page of the pull's list had.
  private func listedBefore(_ page: ListedParents, _ pull: Int64, _ hub: Int64) throws -> [String: String?] {
    let find = try connection.prepare(
      """
      SELECT p.key, p.asked FROM (SELECT DISTINCT value AS key FROM json_each(?3)) AS k
        CROSS JOIN parents AS p ON p.hub = ?1 AND p.key = k.key WHERE p.seen_pull = ?2
      """)
    find.bind(1, hub)
    find.bind(2, pull)
    find.bind(3, Value.list(page.parents.map { .string($0.key) }).json())
    defer { find.reset() }
    var found: [String: String?] = [:]
    while try find.step() { found.updateValue(find.optionalText(1), forKey: find.text(0)) }
    return found
  }

  /// Moves a parent's watermark, never back, and ends what went wrong before; a remedy leaves both as they are: it reads a
  /// window of its own.
  func move(_ progress: ParentProgress, _ task: HeldTask, isRemedy: Bool) throws {
    let move = try connection.prepare(
      """
      UPDATE parents SET read_until = iif(?4, read_until, max(coalesce(read_until, ?3), ?3)),
        failed_pull = iif(?5, NULL, failed_pull), error = iif(?5, NULL, error)
      WHERE hub = ?1 AND key = ?2 AND asked IS NOT ''
      """)
    move.bind(1, task.hub)
    move.bind(2, progress.key)
    move.bind(3, progress.readUntil.milliseconds)
    move.bind(4, isRemedy)
    move.bind(5, progress.isWhole && !isRemedy)
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
