public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Records, as a filter wants them, the newest first.
  public func records(_ filter: RecordFilter) async throws -> [RecordSummary] {
    let limit = min(max(filter.limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    let query = Conditions(filter).filter
    return try await perform { tenant in
      try tenant.records(filter.hub).find(query, fields: RecordSummary.fields, sort: ["_id": -1], limit: limit)
        .map(RecordSummary.init(row:))
    }
  }

  /// One record, whole.
  public func record(hub: String, key: String) async throws -> RecordDetail? {
    try await perform { tenant in
      guard let row = try tenant.records(hub).findOne(["key": .string(key)]) else { return nil }
      return try tenant.detail(row, hub)
    }
  }

  /// Tasks, as a filter wants them, the newest first.
  public func tasks(_ filter: TaskFilter) async throws -> [TaskSummary] {
    let limit = min(max(filter.limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      try tenant.tasks.find(
        Conditions(filter, tenant).filter, fields: ["payload": 0, "items": 0], sort: ["_id": -1], limit: limit
      )
      .map(TaskSummary.init(row:))
    }
  }

  /// One task, whole.
  public func task(_ id: Int64) async throws -> TaskDetail? {
    try await perform { tenant in
      guard let row = try tenant.tasks.findOne(["_id": .int(id)]) else { return nil }
      guard let payload = try tenant.kept("payload", of: Tenant.owner(task: id), row) else {
        throw StoreError.damaged("task \(id) has no payload")
      }
      let summary = try TaskSummary(row: row)
      var detail = TaskDetail(
        summary: summary, owner: row.text("owner"), epoch: row.int64("epoch") ?? 0, rescues: row.int("rescues") ?? 0,
        payload: MongoStore.readable(payload), keys: try tenant.keys(WriteItem.list(of: row), summary.hub),
        sendings: try tenant.sendings(of: row))
      detail.origin = row.int64("origin")
      let followers = try tenant.tasks.find(["origin": .int(id)], fields: ["_id": 1], sort: ["_id": 1], limit: 1000)
      if !followers.isEmpty { detail.followers = followers.compactMap { $0.int64("_id") } }
      return detail
    }
  }

  /// How a hub stands.
  public func status(hub: String, now: Timestamp) async throws -> HubStatus {
    try await perform { tenant in
      guard let row = try tenant.hubs.findOne(["_id": .string(hub)]) else {
        return HubStatus(hub: hub, records: [:], tasks: [:], watermark: nil, pull: nil)
      }
      var records: [String: Int] = [:]
      for group in try tenant.records(hub).aggregate([["$group": ["_id": "$state", "count": ["$sum": 1]]]]) {
        guard let state = group.int("_id").flatMap(RecordState.init(rawValue:)) else {
          throw StoreError.damaged("records are in an unknown state")
        }
        records[state.name] = group.int("count")
      }
      var tasks: [String: Int] = [:]
      for group in try tenant.tasks.aggregate([
        ["$match": ["hub": .string(hub)]],
        ["$group": ["_id": ["side": "$side", "state": "$state"], "count": ["$sum": 1]]],
      ]) {
        guard let place = try group.document("_id"), let side = place.int("side").flatMap(Side.init(rawValue:)),
          let state = place.int("state").flatMap(TaskState.init(rawValue:))
        else { throw StoreError.damaged("tasks are of an unknown side or in an unknown state") }
        tasks["\(side.name).\(state.name)"] = group.int("count")
      }
      var status = HubStatus(
        hub: hub, records: records, tasks: tasks, watermark: row.time("watermark")?.description,
        pull: try Pull.findOpen(hub, tenant), lastError: try FailureForm.read("lastError", of: row))
      try tenant.addTimes(to: &status)
      status.parents = try tenant.parentCounts(hub, listed: row.int64("listedPull") ?? 0)
      return status
    }
  }

  /// Bytes for people to read: the JSON they are, or else text, or else bytes.
  static func readable(_ bytes: [UInt8]) -> Value {
    do {
      return try Value(jsonBytes: bytes)
    } catch {
      // Payloads are the worker's own form and need not be JSON.
      return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
    }
  }
}

extension Tenant {
  /// A record, whole.
  func detail(_ row: BSONDocument, _ hub: String) throws -> RecordDetail {
    let summary = try RecordSummary(row: row)
    var detail = RecordDetail(
      summary: summary, content: MongoStore.readable(try content(of: row, hub, summary.id)),
      deliveredRevision: row.int64("deliveredRevision"), firstSeenAt: row.time("firstSeenAt")?.description ?? "",
      sourceTask: row.int64("sourceTask"), targetTask: row.int64("targetTask"))
    detail.parent = row.text("parent")
    let steps = try KeptStep.list(of: row)
    if !steps.isEmpty { detail.steps = steps.map(\.view) }
    return detail
  }

  /// Since when the next tasks of a hub have been waiting, or when one is due.
  fileprivate func addTimes(to status: inout HubStatus) throws {
    var oldest: Timestamp?
    var due: Timestamp?
    for side in Side.allCases {
      // The first in order, which is the oldest but for what a person moved to the front.
      for (state, field, order) in [
        (TaskState.ready, "createdAt", ["position": 1] as Value), (.retrying, "runAt", ["runAt": 1]),
      ] where status.tasks["\(side.name).\(state.name)"] != nil {
        let filter: Value = ["hub": .string(status.hub), "side": side.value, "state": state.value]
        guard
          let time = try tasks.findOne(filter, fields: .map(ValueMap([(field, Value.int(1))])), sort: order)?.time(
            field)
        else { continue }
        if state == .ready { oldest = min(oldest ?? time, time) } else { due = min(due ?? time, time) }
      }
    }
    status.oldestReadyAt = oldest?.description
    status.nextDue = oldest == nil ? due?.description : nil
  }

  fileprivate func keys(_ items: [WriteItem], _ hub: String) throws -> [String] {
    if items.isEmpty { return [] }
    let numbers = items.map { Value.int($0.record) }
    var keys: [Int64: String] = [:]
    for row in try records(hub).find(["_id": ["$in": .list(numbers)]], fields: ["key": 1]) {
      keys[row.int64("_id") ?? 0] = row.text("key")
    }
    // A record may have been purged since.
    return items.map { keys[$0.record] ?? "(record \($0.record), purged)" }
  }

  /// What became of each sending, and the one that is under way: the task itself says that.
  fileprivate func sendings(of task: BSONDocument) throws -> [SendingView] {
    var sendings = try ledger.find(["task": .int(task.int64("_id") ?? 0)], sort: ["epoch": 1]).map { row in
      guard let epoch = row.int64("epoch"), let started = row.time("startedAt"),
        let phase = row.int("phase").flatMap(SendPhase.init(rawValue:))
      else { throw StoreError.damaged("a sending without epoch, time or phase") }
      return SendingView(
        epoch: epoch, phase: phase.name, status: row.int("status"), answer: row.text("answer"),
        startedAt: started.description, durationMilliseconds: row.int64("duration"))
    }
    if task.int("state") == TaskState.running.rawValue, task.int("side") == Side.target.rawValue,
      let epoch = task.int64("epoch"), let started = task.time("claimedAt")
    {
      sendings.append(
        SendingView(
          epoch: epoch, phase: SendPhase.sending.name, status: nil, answer: nil, startedAt: started.description,
          durationMilliseconds: nil))
    }
    return sendings
  }
}

extension RecordSummary {
  fileprivate static let fields: Value = [
    "key": 1, "number": 1, "state": 1, "revision": 1, "targetID": 1, "error": 1, "updatedAt": 1,
  ]

  fileprivate init(row: BSONDocument) throws {
    guard let id = row.int64("_id"), let key = row.text("key"), let revision = row.int64("revision"),
      let state = row.int("state").flatMap(RecordState.init(rawValue:))
    else { throw StoreError.damaged("a record without number, key, revision or state") }
    self.init(
      id: id, key: key, number: row.text("number"), state: state.name, revision: revision,
      targetID: row.text("targetID"), error: try FailureForm.read("error", of: row),
      updatedAt: row.time("updatedAt")?.description ?? "")
  }
}

extension TaskSummary {
  fileprivate init(row: BSONDocument) throws {
    guard let id = row.int64("_id"), let hub = row.text("hub"),
      let side = row.int("side").flatMap(Side.init(rawValue:)),
      let state = row.int("state").flatMap(TaskState.init(rawValue:)), let created = row.time("createdAt")
    else { throw StoreError.damaged("a task without number, hub, side, state or time") }
    self.init(
      id: id, hub: hub, side: side.name, state: state.name, attempts: row.int("attempts") ?? 0,
      records: row.int("records") ?? 0, runAt: state == .retrying ? row.time("runAt")?.description : nil,
      error: try FailureForm.read("error", of: row), createdAt: created.description,
      finishedAt: row.time("finishedAt")?.description)
  }
}
