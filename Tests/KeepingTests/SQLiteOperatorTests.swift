import Keeping
import SQLiteKit
import Testing
import Values

@testable import SQLiteStore

@Suite("The SQLite store, for persons")
struct SQLiteOperatorTests {
  @Test("the audit log is neither changed nor removed, whoever tries")
  func appendOnly() async throws {
    try await withStore { store, desk in
      _ = try await desk.set("W01", "101", supplies: [])
      for sql in [
        "UPDATE audit SET by = 'nobody'", "DELETE FROM audit", "UPDATE audit_items SET before = 'null'",
        "DELETE FROM audit_items",
      ] {
        let error = await #expect(throws: SQLiteError.self) {
          try await store.database.write { try $0.execute(sql) }
        }
        #expect(error?.message.contains("audit log") == true)
      }
      #expect(try await store.audit(AuditFilter()).count == 1)
    }
  }

  @Test("a store of the first version gains what persons need, its records with it")
  func migration() async throws {
    try await withFolder { folder in
      let database = try Database(
        path: "\(folder)/acme.sqlite", configuration: .init(applicationID: SQLiteStore.applicationID))
      try await Migrations.run(on: database, tenant: "acme", steps: [Migrations.steps[0]])
      try await database.write { connection in
        try connection.execute(
          """
          INSERT INTO hubs (name) VALUES ('orders');
          CREATE TABLE records_1 (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, number TEXT, state INTEGER NOT NULL,
            position INTEGER NOT NULL, revision INTEGER NOT NULL, queued_revision INTEGER, delivered_revision INTEGER,
            target_id TEXT, digest BLOB NOT NULL, source_task INTEGER, target_task INTEGER,
            first_seen_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, error TEXT, next_state INTEGER, next_error TEXT
          ) STRICT;
          CREATE TABLE content_1 (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
          INSERT INTO records_1 (key, state, position, revision, digest, first_seen_at, updated_at)
            VALUES ('1', 0, 1, 1, x'00', 0, 0);
          INSERT INTO content_1 VALUES (1, x'7b7d');
          UPDATE hubs SET records_0 = 1, sequence = 1;
          """)
      }
      await database.close()
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let desk = try await Desk(store)
      let unsendable = UnsendableRecord(
        item: WriteItem(record: 1, revision: 1), failure: desk.failure("waiting"), isWaiting: true, waitsFor: "a")
      _ = try await store.enqueueWrites(hub: "orders", [], unsendable: [unsendable], now: desk.at(0))
      #expect(try await desk.set("1", "x", supplies: ["a"]).woken == 1)
      await store.close()
    }
  }

  @Test("a move that the machine does not have is undone with all of its transaction")
  func illegalMove() async throws {
    try await withStore { store, desk in
      try await desk.bring([desk.record("1")])
      let error = await #expect(throws: StoreError.self) {
        try await store.write(now: desk.at(1)) { transaction in
          try transaction.connection.execute("UPDATE records_1 SET state = 7")
          transaction.tally(of: 1).countRecord(from: .pending, to: .uncertain)
        }
      }
      #expect(error?.code == .damaged)
      #expect(try await desk.state("1") == "pending")
    }
  }

  @Test("claims, lists and wakes look into an index, never through a whole table")
  func queryPlans() async throws {
    try await withStore { store, desk in
      try await desk.bring([desk.record("1")])
      let attention = FilterSQL(RecordFilter(hub: "orders", states: [.failed, .uncertain])).whereClause
      let stopped = FilterSQL(TaskFilter(states: [.dead]), hub: nil).whereClause
      let open = FilterSQL(TaskFilter(hub: "orders", side: .target, states: [.ready]), hub: store.hubs[1]).whereClause
      let queries = [
        (
          "SELECT id FROM tasks WHERE hub = 1 AND side = 1 AND state IN (0, 3) AND run_at <= 9 ORDER BY position",
          "tasks_open"
        ),
        ("SELECT t.id FROM tasks AS t \(stopped) ORDER BY t.id DESC LIMIT 9", "tasks_stopped"),
        ("SELECT t.id FROM tasks AS t \(open) ORDER BY t.hub, t.side, t.position, t.id LIMIT 9", "tasks_open"),
        ("SELECT id FROM records_1 \(attention) ORDER BY id DESC LIMIT 9", "records_1_attention"),
        ("SELECT id FROM records_1 WHERE key IN (SELECT value FROM json_each('[]'))", "sqlite_autoindex_records_1_1"),
        (store.hubs[1].wakeWaitingFor, "records_1_waiting"),
        (store.hubs[1].pending, "records_1_pending"),
        ("SELECT entry FROM audit_items WHERE subject = 'task 1'", "audit_items_subject"),
        ("SELECT value FROM value_entries WHERE mapping = 'a' AND code = 'b'", "PRIMARY KEY"),
      ]
      for (sql, index) in queries {
        let plan = try await store.read { connection in
          let explain = try connection.prepare("EXPLAIN QUERY PLAN \(sql)")
          var lines: [String] = []
          while try explain.step() { lines.append(explain.text(3)) }
          return lines.joined(separator: "; ")
        }
        #expect(plan.contains(index), "\(sql)\n\(plan)")
      }
    }
  }

  private func withStore(_ body: (SQLiteStore, Desk) async throws -> Void) async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      try await body(store, Desk(store))
      await store.close()
    }
  }
}
