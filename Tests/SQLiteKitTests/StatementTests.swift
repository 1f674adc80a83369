import Testing

@testable import SQLiteKit

@Suite("A statement")
struct StatementTests {
  @Test("values come back as they went in")
  func roundTrip() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let select = try connection.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9")
        select.bind(1, Int64.min)
        select.bind(2, Int.max)
        select.bind(3, 0.1)
        select.bind(4, true)
        select.bind(5, "订单 \u{1F600}")
        select.bind(6, [0, 255, 1] as [UInt8])
        select.bindNull(7)
        select.bind(8, nil as String?)
        select.bind(9, "there" as String?)
        #expect(try select.step())
        #expect(select.columnCount == 9)
        #expect(select.int64(0) == .min)
        #expect(select.int(1) == .max)
        #expect(select.double(2) == 0.1)
        #expect(select.bool(3))
        #expect(select.text(4) == "订单 \u{1F600}")
        #expect(select.bytes(5) == [0, 255, 1])
        #expect(select.isNull(6))
        #expect(select.optionalInt64(6) == nil)
        #expect(select.optionalText(7) == nil)
        #expect(select.optionalText(8) == "there")
        #expect(try !select.step())
      }
    }
  }

  @Test("empty text and an empty blob are not NULL")
  func empty() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let select = try connection.prepare("SELECT ?1, typeof(?1), ?2, typeof(?2), typeof(?3), typeof(?4)")
        select.bind(1, "")
        select.bind(2, [] as [UInt8])
        select.bind(3, UnsafeRawBufferPointer(start: nil, count: 0))
        select.bindText(4, UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(try select.step())
        #expect(select.text(0) == "")
        #expect(select.optionalText(0) == "")
        #expect(select.text(1) == "text")
        #expect(select.optionalBytes(2) == [])
        #expect(select.text(3) == "blob")
        #expect(select.text(4) == "blob")
        #expect(select.text(5) == "text")
      }
    }
  }

  @Test("text keeps a NUL inside")
  func innerNUL() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let select = try connection.prepare("SELECT ?1")
        select.bind(1, "a\0b")
        #expect(try select.step())
        #expect(select.text(0) == "a\0b")
        #expect(select.bytes(0) == [0x61, 0, 0x62])
      }
    }
  }

  @Test("text that is not UTF-8 is read as bytes unchanged, and repaired as text")
  func invalidUTF8() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let select = try connection.prepare("SELECT CAST(x'61ff62' AS TEXT)")
        #expect(try select.step())
        #expect(select.bytes(0) == [0x61, 0xff, 0x62])
        #expect(select.text(0) == "a\u{FFFD}b")
        #expect(select.withBytes(0) { $0.count } == 3)
      }
    }
  }

  @Test("a value for a parameter that is not there fails at the next step")
  func bindOutOfRange() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let select = try connection.prepare("SELECT ?1")
        select.bind(2, "secret")
        let error = #expect(throws: SQLiteError.self) { try select.step() }
        #expect(error?.description.contains("secret") == false)
        let again = try connection.prepare("SELECT ?1")
        again.bind(1, 1)
        #expect(try again.step())
      }
    }
  }

  @Test("asked for again, a statement is the same one with nothing bound")
  func cached() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        let first = try connection.prepare("SELECT ?1")
        first.bind(1, 7)
        try first.run()
        let second = try connection.prepare("SELECT ?1")
        #expect(first === second)
        #expect(try second.step())
        #expect(second.isNull(0))
        let nested = try connection.prepare("SELECT ?1")
        #expect(nested !== second)
        #expect(try nested.step())
      }
    }
  }

  @Test("the cache stays within its bound")
  func bounded() async throws {
    try await withDatabase { database, _ in
      try await database.write { connection in
        for number in 0..<(Connection.cacheLimit * 3) { try connection.prepare("SELECT \(number)").run() }
        #expect(connection.cachedStatements <= Connection.cacheLimit)
      }
    }
  }

  @Test(
    "only one statement fits in prepare",
    arguments: ["SELECT 1; SELECT 2", "", "-- nothing", "SELEC 1", "SELECT \"x\""])
  func malformed(sql: String) async throws {
    try await withDatabase { database, _ in
      await #expect(throws: SQLiteError.self) {
        try await database.write { connection in _ = try connection.prepare(sql) }
      }
      try await database.write { _ = try $0.prepare("SELECT 1 ; \n") }
    }
  }

  @Test("an error names the SQL and its family, never the values")
  func errors() async throws {
    try await withDatabase { database, _ in
      try await database.write { try $0.execute("CREATE TABLE item(id TEXT PRIMARY KEY)") }
      let insert: @Sendable (Connection) throws -> Void = { connection in
        let insert = try connection.prepare("INSERT INTO item VALUES (?1)")
        insert.bind(1, "s3cret")
        try insert.run()
      }
      try await database.write(insert)
      let error = await #expect(throws: SQLiteError.self) { try await database.write(insert) }
      #expect(error?.isConstraint == true)
      #expect(error?.isTransient == false)
      #expect(error?.sql == "INSERT INTO item VALUES (?1)")
      #expect(error?.description.contains("s3cret") == false)
    }
  }

  @Test("changes and the last row id are those of the last insert")
  func counters() async throws {
    try await withDatabase { database, _ in
      try await database.makeItems()
      try await database.write { connection in
        try connection.insert("a")
        try connection.insert("b")
        #expect(connection.lastInsertRowID == 2)
        try connection.execute("UPDATE item SET name = 'c'")
        #expect(connection.changes == 2)
      }
    }
  }
}
