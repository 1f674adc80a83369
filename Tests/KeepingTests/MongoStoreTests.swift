import Foundation
import Keeping
import MongoKit
import TestServers
import Testing
import Values

@testable import MongoStore

@Suite("The MongoDB store", .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
struct MongoStoreTests {
  // MARK: - Changes

  @Test("a change that is made elsewhere is told of")
  func changes() async throws {
    try await withTenant { url, tenant in
      let other = try await MongoStore.open(url: url, tenant: tenant)
      let desk = try await Desk(other)
      try await desk.bring([desk.record("0")])
      let store = try await MongoStore.open(url: url, tenant: tenant)
      let (bells, bell) = AsyncStream.makeStream(of: Void.self)
      let watch = try #require(store.watch { bell.yield() })
      // The watch begins a moment after it is asked for, and there is no event that says so: changes are made until one is
      // heard of.
      let work = Task {
        defer { bell.finish() }
        for number in 1...150 {
          if Task.isCancelled { return }
          try await desk.bring([desk.record("\(number)")])
          try await Task.sleep(for: .milliseconds(200))
        }
      }
      // The first one says that it has begun.
      var heard = 0
      for await _ in bells {
        heard += 1
        if heard == 3 { break }
      }
      work.cancel()
      _ = await work.result
      #expect(heard == 3)
      withExtendedLifetime(watch) {}
      await store.close()
      await other.close()
    }
  }

  // MARK: - Workers

  @Test("a worker of this machine counts as long as its process is there, and one that schedules is heard of")
  func silence() async throws {
    try await withDesk { desk, look in
      let owner = desk.session.owner
      let long = Timestamp(milliseconds: 1_000_000_000_000)
      func seen() async throws -> Timestamp? {
        try await look {
          try $0.collection("datahub.sessions", of: $1).findOne(["_id": .string(owner)])?.time("seenAt")
        }
      }
      func silence(as fields: [(String, Value)]) async throws {
        let set = Value.map(ValueMap(fields + [("seenAt", .timestamp(long))]))
        try await look {
          _ = try $0.collection("datahub.sessions", of: $1).updateOne(["_id": .string(owner)], ["$set": set])
        }
      }
      try await silence(as: [])
      #expect(try await desk.store.livingWorkers() == [owner])
      try await silence(as: [("boot", "another machine")])
      #expect(try await desk.store.livingWorkers() == [])
      _ = try await desk.store.takeLead("schedules", owner: owner, until: desk.at(10), now: desk.at(0))
      #expect(try await desk.store.livingWorkers() == [owner])
      #expect(try await seen() != long)
    }
  }

  // MARK: - Content

  @Test("content is a document one can search in, with its numbers as numbers")
  func search() async throws {
    try await withDesk { desk, look in
      try await desk.bring([
        desk.record("1", #"{"customer":"C-7","total":12.30,"lines":[{"sku":"A","count":3}],"paid":true}"#),
        desk.record("2", #"{"customer":"C-8","total":99999999999999999999.99}"#),
      ])
      func keys(_ filter: Value) async throws -> [String] {
        try await look { try $0.collection("orders", of: $1).find(filter).compactMap { $0.text("key") } }
      }
      #expect(try await keys(["content.customer": "C-7"]) == ["1"])
      #expect(try await keys(["content.total": ["$lt": 13]]) == ["1"])
      #expect(try await keys(["content.total": .decimal(try #require(Decimal("12.3")))]) == ["1"])
      #expect(
        try await keys(["content.total": ["$gt": .decimal(try #require(Decimal("99999999999999999999.98")))]]) == ["2"])
      #expect(try await keys(["content.lines.sku": "A", "content.paid": true]) == ["1"])
      let type = try await look { connection, database in
        try connection.collection("orders", of: database).find(["content.total": ["$type": "decimal"]]).count
      }
      #expect(type == 2)
    }
  }

  @Test(
    "what a document cannot hold comes back exactly as well, and what it can is found",
    arguments: [
      #"{"$where":"1","a.b":{"$set":{"x.y":1}},"plain":"here"}"#, #"{"a\u0000b":1,"plain":"here"}"#,
      #"{"n":0.1234567890123456789012345678901234567890,"big":123456789012345678901234567890123456789012345,"plain":"here"}"#,
      #"{"z":-0.0,"e":1.5E1,"huge":1E+7000,"plain":"here"}"#, #"{"u":18446744073709551615,"plain":"here"}"#,
      #"{"a.b":1,"a．b":2,"plain":"here"}"#, #"{"$ref":"x","$id":1,"$db":"y","plain":"here"}"#,
      #"{"":{"":1},"plain":"here"}"#,
    ])
  func exactness(_ json: String) async throws {
    try await withDesk { desk, look in
      try await desk.bring([desk.record("1", json)])
      #expect(try await desk.pending().map(\.content) == [Array(json.utf8)])
      #expect(try await desk.detail("1").content.json() == json)
      #expect(try await desk.bring([desk.record("1", json + " ")]).unchanged == 1)
      let found = try await look { try $0.collection("orders", of: $1).find(["content.plain": "here"]).count }
      #expect(found == 1)
      #expect(try await desk.bring([desk.record("1", #"{"plain":1}"#)], at: 5).changed == 1)
      #expect(try await desk.detail("1").content.json() == #"{"plain":1}"#)
    }
  }

  @Test("content that is nested too deep, no JSON, no object, or longer than a document comes back as it was")
  func oddContent() async throws {
    let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
    let long = #"{"text":""# + String(repeating: "0123456789", count: 2_000_000) + #""}"#
    let longer = #"{"text":""# + String(repeating: "x", count: 7_000_000) + #""}"#
    try await withDesk { desk, look in
      func record(_ content: String) -> IncomingRecord {
        var record = desk.record("1", content)
        record.digest = Array("\(content.utf8.count)".utf8)
        return record
      }
      for content in [deep, "no json", "", "[1,2]", "\"text\"", "null", long, longer] {
        try await desk.bring([record(content)])
        #expect(try await desk.pending().first?.content.elementsEqual(content.utf8) == true)
        #expect(try await desk.bring([record(content)]).unchanged == 1)
      }
      try await desk.bring([record("{}")])
      #expect(try await desk.pending().map(\.content) == [Array("{}".utf8)])
      let pieces = try await look { try $0.collection("datahub.pieces", of: $1).count([:]) }
      #expect(pieces == 0)
    }
  }

  @Test("a request longer than a document is sent as it was rendered")
  func longPayload() async throws {
    try await withDesk { desk, _ in
      try await desk.bring([desk.record("1")])
      let item = try #require(try await desk.pending().first.map { WriteItem(record: $0.id, revision: $0.revision) })
      let payload = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let write = NewWrite(items: [item], payload: payload, sendsAgain: true)
      #expect(try await desk.store.enqueueWrites(hub: desk.hub, [write], unsendable: [], now: desk.at(1)) == 1)
      let task = try await desk.claimOne(.target)
      #expect(task.payload == payload)
      try await desk.settle(task, [.done(id: nil)])
    }
  }

  @Test("nothing of a record is taken for an operator: keys, numbers, failures, identifiers")
  func injection() async throws {
    try await withDesk { desk, _ in
      let words = ["$where", "{\"$gt\":\"\"}", "$key", "a.b", "$$ROOT", ".*"]
      try await desk.bring(
        words.map { desk.record($0, #"{"a":"$revision"}"#, number: $0, failure: nil) }
          + [desk.record("failed", "{}", .failed, failure: Failure(kind: "$set", message: "$revision", field: "$a.b"))])
      for word in words {
        #expect(try await desk.detail(word).summary.number == word)
        let filter = RecordFilter(hub: desk.hub, text: word)
        #expect(try await desk.store.records(filter).allSatisfy { $0.key.contains(word) || $0.key == "$where" })
      }
      #expect(try await desk.detail("failed").summary.error?.message == "$revision")
      try await desk.queue()
      let task = try await desk.claimOne(.target)
      try await desk.settle(task, [.done(id: "$queuedRevision")])
      #expect(try await desk.detail(words[0]).summary.targetID == "$queuedRevision")
      let refused = try await desk.claimOne(.target)
      try await desk.settle(refused, [.failed(Failure(kind: "$inc", message: "$state"))])
      #expect(try await desk.detail(words[1]).summary.error?.kind == "$inc")
    }
  }

  // MARK: - Names

  @Test("any hub has a collection of its own, and none has one of the store's")
  func hubNames() async throws {
    let names = [
      "orders", "Orders", "datahub.tasks", "system.users", "a/b", "订单", "$x", "", "%", "a b", "a\0b",
      String(repeating: "n", count: 300), String(repeating: "n", count: 301),
    ]
    #expect(Set(names.map(StoreNames.records)).count == names.count)
    #expect(StoreNames.records(of: "orders") == "orders")
    try await withDesk { desk, _ in
      for name in names {
        var other = desk
        other.hub = name
        try await other.bring([other.record("key of \(name.prefix(9))", "{\"n\":1}")])
      }
      for name in names {
        let pending = try await desk.store.pendingRecords(hub: name, after: 0, limit: 10)
        #expect(pending.map(\.key) == ["key of \(name.prefix(9))"])
      }
    }
  }

  @Test("names that are no tenant's are refused", arguments: ["", "../x", "a/b", "a b", "a.b", "租户", "a\0", "-\n"])
  func tenantNames(_ name: String) async throws {
    let url = try MongoServer.shared().url
    let error = await #expect(throws: StoreError.self) { try await MongoStore.open(url: url, tenant: name) }
    #expect(error?.code == .otherTenant)
  }

  @Test("tenants with long names have databases of their own")
  func longTenants() throws {
    let names = [String(repeating: "t", count: 100), String(repeating: "t", count: 99), "t"]
    let databases = try names.map(StoreNames.database)
    #expect(Set(databases).count == 3 && databases.allSatisfy { $0.utf8.count <= 63 })
    #expect(databases[2] == "datahub_t")
  }

  // MARK: - Opening

  @Test("what was done is there when the store is opened again, also in the middle of a write")
  func reopening() async throws {
    try await withTenant { url, tenant in
      let store = try await MongoStore.open(url: url, tenant: tenant)
      let desk = try await Desk(store)
      try await desk.bring(["1", "2"].map { desk.record($0) })
      try await desk.queue(batch: 2)
      let write = try await desk.claimOne(.target)
      await store.close()
      let error = await #expect(throws: StoreError.self) { try await desk.status() }
      #expect(error?.code == .unavailable)

      let again = try await MongoStore.open(url: url, tenant: tenant)
      let second = try await Desk(again)
      #expect(try await second.status().records == ["queued": 2])
      try await second.settle(write, [.done(id: "A"), .done(id: "B")])
      #expect(try await second.status().records == ["done": 2])
      await again.close()
    }
  }

  @Test("a database of another tenant, or of a newer program, is refused")
  func strangers() async throws {
    try await withTenant { url, tenant in
      await (try MongoStore.open(url: url, tenant: tenant)).close()
      let pool = try MongoPool(MongoAddress(url, connections: 1))
      for (field, value, code) in [
        ("version", Value.int(99), StoreError.Code.otherVersion), ("tenant", "someone", .otherTenant),
        ("tenant", nil, .damaged),
      ] {
        _ = try await pool.perform {
          try $0.collection("datahub.meta", of: "datahub_\(tenant)").updateOne(
            ["_id": "store"], ["$set": .map(ValueMap([(field, value)]))])
        }
        let error = await #expect(throws: StoreError.self) { try await MongoStore.open(url: url, tenant: tenant) }
        #expect(error?.code == code)
      }
      await pool.close()
    }
  }

  @Test("a server that is alone has no transactions and is refused", .enabled(if: MongoServer.canBeStarted))
  func standalone() async throws {
    let server = try MongoServer(options: ["--standalone"])
    let error = await #expect(throws: StoreError.self) { try await MongoStore.open(url: server.url, tenant: "acme") }
    #expect(error?.code == .unavailable && error?.message.contains("--replSet") == true)
    server.end()
  }

  @Test(
    "a server with TLS is trusted where its authority is named, and not otherwise",
    .enabled(if: MongoServer.canBeStarted))
  func encrypted() async throws {
    try await withFolder { folder in
      let openssl = Process()
      openssl.executableURL = URL(filePath: "/usr/bin/env")
      openssl.arguments = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj",
        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key", "-out",
        "\(folder)/certificate",
      ]
      openssl.standardError = FileHandle.nullDevice
      try openssl.run()
      openssl.waitUntilExit()
      try #require(openssl.terminationStatus == 0)
      let server = try MongoServer(options: [
        "--tls-cert-file", "\(folder)/certificate", "--tls-key-file", "\(folder)/key",
      ])
      let address = "\(server.url)?tls=true&serverSelectionTimeoutMS=3000"
      let store = try await MongoStore.open(url: "\(address)&tlsCAFile=\(folder)/certificate", tenant: "acme")
      #expect(try await store.deployment() == nil)
      await store.close()
      let error = await #expect(throws: StoreError.self) { try await MongoStore.open(url: address, tenant: "acme") }
      #expect(error?.code == .unavailable)
      server.end()
    }
  }

  @Test("an address that is not to be used is refused before anything is connected")
  func address() async throws {
    let error = await #expect(throws: StoreError.self) {
      try await MongoStore.open(url: "mongodb://ann:s3cret@db.example.com/", tenant: "acme")
    }
    #expect(error?.code == .badAddress && error?.message.contains("s3cret") == false)
  }

  @Test("migrating makes indexes that are missing and those that are others, and leaves those of strangers")
  func migrating() async throws {
    try await withDesk { desk, look in
      try await desk.bring([desk.record("1")])
      #expect(try await desk.store.migrate().isEmpty)
      try await look { connection, database in
        let orders = connection.collection("orders", of: database)
        try orders.dropIndex("state")
        try orders.createIndexes([["name": "mine", "key": ["content.customer": 1]]])
        let tasks = connection.collection("datahub.tasks", of: database)
        try tasks.dropIndex("open")
        try tasks.createIndexes([["name": "open", "key": ["hub": 1, "state": 1, "side": 1, "position": 1]]])
      }
      let faults = ["index open of datahub.tasks, which was another", "index state of orders"]
      #expect(try await desk.store.info().missing == faults)
      #expect(try await desk.store.migrate() == faults)
      #expect(try await desk.store.info().missing.isEmpty)
      let names = try await look { try $0.collection("orders", of: $1).indexes().compactMap { $0.text("name") } }
      #expect(Set(names) == ["_id_", "key", "state", "found", "waiting", "mine"])
    }
  }

  // MARK: - Sharing

  @Test("two stores on one database share the work, first in, first out, and none of it is done twice")
  func sharing() async throws {
    try await withTenant { url, tenant in
      let stores = [
        try await MongoStore.open(url: url, tenant: tenant), try await MongoStore.open(url: url, tenant: tenant),
      ]
      let desks = [try await Desk(stores[0]), try await Desk(stores[1])]
      try await desks[0].bring((1...60).map { desks[0].record("\($0)") })
      #expect(try await desks[1].queue() == 60)
      let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
        for desk in desks {
          group.addTask {
            var done: [Int64] = []
            var next = try await desk.claim(.target, limit: 5)
            while !next.isEmpty {
              let task = next.removeFirst()
              done.append(task.lease.task)
              next += try await desk.settle(task, [.done(id: nil)], claim: true)
            }
            return done
          }
        }
        return try await group.reduce(into: []) { $0.append($1) } as [[Int64]]
      }
      #expect(claimed.joined().count == 60 && Set(claimed.joined()).count == 60)
      // Each gets what it gets in the order of the queue.
      for tasks in claimed { #expect(tasks == tasks.sorted()) }
      #expect(try await desks[0].status().records == ["done": 60])
      for store in stores { await store.close() }
    }
  }

  @Test("no more of a queue's tasks run at once than it allows, whoever asks")
  func concurrency() async throws {
    try await withTenant { url, tenant in
      let stores = [
        try await MongoStore.open(url: url, tenant: tenant), try await MongoStore.open(url: url, tenant: tenant),
      ]
      let desks = [try await Desk(stores[0]), try await Desk(stores[1])]
      try await desks[0].bring((1...20).map { desks[0].record("\($0)") })
      try await desks[0].queue()
      let claimed = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<12 {
          let desk = desks[number % 2]
          group.addTask {
            var request = desk.request(.target, limit: 2)
            request.concurrency = 5
            return try await desk.store.claim(request).count
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(claimed == 5)
      for store in stores { await store.close() }
    }
  }

  @Test("a queue whose lease its holder left behind goes on when the lease has run out")
  func abandonedLease() async throws {
    try await withDesk { desk, look in
      try await desk.bring([desk.record("1")])
      try await desk.queue()
      let past = Timestamp(milliseconds: 1_000)
      try await look {
        _ = try $0.collection("datahub.queues", of: $1).updateOne(
          ["_id": "target/orders"], ["$set": ["holder": "gone", "until": .timestamp(past)]])
      }
      #expect(try await desk.claim(.target).count == 1)
    }
  }

  @Test("a task before the head of its queue is found, although the hint says otherwise")
  func wrongHint() async throws {
    try await withDesk { desk, look in
      try await desk.bring((1...3).map { desk.record("\($0)") })
      try await desk.queue()
      try await look {
        _ = try $0.collection("datahub.queues", of: $1).updateOne(
          ["_id": "target/orders"], ["$set": ["head": 1_000_000]])
      }
      #expect(try await desk.claim(.target, limit: 9).count == 3)
    }
  }

  @Test("leases are made longer while tasks are in transactions, except of claims that nobody got an answer to")
  func lostClaims() async throws {
    try await withTenant { url, tenant in
      let store = try await MongoStore.open(url: url, tenant: tenant)
      let desk = try await Desk(store)
      try await desk.bring((1...2).map { desk.record("\($0)") })
      try await desk.queue()
      let lost = try await desk.claimOne(.target)
      let kept = try await desk.claimOne(.target)
      let token = try await store.perform { try $0.tasks.findOne(["_id": .int(lost.lease.task)])?.text("claim") }
      store.ended.note(lostClaim: try #require(token))
      try await desk.store.extendLeases(owner: desk.owner, until: desk.at(60))
      #expect(try await desk.store.rescueOrphans(now: desk.at(31)) == 1)
      #expect(try await desk.task(lost).summary.state == "ready")
      #expect(try await desk.task(kept).summary.state == "running")
      await store.close()
    }
  }

  @Test("what a killed worker's transaction had locked is free as soon as its tasks are rescued")
  func killedTransactions() async throws {
    try await withDesk { desk, look in
      let worker = try await desk.store.openSession()
      try await desk.bring([desk.record("1")])
      try await desk.queue()
      let write = try await desk.claimOne(.target, owner: worker.owner)
      // Another process that has the record in a transaction, as one that was killed leaves it.
      let stranger = try MongoPool(MongoAddress(MongoServer.shared().url, connections: 1))
      let database = look.database
      let free = DispatchSemaphore(value: 0)
      let (locked, session) = AsyncStream<[UInt8]>.makeStream()
      let stays = Task {
        try await stranger.perform { connection in
          let id = try connection.transactionSession()
          try? connection.transaction(within: .zero) {
            try connection.collection("orders", of: database).updateOne(["key": "1"], ["$set": ["number": "x"]])
            session.yield(id)
            free.wait()
          }
        }
      }
      var ids = locked.makeAsyncIterator()
      let id = try #require(await ids.next())
      try await look { connection, database in
        _ = try connection.collection("datahub.sessions", of: database).updateOne(
          ["_id": .string(worker.owner)], ["$set": ["process": 4_194_311, "transactions": [.bytes(id)]]])
      }
      #expect(try await desk.store.rescueOrphans(now: desk.at(1)) == 1)
      let again = try await desk.claimOne(.target, at: 1)
      #expect(again.lease.task == write.lease.task)
      try await desk.settle(again, [.done(id: nil)])
      #expect(try await desk.detail("1").summary.number == nil)
      free.signal()
      try await stays.value
      await stranger.close()
    }
  }

  @Test("a process that is gone from this machine is known to be, and one that lives or is elsewhere is not")
  func identities() {
    let own = WorkerIdentity.current()
    #expect(!own.isGoneFromHere && !own.boot.isEmpty && !own.start.isEmpty)
    func other(boot: String? = nil, namespace: String? = nil, process: Int64? = nil, start: String? = nil) -> Bool {
      WorkerIdentity(
        host: own.host, boot: boot ?? own.boot, namespace: namespace ?? own.namespace, process: process ?? own.process,
        start: start ?? own.start
      ).isGoneFromHere
    }
    #expect(other(start: "1"))
    #expect(other(process: 4_194_304 + 7))
    #expect(!other(boot: "another", start: "1") && !other(namespace: "another", start: "1"))
    #expect(!other(start: ""))
  }

  /// A way to look at a store's database without the store.
  private struct Look: Sendable {
    let pool: MongoPool
    let database: String

    @discardableResult
    func callAsFunction<Result: Sendable>(
      _ body: @escaping @Sendable (MongoConnection, String) throws -> Result
    ) async throws -> Result {
      let database = database
      return try await pool.perform { try body($0, database) }
    }
  }

  /// Lends a desk in a store of its own, and a way to look at its database.
  private func withDesk(_ body: (Desk, Look) async throws -> Void) async throws {
    try await withTenant { url, tenant in
      let store = try await MongoStore.open(url: url, tenant: tenant)
      let pool = try MongoPool(MongoAddress(url, connections: 1))
      try await body(Desk(store), Look(pool: pool, database: "datahub_\(tenant)"))
      await pool.close()
      await store.close()
    }
  }
}
