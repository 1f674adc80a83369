import Keeping
import SQLiteKit

/// The tables, as numbered steps: a step that was released is never changed, a new one is added.
enum Migrations {
  /// The steps; the version of a store is how many of them it has seen.
  ///
  /// A step that names `{hub}` is run once for the number of each hub there is: a hub that comes later is made as
  /// `HubTables` has it.
  static let steps: [String] = [
    tables, gates, lookups, schedules, operators, waiting, delivery, upstreams, parents, parentOfRecord,
    askedOfParents, purgedRecords, stepsOfPurged,
  ]

  /// Brings a store to the newest version and makes sure that it is the tenant's.
  ///
  /// - Returns: the version it had; 0 for a new one.
  @discardableResult
  static func run(on database: Database, tenant: String, steps: [String] = steps) async throws -> Int {
    // Looked at first, so that opening a store that is up to date writes nothing.
    let found = try await database.read { try version(of: $0, tenant, newest: steps.count) }
    if found == steps.count { return found }
    return try await database.write { connection in
      let version = try version(of: connection, tenant, newest: steps.count)
      for step in steps[version...] { try run(step, on: connection) }
      let keep = try connection.prepare(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      for (name, value) in [("tenant", tenant), ("version", String(steps.count))] {
        keep.bind(1, name)
        keep.bind(2, value)
        try keep.run()
      }
      return version
    }
  }

  private static func run(_ step: String, on connection: Connection) throws {
    guard step.contains("{hub}") else { return try connection.execute(step) }
    var hubs: [Int64] = []
    let list = try connection.prepare("SELECT id FROM hubs")
    while try list.step() { hubs.append(list.int64(0)) }
    for hub in hubs { try connection.execute(step.replacing("{hub}", with: String(hub))) }
  }

  /// The version of a store; 0 for a new one.
  private static func version(of connection: Connection, _ tenant: String, newest: Int) throws -> Int {
    let find = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'")
    let isMade = try find.step()
    // A statement that has not come to its end would keep steps from changing tables.
    find.reset()
    guard isMade else { return 0 }
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
    // What another process is filling is refused as well.
    if let source = meta[SQLiteStore.unfinishedMark] {
      throw StoreError(
        .unfinished,
        "the store is a copy of \(source) that was not brought to its end: remove its file, and the -wal and -shm beside it, "
          + "and copy again")
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

  /// What persons do, and the entries of value mappings they keep.
  ///
  /// The audit log only grows; the triggers are for whoever comes with other tools.
  private static let operators = """
    ALTER TABLE tasks ADD COLUMN cancel INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE hubs ADD COLUMN last_error TEXT;

    DROP INDEX lookup_waits_hub;
    CREATE INDEX lookup_waits_record ON lookup_waits (hub, record);
    DROP INDEX delivery_waits_hub;
    CREATE INDEX delivery_waits_record ON delivery_waits (hub, record);

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      by TEXT NOT NULL,
      action TEXT NOT NULL,
      hub TEXT,
      reason TEXT,
      details TEXT
    ) STRICT;
    CREATE TABLE audit_items (
      entry INTEGER NOT NULL,
      number INTEGER NOT NULL,
      things INTEGER NOT NULL,
      subject TEXT NOT NULL,
      before TEXT NOT NULL,
      after TEXT NOT NULL,
      PRIMARY KEY (entry, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX audit_items_subject ON audit_items (subject);
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
    CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is not removed'); END;
    CREATE TRIGGER audit_items_stay BEFORE UPDATE ON audit_items
      BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
    CREATE TRIGGER audit_items_are_kept BEFORE DELETE ON audit_items
      BEGIN SELECT RAISE(ABORT, 'the audit log is not removed'); END;

    CREATE TABLE value_entries (
      mapping TEXT NOT NULL,
      code TEXT NOT NULL,
      label TEXT,
      value TEXT NOT NULL,
      value_label TEXT,
      changed_at INTEGER NOT NULL,
      changed_by TEXT NOT NULL,
      PRIMARY KEY (mapping, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE value_version (version INTEGER NOT NULL) STRICT;
    INSERT INTO value_version (version) VALUES (0);
    """

  /// What a record waits for, found by it.
  private static let waiting = """
    ALTER TABLE records_{hub} ADD COLUMN waits_for TEXT;
    CREATE INDEX records_{hub}_waiting ON records_{hub} (waits_for) WHERE state = 4;
    """

  /// Up to which number a hub's records were purged: what came last may have gone, and its number is no other's.
  static let purgedRecords = "ALTER TABLE hubs ADD COLUMN last_purged INTEGER NOT NULL DEFAULT 0;"

  /// Steps of purged records were left once, and passed over when another record had the number.
  static let stepsOfPurged = """
    DELETE FROM steps WHERE hub = {hub} AND done_at < coalesce(
      (SELECT first_seen_at FROM records_{hub} AS r WHERE r.id = steps.record), 9223372036854775807);
    """
}
