import Keeping
import MongoKit
import Values

/// Settles the records of a write: reads them once, decides about each, and writes what was decided at once.
final class RecordSettling {
  private let task: HeldTask
  private let now: Timestamp
  private let tenant: Tenant
  /// The records that are still in this write, at the revision that was sent.
  private var inFlight: [WriteItem: BSONDocument] = [:]
  private var changes: [MongoChange] = []
  /// Delivered records whose delivery others wait for.
  private var awaited: [Int64] = []
  /// True where one of the records is uncertain.
  private(set) var isUncertain = false

  private static let fields: Value = [
    "state": 1, "revision": 1, "queuedRevision": 1, "targetTask": 1, "nextState": 1, "nextError": 1,
    "awaited": 1,
  ]

  init(_ task: HeldTask, _ now: Timestamp, _ tenant: Tenant) throws {
    self.task = task
    self.now = now
    self.tenant = tenant
    let numbers = task.items.map { Value.int($0.record) }
    let rows = try tenant.records(task.hub).find(["_id": ["$in": .list(numbers)]], fields: RecordSettling.fields)
    var byNumber: [Int64: BSONDocument] = [:]
    for row in rows { byNumber[row.int64("_id") ?? 0] = row }
    for item in task.items {
      guard let row = byNumber[item.record], row.int("state") == RecordState.queued.rawValue,
        row.int64("targetTask") == task.id, row.int64("queuedRevision") == item.revision
      else { continue }
      inFlight[item] = row
    }
  }

  /// Settles one record; nothing happens where it is not in that write at that revision any more.
  func settle(_ outcome: ItemOutcome) throws {
    guard let row = inFlight.removeValue(forKey: outcome.item) else { return }
    let isNewest = row.int64("revision") == outcome.item.revision
    switch outcome.result {
    case .done(let id):
      if row.has("awaited") { awaited.append(outcome.item.record) }
      var set: [(String, Value)] = [("deliveredRevision", .int(outcome.item.revision))]
      if let id { set.append(("targetID", .string(id))) }
      if isNewest { return change(outcome.item, to: .done, set, unset: ["queuedRevision", "error"]) }
      try goOn(outcome.item, row, set)
    case .failed(let failure): try stop(outcome.item, .failed, failure, row, isNewest)
    case .again(let failure): try stop(outcome.item, .pending, failure, row, isNewest)
    case .uncertain(let failure):
      // Stays with the write it was in: a person decides what became of that, and a newer revision waits for it.
      isUncertain = true
      change(outcome.item, to: .uncertain, [("error", try FailureForm.write(failure))], unset: [])
    }
  }

  /// Settles the records nobody has spoken of.
  func settleRest(_ result: ItemOutcome.Result) throws {
    for item in task.items where inFlight[item] != nil { try settle(ItemOutcome(item: item, result: result)) }
  }

  /// True where some record has not been spoken of.
  var hasRest: Bool { !inFlight.isEmpty }

  /// Writes what was decided.
  func save() throws {
    guard !changes.isEmpty else { return }
    let changed = try tenant.records(task.hub).update(changes)
    guard changed == changes.count else {
      throw StoreError.damaged("\(changes.count - changed) records of task \(task.id) changed while it was settled")
    }
    try tenant.wake(awaitingDeliveryOf: awaited, task.hub, now)
  }

  private func stop(
    _ item: WriteItem, _ state: RecordState, _ failure: Failure, _ row: BSONDocument, _ isNewest: Bool
  ) throws {
    guard isNewest else { return try goOn(item, row, []) }
    var set: [(String, Value)] = [("error", try FailureForm.write(failure))]
    if state == .pending { set.append(("position", .int(try tenant.takeRecordPlaces(1, task.hub)))) }
    change(item, to: state, set, unset: ["queuedRevision"])
  }

  /// Lets the revision that came while another was in flight take its turn.
  private func goOn(_ item: WriteItem, _ row: BSONDocument, _ delivered: [(String, Value)]) throws {
    let number = row.int("nextState") ?? RecordState.pending.rawValue
    guard let state = RecordState(rawValue: number) else {
      throw StoreError.damaged("a record's next state is \(number)")
    }
    var set = delivered
    var unset = ["queuedRevision", "nextState", "nextError"]
    if state == .pending { set.append(("position", .int(try tenant.takeRecordPlaces(1, task.hub)))) }
    if row.has("nextError"), let error = try row.value("nextError") {
      set.append(("error", error))
    } else {
      unset.append("error")
    }
    change(item, to: state, set, unset: unset)
  }

  private func change(_ item: WriteItem, to state: RecordState, _ set: [(String, Value)], unset: [String]) {
    if state == .pending { tenant.woken.value.insert(task.hub) }
    let fields: [(String, Value)] = [("state", state.value), ("updatedAt", .timestamp(now))]
    var update: [(String, Value)] = [("$set", .map(ValueMap(fields + set)))]
    if !unset.isEmpty { update.append(("$unset", .map(ValueMap(unset.map { ($0, Value.string("")) })))) }
    changes.append(
      MongoChange(
        ["_id": .int(item.record), "state": RecordState.queued.value, "targetTask": .int(task.id)],
        .map(ValueMap(update))))
  }
}
