public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// The records to be sent next, in order.
  public func pendingRecords(hub: String, after position: Int64, limit: Int) async throws -> [PendingRecord] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      let rows = try tenant.records(hub).find(
        ["state": RecordState.pending.value, "position": ["$gt": .int(position)]],
        fields: ["digest": 0, "error": 0, "steps": 0],
        sort: ["position": 1], limit: limit)
      return try rows.map { try tenant.pendingRecord($0, hub) }
    }
  }

  /// Puts writes into the target queue and marks their records queued; marks records that cannot be sent.
  ///
  /// A record whose revision is no longer the one that was rendered makes its whole write void: it stays pending.
  /// Returns how many writes were queued.
  public func enqueueWrites(
    hub: String, _ writes: [NewWrite], unsendable: [UnsendableRecord], now: Timestamp
  ) async throws -> Int {
    try await ensureHub(hub)
    do {
      return try await fill(hub, writes, unsendable, now)
    } catch let error as StoreError where error.code == .damaged {
      // Somebody took one of the locks at the same moment, of each of which there is one; now that is seen.
      let held = try await heldLocks(hub: hub)
      guard writes.contains(where: { $0.lock.map(held.contains) ?? false }) else { throw error }
      return try await fill(hub, writes, unsendable, now)
    }
  }

  private func fill(
    _ hub: String, _ writes: [NewWrite], _ unsendable: [UnsendableRecord], _ now: Timestamp
  ) async throws -> Int {
    let token = MongoStore.newToken()
    let filling = try await perform { tenant in
      QueueFilling(
        hub: hub, now: now, token: token,
        number: try tenant.takeTaskNumbers(writes.count),
        position: try tenant.takeQueuePlaces(writes.count, hub, .target))
    }
    let queued = try await transact(
      { try filling.run(writes, unsendable, $0) },
      wasKept: { tenant in
        // Where there was no write to recognise it by, doing it again changes nothing.
        try tenant.tasks.findOne(
          [
            "_id": ["$gte": .int(filling.number), "$lt": .int(filling.number + Int64(writes.count))],
            "made": .string(token),
          ],
          fields: ["_id": 1]) != nil
      })
    if queued > 0 { try await lowerHead(hub, .target, to: filling.position) }
    return queued
  }

  /// Makes waiting records pending again; they keep their places in the order.
  @discardableResult
  public func wakeWaiting(hub: String, now: Timestamp) async throws -> Int {
    try await perform { tenant in
      // Each record by itself: whoever is interrupted wakes the others next time.
      try tenant.forgetWaits(of: hub)
      let count = try tenant.wake([:], of: hub, now)
      if count > 0 { try tenant.touch(hub) }
      return count
    }
  }

  /// Ends a write with the outcome of each of its records, and claims what comes next after that.
  ///
  /// A record of the write that no outcome speaks of is uncertain. The task is uncertain where one of its records is, else
  /// done.
  public func settleWrite(_ lease: TaskLease, _ settlement: WriteSettlement) async throws -> [ClaimedTask] {
    let change = TaskStep(token: MongoStore.newToken(), now: settlement.now)
    try await transact(
      { tenant in
        let task = try change.hold(lease, .target, tenant)
        let settling = try RecordSettling(task, settlement.now, tenant)
        // What a person wants cancelled is not sent again by itself.
        for outcome in settlement.outcomes { try settling.settle(task.cancel == nil ? outcome : outcome.withoutRepeat) }
        if settling.hasRest {
          let failure = Failure(
            kind: "uncertain", message: "the write was settled without a word about this record", at: settlement.now)
          try settling.settleRest(.uncertain(failure))
        }
        let note = try settlement.note.map { [("error", try FailureForm.write($0))] } ?? []
        try change.move(
          task, to: settling.isUncertain ? .uncertain : .done, set: note, unset: note.isEmpty ? ["error"] : [], tenant)
        try settling.save()
        try change.noteEnd(
          of: task, settlement.phase, status: settlement.status, answer: settlement.answer,
          durationMilliseconds: settlement.durationMilliseconds, tenant)
        // Afterwards, since a follower takes over the lock of the task that is done.
        try change.follow(settlement, task, tenant)
      }, wasKept: { try change.wasKept(lease.task, $0) })
    guard let claim = settlement.claim else { return [] }
    return try await claimNext(claim)
  }
}

extension ItemOutcome {
  /// The outcome where nothing is to be sent again by itself.
  fileprivate var withoutRepeat: ItemOutcome {
    guard case .again(let failure) = result else { return self }
    return ItemOutcome(item: item, result: .uncertain(failure))
  }
}

/// Puts writes into a queue; its steps are part of the caller's transaction.
private struct QueueFilling: Sendable {
  let hub: String
  let now: Timestamp
  let token: String
  /// The number of the first task.
  let number: Int64
  /// The place of the first task.
  let position: Int64

  func run(_ writes: [NewWrite], _ unsendable: [UnsendableRecord], _ tenant: Tenant) throws -> Int {
    let items = writes.flatMap(\.items) + unsendable.map(\.item)
    var pending = try pendingRevisions(items, tenant)
    var held = try tenant.held(writes.compactMap(\.lock), hub)
    var tasks: [Value] = []
    var changes: [MongoChange] = []
    var expected = 0
    for write in writes {
      if let lock = write.lock, held.contains(lock) { continue }
      guard claim(write.items, &pending) else { continue }
      let place = Int64(tasks.count)
      var task = NewTask(
        id: number + place, hub: hub, side: .target, position: position + place, now: now, sendsAgain: write.sendsAgain,
        items: write.items, payload: write.payload, token: token)
      task.lock = write.lock
      task.arrival = write.arrival
      task.isDoubtful = write.isDoubtful
      if let lock = write.lock { held.insert(lock) }
      if write.isDoubtful { try tenant.noteDoubt(about: task.id, now) }
      tasks.append(try task.document(tenant))
      changes.append(queue(write.items, in: task.id))
      expected += write.items.count
    }
    let version = try unsendable.contains { $0.dependsOnValues } ? tenant.touchValues() : 0
    for record in unsendable where pending[record.item.record] == record.item.revision {
      // What was missing may be there by now: the record stays pending, to be rendered with it.
      if let known = record.valuesVersion, known != version { continue }
      // What it waits for may have come since it was looked for.
      if record.isWaiting, try !tenant.note(record.awaits, of: record.item.record, hub) { continue }
      pending[record.item.record] = nil
      if !record.isWaiting, !record.isFiltered { tenant.after.note(record.failure, hub) }
      changes.append(try refuse(record))
      expected += 1
    }
    if !tasks.isEmpty { try tenant.tasks.insert(tasks) }
    guard try tenant.records(hub).update(changes) == expected else {
      throw StoreError.damaged("records of \"\(hub)\" changed while they were queued")
    }
    return tasks.count
  }

  /// The revisions of those records that are pending.
  private func pendingRevisions(_ items: [WriteItem], _ tenant: Tenant) throws -> [Int64: Int64] {
    var pending: [Int64: Int64] = [:]
    for start in stride(from: 0, to: items.count, by: 10_000) {
      let part = items[start..<min(start + 10_000, items.count)].map { Value.int($0.record) }
      let rows = try tenant.records(hub).find(["_id": ["$in": .list(part)]], fields: ["state": 1, "revision": 1])
      for row in rows where row.int("state") == RecordState.pending.rawValue {
        pending[row.int64("_id") ?? 0] = row.int64("revision")
      }
    }
    return pending
  }

  /// Takes the records of a write; false, and none taken, where one of them is not as it was rendered.
  private func claim(_ items: [WriteItem], _ pending: inout [Int64: Int64]) -> Bool {
    var left = pending
    for item in items {
      guard left[item.record] == item.revision else { return false }
      left[item.record] = nil
    }
    pending = left
    return true
  }

  private func queue(_ items: [WriteItem], in task: Int64) -> MongoChange {
    // Stages, so that one change queues all records of the write, each at its own revision.
    MongoChange(
      ["_id": ["$in": .list(items.map { .int($0.record) })], "state": RecordState.pending.value],
      [
        [
          "$set": [
            "state": RecordState.queued.value, "queuedRevision": "$revision", "targetTask": .int(task),
            "updatedAt": .timestamp(now),
          ]
        ]
      ], many: true)
  }

  private func refuse(_ record: UnsendableRecord) throws -> MongoChange {
    let state: RecordState = record.isFiltered ? .filtered : record.isWaiting ? .waiting : .failed
    var set: [(String, Value)] = [("state", state.value), ("updatedAt", .timestamp(now))]
    var unset: [(String, Value)] = []
    if record.isFiltered {
      unset.append(("error", ""))
    } else {
      set.append(("error", try FailureForm.write(record.failure)))
    }
    if record.isWaiting, let what = record.waitsFor {
      set.append(("waitsFor", .string(what)))
    } else {
      unset.append(("waitsFor", ""))
    }
    var update: [(String, Value)] = [("$set", .map(ValueMap(set)))]
    if !unset.isEmpty { update.append(("$unset", .map(ValueMap(unset)))) }
    return MongoChange(
      ["_id": .int(record.item.record), "state": RecordState.pending.value, "revision": .int(record.item.revision)],
      .map(ValueMap(update)))
  }
}

extension UnsendableRecord {
  /// True where an entry of a value mapping that comes at this moment may be what it lacks.
  fileprivate var dependsOnValues: Bool { valuesVersion != nil || (isWaiting && waitsFor != nil) }
}
