public import Keeping
import SQLiteKit
public import Values

/// Where a pull stands; the raw values are what the store keeps.
enum PullState: Int {
  case open = 0
  /// Every query was settled, and the watermark moved.
  case complete = 1
  /// A query is dead: the watermark stays, and the next pull reads the window again.
  case failed = 2
}

extension SQLiteStore {
  /// Starts a pull: puts its queries into the source queue; does nothing, and returns nil, where the hub has an open
  /// pull.
  ///
  /// A pull without queries is whole at once.
  public func openPull(_ pull: NewPull) async throws -> Pull? {
    let hub = try await tables(of: pull.hub)
    return try await write(now: pull.now) { try $0.open(pull, hub) }
  }

  /// The hub's open pull.
  public func openPull(hub: String) async throws -> Pull? {
    guard let hub = try await tables(ifAnyOf: hub) else { return nil }
    return try await read { try Pull.findOpen(hub: hub.id, $0) }
  }

  /// Up to where the hub's source has been read whole.
  public func watermark(hub: String) async throws -> Timestamp? {
    guard let hub = try await tables(ifAnyOf: hub) else { return nil }
    return try await read { connection in
      let find = try connection.prepare("SELECT watermark FROM hubs WHERE id = ?1")
      find.bind(1, hub.id)
      return try find.step() ? find.optionalInt64(0).map(Timestamp.init(milliseconds:)) : nil
    }
  }

  /// Ends a query: keeps its records, puts the query that follows in its place, and, when it was the last of its pull,
  /// moves the watermark.
  ///
  /// Where another query of the pull is dead, the records are kept and no query follows.
  public func settlePage(_ lease: TaskLease, _ page: SettledPage) async throws -> SettledPageResult {
    var next: HubTables?
    if let claim = page.claim { next = try await tables(of: claim.hub) }
    let claimHub = next
    var upstream: HubTables?
    if let cursor = page.cursor { upstream = try await tables(of: cursor.upstream) }
    let source = upstream
    return try await write(now: page.now) { transaction in
      let task = try transaction.hold(lease, .source)
      if let cursor = page.cursor, let source { try transaction.move(task.hub, to: cursor.position, of: source) }
      let onlyAdds = try transaction.pullKind(of: task) == .remedy
      var further = page.further
      if let parents = page.parents { further = try transaction.keep(parents, further, task) }
      if let progress = page.progress { try transaction.move(progress, task, isRemedy: onlyAdds) }
      let keeper = try PageKeeper(transaction, transaction.hubs[task.hub], task: task.id, onlyAdds: onlyAdds)
      // A remedy only adds: what it does not bring is there all the same.
      let takesNote = page.voidsVanished && !onlyAdds
      for record in page.records {
        try keeper.keep(record)
        if takesNote { try transaction.noteSeen(keeper.lastKept, task) }
      }
      try transaction.finish(task, as: .done)
      let isComplete = try transaction.advancePull(of: task, next: page.next, further)
      if isComplete, takesNote { try transaction.takeNoteOfVanished(task) }
      var claimed: [ClaimedTask] = []
      if let claim = page.claim, let claimHub { claimed = try transaction.claim(claim, claimHub) }
      return SettledPageResult(counts: keeper.counts, pullIsComplete: isComplete, claimed: claimed)
    }
  }
}

extension Transaction {
  func open(_ pull: NewPull, _ hub: HubTables) throws -> Pull? {
    if try Pull.findOpen(hub: hub.id, connection) != nil { return nil }
    let insert = try connection.prepare(
      "INSERT INTO pulls (hub, state, open_queries, from_ms, to_ms, opened_at, kind) VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6)"
    )
    insert.bind(1, hub.id)
    insert.bind(2, pull.queries.count)
    insert.bind(3, pull.from.milliseconds)
    insert.bind(4, pull.to.milliseconds)
    insert.bind(5, now)
    insert.bind(6, pull.kind.rawValue)
    try insert.run()
    let id = connection.lastInsertRowID
    let tally = tally(of: hub.id)
    for query in pull.queries {
      let task = NewTask(hub: hub.id, side: .source, position: try tally.takePosition(), pull: id)
      try note(try self.insert(task, payload: query.payload.jsonBytes(), items: []), isFor: query.parent)
    }
    if pull.queries.isEmpty { try completePull(id, hub.id) }
    return Pull(
      id: id, fromMilliseconds: pull.from.milliseconds, toMilliseconds: pull.to.milliseconds,
      openQueries: pull.queries.count)
  }

  /// Goes on with the pull of a query that is done; true where that was the last one.
  fileprivate func advancePull(of task: HeldTask, next: NewQuery?, _ further: [NewQuery]) throws -> Bool {
    guard let pull = task.pull, try isPullOpen(task) else { return false }
    // A parent's last page is all that was asked for, and its query is one among others.
    if task.cancel != nil,
      try next != nil || !further.isEmpty || (openQueries(of: pull) > 1 && parent(of: task.id) == nil)
    {
      try failPull(of: task)
      return false
    }
    // The next page in the place of the settled one: the pages of a slice come before the slices behind it. What joins the
    // pull comes behind all: a list of parents is read to its end first, and a parent before the one behind it.
    let tally = tally(of: task.hub)
    let places = [(next, task.position)] + (try further.map { ($0, try tally.takePosition()) })
    for (query, position) in places {
      guard let query else { continue }
      let follower = NewTask(hub: task.hub, side: .source, position: position, pull: pull)
      try note(try insert(follower, payload: query.payload.jsonBytes(), items: []), isFor: query.parent)
    }
    if !further.isEmpty {
      let count = try connection.prepare("UPDATE pulls SET open_queries = open_queries + ?2 WHERE id = ?1")
      count.bind(1, pull)
      count.bind(2, further.count)
      try count.run()
    }
    return next == nil ? try endQuery(of: pull, task.hub) : false
  }

  /// Counts a query as ended; true where it was the last one of its pull.
  private func endQuery(of pull: Int64, _ hub: Int64) throws -> Bool {
    let count = try connection.prepare(
      "UPDATE pulls SET open_queries = open_queries - 1 WHERE id = ?1 RETURNING open_queries")
    count.bind(1, pull)
    guard try count.step() else { throw StoreError.damaged("there is no pull of number \(pull)") }
    let isLast = count.int64(0) == 0
    count.reset()
    if isLast { try completePull(pull, hub) }
    return isLast
  }

  /// True where the queries of the task's pull are still wanted; also for a task that belongs to none.
  func isPullOpen(_ task: HeldTask) throws -> Bool {
    guard let pull = task.pull else { return true }
    let find = try connection.prepare("SELECT state FROM pulls WHERE id = ?1")
    find.bind(1, pull)
    defer { find.reset() }
    guard try find.step() else { throw StoreError.damaged("there is no pull of number \(pull)") }
    return find.int(0) == PullState.open.rawValue
  }

  /// What the pull of a query is for.
  fileprivate func pullKind(of task: HeldTask) throws -> NewPull.Kind {
    guard let pull = task.pull else { return .regular }
    let find = try connection.prepare("SELECT kind FROM pulls WHERE id = ?1")
    find.bind(1, pull)
    defer { find.reset() }
    guard try find.step(), let kind = NewPull.Kind(rawValue: find.int(0)) else {
      throw StoreError.damaged("pull \(pull) is of no kind")
    }
    return kind
  }

  /// The watermark never moves back: a pull that looked far back ends no later than what was read since.
  ///
  /// A remedy leaves it where it is: it read a window of its own, and changed nothing that was there.
  ///
  /// Where a parent's query did not succeed, each other parent has its own watermark, and the hub is not read whole.
  private func completePull(_ pull: Int64, _ hub: Int64) throws {
    if try hasFailedParents(pull, hub) { return try closePull(pull, as: .failed) }
    try closePull(pull, as: .complete)
    let move = try connection.prepare(
      """
      UPDATE hubs SET watermark = max(coalesce(watermark, to_ms), to_ms)
      FROM (SELECT to_ms FROM pulls WHERE id = ?2 AND kind = 0) WHERE id = ?1
      """)
    move.bind(1, hub)
    move.bind(2, pull)
    try move.run()
  }

  /// Closes the pull of a query that is dead and takes its other queries out of the queue; those that workers have go on,
  /// and what they bring is kept.
  ///
  /// A parent's query ends alone: the pull goes on without it.
  ///
  /// - Parameter failure: why it is dead, as it is kept; nil for one that was cancelled.
  func failPull(of task: HeldTask, _ failure: String? = nil) throws {
    guard let pull = task.pull, try isPullOpen(task) else { return }
    if let parent = try parent(of: task.id) {
      try noteFailure(of: parent, task, failure)
      _ = try endQuery(of: pull, task.hub)
      return
    }
    try closePull(pull, as: .failed)
    for state in [TaskState.ready, .retrying] {
      let cancel = try connection.prepare(
        """
        UPDATE tasks SET state = 5, finished_at = ?4
        WHERE hub = ?1 AND side = 0 AND state IN (0, 3) AND state = ?2 AND pull = ?3
        """)
      cancel.bind(1, task.hub)
      cancel.bind(2, state.rawValue)
      cancel.bind(3, pull)
      cancel.bind(4, now)
      try cancel.run()
      tally(of: task.hub).countTasks(.source, connection.changes, from: state, to: .cancelled)
    }
  }

  private func openQueries(of pull: Int64) throws -> Int {
    let find = try connection.prepare("SELECT open_queries FROM pulls WHERE id = ?1")
    find.bind(1, pull)
    defer { find.reset() }
    return try find.step() ? find.int(0) : 0
  }

  private func closePull(_ pull: Int64, as state: PullState) throws {
    let close = try connection.prepare("UPDATE pulls SET state = ?2, closed_at = ?3 WHERE id = ?1")
    close.bind(1, pull)
    close.bind(2, state.rawValue)
    close.bind(3, now)
    try close.run()
  }
}

extension Pull {
  /// The open pull of a hub.
  static func findOpen(hub: Int64, _ connection: Connection) throws -> Pull? {
    let find = try connection.prepare(
      "SELECT id, from_ms, to_ms, open_queries FROM pulls WHERE hub = ?1 AND state = 0")
    find.bind(1, hub)
    defer { find.reset() }
    guard try find.step() else { return nil }
    return Pull(
      id: find.int64(0), fromMilliseconds: find.int64(1), toMilliseconds: find.int64(2), openQueries: find.int(3))
  }
}
