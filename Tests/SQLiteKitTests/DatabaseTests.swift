import Glibc
import Testing

@testable import SQLiteKit

private struct Refusal: Error, Equatable {}

@Suite("A database")
struct DatabaseTests {
  @Test("writes that wait together are committed together")
  func groupCommit() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      let before = database.transactionsCommitted
      let results = try await writeTogether(database, count: 64) { connection, index in
        try connection.insert("\(index)")
      }
      #expect(results.count == 64)
      for result in results { try result.get() }
      #expect(database.transactionsCommitted - before == 2)
      #expect(database.writesCommitted == 66)
      #expect(try await database.count() == 64)
    }
  }

  @Test("a batch is never larger than its limit")
  func batchLimit() async throws {
    try await withDatabase(.init(maximumBatch: 10)) { database, _ in
      try await database.makeItems()
      let before = database.transactionsCommitted
      _ = try await writeTogether(database, count: 64) { connection, index in try connection.insert("\(index)") }
      #expect(database.transactionsCommitted - before == 8)
      #expect(try await database.count() == 64)
    }
  }

  @Test("a body that throws is undone alone")
  func throwingBody() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      let results = try await writeTogether(database, count: 9) { connection, index in
        try connection.insert("\(index)")
        if index % 3 == 1 { throw Refusal() }
      }
      for (index, result) in results.enumerated() {
        if index % 3 == 1 {
          #expect(throws: Refusal()) { try result.get() }
        } else {
          try result.get()
        }
      }
      #expect(try await database.count() == 6)
      await #expect(throws: Refusal()) {
        try await database.write { connection in
          try connection.insert("alone")
          throw Refusal()
        }
      }
      #expect(try await database.count() == 6)
    }
  }

  @Test("a deferred foreign key that points nowhere fails its own body only")
  func deferredForeignKey() async throws {
    try await withDatabase { database, _ in
      try await database.write {
        try $0.execute(
          """
          CREATE TABLE item(id INTEGER PRIMARY KEY);
          CREATE TABLE part(item INTEGER REFERENCES item(id) DEFERRABLE INITIALLY DEFERRED);
          """)
      }
      let results = try await writeTogether(database, count: 4) { connection, index in
        try connection.execute("INSERT INTO part VALUES (\(index))")
        if index != 2 { try connection.execute("INSERT INTO item VALUES (\(index))") }
      }
      let error = #expect(throws: SQLiteError.self) { try results[2].get() }
      #expect(error?.isConstraint == true)
      #expect(try await database.count("part") == 3)
      await #expect(throws: SQLiteError.self) {
        try await database.write { try $0.execute("INSERT INTO part VALUES (99)") }
      }
      #expect(try await database.count("part") == 3)
    }
  }

  @Test("a savepoint undoes its own part, nested ones too")
  func savepoint() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      try await database.write { connection in
        try connection.insert("kept")
        // Not `#expect(throws:) { }`: Swift 6.3.1 gives its closure the symbol of the last one in this body, and the
        // last call would run it instead.
        do {
          try connection.savepoint {
            try connection.insert("undone")
            try connection.savepoint { try connection.insert("undone with it") }
            throw Refusal()
          }
          Issue.record("the savepoint let nothing through")
        } catch {
          #expect(error is Refusal)
        }
        try connection.savepoint { try connection.insert("kept too") }
      }
      #expect(try await database.count() == 2)
    }
  }

  @Test(
    "a body cannot end its transaction or reach another file",
    arguments: [
      "COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT body", "ROLLBACK TO body",
      "INSERT INTO item(name) VALUES ('x'); COMMIT", "ATTACH ':memory:' AS other",
    ])
  func transactionControl(sql: String) async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      await #expect(throws: SQLiteError.self) { try await database.write { try $0.execute(sql) } }
      await #expect(throws: SQLiteError.self) { try await database.write { _ = try $0.prepare(sql) } }
      #expect(try await database.count() == 0)
    }
  }

  @Test("a read sees one instant, whatever is committed meanwhile")
  func snapshot() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      let (hasBegun, begin) = AsyncStream<Void>.makeStream()
      async let counts = database.read { connection in
        let before = try connection.count()
        begin.finish()
        while database.writesCommitted < 2 { sched_yield() }
        return [before, try connection.count()]
      }
      for await _ in hasBegun {}
      try await database.write { try $0.insert("later") }
      #expect(try await counts == [0, 0])
      #expect(try await database.count() == 1)
    }
  }

  @Test("a read that was left half-way does not hold its snapshot")
  func abandonedCursor() async throws {
    try await withDatabase(.init(readers: 1)) { database, _ in
      try await database.makeItems()
      try await database.write { for name in ["a", "b", "c"] { try $0.insert(name) } }
      let first = try await database.read { connection in
        let select = try connection.prepare("SELECT name FROM item ORDER BY id")
        _ = try select.step()
        return select.text(0)
      }
      #expect(first == "a")
      try await database.write { try $0.insert("d") }
      #expect(try await database.count() == 4)
    }
  }

  @Test("a reader cannot write")
  func readerWrites() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      await #expect(throws: SQLiteError.self) { try await database.read { try $0.insert("x") } }
    }
  }

  @Test("a full database fails the write and goes on")
  func full() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      try await database.write { try $0.execute("PRAGMA max_page_count = 8") }
      let error = await #expect(throws: SQLiteError.self) {
        try await database.write { try $0.insert(String(repeating: "x", count: 100_000)) }
      }
      #expect(error?.isFull == true)
      #expect(error?.isTransient == true)
      try await database.write { try $0.insert("small") }
      #expect(try await database.count() == 1)
    }
  }

  @Test("a full database fails no body that fits, and no body twice")
  func fullInBatch() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      try await database.write { try $0.execute("PRAGMA max_page_count = 8") }
      let results = try await writeTogether(database, count: 5) { connection, index in
        try connection.insert(index == 2 ? String(repeating: "x", count: 100_000) : "small")
      }
      let succeeded = results.count { if case .success = $0 { true } else { false } }
      // SQLite undoes the statement or the whole transaction; either way what was answered is what is kept.
      #expect(try await database.count() == succeeded)
      #expect(throws: SQLiteError.self) { try results[2].get() }
    }
  }

  @Test("everything fails after damage was seen")
  func poisoned() async throws {
    try await withFolder { folder in
      let path = folder + "/test.db"
      let first = try Database(path: path)
      try await first.makeItems()
      try await first.write { connection in
        for _ in 0..<500 { try connection.insert(String(repeating: "x", count: 200)) }
      }
      await first.close()
      try overwrite(path, from: 2 * 4096, count: 8 * 4096)
      let second = try Database(path: path)
      let error = await #expect(throws: SQLiteError.self) {
        try await second.write { try $0.execute("UPDATE item SET name = 'y'") }
      }
      #expect(error?.isCorrupt == true)
      let later = await #expect(throws: SQLiteError.self) { try await second.write { try $0.insert("fine") } }
      #expect(later?.message.contains("open it anew") == true)
      await #expect(throws: SQLiteError.self) { try await second.count() }
      await #expect(throws: SQLiteError.self) { try await second.changedByOthers() }
      await second.close()
    }
  }

  @Test("closing finishes what waits; later calls fail")
  func closing() async throws {
    try await withFolder { folder in
      let path = folder + "/test.db"
      let database = try Database(path: path)
      try await database.makeItems()
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (hasBegun, begin) = AsyncStream<Void>.makeStream()
        group.addTask {
          try await database.write { connection in
            begin.finish()
            while database.waitingWrites < 3 { sched_yield() }
            try connection.insert("first")
          }
        }
        for await _ in hasBegun {}
        for index in 0..<3 { group.addTask { try await database.write { try $0.insert("\(index)") } } }
        group.addTask { await database.close() }
        try await group.waitForAll()
      }
      await #expect(throws: SQLiteError.self) { try await database.write { try $0.insert("late") } }
      await #expect(throws: SQLiteError.self) { try await database.count() }
      await database.close()
      #expect(!exists(path + "-wal"))
      let again = try Database(path: path)
      #expect(try await again.count() == 4)
      await again.close()
    }
  }

  private func overwrite(_ path: String, from offset: Int, count: Int) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let garbage = [UInt8](repeating: 0xa5, count: count)
    #expect(pwrite(descriptor, garbage, count, off_t(offset)) == count)
  }
}
