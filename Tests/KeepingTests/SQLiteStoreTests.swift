import FoundationEssentials
import Glibc
import Keeping
import SQLiteKit
import Synchronization
import Testing
import Values

@testable import SQLiteStore

@Suite("The SQLite store")
struct SQLiteStoreTests {
  @Test("a change that comes while an echo is on its way has one of its own after it, and silence follows")
  func echoes() {
    let told = Mutex(0)
    let coming = Mutex<[@Sendable () -> Void]>([])
    let echo = Echo({ told.withLock { $0 += 1 } }, later: { act in coming.withLock { $0.append(act) } })
    func passes() -> Bool {
      guard let act = coming.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
      act()
      return true
    }
    echo.ring()
    #expect(passes() && told.withLock { $0 } == 1)
    #expect(!passes())
    for _ in 1...5 { echo.ring() }
    #expect(coming.withLock { $0.count } == 1)
    #expect(passes() && passes())
    #expect(!passes() && told.withLock { $0 } == 3)
  }

  @Test("as many parents are found as are named, beyond what a list has that names none")
  func manyParents() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let desk = try await Desk(store)
      _ = try await desk.openPull(["list"])
      let keys = (10_000..<20_100).map { "p\($0)" }
      var page = SettledPage(records: [], next: nil, claim: nil, now: desk.at(0))
      page.parents = ListedParents(keys.map { ListedParent($0, asked: "1") }, isLast: true)
      _ = try await store.settlePage(desk.claimOne(.source).lease, page)
      let found = try await store.parents(ParentFilter(hub: desk.hub, keys: keys, limit: keys.count))
      #expect(found.map(\.key) == keys)
      #expect(try await store.parents(ParentFilter(hub: desk.hub, limit: keys.count)).count == 10_000)
      await store.close()
    }
  }

  // MARK: - The file

  @Test("what was done is there when the store is opened again")
  func reopening() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let desk = try await Desk(store)
      try await desk.bring(["1", "2"].map { desk.record($0) })
      try await desk.queue(batch: 2)
      let write = try await desk.claimOne(.target)
      await store.close()
      await #expect(throws: StoreError.self) { try await desk.status() }

      let again = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let second = try await Desk(again)
      #expect(try await second.status().records == ["queued": 2])
      try await second.settle(write, [.done(id: "A"), .done(id: "B")])
      #expect(try await second.status().records == ["done": 2])
      await again.close()
    }
  }

  @Test("two stores on one file share the work, and none of it is done twice")
  func sharing() async throws {
    try await withFolder { folder in
      let stores = [
        try await SQLiteStore.open(folder: folder, tenant: "acme"),
        try await SQLiteStore.open(folder: folder, tenant: "acme"),
      ]
      let desks = [try await Desk(stores[0]), try await Desk(stores[1])]
      try await desks[0].bring((1...100).map { desks[0].record("\($0)") })
      #expect(try await desks[1].queue() == 100)
      let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
        for desk in desks {
          group.addTask {
            var done: [Int64] = []
            var next = try await desk.claim(.target, limit: 5)
            while let task = next.popLast() {
              done.append(task.lease.task)
              next += try await desk.settle(task, [.done(id: nil)], claim: true)
            }
            return done
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(claimed.count == 100 && Set(claimed).count == 100)
      #expect(try await desks[0].status().records == ["done": 100])
      for store in stores { await store.close() }
    }
  }

  @Test("names that are no tenant's are refused", arguments: ["", "../x", "a/b", "a b", "a.b", "租户", "a\0", "-\n"])
  func tenantNames(_ name: String) async throws {
    try await withFolder { folder in
      let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(folder: folder, tenant: name) }
      #expect(error?.code == .otherTenant)
    }
  }

  @Test("the file of another tenant is refused")
  func otherTenant() async throws {
    try await withFolder { folder in
      await (try SQLiteStore.open(folder: folder, tenant: "acme")).close()
      #expect(rename("\(folder)/acme.sqlite", "\(folder)/other.sqlite") == 0)
      let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(folder: folder, tenant: "other") }
      #expect(error?.code == .otherTenant)
    }
  }

  @Test("a store gains the steps it has not seen, and an older program refuses it then")
  func versions() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let steps = Migrations.steps + ["CREATE TABLE added (a INTEGER) STRICT"]
      for _ in 1...2 { try await Migrations.run(on: store.database, tenant: "acme", steps: steps) }
      await store.close()
      let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(folder: folder, tenant: "acme") }
      #expect(error?.code == .otherVersion)
    }
  }

  @Test("migrating makes what a hub lacks, and says what opening has made")
  func migrating() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      #expect(try await store.migrate() == ["the store, version \(Migrations.steps.count)"])
      let desk = try await Desk(store)
      try await desk.bring([desk.record("1")])
      await store.close()
      let again = try await SQLiteStore.open(folder: folder, tenant: "acme")
      #expect(try await again.migrate().isEmpty)
      try await again.database.write { try $0.execute("DROP INDEX records_1_pending") }
      let missing = ["index pending of the records of orders"]
      #expect(try await again.info().missing == missing)
      #expect(try await again.migrate() == missing)
      #expect(try await again.info().missing.isEmpty)
      await again.close()
    }
  }

  @Test("a file that is no database is refused as damaged")
  func damage() async throws {
    try await withFolder { folder in
      let file = try #require(fopen("\(folder)/acme.sqlite", "w"))
      for _ in 1...1000 { fputs("no database ", file) }
      fclose(file)
      let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(folder: folder, tenant: "acme") }
      #expect(error?.code == .damaged)
    }
  }

  @Test("a lookup that is forgotten leaves no entry behind, and a changed record leaves none under its old values")
  func entries() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let desk = try await Desk(store)
      @Sendable func count(_ table: String = "lookup_entries") async throws -> Int {
        try await store.read { connection in
          let count = try connection.prepare("SELECT count(*) FROM \(table)")
          return try count.step() ? count.int(0) : 0
        }
      }
      try await desk.keep(["code"], ["name"])
      try await desk.bring((1...700).map { desk.record("\($0)", #"{"code":\#($0),"name":"N"}"#) })
      #expect(try await count() == 1_400)
      try await desk.bring([desk.record("1", #"{"code":"A"}"#)])
      #expect(try await count() == 1_399)
      try await desk.keep(["name"], onlyThese: true)
      #expect(try await count() == 699)
      let awaits: [Awaited] = [.record(desk.question("name", "X")), .delivery(hub: desk.hub, key: "7")]
      try await desk.wait(for: awaits)
      #expect(try await count("lookup_waits") == 700)
      #expect(try await count("delivery_waits") == 700)
      try await store.wakeWaiting(hub: desk.hub, now: desk.at(1))
      #expect(try await count("lookup_waits") == 0)
      #expect(try await count("delivery_waits") == 0)
      try await desk.wait(for: awaits)
      try await store.keepLookups([], onlyThese: true)
      #expect(try await count() == 0)
      #expect(try await count("lookup_waits") == 0)
      await store.close()
    }
  }

  @Test("two processes that make the same lookup at once, while records come, make it whole")
  func buildingTogether() async throws {
    try await withFolder { folder in
      let stores = [
        try await SQLiteStore.open(folder: folder, tenant: "acme"),
        try await SQLiteStore.open(folder: folder, tenant: "acme"),
      ]
      let desks = [try await Desk(stores[0]), try await Desk(stores[1])]
      let (first, second) = (desks[0], desks[1])
      try await first.bring((1...3_000).map { first.record("\($0)", #"{"code":\#($0)}"#) })
      try await withThrowingTaskGroup(of: Void.self) { group in
        for desk in desks { group.addTask { try await desk.keep(["code"]) } }
        group.addTask {
          try await second.bring((2_900...3_100).map { second.record("\($0)", #"{"code":"new \#($0)"}"#) })
        }
        try await group.waitForAll()
      }
      let answers = try await first.find((1...3_100).map { ["code": .int($0)] })
      #expect(answers.count { $0.key != nil } == 2_899)
      let renewed = try await first.find((2_900...3_100).map { ["code": .string("new \($0)")] })
      #expect(renewed.allSatisfy { $0.key != nil })
      for store in stores { await store.close() }
    }
  }

  // MARK: - Workers' files

  @Test("a worker's file is there while it lives, and goes with it")
  func workerFiles() async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      let session = try await store.openSession()
      let path = "\(folder)/workers/\(session.owner).lock"
      try await store.rescueOrphans(now: Timestamp(milliseconds: 0))
      #expect(access(path, F_OK) == 0)
      await session.close()
      await session.close()
      #expect(access(path, F_OK) != 0)
      let abandoned = try await vanish(store, folder)
      #expect(access(abandoned, F_OK) == 0)
      try await store.rescueOrphans(now: Timestamp(milliseconds: 0))
      #expect(access(abandoned, F_OK) != 0)
      await store.close()
    }
  }

  private func vanish(_ store: SQLiteStore, _ folder: String) async throws -> String {
    "\(folder)/workers/\(try await store.openSession().owner).lock"
  }

  @Test("an owner's name reaches no file outside the workers' folder", arguments: ["", "../acme", "a/b", "a\0b"])
  func ownerNames(_ name: String) async throws {
    try await withFolder { folder in
      let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
      #expect(!store.workers.isAlive(name))
      #expect(access("\(folder)/acme.sqlite", F_OK) == 0)
      await store.close()
    }
  }
}

/// Lends a folder of its own and removes it, with what is in it.
func withFolder(_ body: (String) async throws -> Void) async throws {
  var template = Array("/tmp/keeping-XXXXXX".utf8CString)
  let made = mkdtemp(&template)
  try #require(made != nil)
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  do {
    try await body(folder)
  } catch {
    try FileManager.default.removeItem(atPath: folder)
    throw error
  }
  try FileManager.default.removeItem(atPath: folder)
}
