import Glibc
import Testing

@testable import SQLiteKit

@Suite("The write gate")
struct GateTests {
  @Test("who waits too long is told which process holds it")
  func deadline() async throws {
    try await withFolder { folder in
      let holder = try Gate(path: folder + "/lock")
      let other = try Gate(path: folder + "/lock")
      try holder.enter(patience: .zero)
      let error = #expect(throws: SQLiteError.self) { try other.enter(patience: .milliseconds(5)) }
      #expect(error?.isBusy == true)
      #expect(error?.isTransient == true)
      #expect(error?.message.contains("process \(getpid()) ") == true)
      holder.leave()
      try other.enter(patience: .zero)
      other.leave()
    }
  }

  @Test("it is free when its holder is gone")
  func holderGone() async throws {
    try await withFolder { folder in
      var holder: Gate? = try Gate(path: folder + "/lock")
      try holder?.enter(patience: .zero)
      holder = nil
      let other = try Gate(path: folder + "/lock")
      try other.enter(patience: .zero)
    }
  }

  @Test("a lock file that is a link is refused")
  func link() async throws {
    try await withFolder { folder in
      #expect(symlink("/dev/null", folder + "/lock") == 0)
      #expect(throws: SQLiteError.self) { try Gate(path: folder + "/lock") }
    }
  }

  @Test("two databases on one file both get their work done")
  func twoDatabases() async throws {
    try await withDatabase { first, path in
      try await first.makeItems()
      let second = try Database(path: path)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for database in [first, second] {
          for caller in 0..<4 {
            group.addTask {
              for index in 0..<25 { try await database.write { try $0.insert("\(caller) \(index)") } }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await first.count() == 200)
      #expect(try await second.count() == 200)
      await second.close()
      try await first.write { try $0.insert("still open") }
      #expect(try await first.count() == 201)
    }
  }

  @Test("a write that cannot get the gate fails as busy, and the next one works")
  func busyWrite() async throws {
    try await withDatabase(.init(busyDeadline: .milliseconds(20))) { database, path in
      try await database.makeItems()
      let holder = try Gate(path: path + ".lock")
      try holder.enter(patience: .seconds(5))
      let error = await #expect(throws: SQLiteError.self) { try await database.write { try $0.insert("x") } }
      #expect(error?.isBusy == true)
      #expect(try await database.count() == 0)
      holder.leave()
      try await database.write { try $0.insert("x") }
      #expect(try await database.count() == 1)
    }
  }

  @Test("commits of others are noticed, one's own are not")
  func changedByOthers() async throws {
    try await withDatabase { first, path in
      try await first.makeItems()
      let second = try Database(path: path)
      #expect(try await !second.changedByOthers())
      try await second.write { try $0.insert("own") }
      #expect(try await !second.changedByOthers())
      #expect(try await first.changedByOthers())
      try await first.write { try $0.insert("other") }
      #expect(try await second.changedByOthers())
      #expect(try await !second.changedByOthers())
      await second.close()
    }
  }
}
