extension Migrations {
  /// Schedules, their runs and who leads; what a pull is for.
  static let schedules = """
    CREATE TABLE schedules (
      hub INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      rule TEXT NOT NULL,
      seen INTEGER NOT NULL,
      PRIMARY KEY (hub, kind)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE schedule_runs (
      hub INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      slot INTEGER NOT NULL,
      state INTEGER NOT NULL,
      missed INTEGER NOT NULL,
      entered_at INTEGER NOT NULL,
      ended_at INTEGER,
      owner TEXT NOT NULL,
      owner_until INTEGER,
      pull INTEGER,
      records INTEGER NOT NULL DEFAULT 0,
      writes INTEGER NOT NULL DEFAULT 0,
      note TEXT,
      PRIMARY KEY (hub, kind, slot)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX schedule_runs_open ON schedule_runs (hub, kind, slot) WHERE state < 2;

    CREATE TABLE leads (
      name TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE pulls ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX pulls_by_hub ON pulls (hub, id);
    """
}
