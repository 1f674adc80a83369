extension Migrations {
  /// What splitting, follow-up calls and locks need.
  ///
  /// A task that goes on with records of another names it as its `origin`. The lock of a task is held while it is ready,
  /// running, to be tried again or uncertain: the index lets no second one in. Its `arrival` says what it means that it arrived,
  /// where that is more than that its records are there. `steps` says what was done for a record beside its
  /// write, `seen` in which pull a record was last, for hubs that take back what is gone; pull 0 is for one that is.
  static let delivery = """
    ALTER TABLE tasks ADD COLUMN origin INTEGER;
    ALTER TABLE tasks ADD COLUMN lock TEXT;
    ALTER TABLE tasks ADD COLUMN arrival TEXT;
    CREATE INDEX tasks_following ON tasks (origin) WHERE origin IS NOT NULL;
    CREATE UNIQUE INDEX tasks_locked ON tasks (hub, lock)
      WHERE lock IS NOT NULL AND state != 2 AND state != 4 AND state != 5;

    CREATE TABLE steps (
      hub INTEGER NOT NULL,
      record INTEGER NOT NULL,
      name TEXT NOT NULL,
      revision INTEGER NOT NULL,
      target_id TEXT,
      task INTEGER NOT NULL,
      done_at INTEGER NOT NULL,
      PRIMARY KEY (hub, record, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE seen (
      hub INTEGER NOT NULL,
      record INTEGER NOT NULL,
      pull INTEGER NOT NULL,
      PRIMARY KEY (hub, record)
    ) STRICT, WITHOUT ROWID;
    """
}
