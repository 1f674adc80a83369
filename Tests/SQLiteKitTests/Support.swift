import Glibc
import SQLiteKit
import Testing

/// A folder that is gone after the body.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
  var template = Array("/tmp/sqlitekit-XXXXXX".utf8CString)
  let made = mkdtemp(&template) != nil
  try #require(made)
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { removeTree(folder) }
  return try await body(folder)
}

/// A database in a folder of its own, closed and gone after the body.
func withDatabase<T>(
  _ configuration: Database.Configuration = .init(), _ body: (Database, String) async throws -> T
) async throws -> T {
  try await withFolder { folder in
    let path = folder + "/test.db"
    let database = try Database(path: path, configuration: configuration)
    let result: Result<T, any Error>
    do { result = .success(try await body(database, path)) } catch { result = .failure(error) }
    await database.close()
    return try result.get()
  }
}

/// Runs `count` writes that are all in the queue before the first of them begins, so that they share a transaction.
func writeTogether<T: Sendable>(
  _ database: Database, count: Int, _ body: @escaping @Sendable (Connection, Int) throws -> T
) async throws -> [Result<T, any Error>] {
  let (hasBegun, begin) = AsyncStream<Void>.makeStream()
  return try await withThrowingTaskGroup(of: (Int, Result<T, any Error>)?.self) { group in
    group.addTask {
      try await database.write { _ in
        begin.finish()
        while database.waitingWrites < count { sched_yield() }
      }
      return nil
    }
    for await _ in hasBegun {}
    for index in 0..<count {
      group.addTask {
        do {
          return (index, .success(try await database.write { try body($0, index) }))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    var results: [Int: Result<T, any Error>] = [:]
    for try await case (let index, let result)? in group { results[index] = result }
    return (0..<count).compactMap { results[$0] }
  }
}

extension Database {
  func count(_ table: String = "item") async throws -> Int {
    try await read { try $0.count(table) }
  }

  func makeItems() async throws {
    try await write { try $0.execute("CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT)") }
  }
}

extension Connection {
  func count(_ table: String = "item") throws -> Int {
    let select = try prepare("SELECT count(*) FROM \(table)")
    _ = try select.step()
    return select.int(0)
  }

  func insert(_ name: String) throws {
    let insert = try prepare("INSERT INTO item(name) VALUES (?1)")
    insert.bind(1, name)
    try insert.run()
  }
}

func mode(of path: String) -> UInt32 {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

private func removeTree(_ path: String) {
  if let folder = opendir(path) {
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { removeTree(path + "/" + name) }
    }
    closedir(folder)
    rmdir(path)
  } else {
    unlink(path)
  }
}
