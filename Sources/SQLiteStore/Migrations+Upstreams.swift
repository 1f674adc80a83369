extension Migrations {
  /// How far hubs have read the delivered records of other hubs; and which hubs' records are kept in the order they were delivered.
  static let upstreams = """
    CREATE TABLE cursors (
      hub INTEGER NOT NULL,
      upstream INTEGER NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (hub, upstream)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE hubs ADD COLUMN keeps_deliveries INTEGER NOT NULL DEFAULT 0;
    """
}
