import Keeping
import MongoKit
import MongoStore
import SQLiteStore
import TestServers
import Testing
import Values

/// What rules leave behind in a store: of each kind of thing something.
///
/// Some of the rules, since copying takes its time; all of those that alone leave a kind of thing.
private let rules: [Rule] =
  [Rule("records that wait for another one to come, or to be delivered") { try await $0.leaveWaiting() }]
  + lookingRules + upstreamRules + lookupRules + scheduleRules
  + every(
    4, of: pullRules + recordRules + writeRules + parentRules + deliveryRules + gateRules + recordActRules + valueRules)

extension Desk {
  fileprivate var waiting: Desk { beside("waiting") }

  /// Leaves records of another hub that wait: one for a record of this hub, one for the delivery of another.
  fileprivate func leaveWaiting() async throws {
    try await keep(["code"])
    try await bring([record("7", "{\"code\":\"B\"}")])
    try await waiting.bring([waiting.record("1")])
    try await waiting.wait(for: [.record(question("code", "A"))])
    try await waiting.bring([waiting.record("2")])
    try await waiting.wait(for: [.delivery(hub: hub, key: "7")])
  }
}

private func every(_ step: Int, of rules: [Rule]) -> [Rule] {
  stride(from: 0, to: rules.count, by: step).map { rules[$0] }
}

@Suite(
  "Copies of stores", .timeLimit(.minutes(10)),
  .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
struct CopyTests {
  // One database for all rules, emptied in between: the test server takes its time to make one.
  @Test("have what the first has, whatever that is, in the other kind and back in its own")
  func wholeSQLite() async throws {
    var filled: Set<String> = []
    try await withTenant { url, tenant in
      for rule in rules {
        try await withFolder { folder in
          let first = try await SQLiteStore.open(folder: folder, tenant: "first")
          try await leave(rule, in: first)
          let second = try await MongoStore.open(url: url, tenant: tenant)
          let third = try await SQLiteStore.open(folder: folder, tenant: "third")
          filled.formUnion(try await check(rule, first, second, third))
        }
        try await empty(tenant, url)
      }
    }
    #expect(filled == Set(StoreSection.allCases.map(\.rawValue)))
  }

  @Test("have what the first has, the first one on MongoDB")
  func wholeMongo() async throws {
    try await withTenant { url, tenant in
      try await withTenantOfOurOwn { _, other in
        for rule in every(2, of: upstreamRules + parentRules + scheduleRules + valueRules + gateRules) {
          try await withFolder { folder in
            let first = try await MongoStore.open(url: url, tenant: tenant)
            try await leave(rule, in: first)
            let second = try await SQLiteStore.open(folder: folder, tenant: "second")
            let third = try await MongoStore.open(url: url, tenant: other)
            _ = try await check(rule, first, second, third)
          }
          for name in [tenant, other] { try await empty(name, url) }
        }
      }
    }
  }

  /// Takes everything out of a database but whose it is.
  private func empty(_ tenant: String, _ url: String) async throws {
    let pool = try MongoPool(MongoAddress(url, connections: 1))
    let database = "datahub_\(tenant)"
    try await pool.perform { connection in
      for name in try connection.collectionNames(of: database) {
        _ = try connection.collection(name, of: database).delete(["_id": ["$ne": "store"]])
      }
    }
    await pool.close()
  }

  /// What a rule leaves, with nobody at work any more.
  private func leave(_ rule: Rule, in store: any Store) async throws {
    let desk = try await Desk(store)
    try await rule.check(desk)
    await desk.session.close()
  }

  /// Gives the names of the sections that had something in them.
  private func check(
    _ rule: Rule, _ first: any Store, _ second: any Store, _ third: any Store
  ) async throws -> [String] {
    // Later than anything a rule does, so that what nobody ended is rescued.
    let now = Timestamp(milliseconds: 1_790_000_000_000)
    let there: [StoreCopy.Section]
    let back: [StoreCopy.Section]
    do {
      there = try await StoreCopy(from: first, to: second, name: "the first", now: now).run()
      back = try await StoreCopy(from: second, to: third, name: "the second", now: now).run()
    } catch {
      Issue.record("\(rule.fact): \(error)")
      return []
    }
    #expect(there == back, Comment(rawValue: rule.fact))
    for hub in try await first.rows(of: StorePart(.hubs), after: nil, limit: 100).compactMap({ $0["name"]?.stringValue }
    ) {
      let statuses = try await [first, second, third].asyncMap { try await $0.status(hub: hub, now: now) }
      for status in statuses {
        #expect(
          status.records == statuses[0].records && status.tasks == statuses[0].tasks, Comment(rawValue: rule.fact))
      }
    }
    for store in [first, second, third] { await store.close() }
    return there.filter { $0.rows > 0 }.map(\.name)
  }

  @Test("go on where the first stood, with numbers beyond all of its own", arguments: StoreKind.allCases)
  func goesOn(_ kind: StoreKind) async throws {
    try await withFolder { folder in
      try await withTenant { url, tenant in
        let sqlite = try await SQLiteStore.open(folder: folder, tenant: "acme")
        let mongo = try await MongoStore.open(url: url, tenant: tenant)
        let stores: [any Store] = kind == .sqlite ? [sqlite, mongo] : [mongo, sqlite]
        let before = try await Desk(stores[0])
        try await before.store.keepDeliveries(of: before.hub)
        try await before.bring((1...6).map { before.record("\($0)", "{\"no\": \($0), \"price\": 1.50}") })
        try await before.queue(batch: 2)
        try await before.settle(before.claimOne(.target), [.done(id: "A"), .done(id: "B")])
        try await before.bring([before.record("7")])
        let last = try await before.detail("7")
        let position = try #require(try await before.store.latestDelivery(of: before.hub))
        await before.session.close()
        try await StoreCopy(from: stores[0], to: stores[1], name: "it", now: before.at(9)).run()

        let after = try await Desk(stores[1])
        #expect(try await after.status().records == ["done": 2, "queued": 4, "pending": 1])
        #expect(try await after.pending().map(\.key) == ["7"])
        #expect(try await after.detail("3").content["price"]?.json() == "1.50")
        try await after.bring([after.record("8"), after.record("1", "{\"no\":1,\"price\":2}")])
        #expect(try await after.pending().map(\.key) == ["7", "8", "1"])
        #expect(try await after.detail("8").summary.id > last.summary.id)
        try await after.queue()
        let writes = try await after.claim(.target, limit: 9)
        #expect(writes.map(\.items.count) == [2, 2, 1, 1, 1])
        #expect(writes.map(\.lease.task) == writes.map(\.lease.task).sorted())
        for write in writes { try await after.settle(write, write.items.map { _ in .done(id: nil) }) }
        #expect(try await after.status().records == ["done": 8])
        let delivered = try await after.store.deliveredRecords(of: after.hub, after: position, upTo: .max, limit: 99)
        #expect(delivered.map(\.key) == ["3", "4", "5", "6", "7", "8", "1"])
        await after.session.close()
        for store in stores { await store.close() }
      }
    }
  }

  @Test("let what waits go on waiting, and be woken", arguments: StoreKind.allCases)
  func waits(_ kind: StoreKind) async throws {
    try await withFolder { folder in
      try await withTenant { url, tenant in
        let sqlite = try await SQLiteStore.open(folder: folder, tenant: "acme")
        let mongo = try await MongoStore.open(url: url, tenant: tenant)
        let stores: [any Store] = kind == .sqlite ? [sqlite, mongo] : [mongo, sqlite]
        let before = try await Desk(stores[0])
        try await before.leaveWaiting()
        await before.session.close()
        try await StoreCopy(from: stores[0], to: stores[1], name: "it", now: before.at(9)).run()

        let after = try await Desk(stores[1])
        #expect(try await after.waiting.status().records == ["waiting": 2])
        try await after.queue()
        try await after.settle(after.claimOne(.target), [.done(id: nil)])
        #expect(try await after.waiting.pending().map(\.key) == ["2"])
        try await after.bring([after.record("8", "{\"code\":\"A\"}")])
        #expect(try await after.waiting.pending().map(\.key) == ["1", "2"])
        await after.session.close()
        for store in stores { await store.close() }
      }
    }
  }

  @Test("have in front what a person has moved there", arguments: StoreKind.allCases)
  func fronted(_ kind: StoreKind) async throws {
    try await withFolder { folder in
      try await withTenant { url, tenant in
        let sqlite = try await SQLiteStore.open(folder: folder, tenant: "acme")
        let mongo = try await MongoStore.open(url: url, tenant: tenant)
        let stores: [any Store] = kind == .sqlite ? [sqlite, mongo] : [mongo, sqlite]
        let before = try await Desk(stores[0])
        try await before.bring((1...6).map { before.record("\($0)") })
        try await before.queue()
        let tasks = try await before.store.taskNumbers(TaskFilter(hub: before.hub, side: .target, limit: 100))
        let front = [5, 4, 3, 2].map { tasks[$0] }
        #expect(try await before.change(tasks: front, .front).changed == 4)
        await before.session.close()
        try await StoreCopy(from: stores[0], to: stores[1], name: "it", now: before.at(9)).run()

        let after = try await Desk(stores[1])
        #expect(try await after.claim(.target, limit: 1).map(\.lease.task) == [front[0]])
        #expect(try await after.claim(.target, limit: 9).map(\.lease.task) == Array(front[1...] + tasks[..<2]))
        await after.session.close()
        for store in stores { await store.close() }
      }
    }
  }

  @Test("are refused while somebody works, and where something is already", arguments: StoreKind.allCases)
  func refused(_ kind: StoreKind) async throws {
    try await withFolder { folder in
      try await kind.withStore { store in
        let other = try await SQLiteStore.open(folder: folder, tenant: "other")
        let desk = try await Desk(store)
        try await desk.bring([desk.record("1")])
        let copy = StoreCopy(from: store, to: other, name: "it", now: desk.at(9))
        #expect(await #expect(throws: StoreError.self) { try await copy.run() }?.code == .busy)
        await desk.session.close()
        let back = StoreCopy(from: other, to: store, name: "it", now: desk.at(9))
        #expect(await #expect(throws: StoreError.self) { try await back.run() }?.code == .notEmpty)
        #expect(try await other.isUnused())
        try await copy.run()
        #expect(await #expect(throws: StoreError.self) { try await copy.run() }?.code == .notEmpty)
        await other.close()
      }
    }
  }

  @Test("that were not brought to their end are opened by nobody")
  func unfinished() async throws {
    try await withFolder { folder in
      try await withTenant { url, tenant in
        let sqlite = try await SQLiteStore.open(folder: folder, tenant: "acme")
        let mongo = try await MongoStore.open(url: url, tenant: tenant)
        for store in [sqlite, mongo] as [any Store] {
          try await store.beginFilling(from: "the first one")
          await store.close()
        }
        let first = await #expect(throws: StoreError.self) {
          try await SQLiteStore.open(folder: folder, tenant: "acme")
        }
        #expect(first?.code == .unfinished && first?.message.contains("the first one") == true)
        let second = await #expect(throws: StoreError.self) { try await MongoStore.open(url: url, tenant: tenant) }
        #expect(second?.code == .unfinished && second?.message.contains("datahub_\(tenant)") == true)
      }
    }
  }
}
