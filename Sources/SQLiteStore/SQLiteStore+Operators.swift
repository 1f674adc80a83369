public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  // MARK: - Tasks

  /// The numbers of the tasks a filter chooses, in the order of their queues.
  public func taskNumbers(_ filter: TaskFilter) async throws -> [Int64] {
    var hub: HubTables?
    if let name = filter.hub {
      hub = try await tables(ifAnyOf: name)
      if hub == nil { return [] }
    }
    let conditions = FilterSQL(filter, hub: hub)
    return try await read { connection in
      let list = try conditions.prepare(
        "SELECT t.id FROM tasks AS t", "ORDER BY t.hub, t.side, t.position, t.id", limit: max(filter.limit, 0),
        connection)
      return try list.numbers()
    }
  }

  /// Changes tasks, in the order of their numbers in the list.
  public func change(tasks: [Int64], _ change: TaskChange, _ act: Act) async throws -> ChangeReport {
    try await make(act) { transaction in
      let acts = TaskActs(transaction, act)
      try acts.perform(change, on: tasks)
      return acts.notes.report
    }
  }

  /// Replaces what a task asks for or sends; see ``Keeping/OperatorStore``.
  public func edit(
    task: Int64, expecting expected: [UInt8],
    payload: @escaping @Sendable (_ items: [EditedItem]) throws -> [UInt8], _ act: Act
  ) async throws -> ChangeReport {
    try await write(now: act.at) { transaction in
      let acts = TaskActs(transaction, act)
      try acts.edit(task, expecting: expected, payload)
      return acts.notes.report
    }
  }

  /// The bytes of what a task asks for or sends.
  public func payload(ofTask task: Int64) async throws -> [UInt8]? {
    try await read { connection in
      let find = try connection.prepare("SELECT payload FROM task_payloads WHERE task = ?1")
      find.bind(1, task)
      return try find.step() ? find.bytes(0) : nil
    }
  }

  /// Of the tasks a worker runs, those a person wants cancelled.
  public func cancelRequests(owner: String) async throws -> [Int64] {
    try await read { connection in
      let list = try connection.prepare("SELECT id FROM tasks WHERE state = 1 AND owner = ?1 AND cancel > 0")
      list.bind(1, owner)
      return try list.numbers()
    }
  }

  // MARK: - Records

  /// The numbers of the records a filter chooses, in the order they first came.
  public func recordNumbers(_ filter: RecordFilter) async throws -> [Int64] {
    guard let hub = try await tables(ifAnyOf: filter.hub) else { return [] }
    let conditions = FilterSQL(filter)
    return try await read { connection in
      let list = try conditions.prepare(
        "SELECT id FROM \(hub.records)", "ORDER BY id", limit: max(filter.limit, 0), connection)
      return try list.numbers()
    }
  }

  /// Changes records of a hub.
  public func change(hub: String, records: [Int64], _ change: RecordChange, _ act: Act) async throws -> ChangeReport {
    guard let tables = try await tables(ifAnyOf: hub) else {
      var report = ChangeReport(act: act.number)
      report.skipped = records.map { .init($0, "there is no such record") }
      return report
    }
    return try await make(act) { transaction in
      let acts = try RecordActs(transaction, act, hub, tables)
      try acts.perform(change, on: records)
      return acts.notes.report
    }
  }

  /// Makes an act in one transaction; nothing of a trial is kept.
  private func make(
    _ act: Act, _ body: @escaping @Sendable (Transaction) throws -> ChangeReport
  ) async throws -> ChangeReport {
    do {
      return try await write(now: act.at) { transaction in
        let report = try body(transaction)
        if act.isTrial { throw TrialEnd(report) }
        return report
      }
    } catch let end as TrialEnd {
      return end.report
    }
  }

  /// Records with their contents, in the order they first came, after a number.
  public func recordPage(_ filter: RecordFilter, after number: Int64) async throws -> [RecordDetail] {
    guard let hub = try await tables(ifAnyOf: filter.hub) else { return [] }
    var conditions = FilterSQL(filter)
    conditions.add("id > ?", number)
    let (chosen, limit) = (conditions, min(max(filter.limit, 0), SQLiteStore.longestList))
    return try await read { connection in
      let list = try chosen.prepare(hub.detailSelect, "ORDER BY id", limit: limit, connection)
      var records: [RecordDetail] = []
      while try list.step() { records.append(try RecordDetail(row: list)) }
      return records
    }
  }
}

extension Statement {
  /// The whole numbers of the first column.
  func numbers() throws -> [Int64] {
    var numbers: [Int64] = []
    while try step() { numbers.append(int64(0)) }
    return numbers
  }
}
