public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// The name in `meta` of what marks a copy that is not whole.
  static let unfinishedMark = "unfinished"

  /// Does nothing: all orders stand in the tables.
  public func settleForCopy() async throws {}

  /// The rows of a part behind one of them; see ``Keeping/PortableStore``.
  public func rows(of part: StorePart, after row: Value?, limit: Int) async throws -> [Value] {
    var tables: HubTables?
    if let name = part.hub {
      tables = try await self.tables(ifAnyOf: name)
      if tables == nil { return [] }
    }
    let hub = tables
    return try await read { connection in
      switch part.section {
      case .records: try hub.map { try connection.portableRecords(of: $0, after: row, limit: limit) } ?? []
      case .tasks:
        try connection.portable(.tasks, nil, row, limit).map { task in
          guard case .bytes(let items)? = task["items"], case .map(let map) = task else { return task }
          let list = try items.withUnsafeBytes { try PackedItems.unpack($0) }
          return .map(map.setting("items", to: .list(list.map { .list([.int($0.record), .int($0.revision)]) })))
        }
      case .gates: try connection.portableGates(after: row, limit: limit)
      case .chores: row == nil ? try connection.portableChores() : []
      case .numbers: row == nil ? try connection.portableNumbers() : []
      case .lookupWaits, .deliveryWaits:
        try hub.map { try connection.portableWaits(part.section, of: $0, after: row, limit: limit) } ?? []
      default: try connection.portable(part.section, hub?.id, row, limit)
      }
    }
  }

  /// Puts rows into a part of a store that is being filled.
  public func put(_ rows: [Value], into part: StorePart) async throws {
    let hub: HubTables? = if let name = part.hub { try await tables(of: name) } else { nil }
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let connection = transaction.connection
      switch part.section {
      case .hubs: try transaction.putHubs(rows)
      case .records: if let hub { try connection.putRecords(rows, of: hub) }
      case .tasks: try connection.putTasks(rows)
      case .gates: try connection.putGates(rows)
      case .chores:
        let put = try connection.prepare("INSERT INTO meta (name, value) VALUES ('chore.' || ?1, ?2)")
        for row in rows {
          put.bind(1, row["name"]?.stringValue)
          put.bind(2, row["at"]?.intValue.map(String.init))
          try put.run()
        }
      case .numbers: try connection.putNumbers(rows)
      default:
        guard let table = PortableTable.simple[part.section] ?? PortableTable.waits[part.section] else { return }
        try table.put(rows, connection)
      }
    }
  }

  /// True where nothing was ever kept in the store.
  public func isUnused() async throws -> Bool {
    try await read { connection in
      let tables = ["hubs", "deployments", "pulls", "tasks", "gates", "audit", "value_entries"]
      let find = try connection.prepare(
        "SELECT \(tables.map { "EXISTS (SELECT 1 FROM \($0))" }.joined(separator: " OR "))")
      defer { find.reset() }
      return try find.step() && !find.bool(0)
    }
  }

  /// The workers of this folder; which store of the folder they are at, nobody knows.
  public func livingWorkers() async throws -> [String] {
    let workers = workers
    return try await read { _ in workers.sweep().sorted() }
  }

  /// Marks the store as a copy that is not whole.
  public func beginFilling(from source: String) async throws {
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let mark = try transaction.connection.prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)")
      mark.bind(1, SQLiteStore.unfinishedMark)
      mark.bind(2, source)
      try mark.run()
    }
  }

  /// Counts what is in each state, and makes the indexes of hubs that feed others.
  public func finishFilling() async throws {
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let connection = transaction.connection
      let feeding = try connection.prepare("SELECT id FROM hubs WHERE keeps_deliveries = 1").numbers()
      for hub in feeding { try connection.execute(transaction.hubs[hub].indexDelivered) }
      try connection.countStates()
    }
  }

  /// Takes the mark away.
  public func releaseFilled() async throws {
    try await write(now: Timestamp(milliseconds: 0)) { transaction in
      let release = try transaction.connection.prepare("DELETE FROM meta WHERE name = ?1")
      release.bind(1, SQLiteStore.unfinishedMark)
      try release.run()
    }
  }
}

extension Connection {
  fileprivate func portable(_ section: StoreSection, _ hub: Int64?, _ row: Value?, _ limit: Int) throws -> [Value] {
    guard let table = PortableTable.simple[section] else { return [] }
    return try table.rows(ofHub: hub, after: row, limit: limit, self)
  }

  fileprivate func portableWaits(
    _ section: StoreSection, of hub: HubTables, after row: Value?, limit: Int
  ) throws -> [Value] {
    guard let table = PortableTable.waits[section] else { return [] }
    let rows = try table.rows(ofHub: hub.id, after: row, limit: limit, self)
    return try PortableGroups.page(rows, limit: limit, by: "record") { record in
      var whole = table
      whole.condition = "record = \(record)"
      return try whole.rows(ofHub: hub.id, after: nil, limit: .max, self)
    }
  }

  // MARK: - Records

  fileprivate func portableRecords(of hub: HubTables, after row: Value?, limit: Int) throws -> [Value] {
    let rows = try PortableTable.records(of: hub).rows(ofHub: nil, after: row, limit: limit, self)
    let feeds = try prepare("SELECT keeps_deliveries FROM hubs WHERE id = ?1")
    feeds.bind(1, hub.id)
    let keepsDeliveries = try feeds.step() && feeds.bool(0)
    feeds.reset()
    let steps = try prepare(
      """
      SELECT name, revision, task, done_at, target_id FROM steps
      WHERE hub = ?1 AND record = ?2 ORDER BY name
      """)
    return try rows.map { row in
      guard case .map(var map) = row else { return row }
      steps.bind(1, hub.id)
      steps.bind(2, row["id"]?.intValue)
      let done = try steps.portable(PortableTable.stepColumns)
      if !done.isEmpty { map = map.setting("steps", to: .list(done)) }
      guard row["state"]?.intValue == Int64(RecordState.done.rawValue) else { return .map(map) }
      // Of what is done the place says in which order it was delivered, and only to hubs this one feeds.
      let position = row["position"]
      return .portable(
        map.entries.compactMap { key, value in
          guard case .string(let name) = key, name != "position" else { return nil }
          return (name, value)
        } + [("delivery", keepsDeliveries ? position : nil)])
    }
  }

  fileprivate func putRecords(_ rows: [Value], of hub: HubTables) throws {
    let placed = rows.map { row in
      guard case .map(let map) = row else { return row }
      return row["position"] == nil ? .map(map.setting("position", to: row["delivery"] ?? 0)) : row
    }
    try PortableTable.records(of: hub).put(placed, self)
    let content = try prepare(hub.insertContent)
    let seen = try prepare("INSERT INTO seen (hub, record, pull) VALUES (?1, ?2, ?3)")
    let step = try prepare(
      """
      INSERT INTO steps (hub, record, name, revision, task, done_at, target_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """)
    for row in rows {
      let id = row["id"]?.intValue
      content.bind(1, id)
      try PortableTable.bind(row["content"], .bytes, 2, content)
      try content.run()
      if let pull = row["seen"]?.intValue {
        seen.bind(1, hub.id)
        seen.bind(2, id)
        seen.bind(3, pull)
        try seen.run()
      }
      for done in row["steps"]?.listValue ?? [] {
        step.bind(1, hub.id)
        step.bind(2, id)
        for (place, column) in PortableTable.stepColumns.enumerated() {
          try PortableTable.bind(done[column.name], column.form, place + 3, step)
        }
        try step.run()
      }
    }
  }

  // MARK: - Tasks

  fileprivate func putTasks(_ rows: [Value]) throws {
    guard let table = PortableTable.simple[.tasks] else { return }
    try table.put(rows, self)
    let payload = try prepare("INSERT INTO task_payloads (task, payload, items) VALUES (?1, ?2, ?3)")
    let parent = try prepare("INSERT INTO query_parents (task, parent) VALUES (?1, ?2)")
    for row in rows {
      let id = row["id"]?.intValue
      if let bytes = row["payload"] {
        let items = (row["items"]?.listValue ?? []).compactMap { item -> WriteItem? in
          guard let pair = item.listValue, pair.count == 2, let record = pair[0].intValue,
            let revision = pair[1].intValue
          else { return nil }
          return WriteItem(record: record, revision: revision)
        }
        payload.bind(1, id)
        try PortableTable.bind(bytes, .bytes, 2, payload)
        payload.bind(3, PackedItems.pack(items))
        try payload.run()
      }
      if let name = row["parent"]?.stringValue {
        parent.bind(1, id)
        parent.bind(2, name)
        try parent.run()
      }
    }
  }

  // MARK: - Gates

  fileprivate func portableGates(after row: Value?, limit: Int) throws -> [Value] {
    let rings = try prepare(
      "SELECT span, size, slot, called_at FROM gate_calls WHERE connector = ?1 ORDER BY span, size, slot")
    return try portable(.gates, nil, row, limit).map { gate in
      guard case .map(let map) = gate else { return gate }
      rings.bind(1, gate["connector"]?.stringValue)
      var calls: [Value] = []
      while try rings.step() { calls.append(.list((0..<4).map { .int(rings.int64($0)) })) }
      return .portable(
        map.entries.compactMap { key, value in
          guard case .string(let name) = key, name != "closedUntil" || value != 0 else { return nil }
          return (name, value)
        } + [("rings", .list(calls))])
    }
  }

  fileprivate func putGates(_ rows: [Value]) throws {
    let gates = rows.map { row in
      guard case .map(let map) = row, row["closedUntil"] == nil else { return row }
      return .map(map.setting("closedUntil", to: 0))
    }
    try PortableTable.simple[.gates]?.put(gates, self)
    let put = try prepare(
      "INSERT INTO gate_calls (connector, span, size, slot, called_at) VALUES (?1, ?2, ?3, ?4, ?5)")
    for row in rows {
      put.bind(1, row["connector"]?.stringValue)
      for call in row["rings"]?.listValue ?? [] {
        for (place, number) in (call.listValue ?? []).enumerated() { put.bind(place + 2, number.intValue) }
        try put.run()
      }
    }
  }

  // MARK: - Chores and numbers

  fileprivate func portableChores() throws -> [Value] {
    try prepare("SELECT substr(name, 7), CAST(value AS INTEGER) FROM meta WHERE name LIKE 'chore.%' ORDER BY name")
      .portable([.init("name", "", .text), .init("at", "")])
  }

  /// The numbers that were taken last.
  fileprivate func portableNumbers() throws -> [Value] {
    try prepare(
      """
      SELECT name, coalesce((SELECT max(seq) FROM sqlite_sequence AS s WHERE s.name = n.name), 0)
      FROM (SELECT 'audit' AS name UNION SELECT 'lookups' UNION SELECT 'pulls' UNION SELECT 'tasks') AS n ORDER BY name
      """
    ).portable([.init("name", "", .text), .init("last", "")])
      + prepare("SELECT 'values', max(version) FROM value_version").portable([
        .init("name", "", .text), .init("last", ""),
      ])
      + prepare("SELECT name, max(sequence, last_purged), id FROM hubs ORDER BY name").portable([
        .init("name", "", .text), .init("last", ""), .init("id", ""),
      ]).map { hub in
        // Records have numbers of their own here, and those of the sequence elsewhere.
        let find = try prepare("SELECT coalesce(max(id), 0) FROM records_\(hub["id"]?.intValue ?? 0)")
        let records = try find.numbers().first ?? 0
        return ["hub": hub["name"] ?? .null, "last": .int(max(hub["last"]?.intValue ?? 0, records))]
      }
  }

  fileprivate func putNumbers(_ rows: [Value]) throws {
    for row in rows {
      guard let last = row["last"]?.intValue else { continue }
      let statements: [String] =
        if row["hub"] != nil {
          ["UPDATE hubs SET sequence = ?2, last_purged = ?2 WHERE name = ?1"]
        } else if row["name"] == "values" {
          ["UPDATE value_version SET version = ?2 WHERE ?1 <> ''"]
        } else {
          [
            "DELETE FROM sqlite_sequence WHERE name = ?1 AND ?2 >= 0",
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
          ]
        }
      for sql in statements {
        let put = try prepare(sql)
        put.bind(1, (row["hub"] ?? row["name"])?.stringValue)
        put.bind(2, last)
        try put.run()
      }
    }
  }

  /// Counts how many records and tasks of each hub are in each state, by one walk through each table.
  fileprivate func countStates() throws {
    var sums: [Int64: [String]] = [:]
    let tasks = try prepare("SELECT hub, side, state, count(*) FROM tasks GROUP BY hub, side, state")
    while try tasks.step() {
      let side = tasks.int(1) == Side.source.rawValue ? Side.source : .target
      sums[tasks.int64(0), default: []].append("\(side.name)_\(tasks.int(2)) = \(tasks.int64(3))")
    }
    for hub in try prepare("SELECT id FROM hubs").numbers() {
      let records = try prepare("SELECT state, count(*) FROM records_\(hub) GROUP BY state")
      while try records.step() { sums[hub, default: []].append("records_\(records.int(0)) = \(records.int64(1))") }
      guard let counts = sums[hub] else { continue }
      try execute("UPDATE hubs SET \(counts.joined(separator: ", ")) WHERE id = \(hub)")
    }
  }
}

extension Transaction {
  fileprivate func putHubs(_ rows: [Value]) throws {
    let update = try connection.prepare(
      "UPDATE hubs SET watermark = ?2, listed_pull = ?3, keeps_deliveries = ?4, last_error = ?5 WHERE name = ?1")
    for row in rows {
      guard let name = row["name"]?.stringValue else { throw StoreError.damaged("a hub without a name") }
      _ = try addHub(name)
      update.bind(1, name)
      update.bind(2, row["watermark"]?.intValue)
      update.bind(3, row["listedPull"]?.intValue)
      try PortableTable.bind(row["keepsDeliveries"], .flag, 4, update)
      try PortableTable.bind(row["lastError"], .failure, 5, update)
      try update.run()
    }
  }
}

extension PortableTable {
  /// The columns of what was done for a record beside its write.
  fileprivate static let stepColumns = [
    Column("name", "name", .text), Column("revision", "revision"), Column("task", "task"), Column("at", "done_at"),
    Column("id", "target_id", .text),
  ]
}
