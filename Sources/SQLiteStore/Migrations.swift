import Keeping
import SQLiteKit

/// The tables, as numbered steps: a step that was released is never changed, a new one is added.
enum Migrations {
  /// The steps; the version of a store is how many of them it has seen.
  static let steps: [String] = [tables, gates, lookups, schedules, delivery, upstreams]

  /// Brings a store to the newest version and makes sure that it is the tenant's.
  static func run(on database: Database, tenant: String, steps: [String] = steps) async throws {
    // Looked at first, so that opening a store that is up to date writes nothing.
    let isCurrent = try await database.read { try version(of: $0, tenant, newest: steps.count) == steps.count }
    if isCurrent { return }
    try await database.write { connection in
      let version = try version(of: connection, tenant, newest: steps.count)
      for step in steps[version...] { try connection.execute(step) }
      let keep = try connection.prepare(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      for (name, value) in [("tenant", tenant), ("version", String(steps.count))] {
        keep.bind(1, name)
        keep.bind(2, value)
        try keep.run()
      }
    }
  }

  /// The version of a store; 0 for a new one.
  private static func version(of connection: Connection, _ tenant: String, newest: Int) throws -> Int {
    let find = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'")
    guard try find.step() else { return 0 }
    let values = try connection.prepare("SELECT name, value FROM meta")
    var meta: [String: String] = [:]
    while try values.step() { meta[values.text(0)] = values.text(1) }
    guard let owner = meta["tenant"], let version = meta["version"].flatMap(Int.init), version > 0 else {
      throw StoreError.damaged("no tenant or version in its table 'meta'")
    }
    guard owner == tenant else {
      throw StoreError(.otherTenant, "the store belongs to the tenant \"\(owner)\", not to \"\(tenant)\"")
    }
    guard version <= newest else {
      throw StoreError(
        .otherVersion,
        "the store has version \(version) and this program knows versions up to \(newest): use a newer program")
    }
    return version
  }

  /// Version 1.
  ///
  /// States are the raw values of `Keeping`. `hubs` carries, beside its sequence for positions, how many records and
  /// tasks are in each state, so that a hub's status is one row. Open tasks, running ones and those that need a person
  /// have a small index each; a task that is done is in none.
  /// Their conditions compare: an `IN` of more than two values is built anew, as a table, for every row that is changed.
  private static let tables = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE hubs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      watermark INTEGER,
      sequence INTEGER NOT NULL DEFAULT 0,
      records_0 INTEGER NOT NULL DEFAULT 0, records_1 INTEGER NOT NULL DEFAULT 0,
      records_2 INTEGER NOT NULL DEFAULT 0, records_3 INTEGER NOT NULL DEFAULT 0,
      records_4 INTEGER NOT NULL DEFAULT 0, records_5 INTEGER NOT NULL DEFAULT 0,
      records_6 INTEGER NOT NULL DEFAULT 0, records_7 INTEGER NOT NULL DEFAULT 0,
      source_0 INTEGER NOT NULL DEFAULT 0, source_1 INTEGER NOT NULL DEFAULT 0,
      source_2 INTEGER NOT NULL DEFAULT 0, source_3 INTEGER NOT NULL DEFAULT 0,
      source_4 INTEGER NOT NULL DEFAULT 0, source_5 INTEGER NOT NULL DEFAULT 0,
      source_6 INTEGER NOT NULL DEFAULT 0,
      target_0 INTEGER NOT NULL DEFAULT 0, target_1 INTEGER NOT NULL DEFAULT 0,
      target_2 INTEGER NOT NULL DEFAULT 0, target_3 INTEGER NOT NULL DEFAULT 0,
      target_4 INTEGER NOT NULL DEFAULT 0, target_5 INTEGER NOT NULL DEFAULT 0,
      target_6 INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE deployments (
      generation INTEGER PRIMARY KEY,
      digest TEXT NOT NULL,
      deployed_by TEXT NOT NULL,
      git_commit TEXT,
      deployed_at INTEGER NOT NULL,
      plan BLOB NOT NULL
    ) STRICT;

    CREATE TABLE pulls (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hub INTEGER NOT NULL,
      state INTEGER NOT NULL,
      open_queries INTEGER NOT NULL,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL,
      opened_at INTEGER NOT NULL,
      closed_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX pulls_open ON pulls (hub) WHERE state = 0;

    CREATE TABLE tasks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hub INTEGER NOT NULL,
      side INTEGER NOT NULL,
      state INTEGER NOT NULL,
      position INTEGER NOT NULL,
      run_at INTEGER NOT NULL,
      epoch INTEGER NOT NULL DEFAULT 0,
      attempts INTEGER NOT NULL DEFAULT 0,
      rescues INTEGER NOT NULL DEFAULT 0,
      sends_again INTEGER NOT NULL,
      record_count INTEGER NOT NULL,
      pull INTEGER,
      owner TEXT,
      lease_until INTEGER,
      error TEXT,
      created_at INTEGER NOT NULL,
      finished_at INTEGER
    ) STRICT;
    CREATE INDEX tasks_open ON tasks (hub, side, position, state, run_at) WHERE state IN (0, 3);
    CREATE INDEX tasks_running ON tasks (hub, side) WHERE state = 1;
    CREATE INDEX tasks_stopped ON tasks (id, state) WHERE state >= 4;

    CREATE TABLE task_payloads (task INTEGER PRIMARY KEY, payload BLOB NOT NULL, items BLOB NOT NULL) STRICT;

    CREATE TABLE ledger (
      task INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      phase INTEGER NOT NULL,
      status INTEGER,
      answer TEXT,
      started_at INTEGER NOT NULL,
      duration INTEGER,
      PRIMARY KEY (task, epoch)
    ) STRICT, WITHOUT ROWID;
    """

  /// Calls of connectors: for each limit a ring of the moments of its last calls; and circuits.
  private static let gates = """
    CREATE TABLE gates (
      connector TEXT PRIMARY KEY,
      calls INTEGER NOT NULL DEFAULT 0,
      closed_until INTEGER NOT NULL DEFAULT 0,
      pauses INTEGER NOT NULL DEFAULT 0,
      open_until INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE gate_calls (
      connector TEXT NOT NULL,
      span INTEGER NOT NULL,
      size INTEGER NOT NULL,
      slot INTEGER NOT NULL,
      called_at INTEGER NOT NULL,
      PRIMARY KEY (connector, span, size, slot)
    ) STRICT, WITHOUT ROWID;
    """
}
