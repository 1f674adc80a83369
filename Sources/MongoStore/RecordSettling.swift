import Keeping
import MongoKit
import Values

/// Settles the records of a write that is in flight, or of one that is uncertain: reads them once, decides about each, and writes
/// what was decided at once.
final class RecordSettling {
  private let task: HeldTask
  private let now: Timestamp
  private let tenant: Tenant
  /// The state the records of such a write are in.
  private let state: RecordState
  /// The records that are still in this write, at the revision that was sent.
  private var inFlight: [WriteItem: BSONDocument] = [:]
  private var changes: [Change] = []
  /// Delivered records whose delivery others wait for.
  private var awaited: [Int64] = []
  /// True where one of the records is uncertain.
  private(set) var isUncertain = false

  /// What becomes of a record.
  private struct Change {
    let item: WriteItem
    var set: [(String, Value)]
    let unset: [String]
    let isDone: Bool
  }

  private static let fields: Value = [
    "state": 1, "revision": 1, "queuedRevision": 1, "targetTask": 1, "nextState": 1, "nextError": 1,
    "awaited": 1, "position": 1, "steps": 1,
  ]

  init(_ task: HeldTask, _ now: Timestamp, _ tenant: Tenant, state: RecordState = .queued) throws {
    self.task = task
    self.state = state
    self.now = now
    self.tenant = tenant
    let numbers = task.items.map { Value.int($0.record) }
    let rows = try tenant.records(task.hub).find(["_id": ["$in": .list(numbers)]], fields: RecordSettling.fields)
    var byNumber: [Int64: BSONDocument] = [:]
    for row in rows { byNumber[row.int64("_id") ?? 0] = row }
    for item in task.items {
      guard let row = byNumber[item.record], row.int("state") == state.rawValue,
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
      if isNewest { return try change(outcome.item, to: .done, set, unset: ["queuedRevision", "error"]) }
      try goOn(outcome.item, row, set)
    case .failed(let failure): try stop(outcome.item, .failed, failure, row, isNewest)
    case .again(let failure): try stop(outcome.item, .pending, failure, row, isNewest)
    case .uncertain(let failure):
      // Stays with the write it was in: a person decides what became of that, and a newer revision waits for it.
      isUncertain = true
      tenant.after.note(failure, task.hub)
      try change(outcome.item, to: .uncertain, [("error", try FailureForm.write(failure))], unset: [])
    case .goesOn: break
    case .delivered(let id):
      if row.has("awaited") { awaited.append(outcome.item.record) }
      var set: [(String, Value)] = [("deliveredRevision", .int(outcome.item.revision))]
      if let id { set.append(("targetID", .string(id))) }
      write(outcome.item, set, unset: [])
    case .voided:
      let gone = ["deliveredRevision", "targetID"]
      guard isNewest else { return try goOn(outcome.item, row, [], unset: gone) }
      try change(
        outcome.item, to: .filtered, [RecordSettling.nextRevision(of: outcome.item)],
        unset: ["queuedRevision", "error"] + gone)
    }
  }

  /// Settles the records nobody has spoken of.
  func settleRest(_ result: ItemOutcome.Result) throws {
    for item in task.items where inFlight[item] != nil { try settle(ItemOutcome(item: item, result: result)) }
  }

  /// Takes the records out of a write that is cancelled: they are held, or pending in their old places; one that has changed
  /// meanwhile goes on with its newer content.
  func withdraw(_ request: CancelRequest, _ failure: Failure) throws {
    for item in task.items {
      guard let row = inFlight.removeValue(forKey: item) else { continue }
      guard row.int64("revision") == item.revision else {
        try goOn(item, row, [])
        continue
      }
      switch request {
      case .hold:
        try change(item, to: .held, [("error", try FailureForm.write(failure))], unset: ["queuedRevision"])
      case .renderAnew: try change(item, to: .pending, try place(row), unset: ["queuedRevision", "error"])
      }
    }
  }

  /// Says of an uncertain record what became of it; false where it is not one of this write.
  ///
  /// Where a newer content came meanwhile it takes its turn now. One that arrived and of which more is to be sent is pending,
  /// as what the target has; what arrived is not sent again.
  func resolve(_ record: Int64, arrived: Bool, _ id: String?) throws -> Bool {
    guard let item = task.items.first(where: { $0.record == record }), let row = inFlight.removeValue(forKey: item)
    else { return false }
    let arrival = arrived ? task.arrival : WriteArrival(effect: .unchanged)
    let isTakenBack = arrival.effect == .takenBack
    var set: [(String, Value)] = []
    // Where all that was to be sent is, the target has the record, whichever part of it this was.
    if arrived, !isTakenBack, arrival.effect == .delivered || !arrival.goesOn {
      set.append(("deliveredRevision", .int(item.revision)))
      if row.has("awaited") { awaited.append(record) }
    }
    if let id, arrival.effect == .delivered { set.append(("targetID", .string(id))) }
    if !arrival.steps.isEmpty {
      let steps = arrival.steps.map { name in
        DoneStep(item: item, name: name, id: arrival.steps.count == 1 ? id : nil)
      }
      set.append(("steps", KeptStep.value(of: try KeptStep.list(of: row, adding: steps, by: task.id, now))))
    }
    let gone = isTakenBack ? ["deliveredRevision", "targetID"] : []
    guard row.int64("revision") == item.revision else {
      try goOn(item, row, set, unset: gone)
      return true
    }
    let state: RecordState = !arrived ? .pending : isTakenBack ? .filtered : arrival.goesOn ? .pending : .done
    if state == .pending { set += try place(row) }
    if isTakenBack { set.append(RecordSettling.nextRevision(of: item)) }
    try change(item, to: state, set, unset: ["queuedRevision", "error"] + gone)
    return true
  }

  /// Should what was taken back come again as it was, it is written anew: under its old key the target would take it for
  /// what it had.
  private static func nextRevision(of item: WriteItem) -> (String, Value) { ("revision", .int(item.revision + 1)) }

  /// The old place of a record that becomes pending again; it has none where it was never to be sent before.
  private func place(_ row: BSONDocument) throws -> [(String, Value)] {
    if row.int64("position") ?? 0 > 0 { return [] }
    return [("position", .int(try tenant.takeRecordPlaces(1, task.hub)))]
  }

  /// True where some record has not been spoken of.
  var hasRest: Bool { !inFlight.isEmpty }

  /// Writes what was decided.
  func save() throws {
    guard !changes.isEmpty else { return }
    // Behind all that was delivered before, for hubs that this one feeds.
    if var place = try tenant.takeDeliveries(changes.count(where: \.isDone), task.hub) {
      for index in changes.indices where changes[index].isDone {
        changes[index].set.append(("delivery", .int(place)))
        place += 1
      }
    }
    let changed = try tenant.records(task.hub).update(changes.map(written))
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
    if state == .pending {
      set.append(("position", .int(try tenant.takeRecordPlaces(1, task.hub))))
    } else {
      tenant.after.note(failure, task.hub)
    }
    try change(item, to: state, set, unset: ["queuedRevision"])
  }

  /// Lets the revision that came while another was in flight take its turn.
  private func goOn(
    _ item: WriteItem, _ row: BSONDocument, _ delivered: [(String, Value)], unset gone: [String] = []
  ) throws {
    let number = row.int("nextState") ?? RecordState.pending.rawValue
    guard let state = RecordState(rawValue: number) else {
      throw StoreError.damaged("a record's next state is \(number)")
    }
    var set = delivered
    var unset = ["queuedRevision", "nextState", "nextError"] + gone
    if state == .pending { set.append(("position", .int(try tenant.takeRecordPlaces(1, task.hub)))) }
    if row.has("nextError"), let error = try row.value("nextError") {
      set.append(("error", error))
    } else {
      unset.append("error")
    }
    try change(item, to: state, set, unset: unset)
  }

  private func change(
    _ item: WriteItem, to state: RecordState, _ set: [(String, Value)], unset: [String]
  ) throws {
    try Moves.check(self.state, to: state)
    if state == .pending { tenant.after.woken.insert(task.hub) }
    write(item, [("state", state.value)] + set, unset: unset, isDone: state == .done)
  }

  private func write(_ item: WriteItem, _ set: [(String, Value)], unset: [String], isDone: Bool = false) {
    changes.append(Change(item: item, set: set, unset: unset, isDone: isDone))
  }

  private func written(_ change: Change) -> MongoChange {
    var update: [(String, Value)] = [("$set", .map(ValueMap([("updatedAt", .timestamp(now))] + change.set)))]
    if !change.unset.isEmpty {
      update.append(("$unset", .map(ValueMap(change.unset.map { ($0, Value.string("")) }))))
    }
    return MongoChange(
      ["_id": .int(change.item.record), "state": state.value, "targetTask": .int(task.id)], .map(ValueMap(update)))
  }
}
