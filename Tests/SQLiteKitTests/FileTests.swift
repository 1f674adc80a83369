import Glibc
import Testing

@testable import SQLiteKit

@Suite("A database file")
struct FileTests {
  @Test("new files are their owner's alone, and so are new folders")
  func modes() async throws {
    try await withFolder { folder in
      let path = folder + "/a/b/test.db"
      let database = try Database(path: path)
      try await database.makeItems()
      #expect(mode(of: folder + "/a") == 0o700)
      #expect(mode(of: folder + "/a/b") == 0o700)
      for suffix in ["", "-wal", "-shm", ".lock"] { #expect(mode(of: path + suffix) == 0o600, "\(suffix)") }
      await database.close()
    }
  }

  @Test("a file that cannot be opened is an error with its path")
  func cannotOpen() async throws {
    try await withFolder { folder in
      let file = folder + "/file"
      #expect(close(creat(file, 0o600)) == 0)
      #expect(mkdir(folder + "/folder", 0o700) == 0)
      for path in [file + "/test.db", folder + "/folder", folder + "/missing/"] {
        let error = #expect(throws: SQLiteError.self) { try Database(path: path) }
        #expect(error?.description.contains(folder) == true)
      }
    }
  }

  @Test("a file that is no database is refused")
  func notADatabase() async throws {
    try await withFolder { folder in
      let path = folder + "/test.db"
      let descriptor = creat(path, 0o600)
      let text = [UInt8](repeating: 0x41, count: 8192)
      #expect(write(descriptor, text, text.count) == text.count)
      close(descriptor)
      let error = #expect(throws: SQLiteError.self) { try Database(path: path) }
      #expect(error?.isCorrupt == true)
    }
  }

  @Test("a file of another application is refused")
  func applicationID() async throws {
    try await withFolder { folder in
      let path = folder + "/test.db"
      try await Database(path: path, configuration: .init(applicationID: 7)).close()
      try await Database(path: path, configuration: .init(applicationID: 7)).close()
      #expect(throws: SQLiteError.self) { try Database(path: path, configuration: .init(applicationID: 8)) }
      #expect(throws: SQLiteError.self) {
        try Database(path: path, configuration: .init(applicationID: 8, readOnly: true))
      }
    }
  }

  @Test("opened for reading only, nothing is written or created")
  func readOnly() async throws {
    try await withDatabase { database, path in
      try await database.makeItems()
      let reader = try Database(path: path, configuration: .init(readOnly: true))
      #expect(try await reader.count() == 0)
      await #expect(throws: SQLiteError.self) { try await reader.write { try $0.insert("x") } }
      #expect(try await !reader.changedByOthers())
      try await database.write { try $0.insert("x") }
      #expect(try await reader.changedByOthers())
      #expect(try await reader.count() == 1)
      await reader.close()
      #expect(throws: SQLiteError.self) {
        try Database(path: path + "-missing", configuration: .init(readOnly: true))
      }
      #expect(!exists(path + "-missing"))
      #expect(!exists(path + "-missing.lock"))
    }
  }

  @Test("a backup holds what was committed, and never replaces a file")
  func backup() async throws {
    try await withDatabase { database, path in
      try await database.makeItems()
      try await database.write { connection in for index in 0..<1000 { try connection.insert("\(index)") } }
      let copy = path + ".backup"
      try await database.backup(to: copy)
      #expect(mode(of: copy) == 0o600)
      await #expect(throws: SQLiteError.self) { try await database.backup(to: copy) }
      try await database.write { try $0.insert("later") }
      let restored = try Database(path: copy)
      #expect(try await restored.count() == 1000)
      await restored.close()
    }
  }

  @Test("the log is moved into the file while writing goes on")
  func checkpoints() async throws {
    try await withDatabase(.init(synchronous: .normal, checkpointPages: 20)) { database, path in
      try await database.makeItems()
      for _ in 0..<300 { try await database.write { try $0.insert(String(repeating: "x", count: 2000)) } }
      var status = stat()
      #expect(stat(path + "-wal", &status) == 0)
      // 300 commits of at least two pages each would be 2.4 MB in a log that only grows.
      #expect(status.st_size < 1_000_000)
      let check = try await database.read { connection in
        let check = try connection.prepare("PRAGMA integrity_check")
        _ = try check.step()
        return check.text(0)
      }
      #expect(check == "ok")
    }
  }

  @Test("the settings are those the store relies on")
  func settings() async throws {
    try await withDatabase { database, _ in
      let expected = [
        "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "mmap_size": "0", "trusted_schema": "0",
        "temp_store": "2", "journal_size_limit": "67108864",
      ]
      try await database.write { connection in
        for (name, value) in expected {
          let pragma = try connection.prepare("PRAGMA \(name)")
          _ = try pragma.step()
          #expect(pragma.text(0) == value, "\(name)")
        }
      }
    }
    #expect(Database.libraryVersion.hasPrefix("3."))
    #expect(Database.libraryVersionNumber >= 3_037_000)
  }
}
