public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// The records a write carries, as it was rendered from them; nil for one that has changed since or is not in a write any
  /// more.
  public func recordsInWrite(hub: String, _ items: [WriteItem]) async throws -> [PendingRecord?] {
    if items.isEmpty { return [] }
    return try await perform { tenant in
      var found: [WriteItem: PendingRecord] = [:]
      let rows = try tenant.records(hub).find(
        ["_id": ["$in": .list(items.map { .int($0.record) })], "state": RecordState.queued.value],
        fields: ["digest": 0, "error": 0, "steps": 0])
      for row in rows where row.int64("revision") == row.int64("queuedRevision") {
        let record = try tenant.pendingRecord(row, hub)
        found[WriteItem(record: record.id, revision: record.revision)] = record
      }
      return items.map { found[$0] }
    }
  }

  /// What became of a write and of all that it was split into.
  public func splitProgress(of origin: Int64) async throws -> SplitProgress {
    try await perform { tenant in
      let parts = try tenant.tasks.find(["origin": .int(origin)], fields: ["_id": 1]).compactMap { $0.int64("_id") }
      let numbers: Value = .list(([origin] + parts).map(Value.int))
      func count(_ phases: [SendPhase]) throws -> Int {
        try tenant.ledger.count(["task": ["$in": numbers], "phase": ["$in": .list(phases.map(\.value))]])
      }
      return SplitProgress(refused: try count([.rejected]), taken: try count([.acknowledged, .found]))
    }
  }

  /// What has been done for the present revisions of records, beside their write; by the records' numbers.
  public func doneSteps(hub: String, records: [Int64]) async throws -> [Int64: [DoneStep]] {
    if records.isEmpty { return [:] }
    return try await perform { tenant in
      var steps: [Int64: [DoneStep]] = [:]
      let rows = try tenant.records(hub).find(
        ["_id": ["$in": .list(records.map(Value.int))], "steps": ["$exists": true]],
        fields: ["revision": 1, "steps": 1])
      for row in rows {
        let present = try KeptStep.list(of: row).map(\.step).filter { $0.item.revision == row.int64("revision") }
        if !present.isEmpty { steps[row.int64("_id") ?? 0] = present }
      }
      return steps
    }
  }

  /// Which of these records the source has no more.
  public func vanished(hub: String, records: [Int64]) async throws -> Set<Int64> {
    if records.isEmpty { return [] }
    return try await perform { tenant in
      let rows = try tenant.records(hub).find(
        ["_id": ["$in": .list(records.map(Value.int))], "seen": .int(Tenant.vanishedPull)], fields: ["_id": 1])
      return Set(rows.compactMap { $0.int64("_id") })
    }
  }

  /// The locks that writes of the hub hold.
  public func heldLocks(hub: String) async throws -> Set<String> {
    try await perform { tenant in
      let rows = try tenant.tasks.find(["hub": .string(hub), "holds": ["$exists": true]], fields: ["holds": 1])
      return Set(rows.compactMap { $0.text("holds") })
    }
  }
}

extension Tenant {
  /// A record to be sent, or in a write, of its row.
  func pendingRecord(_ row: BSONDocument, _ hub: String) throws -> PendingRecord {
    guard let id = row.int64("_id"), let position = row.int64("position"), let key = row.text("key"),
      let revision = row.int64("revision"), let firstSeenAt = row.time("firstSeenAt")
    else { throw StoreError.damaged("a record without number, place, key, revision or time") }
    return PendingRecord(
      id: id, position: position, key: key, revision: revision, content: try content(of: row, hub, id),
      delivered: row.int64("deliveredRevision").map { Delivered(revision: $0, id: row.text("targetID")) },
      firstSeenAt: firstSeenAt)
  }

  /// Those of some locks that writes of a hub hold.
  func held(_ locks: [String], _ hub: String) throws -> Set<String> {
    if locks.isEmpty { return [] }
    let rows = try tasks.find(
      ["hub": .string(hub), "holds": ["$in": .list(locks.map(Value.string))]], fields: ["holds": 1])
    return Set(rows.compactMap { $0.text("holds") })
  }

  /// What is not known of the attempts made before, by the tasks' numbers; nothing where none can have been carried out.
  func doubts(about numbers: [Int64]) throws -> [Int64: SendDoubt] {
    if numbers.isEmpty { return [:] }
    let rows = try ledger.find(
      [
        "task": ["$in": .list(numbers.map(Value.int))],
        "phase": ["$in": .list([SendPhase.sending, .uncertain, .notFound].map(\.value))],
      ], sort: ["task": 1, "epoch": 1])
    var doubts: [Int64: SendDoubt] = [:]
    for row in rows {
      guard let task = row.int64("task"), let started = row.time("startedAt") else {
        throw StoreError.damaged("a sending without task or time")
      }
      if row.int("phase") == SendPhase.notFound.rawValue {
        doubts[task]?.looks += 1
      } else {
        doubts[task] = SendDoubt(sinceMilliseconds: started.milliseconds + (row.int64("duration") ?? 0), looks: 0)
      }
    }
    return doubts
  }

  /// Notes that what a new write carries may have arrived with a write before it.
  func noteDoubt(about task: Int64, _ now: Timestamp) throws {
    try ledger.insert([
      [
        "_id": .string("\(task)/0"), "task": .int(task), "epoch": 0, "phase": SendPhase.uncertain.value,
        "startedAt": .timestamp(now), "duration": 0,
      ]
    ])
  }
}

extension SendPhase {
  var value: Value { .int(Int64(rawValue)) }
}

extension TaskState {
  /// True where a write in this state keeps others with its lock out.
  var holdsLock: Bool { self != .done && self != .dead && self != .cancelled }
}

extension WriteArrival {
  /// As it is kept.
  var value: Value {
    [
      "steps": .list(steps.map { .string($0) }), "goesOn": .bool(goesOn), "effect": .string(effect.rawValue),
    ]
  }

  init(value: Value) throws {
    guard let effect = value["effect"]?.stringValue.flatMap(Effect.init), case .bool(let goesOn)? = value["goesOn"]
    else { throw StoreError.damaged("a task whose arrival is \(value.json())") }
    self.init(steps: (value["steps"]?.listValue ?? []).compactMap(\.stringValue), goesOn: goesOn, effect: effect)
  }
}
