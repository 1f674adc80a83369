import Keeping
import SQLiteKit

extension Transaction {
  /// Settles one record of a write; false where the record is not in that write at that revision any more.
  ///
  /// Where a newer revision came while this one was in flight, the record goes on at once: to be sent again, or to
  /// whatever the newer revision was judged to be.
  @discardableResult
  func settle(_ outcome: ItemOutcome, of task: HeldTask, _ hub: HubTables) throws -> Bool {
    switch outcome.result {
    case .done(let id): try finishRecord(outcome.item, id, task, hub)
    case .failed(let failure): try stopRecord(outcome.item, .failed, failure, task, hub)
    case .again(let failure): try stopRecord(outcome.item, .pending, failure, task, hub)
    case .uncertain(let failure): try doubtRecord(outcome.item, failure, task, hub)
    case .goesOn: true
    case .delivered(let id): try noteDelivery(outcome.item, id, task, hub)
    case .voided: try voidRecord(outcome.item, task, hub)
    }
  }

  /// Settles all records of a write alike.
  func settleAll(of task: HeldTask, _ result: ItemOutcome.Result) throws {
    let hub = hubs[task.hub]
    for item in try items(of: task.id) { try settle(ItemOutcome(item: item, result: result), of: task, hub) }
  }

  private func finishRecord(_ item: WriteItem, _ id: String?, _ task: HeldTask, _ hub: HubTables) throws -> Bool {
    let finish = try connection.prepare(hub.finishRecord)
    finish.bind(1, item.record)
    finish.bind(2, task.id)
    finish.bind(3, item.revision)
    finish.bind(4, id)
    finish.bind(5, now)
    // Behind all that was delivered before, for hubs that this one feeds.
    finish.bind(6, try tally(of: hub.id).upcomingPosition())
    try finish.run()
    guard connection.changes == 0 else {
      _ = try tally(of: hub.id).takePosition()
      tally(of: hub.id).countRecord(from: .queued, to: .done)
      if task.isAwaited { try wake(awaitingDeliveryOf: item.record, hub.id) }
      return true
    }
    return try goOn(item, delivered: item.revision, id, task, hub)
  }

  private func stopRecord(
    _ item: WriteItem, _ state: RecordState, _ failure: Failure, _ task: HeldTask, _ hub: HubTables
  ) throws -> Bool {
    let tally = tally(of: hub.id)
    let stop = try connection.prepare(hub.stopRecord)
    stop.bind(1, item.record)
    stop.bind(2, task.id)
    stop.bind(3, item.revision)
    stop.bind(4, state.rawValue)
    stop.bind(5, state == .pending ? try tally.upcomingPosition() : 0)
    let text = try FailureText.write(failure)
    stop.bind(6, text)
    stop.bind(7, now)
    try stop.run()
    guard connection.changes == 0 else {
      if state == .pending { _ = try tally.takePosition() } else { tally.noteError(text) }
      tally.countRecord(from: .queued, to: state)
      return true
    }
    return try goOn(item, delivered: nil, nil, task, hub)
  }

  /// Stays with the write it was in: a person decides what became of that, and a newer revision waits for it.
  private func doubtRecord(_ item: WriteItem, _ failure: Failure, _ task: HeldTask, _ hub: HubTables) throws -> Bool {
    let doubt = try connection.prepare(hub.doubtRecord)
    doubt.bind(1, item.record)
    doubt.bind(2, task.id)
    doubt.bind(3, item.revision)
    let text = try FailureText.write(failure)
    doubt.bind(4, text)
    doubt.bind(5, now)
    try doubt.run()
    guard connection.changes > 0 else { return false }
    tally(of: hub.id).noteError(text)
    tally(of: hub.id).countRecord(from: .queued, to: .uncertain)
    return true
  }

  /// Lets the revision that came while another was in flight take its turn.
  func goOn(
    _ item: WriteItem, delivered revision: Int64?, _ id: String?, _ task: HeldTask, _ hub: HubTables
  ) throws -> Bool {
    let find = try connection.prepare(hub.findInFlight)
    find.bind(1, item.record)
    find.bind(2, task.id)
    find.bind(3, item.revision)
    guard try find.step() else { return false }
    defer { find.reset() }
    guard let state = RecordState(rawValue: find.int(0)) else {
      throw StoreError.damaged("a record's next state is \(find.int(0))")
    }
    let tally = tally(of: hub.id)
    let release = try connection.prepare(hub.releaseRecord)
    release.bind(1, item.record)
    release.bind(2, state.rawValue)
    release.bind(3, state == .pending ? try tally.takePosition() : 0)
    release.bind(4, find.optionalText(1))
    release.bind(5, revision)
    release.bind(6, id)
    release.bind(7, now)
    try release.run()
    tally.countRecord(from: .queued, to: state)
    if revision != nil, task.isAwaited { try wake(awaitingDeliveryOf: item.record, hub.id) }
    return true
  }
}
