extension Migrations {
  /// The parents of hubs whose request is repeated for each of some, and whose queries are for which parent.
  ///
  /// `seen_pull` is the pull that listed it last, `failed_pull` the one in which its query did not succeed; the hub's
  /// `listed_pull` is the last one whose list was read to its end.
  static let parents = """
    CREATE TABLE parents (
      hub INTEGER NOT NULL,
      key TEXT NOT NULL,
      read_until INTEGER,
      seen_pull INTEGER NOT NULL,
      failed_pull INTEGER,
      error TEXT,
      PRIMARY KEY (hub, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parents_failing ON parents (hub, failed_pull) WHERE failed_pull IS NOT NULL;

    CREATE TABLE query_parents (task INTEGER PRIMARY KEY, parent TEXT NOT NULL) STRICT;

    ALTER TABLE hubs ADD COLUMN listed_pull INTEGER;
    """

  /// What the latest list asked for each parent, to tell two with one key.
  static let askedOfParents = "ALTER TABLE parents ADD COLUMN asked TEXT;"

  /// Of which parent a record is.
  static let parentOfRecord = "ALTER TABLE records_{hub} ADD COLUMN parent TEXT;"
}
