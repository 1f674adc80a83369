import TestServers
import Testing
import Values

@testable import MongoKit

@Suite("Pools", .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
struct MongoPoolTests {
  @Test("documents that are put in are found, changed, counted and taken out")
  func documents() async throws {
    try await withDatabase { pool, database in
      try await pool.perform { connection in
        let things = connection.collection("things", of: database)
        try things.insert((1...2500).map { ["_id": .int($0), "half": .int($0 / 2)] })
        #expect(try things.count([:]) == 2500)
        #expect(try things.find(["half": ["$lt": 5]], sort: ["_id": -1], limit: 3).map { $0.int("_id") } == [9, 8, 7])
        #expect(try things.updateOne(["_id": 7], ["$set": ["name": "seven"]]))
        #expect(try !things.updateOne(["_id": -7], ["$set": ["name": "none"]]))
        #expect(
          try things.findOne(["name": "seven"], fields: ["half": 0])?.value().json() == #"{"_id":7,"name":"seven"}"#)
        #expect(try things.findAndUpdate(["_id": "n"], ["$inc": ["last": 5]], upsert: true)?.int("last") == 5)
        #expect(try things.delete(["half": ["$gte": 0]]) == 2500)
      }
    }
  }

  @Test("a value that looks like an operator is a value")
  func operators() async throws {
    try await withDatabase { pool, database in
      try await pool.perform { connection in
        let things = connection.collection("things", of: database)
        try things.insert([["_id": "$where", "text": "{$ne: null}"], ["_id": "b", "text": "x"]])
        #expect(try things.find(["_id": "$where"]).count == 1)
        #expect(try things.find(["text": "{$ne: null}"]).count == 1)
        #expect(try things.updateOne(["_id": "b"], ["$set": ["text": "$_id"]]))
        #expect(try things.findOne(["_id": "b"])?.text("text") == "$_id")
      }
    }
  }

  @Test("a second document of a key is refused as such, and says so")
  func duplicates() async throws {
    try await withDatabase { pool, database in
      let error = await #expect(throws: MongoError.self) {
        try await pool.perform { try $0.collection("things", of: database).insert([["_id": 1], ["_id": 1]]) }
      }
      #expect(error?.kind == .duplicateKey)
    }
  }

  @Test("a transaction is kept whole or not at all, and what is done beside it stays")
  func transactions() async throws {
    struct Undo: Error {}
    try await withDatabase { pool, database in
      try await pool.perform { connection in
        let things = connection.collection("things", of: database)
        let others = connection.collection("others", of: database)
        try things.create()
        try others.create()
        do {
          try connection.transaction {
            try things.insert([["_id": 1]])
            try connection.outsideTransaction { try others.insert([["_id": 1]]) }
            #expect(try things.count([:]) == 1)
            throw Undo()
          }
          Issue.record("what the body throws was swallowed")
        } catch is Undo {
          #expect(!connection.isInTransaction)
        }
        #expect(try things.count([:]) == 0 && others.count([:]) == 1)
        try connection.transaction { try things.insert([["_id": 2]]) }
        #expect(try things.count([:]) == 1)
      }
    }
  }

  @Test("transactions that get in each other's way are made again until each is kept")
  func conflicts() async throws {
    try await withDatabase { pool, database in
      try await pool.perform { try $0.collection("things", of: database).insert([["_id": 1, "count": 0]]) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 1...20 {
          group.addTask {
            try await pool.perform { connection in
              let things = connection.collection("things", of: database)
              try connection.transaction {
                let count = try things.findOne(["_id": 1])?.int64("count") ?? 0
                try things.updateOne(["_id": 1], ["$set": ["count": .int(count + 1)]])
              }
            }
          }
        }
        try await group.waitForAll()
      }
      let count = try await pool.perform { try $0.collection("things", of: database).findOne(["_id": 1])?.int("count") }
      #expect(count == 20)
    }
  }

  @Test("a pool that was closed finishes what waits and takes no more")
  func closing() async throws {
    let pool = try MongoPool(MongoAddress(MongoServer.shared().url, connections: 2))
    let calls = (1...10).map { number in Task { try await pool.perform { _ in number } } }
    for (place, call) in calls.enumerated() { #expect(try await call.value == place + 1) }
    await pool.close()
    let error = await #expect(throws: MongoError.self) { try await pool.perform { _ in 1 } }
    #expect(error?.kind == .closed)
  }

  @Test("a server that is not there is unreachable, which is said with its host")
  func unreachable() async throws {
    let pool = try MongoPool(MongoAddress("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", connections: 1))
    let error = await #expect(throws: MongoError.self) {
      try await pool.perform { try $0.read(["ping": 1], on: "admin") }
    }
    #expect(error?.kind == .unreachable && error?.description.contains("127.0.0.1:1") == true)
    await pool.close()
  }

  private func withDatabase(_ body: (MongoPool, String) async throws -> Void) async throws {
    try await MongoServer.turns.take { try await withDatabaseOfOurOwn(body) }
  }

  private func withDatabaseOfOurOwn(_ body: (MongoPool, String) async throws -> Void) async throws {
    let pool = try MongoPool(MongoAddress(MongoServer.shared().url, connections: 4))
    let database = "kit-\(UInt64.random(in: .min ... .max))"
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(pool, database))
    } catch {
      result = .failure(error)
    }
    _ = try await pool.perform { try $0.write(["dropDatabase": 1], on: database) }
    await pool.close()
    try result.get()
  }
}
