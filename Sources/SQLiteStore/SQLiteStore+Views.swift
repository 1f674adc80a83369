public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// Records, as a filter wants them, the newest first.
  public func records(_ filter: RecordFilter) async throws -> [RecordSummary] {
    guard let hub = try await tables(ifAnyOf: filter.hub) else { return [] }
    let conditions = FilterSQL(filter)
    return try await read { connection in
      let list = try conditions.prepare(
        "SELECT \(HubTables.summaryColumns) FROM \(hub.records)", "ORDER BY id DESC",
        limit: min(max(filter.limit, 0), SQLiteStore.longestList), connection)
      var records: [RecordSummary] = []
      while try list.step() { records.append(try RecordSummary(row: list)) }
      return records
    }
  }

  /// One record, whole.
  public func record(hub: String, key: String) async throws -> RecordDetail? {
    guard let hub = try await tables(ifAnyOf: hub) else { return nil }
    return try await read { connection in
      let find = try connection.prepare("\(hub.detailSelect) WHERE key = ?1")
      find.bind(1, key)
      guard try find.step() else { return nil }
      var detail = try RecordDetail(row: find)
      detail.steps = try SQLiteStore.steps(of: detail.summary.id, hub.id, connection)
      return detail
    }
  }

  /// Tasks, as a filter wants them, the newest first.
  public func tasks(_ filter: TaskFilter) async throws -> [TaskSummary] {
    var hub: HubTables?
    if let name = filter.hub {
      hub = try await tables(ifAnyOf: name)
      if hub == nil { return [] }
    }
    let conditions = FilterSQL(filter, hub: hub)
    return try await read { connection in
      let list = try conditions.prepare(
        TaskSummary.select, "ORDER BY t.id DESC", limit: min(max(filter.limit, 0), SQLiteStore.longestList), connection)
      var tasks: [TaskSummary] = []
      while try list.step() { tasks.append(try TaskSummary(row: list)) }
      return tasks
    }
  }

  /// One task, whole.
  public func task(_ id: Int64) async throws -> TaskDetail? {
    let hubs = hubs
    return try await read { connection in
      let find = try connection.prepare("\(TaskSummary.select) WHERE t.id = ?1")
      find.bind(1, id)
      guard try find.step() else { return nil }
      let payload = try connection.prepare("SELECT payload, items FROM task_payloads WHERE task = ?1")
      payload.bind(1, id)
      guard try payload.step() else { throw StoreError.damaged("task \(id) has no payload") }
      let items = try payload.withBytes(1, PackedItems.unpack)
      var detail = TaskDetail(
        summary: try TaskSummary(row: find), owner: find.optionalText(10), epoch: find.int64(11), rescues: find.int(12),
        payload: SQLiteStore.readable(payload.bytes(0)),
        keys: try SQLiteStore.keys(items, hubs[find.int64(13)], connection),
        sendings: try SQLiteStore.sendings(of: id, connection))
      detail.origin = find.optionalInt64(14)
      detail.followers = try SQLiteStore.followers(of: id, connection)
      return detail
    }
  }

  /// How a hub stands.
  public func status(hub: String, now: Timestamp) async throws -> HubStatus {
    let name = hub
    guard let hub = try await tables(ifAnyOf: hub) else {
      return HubStatus(hub: name, records: [:], tasks: [:], watermark: nil, pull: nil)
    }
    return try await read { connection in
      let find = try connection.prepare(SQLiteStore.statusSQL)
      find.bind(1, hub.id)
      guard try find.step() else { throw StoreError.damaged("there is no hub of number \(hub.id)") }
      var column = 1
      var records: [String: Int] = [:]
      for state in RecordState.allCases {
        if find.int(column) != 0 { records[state.name] = find.int(column) }
        column += 1
      }
      var tasks: [String: Int] = [:]
      for side in Side.allCases {
        for state in TaskState.allCases {
          if find.int(column) != 0 { tasks["\(side.name).\(state.name)"] = find.int(column) }
          column += 1
        }
      }
      var status = HubStatus(
        hub: name, records: records, tasks: tasks, watermark: find.optionalInt64(0).map(time),
        pull: try Pull.findOpen(hub: hub.id, connection), lastError: try FailureText.read(find.optionalText(column)))
      find.reset()
      try SQLiteStore.addTimes(to: &status, hub, connection)
      status.parents = try SQLiteStore.parentCounts(hub.id, connection)
      return status
    }
  }

  /// Since when the next tasks have been waiting, or when one is due.
  private static func addTimes(to status: inout HubStatus, _ hub: HubTables, _ connection: Connection) throws {
    let queue = "FROM tasks WHERE hub = ?1 AND side = ?2 AND state IN (0, 3) AND state ="
    var oldest: Int64?
    var due: Int64?
    for side in Side.allCases {
      // The first in order, which is the oldest but for what a person moved to the front.
      for (state, sql) in [
        (TaskState.ready, "SELECT created_at \(queue) 0 ORDER BY position LIMIT 1"),
        (.retrying, "SELECT min(run_at) \(queue) 3"),
      ] where status.tasks["\(side.name).\(state.name)"] != nil {
        let find = try connection.prepare(sql)
        find.bind(1, hub.id)
        find.bind(2, side.rawValue)
        defer { find.reset() }
        guard try find.step(), let time = find.optionalInt64(0) else { continue }
        if state == .ready { oldest = min(oldest ?? time, time) } else { due = min(due ?? time, time) }
      }
    }
    status.oldestReadyAt = oldest.map(time)
    status.nextDue = oldest == nil ? due.map(time) : nil
  }

  private static let statusSQL =
    "SELECT watermark, \(HubTally.columns.joined(separator: ", ")), last_error FROM hubs WHERE id = ?1"

  /// Bytes for people to read: the JSON they are, or else text, or else bytes.
  static func readable(_ bytes: [UInt8]) -> Value {
    do {
      return try Value(jsonBytes: bytes)
    } catch {
      // Payloads are the worker's own form and need not be JSON.
      return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
    }
  }

  private static func keys(_ items: [WriteItem], _ hub: HubTables, _ connection: Connection) throws -> [String] {
    if items.isEmpty { return [] }
    let find = try connection.prepare(hub.key)
    return try items.map { item in
      find.bind(1, item.record)
      defer { find.reset() }
      // A record may have been purged since.
      return try find.step() ? find.text(0) : "(record \(item.record), purged)"
    }
  }

  private static func sendings(of task: Int64, _ connection: Connection) throws -> [SendingView] {
    let list = try connection.prepare(
      "SELECT epoch, phase, status, answer, started_at, duration FROM ledger WHERE task = ?1 ORDER BY epoch")
    list.bind(1, task)
    var sendings: [SendingView] = []
    while try list.step() {
      guard let phase = SendPhase(rawValue: list.int(1)) else {
        throw StoreError.damaged("a sending in phase \(list.int(1))")
      }
      sendings.append(
        SendingView(
          epoch: list.int64(0), phase: phase.name, status: list.optionalInt(2), answer: list.optionalText(3),
          startedAt: time(list.int64(4)), durationMilliseconds: list.optionalInt64(5)))
    }
    return sendings
  }
}

/// A time as the views show it.
private func time(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds).description }

extension RecordSummary {
  fileprivate init(row: Statement) throws {
    guard let state = RecordState(rawValue: row.int(3)) else {
      throw StoreError.damaged("a record is in state \(row.int(3))")
    }
    self.init(
      id: row.int64(0), key: row.text(1), number: row.optionalText(2), state: state.name, revision: row.int64(4),
      targetID: row.optionalText(5), error: try FailureText.read(row.optionalText(6)), updatedAt: time(row.int64(7)))
  }
}

extension RecordDetail {
  /// A row of ``HubTables/detailSelect``.
  init(row: Statement) throws {
    self.init(
      summary: try RecordSummary(row: row), content: SQLiteStore.readable(row.bytes(12)),
      deliveredRevision: row.optionalInt64(8), firstSeenAt: time(row.int64(9)), sourceTask: row.optionalInt64(10),
      targetTask: row.optionalInt64(11))
    parent = row.optionalText(13)
  }
}

extension TaskSummary {
  fileprivate static let select = """
    SELECT t.id, h.name, t.side, t.state, t.attempts, t.record_count, t.run_at, t.error, t.created_at, t.finished_at,
      t.owner, t.epoch, t.rescues, t.hub, t.origin
    FROM tasks AS t CROSS JOIN hubs AS h ON h.id = t.hub
    """

  fileprivate init(row: Statement) throws {
    guard let side = Side(rawValue: row.int(2)), let state = TaskState(rawValue: row.int(3)) else {
      throw StoreError.damaged("a task is of side \(row.int(2)) and in state \(row.int(3))")
    }
    self.init(
      id: row.int64(0), hub: row.text(1), side: side.name, state: state.name, attempts: row.int(4),
      records: row.int(5), runAt: state == .retrying ? time(row.int64(6)) : nil,
      error: try FailureText.read(row.optionalText(7)), createdAt: time(row.int64(8)),
      finishedAt: row.optionalInt64(9).map(time))
  }
}
