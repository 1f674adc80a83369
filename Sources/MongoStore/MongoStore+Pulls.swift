public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Starts a pull: puts its queries into the source queue; does nothing, and returns nil, where the hub has an open
  /// pull.
  ///
  /// A pull without queries is whole at once.
  public func openPull(_ pull: NewPull) async throws -> Pull? {
    try await ensureHub(pull.hub)
    let token = MongoStore.newToken()
    let opened: Pull?
    do {
      opened = try await perform { tenant in
        guard try Pull.findOpen(pull.hub, tenant) == nil else { return nil }
        let id = try tenant.takePullNumber()
        let count = pull.queries.count
        let number = try tenant.takeTaskNumbers(count)
        let position = try tenant.takeQueuePlaces(count, pull.hub, .source)
        do {
          try tenant.connection.transaction { try tenant.open(pull, id, number, position, token) }
        } catch let error as MongoError where error.isOutcomeUnknown {
          // The number is nobody else's.
          guard try tenant.pulls.findOne(["_id": .int(id)]) != nil else { throw error }
        }
        if count > 0 { try tenant.lowerHead(pull.hub, .source, to: position) }
        return Pull(
          id: id, fromMilliseconds: pull.from.milliseconds, toMilliseconds: pull.to.milliseconds, openQueries: count)
      }
    } catch let error as StoreError where error.code == .damaged {
      // Another process opened one at the same moment: the index of open pulls has one of a hub.
      if try await openPull(hub: pull.hub) != nil { return nil }
      throw error
    }
    return opened
  }

  /// The hub's open pull.
  public func openPull(hub: String) async throws -> Pull? {
    try await perform { try Pull.findOpen(hub, $0) }
  }

  /// Up to where the hub's source has been read whole.
  public func watermark(hub: String) async throws -> Timestamp? {
    try await perform { tenant in
      try tenant.hubs.findOne(["_id": .string(hub)], fields: ["watermark": 1])?.time("watermark")
    }
  }

  /// Ends a query: keeps its records, puts the query that follows in its place, and, when it was the last of its pull,
  /// moves the watermark.
  ///
  /// Where another query of the pull is dead, the records are kept and no query follows. What comes next is claimed after
  /// the commit: claims are no part of transactions here.
  public func settlePage(_ lease: TaskLease, _ page: SettledPage) async throws -> SettledPageResult {
    let change = TaskStep(token: MongoStore.newToken(), now: page.now)
    var (result, follower) = try await transact(
      { tenant -> (SettledPageResult, HeldTask?) in
        let task = try change.hold(lease, .source, tenant)
        try change.move(task, to: .done, unset: ["error"], tenant)
        if let cursor = page.cursor { try tenant.move(cursor, of: task.hub) }
        let place = try tenant.takeRecordPlaces(page.records.count, task.hub)
        let onlyAdds = try tenant.pullKind(of: task) == .remedy
        var further = page.further
        if let parents = page.parents { further = try tenant.keep(parents, further, task, page.now) }
        if let progress = page.progress { try tenant.move(progress, task, isRemedy: onlyAdds) }
        let keeper = try PageKeeper(page.records, of: task, onlyAdds: onlyAdds, from: place, page.now, tenant)
        for record in page.records { try keeper.keep(record) }
        try keeper.save()
        // A remedy only adds: what it does not bring is there all the same.
        let takesNote = page.voidsVanished && !onlyAdds
        if takesNote { try tenant.noteSeen(keeper.kept, task) }
        let isComplete = try change.advancePull(of: task, next: page.next, further, tenant)
        if isComplete, takesNote { try tenant.takeNoteOfVanished(task, page.now) }
        return (
          SettledPageResult(counts: keeper.counts, pullIsComplete: isComplete, claimed: []),
          page.next == nil ? nil : task
        )
      }, wasKept: { try change.wasKept(lease.task, $0) })
    if let task = follower { try await lowerHead(task.hub, task.side, to: task.position) }
    if let claim = page.claim { result.claimed = try await claimNext(claim) }
    return result
  }
}

extension Tenant {
  /// Enters a pull and its queries, as part of a transaction.
  ///
  /// - Parameters:
  ///   - number: the first of as many task numbers as it has queries.
  ///   - position: the first of as many places in the source queue.
  func open(_ pull: NewPull, _ id: Int64, _ number: Int64, _ position: Int64, _ token: String) throws {
    try pulls.insert([
      [
        "_id": .int(id), "hub": .string(pull.hub), "state": PullState.open.value,
        "openQueries": .int(Int64(pull.queries.count)), "from": .timestamp(pull.from), "to": .timestamp(pull.to),
        "openedAt": .timestamp(pull.now), "kind": .int(Int64(pull.kind.rawValue)),
      ]
    ])
    let tasks = try pull.queries.enumerated().map { place, query in
      try NewTask(
        id: number + Int64(place), hub: pull.hub, side: .source, position: position + Int64(place), now: pull.now,
        pull: id, parent: query.parent, payload: query.payload.jsonBytes(), token: token
      ).document(self)
    }
    if tasks.isEmpty {
      try complete(pull: id, pull.kind, pull.hub, to: pull.to, pull.now)
    } else {
      try self.tasks.insert(tasks)
    }
  }

  /// What the pull of a query is for.
  fileprivate func pullKind(of task: HeldTask) throws -> NewPull.Kind {
    guard let pull = task.pull else { return .regular }
    guard let row = try pulls.findOne(["_id": .int(pull)], fields: ["kind": 1]) else {
      throw StoreError.damaged("there is no pull of number \(pull)")
    }
    return try NewPull.Kind(row)
  }

  fileprivate func close(_ pull: Int64, as state: PullState, _ now: Timestamp) throws {
    try pulls.updateOne(["_id": .int(pull)], ["$set": ["state": state.value, "closedAt": .timestamp(now)]])
  }

  fileprivate func openQueries(of pull: Int64) throws -> Int {
    try pulls.findOne(["_id": .int(pull)], fields: ["openQueries": 1])?.int("openQueries") ?? 0
  }

  /// The watermark never moves back: a pull that looked far back ends no later than what was read since.
  ///
  /// A remedy leaves it where it is: it read a window of its own, and changed nothing that was there.
  ///
  /// Where a parent's query did not succeed, each other parent has its own watermark, and the hub is not read whole.
  fileprivate func complete(
    pull: Int64, _ kind: NewPull.Kind, _ hub: String, to end: Timestamp, _ now: Timestamp
  ) throws {
    if try hasFailedParents(pull, hub) {
      try close(pull, as: .failed, now)
      try hubs.updateOne(["_id": .string(hub)], ["$max": ["latestPull": .int(pull)]])
      return
    }
    try close(pull, as: .complete, now)
    var most: [(String, Value)] = [("latestPull", .int(pull)), ("latestComplete", .int(pull))]
    if kind == .regular { most.append(("watermark", .timestamp(end))) }
    try hubs.updateOne(["_id": .string(hub)], ["$max": .map(ValueMap(most))])
  }
}

extension NewPull.Kind {
  /// The kind of a pull that is kept.
  init(_ row: BSONDocument) throws {
    guard let kind = row.int("kind").flatMap(NewPull.Kind.init(rawValue:)) else {
      throw StoreError.damaged("pull \(row.int64("_id") ?? 0) is of no kind")
    }
    self = kind
  }
}

extension TaskStep {
  /// Goes on with the pull of a query that is done; true where that was the last one.
  fileprivate func advancePull(
    of task: HeldTask, next: NewQuery?, _ further: [NewQuery], _ tenant: Tenant
  ) throws -> Bool {
    guard let pull = task.pull, try touchPull(of: task, tenant) else { return false }
    // A parent's last page is all that was asked for, and its query is one among others.
    if task.cancel != nil,
      try next != nil || !further.isEmpty || (task.parent == nil && tenant.openQueries(of: pull) > 1)
    {
      try failPull(of: task, tenant)
      return false
    }
    // The next page in the place of the settled one: the pages of a slice come before the slices behind it. What joins the
    // pull comes behind all: a list of parents is read to its end first, and a parent before the one behind it.
    let place = try tenant.takeQueuePlaces(further.count, task.hub, .source)
    let queries =
      (next.map { [($0, task.position)] } ?? []) + further.enumerated().map { ($1, place + Int64($0)) }
    let number = try tenant.takeTaskNumbers(queries.count)
    let tasks = try queries.enumerated().map { offset, query in
      try NewTask(
        id: number + Int64(offset), hub: task.hub, side: .source, position: query.1, now: now, pull: pull,
        parent: query.0.parent, payload: query.0.payload.jsonBytes(), token: token
      ).document(tenant)
    }
    if !tasks.isEmpty { try tenant.tasks.insert(tasks) }
    if !further.isEmpty {
      try tenant.pulls.updateOne(["_id": .int(pull)], ["$inc": ["openQueries": .int(Int64(further.count))]])
    }
    return next == nil ? try endQuery(of: pull, task.hub, tenant) : false
  }

  /// Counts a query as ended; true where it was the last one of its pull.
  private func endQuery(of pull: Int64, _ hub: String, _ tenant: Tenant) throws -> Bool {
    try tenant.pulls.updateOne(["_id": .int(pull)], ["$inc": ["openQueries": -1]])
    guard let row = try tenant.pulls.findOne(["_id": .int(pull)]), let open = row.int("openQueries"),
      let end = row.time("to")
    else { throw StoreError.damaged("there is no pull of number \(pull)") }
    guard open == 0 else { return false }
    try tenant.complete(pull: pull, NewPull.Kind(row), hub, to: end, now)
    return true
  }

  /// Closes the pull of a query that is dead and takes its other queries out of the queue; those that workers have go on,
  /// and what they bring is kept.
  ///
  /// A parent's query ends alone: the pull goes on without it.
  ///
  /// - Parameter failure: why it is dead; nil for one that was cancelled.
  func failPull(of task: HeldTask, because failure: Failure? = nil, _ tenant: Tenant) throws {
    guard let pull = task.pull, try touchPull(of: task, tenant) else { return }
    if let parent = task.parent {
      try tenant.noteFailure(of: parent, task, failure, now)
      _ = try endQuery(of: pull, task.hub, tenant)
      return
    }
    try tenant.close(pull, as: .failed, now)
    try tenant.hubs.updateOne(["_id": .string(task.hub)], ["$max": ["latestPull": .int(pull)]])
    try tenant.tasks.updateMany(
      [
        "hub": .string(task.hub), "side": Side.source.value,
        "state": ["$in": [TaskState.ready.value, TaskState.retrying.value]], "pull": .int(pull),
      ], ["$set": ["state": TaskState.cancelled.value, "finishedAt": .timestamp(now)]])
  }
}

extension Pull {
  /// The open pull of a hub.
  static func findOpen(_ hub: String, _ tenant: Tenant) throws -> Pull? {
    guard let row = try tenant.pulls.findOne(["hub": .string(hub), "state": PullState.open.value]) else { return nil }
    guard let id = row.int64("_id"), let from = row.time("from"), let to = row.time("to"),
      let open = row.int("openQueries")
    else { throw StoreError.damaged("a pull without its number, window or count") }
    return Pull(id: id, fromMilliseconds: from.milliseconds, toMilliseconds: to.milliseconds, openQueries: open)
  }
}
