extension Migrations {
  /// What `find()` asks, and which records wait for what it did not find.
  ///
  /// A lookup whose `next_record` is not null is being built and has all records before that one; one that is retired only
  /// waits for its entries to be removed, and is never asked or built again.
  static let lookups = """
    CREATE TABLE lookups (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hub INTEGER NOT NULL,
      fields TEXT NOT NULL,
      next_record INTEGER,
      is_retired INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE UNIQUE INDEX lookups_kept ON lookups (hub, fields) WHERE is_retired = 0;

    CREATE TABLE lookup_entries (
      lookup INTEGER NOT NULL,
      key BLOB NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (lookup, key, record)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lookup_waits (
      lookup INTEGER NOT NULL,
      key BLOB NOT NULL,
      hub INTEGER NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (lookup, key, hub, record)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX lookup_waits_hub ON lookup_waits (hub);

    CREATE TABLE delivery_waits (
      awaited_hub INTEGER NOT NULL,
      awaited_record INTEGER NOT NULL,
      hub INTEGER NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (awaited_hub, awaited_record, hub, record)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX delivery_waits_hub ON delivery_waits (hub);
    """
}
