/// The SQL about the records of one hub, written once: the statement caches find a statement by its text.
///
/// A hub's tables carry its number, never its name, so nothing a user chose becomes SQL. Content has a table of its own:
/// a record changes its state several times, and rewriting a kilobyte each time would cost more than the rest.
final class HubTables: Sendable {
  /// The hub's number.
  let id: Int64
  /// Makes the tables where there are none.
  let create: String

  // A page of records.
  let insertRecord: String
  let insertContent: String
  let findByKey: String
  let content: String
  let changeRecord: String
  let changeRecordInFlight: String
  let changeContent: String
  let judgeRecord: String

  // Writes.
  let pending: String
  let queueRecord: String
  let unqueueRecord: String
  let refuseRecord: String
  let noteRecord: String
  let wakeRecords: String
  let wakeWaitingFor: String
  let finishRecord: String
  let stopRecord: String
  let doubtRecord: String
  let findInFlight: String
  let releaseRecord: String

  // Lookups.
  let found: String
  let contents: String
  let findDelivery: String
  let wakeRecord: String

  // Looking.
  let detailSelect: String
  let key: String

  /// The name of the table of records.
  var records: String { "records_\(id)" }
  /// The name of the table of their contents.
  var contentTable: String { "content_\(id)" }
  /// What a list shows of a record.
  static let summaryColumns = "id, key, number, state, revision, target_id, error, updated_at"

  init(id: Int64) {
    self.id = id
    let records = "records_\(id)"
    let contents = "content_\(id)"
    create = """
      CREATE TABLE IF NOT EXISTS \(records) (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        number TEXT,
        state INTEGER NOT NULL,
        position INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        queued_revision INTEGER,
        delivered_revision INTEGER,
        target_id TEXT,
        digest BLOB NOT NULL,
        source_task INTEGER,
        target_task INTEGER,
        first_seen_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        error TEXT,
        next_state INTEGER,
        next_error TEXT,
        waits_for TEXT,
        parent TEXT
      ) STRICT;
      CREATE INDEX IF NOT EXISTS \(records)_pending ON \(records) (position) WHERE state = 0;
      CREATE INDEX IF NOT EXISTS \(records)_attention ON \(records) (id, state) WHERE state >= 3;
      CREATE INDEX IF NOT EXISTS \(records)_waiting ON \(records) (waits_for) WHERE state = 4;
      CREATE TABLE IF NOT EXISTS \(contents) (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
      """

    insertRecord = """
      INSERT INTO \(records) (id, key, number, state, position, revision, digest, error, source_task, first_seen_at,
        updated_at, parent)
      VALUES (?10, ?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?8, ?9) ON CONFLICT (key) DO NOTHING
      """
    insertContent = "INSERT INTO \(contents) (id, content) VALUES (?1, ?2)"
    findByKey = "SELECT id, state, digest, delivered_revision IS NOT NULL, error FROM \(records) WHERE key = ?1"
    content = "SELECT content FROM \(contents) WHERE id = ?1"
    changeRecord = """
      UPDATE \(records) SET number = ?2, state = ?3, position = ?4, revision = revision + 1, digest = ?5,
        error = coalesce(?6, iif(state = 6, error, NULL)), source_task = ?7, updated_at = ?8, parent = ?9 WHERE id = ?1
      """
    changeRecordInFlight = """
      UPDATE \(records) SET number = ?2, next_state = ?3, revision = revision + 1, digest = ?5, next_error = ?6,
        source_task = ?7, updated_at = ?8, parent = ?9 WHERE id = ?1
      """
    noteRecord = "UPDATE \(records) SET state = ?2, error = ?3, updated_at = ?4 WHERE id = ?1"
    changeContent = "UPDATE \(contents) SET content = ?2 WHERE id = ?1"
    judgeRecord = "UPDATE \(records) SET state = ?2, position = ?3, updated_at = ?4, error = ?5 WHERE id = ?1"

    pending = """
      SELECT r.id, r.position, r.key, r.revision, r.delivered_revision, r.target_id, c.content, r.first_seen_at
      FROM \(records) AS r CROSS JOIN \(contents) AS c ON c.id = r.id
      WHERE r.state = 0 AND r.position > ?1 ORDER BY r.position LIMIT ?2
      """
    queueRecord = """
      UPDATE \(records) SET state = 1, queued_revision = ?2, target_task = ?3, updated_at = ?4
      WHERE id = ?1 AND state = 0 AND revision = ?2
      """
    // Its position was not touched when it was queued, so it goes back to where it stood.
    unqueueRecord = """
      UPDATE \(records) SET state = 0, queued_revision = NULL, target_task = NULL WHERE id = ?1 AND target_task = ?2
      """
    refuseRecord = """
      UPDATE \(records) SET state = ?5, error = ?3, updated_at = ?4, waits_for = ?6
      WHERE id = ?1 AND state = 0 AND revision = ?2
      """
    wakeRecords = "UPDATE \(records) SET state = 0, error = NULL, updated_at = ?1 WHERE state = 4"
    wakeWaitingFor = """
      UPDATE \(records) SET state = 0, error = NULL, updated_at = ?1
      WHERE state = 4 AND waits_for IN (SELECT value FROM json_each(?2))
      """
    finishRecord = """
      UPDATE \(records) SET state = 2, position = ?6, queued_revision = NULL, delivered_revision = ?3,
        target_id = coalesce(?4, target_id), error = NULL, updated_at = ?5
      WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3 AND revision = ?3
      """
    stopRecord = """
      UPDATE \(records) SET state = ?4, position = ?5, queued_revision = NULL, error = ?6, updated_at = ?7
      WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3 AND revision = ?3
      """
    doubtRecord = """
      UPDATE \(records) SET state = 7, error = ?4, updated_at = ?5
      WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3
      """
    findInFlight = """
      SELECT coalesce(next_state, 0), next_error FROM \(records)
      WHERE id = ?1 AND state = 1 AND target_task = ?2 AND queued_revision = ?3
      """
    releaseRecord = """
      UPDATE \(records) SET state = ?2, position = ?3, error = ?4, queued_revision = NULL, next_state = NULL,
        next_error = NULL, delivered_revision = coalesce(?5, delivered_revision), target_id = coalesce(?6, target_id),
        updated_at = ?7
      WHERE id = ?1
      """

    found = """
      SELECT r.key, r.state, r.delivered_revision, r.target_id, c.content
      FROM lookup_entries AS e CROSS JOIN \(records) AS r ON r.id = e.record CROSS JOIN \(contents) AS c ON c.id = r.id
      WHERE e.lookup = ?1 AND e.key = ?2 ORDER BY e.record
      """
    self.contents = "SELECT id, content FROM \(contents) WHERE id >= ?1 ORDER BY id LIMIT ?2"

    findDelivery = "SELECT id, delivered_revision FROM \(records) WHERE key = ?1"
    wakeRecord = """
      UPDATE \(records) SET state = 0, error = NULL, waits_for = NULL, updated_at = ?2 WHERE id = ?1 AND state = 4
      """

    let columns = HubTables.summaryColumns
    detailSelect = """
      SELECT \(columns), delivered_revision, first_seen_at, source_task, target_task,
        (SELECT content FROM \(contents) AS c WHERE c.id = r.id), parent
      FROM \(records) AS r
      """
    key = "SELECT key FROM \(records) WHERE id = ?1"
  }
}
