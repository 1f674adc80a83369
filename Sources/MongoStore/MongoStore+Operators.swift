public import Keeping
import MongoKit
import Values

extension MongoStore {
  // MARK: - Tasks

  /// The numbers of the tasks a filter chooses, in the order of their queues.
  public func taskNumbers(_ filter: TaskFilter) async throws -> [Int64] {
    let limit = max(filter.limit, 0)
    if limit == 0 { return [] }
    return try await perform { tenant in
      try tenant.tasks.find(
        Conditions(filter, tenant).filter, fields: ["_id": 1],
        sort: ["hub": 1, "side": 1, "position": 1, "_id": 1], limit: limit
      ).compactMap { $0.int64("_id") }
    }
  }

  /// Changes tasks, in the order of their numbers in the list.
  public func change(tasks: [Int64], _ change: TaskChange, _ act: Act) async throws -> ChangeReport {
    try await make(act) { tenant, notes, step in try TaskActs(notes, step, tenant).perform(change, on: tasks) }
  }

  /// Replaces what a task asks for or sends; see ``Keeping/OperatorStore``.
  public func edit(
    task: Int64, expecting expected: [UInt8],
    payload: @escaping @Sendable (_ items: [EditedItem]) throws -> [UInt8], _ act: Act
  ) async throws -> ChangeReport {
    try await transact(act) { tenant, notes, step in
      try TaskActs(notes, step, tenant).edit(task, expecting: expected, payload)
    }.report
  }

  /// The bytes of what a task asks for or sends.
  public func payload(ofTask task: Int64) async throws -> [UInt8]? {
    try await perform { try $0.payload(ofTask: task) }
  }

  /// Of the tasks a worker runs, those a person wants cancelled.
  public func cancelRequests(owner: String) async throws -> [Int64] {
    try await perform { tenant in
      try tenant.tasks.find(
        ["state": TaskState.running.value, "owner": .string(owner), "cancel": ["$gt": 0]], fields: ["_id": 1]
      ).compactMap { $0.int64("_id") }
    }
  }

  // MARK: - Records

  /// The numbers of the records a filter chooses, in the order they first came.
  public func recordNumbers(_ filter: RecordFilter) async throws -> [Int64] {
    let limit = max(filter.limit, 0)
    if limit == 0 { return [] }
    return try await perform { tenant in
      try tenant.records(filter.hub).find(
        Conditions(filter).filter, fields: ["_id": 1], sort: ["_id": 1], limit: limit
      ).compactMap { $0.int64("_id") }
    }
  }

  /// Changes records of a hub.
  public func change(hub: String, records: [Int64], _ change: RecordChange, _ act: Act) async throws -> ChangeReport {
    try await make(act) { tenant, notes, step in
      try RecordActs(notes, step, hub, tenant).perform(change, on: records)
    }
  }

  /// Makes an act in one transaction; nothing of a trial is kept.
  private func make(
    _ act: Act, _ body: @escaping @Sendable (Tenant, ActNotes, TaskStep) throws -> Void
  ) async throws -> ChangeReport {
    do {
      return try await transact(act, body).report
    } catch let end as TrialEnd {
      return end.report
    }
  }

  /// Records with their contents, in the order they first came, after a number.
  public func recordPage(_ filter: RecordFilter, after number: Int64) async throws -> [RecordDetail] {
    let limit = min(max(filter.limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    var conditions = Conditions(filter)
    conditions.add(["_id": ["$gt": .int(number)]])
    let chosen = conditions.filter
    return try await perform { tenant in
      try tenant.records(filter.hub).find(chosen, sort: ["_id": 1], limit: limit).map {
        try tenant.detail($0, filter.hub)
      }
    }
  }
}

extension Tenant {
  /// The bytes of what a task asks for or sends; nil where there is no such task.
  func payload(ofTask task: Int64) throws -> [UInt8]? {
    guard let row = try tasks.findOne(["_id": .int(task)], fields: ["payload": 1, "pieces": 1]) else { return nil }
    guard let payload = try kept("payload", of: Tenant.owner(task: task), row) else {
      throw StoreError.damaged("task \(task) has no payload")
    }
    return payload
  }
}
