public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// The records to be sent next, in order.
  public func pendingRecords(hub: String, after position: Int64, limit: Int) async throws -> [PendingRecord] {
    guard let hub = try await tables(ifAnyOf: hub) else { return [] }
    return try await read { connection in
      let list = try connection.prepare(hub.pending)
      list.bind(1, position)
      list.bind(2, min(max(limit, 0), SQLiteStore.longestList))
      var records: [PendingRecord] = []
      while try list.step() {
        records.append(PendingRecord(row: list))
      }
      return records
    }
  }

  /// Puts writes into the target queue and marks their records queued; marks records that cannot be sent.
  ///
  /// A record whose revision is no longer the one that was rendered makes its whole write void: it stays pending.
  /// Returns how many writes were queued.
  public func enqueueWrites(
    hub: String, _ writes: [NewWrite], unsendable: [UnsendableRecord], now: Timestamp
  ) async throws -> Int {
    let hub = try await tables(of: hub)
    return try await write(now: now) { transaction in
      var queued = 0
      for write in writes where try transaction.enqueue(write, hub) { queued += 1 }
      for record in unsendable { try transaction.refuse(record, hub) }
      return queued
    }
  }

  /// Makes waiting records pending again; they keep their places in the order.
  @discardableResult
  public func wakeWaiting(hub: String, now: Timestamp) async throws -> Int {
    guard let hub = try await tables(ifAnyOf: hub) else { return 0 }
    return try await write(now: now) { transaction in
      let wake = try transaction.connection.prepare(hub.wakeRecords)
      wake.bind(1, transaction.now)
      try wake.run()
      let count = transaction.connection.changes
      try transaction.forgetWaits(of: hub.id)
      for _ in 0..<count { transaction.tally(of: hub.id).countRecord(from: .waiting, to: .pending) }
      return count
    }
  }

  /// Ends a write with the outcome of each of its records, and claims what comes next in the same transaction.
  ///
  /// A record of the write that no outcome speaks of is uncertain. The task is uncertain where one of its records is, else
  /// done.
  public func settleWrite(_ lease: TaskLease, _ settlement: WriteSettlement) async throws -> [ClaimedTask] {
    var next: HubTables?
    if let claim = settlement.claim { next = try await tables(of: claim.hub) }
    let claimHub = next
    return try await write(now: settlement.now) { transaction in
      let task = try transaction.hold(lease, .target)
      try transaction.noteEnd(
        of: task, settlement.phase, status: settlement.status, answer: settlement.answer,
        durationMilliseconds: settlement.durationMilliseconds)
      // What a person wants cancelled is not sent again by itself.
      let outcomes = task.cancel == nil ? settlement.outcomes : settlement.outcomes.map(\.withoutRepeat)
      let isUncertain = try transaction.settle(outcomes, of: task)
      try transaction.finish(task, as: isUncertain ? .uncertain : .done, settlement.note.map(FailureText.write))
      // Afterwards, since a follower takes over the lock of the task that is done.
      if !settlement.followers.isEmpty || !settlement.steps.isEmpty { try transaction.follow(settlement, task) }
      guard let claim = settlement.claim, let claimHub else { return [] }
      return try transaction.claim(claim, claimHub)
    }
  }
}

extension Transaction {
  /// Puts a write into the queue; false, and nothing changed, where one of its records is not as it was rendered.
  fileprivate func enqueue(_ write: NewWrite, _ hub: HubTables) throws -> Bool {
    if let lock = write.lock, try isHeld(lock, hub) { return false }
    let tally = tally(of: hub.id)
    let new = NewTask(
      hub: hub.id, side: .target, position: try tally.upcomingPosition(), sendsAgain: write.sendsAgain,
      recordCount: write.items.count)
    let task = try insert(new, payload: write.payload, items: PackedItems.pack(write.items))
    let queue = try connection.prepare(hub.queueRecord)
    for (place, item) in write.items.enumerated() {
      queue.bind(1, item.record)
      queue.bind(2, item.revision)
      queue.bind(3, task)
      queue.bind(4, now)
      try queue.run()
      if connection.changes == 0 {
        try withdraw(task, write.items[..<place], hub)
        return false
      }
    }
    if write.lock != nil || write.isDoubtful || write.arrival != nil { try mark(task, write, origin: nil) }
    for _ in write.items { tally.countRecord(from: .pending, to: .queued) }
    _ = try tally.takePosition()
    return true
  }

  /// Undoes a write that turned out void.
  ///
  /// Rare, so the records are queued in the hope that none is stale.
  private func withdraw(_ task: Int64, _ queued: ArraySlice<WriteItem>, _ hub: HubTables) throws {
    let unqueue = try connection.prepare(hub.unqueueRecord)
    for item in queued {
      unqueue.bind(1, item.record)
      unqueue.bind(2, task)
      try unqueue.run()
    }
    for sql in ["DELETE FROM tasks WHERE id = ?1", "DELETE FROM task_payloads WHERE task = ?1"] {
      let delete = try connection.prepare(sql)
      delete.bind(1, task)
      try delete.run()
    }
    tally(of: hub.id).forgetTask(.target, in: .ready)
  }

  fileprivate func refuse(_ record: UnsendableRecord, _ hub: HubTables) throws {
    // What was missing may be there by now: the record stays pending, to be rendered with it.
    if let version = record.valuesVersion, try version != valuesVersion() { return }
    // What it waits for may have come since it was looked for.
    if record.isWaiting, try !note(record.awaits, of: record.item.record, hub) { return }
    let refuse = try connection.prepare(hub.refuseRecord)
    refuse.bind(1, record.item.record)
    refuse.bind(2, record.item.revision)
    let text = record.isFiltered ? nil : try FailureText.write(record.failure)
    refuse.bind(3, text)
    refuse.bind(4, now)
    let state: RecordState = record.isFiltered ? .filtered : record.isWaiting ? .waiting : .failed
    refuse.bind(5, state.rawValue)
    refuse.bind(6, record.isWaiting ? record.waitsFor : nil)
    try refuse.run()
    guard connection.changes > 0 else { return }
    tally(of: hub.id).countRecord(from: .pending, to: state)
    if state == .failed, let text { tally(of: hub.id).noteError(text) }
  }

  /// Settles the records of a write; true where one of them is uncertain.
  fileprivate func settle(_ outcomes: [ItemOutcome], of task: HeldTask) throws -> Bool {
    let hub = hubs[task.hub]
    var settled = 0
    var isUncertain = false
    for outcome in outcomes where try settle(outcome, of: task, hub) {
      settled += 1
      if case .uncertain = outcome.result { isUncertain = true }
    }
    if settled == task.recordCount { return isUncertain }
    let failure = Failure(
      kind: "uncertain", message: "the write was settled without a word about this record",
      at: Timestamp(milliseconds: now))
    for item in try items(of: task.id) {
      if try settle(ItemOutcome(item: item, result: .uncertain(failure)), of: task, hub) { isUncertain = true }
    }
    return isUncertain
  }
}

extension ItemOutcome {
  /// The outcome where nothing is to be sent again by itself.
  fileprivate var withoutRepeat: ItemOutcome {
    guard case .again(let failure) = result else { return self }
    return ItemOutcome(item: item, result: .uncertain(failure))
  }
}
