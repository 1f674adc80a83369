// Module MongoStore.
//
// The store on a MongoDB server: one database per tenant behind the protocol of `Keeping`, for workers on many machines.
// A hub's records are a collection of their own with their content as documents, so that whoever may look at the database
// finds them with `db.orders.find({"content.customer": "C-7"})`. It must not know what a record means, how a request is
// made, or what time it is: every time comes from the caller; only the lease of a queue lives on the server's clock.
//
//     let store = try await MongoStore.open(url: "mongodb://127.0.0.1:27017/", tenant: "acme")
//     let session = try await store.openSession()
//     let tasks = try await store.claim(
//       ClaimRequest(hub: "sales-out", side: .target, limit: 8, owner: session.owner, now: now, lease: TimeSpan(seconds: 30)))
//
// Read next: `Schema` (the collections), `QueueClaim` (how tasks are handed out), `PageKeeper` (what a page of records does),
// `RecordSettling` (what becomes of a record when its write ends), `TaskActs` and `RecordActs` (what a person does), and
// docs/decisions for the reasons.

public import Keeping
import MongoKit
import ServiceRuntime
import Synchronization
import Values

/// The store of one tenant in a database of its own, `datahub_<tenant>`, on a MongoDB replica set or sharded cluster.
public final class MongoStore: Store {
  /// The most rows a list gives, whatever its filter asks for.
  static let longestList = 10_000
  /// The most a machine's clock may differ from the server's: leases are compared across machines.
  static let largestSkew = TimeSpan(seconds: 10)

  let pool: MongoPool
  let address: MongoAddress
  let database: String
  let tenant: String
  /// What to add to this machine's clock for the server's.
  let clockOffset: TimeSpan
  let hubs = Mutex<Set<String>>([])
  let turns = QueueTurns()
  let ended = EndedSessions()
  let announced = AnnouncedTransactions()
  let pending = PendingBook()

  private init(
    pool: MongoPool, address: MongoAddress, database: String, tenant: String, clockOffset: TimeSpan
  ) {
    self.pool = pool
    self.address = address
    self.database = database
    self.tenant = tenant
    self.clockOffset = clockOffset
  }

  /// Opens the store of a tenant, and makes it when there is none.
  ///
  /// - Throws: ``Keeping/StoreError``: `otherTenant` or `otherVersion` where the database is not ours to open, `unavailable`
  ///   where the address is not to be used or the server cannot do what a store needs.
  public static func open(url: String, tenant: String) async throws -> MongoStore {
    guard let store = try await open(url: url, tenant: tenant, makes: true) else {
      throw StoreError.damaged("a store that was just made is not there")
    }
    return store
  }

  /// Opens the store of a tenant.
  ///
  /// - Parameter makes: makes the store where there is none; else that there is none gives nil.
  public static func open(url: String, tenant: String, makes: Bool) async throws -> MongoStore? {
    let database = try StoreNames.database(of: tenant)
    let pool: MongoPool
    let address: MongoAddress
    do throws(MongoError) {
      address = try MongoAddress(url)
      pool = try MongoPool(address)
    } catch {
      throw storeError(error, "")
    }
    do {
      let offset = try await pool.perform { connection -> TimeSpan? in
        let offset = try checkServer(connection)
        let collections = Tenant(connection: connection, database: database)
        if try Schema.check(collections, tenant: tenant) { return offset }
        guard makes else { return nil }
        try Schema.make(collections, tenant: tenant)
        return offset
      }
      if let offset {
        return MongoStore(
          pool: pool, address: address, database: database, tenant: tenant, clockOffset: offset)
      }
      await pool.close()
      return nil
    } catch {
      await pool.close()
      throw storeError(error, pool.hosts)
    }
  }

  /// Waits for what is under way and closes the connections.
  public func close() async { await pool.close() }

  /// Refuses a server without transactions, and a clock that is wrong; gives how far the clocks are apart.
  private static func checkServer(_ connection: MongoConnection) throws -> TimeSpan {
    let before = currentTime()
    let hello = try connection.read(["hello": 1], on: "admin")
    let after = currentTime()
    guard hello.has("setName") || hello.text("msg") == "isdbgrid" else {
      throw StoreError(
        .unavailable,
        "the server is alone, and only a replica set or a sharded cluster has transactions: start it with --replSet and "
          + "run rs.initiate(), one member is enough")
    }
    guard hello.int("maxWireVersion") ?? 0 >= 8 else {
      throw StoreError(.unavailable, "the server is older than MongoDB 4.2: use a newer one")
    }
    guard let time = hello.time("localTime") else { return .zero }
    // The server read its clock somewhere between the two times.
    if time < before - largestSkew || time > after + largestSkew {
      throw StoreError(
        .unavailable,
        "this machine's clock says \(after) and the store's server says \(time): set the clocks, leases depend on them")
    }
    return time < before ? time - before : time > after ? time - after : .zero
  }

  // MARK: - Calls

  /// Runs a body with a connection.
  func perform<Result: Sendable>(_ body: @escaping @Sendable (Tenant) throws -> Result) async throws -> Result {
    let database = database
    do {
      return try await pool.perform { try body(Tenant(connection: $0, database: database)) }
    } catch {
      throw storeError(error, pool.hosts)
    }
  }

  /// Runs a body in a transaction.
  ///
  /// - Parameter wasKept: where the answer to the commit was lost, tells from what is there whether it was carried out.
  func transact<Result: Sendable>(
    _ body: @escaping @Sendable (Tenant) throws -> Result,
    wasKept: @escaping @Sendable (Tenant) throws -> Bool
  ) async throws -> Result {
    try await transact(body, resultWasKept: { tenant, _ in try wasKept(tenant) })
  }

  /// Runs a body in a transaction.
  ///
  /// - Parameter resultWasKept: as above, and is told what the body gave.
  func transact<Result: Sendable>(
    _ body: @escaping @Sendable (Tenant) throws -> Result,
    resultWasKept wasKept: @escaping @Sendable (Tenant, Result) throws -> Bool
  ) async throws -> Result {
    let announced = announced
    return try await perform { tenant in
      try announced.announce(tenant)
      var kept: Result?
      do {
        try tenant.connection.transaction {
          tenant.after.clear()
          kept = try body(tenant)
        }
      } catch let error as MongoError where error.isOutcomeUnknown {
        // Only a majority's answer counts, and that is how everything here is read.
        guard let kept, try wasKept(tenant, kept) else { throw error }
      }
      guard let kept else { throw StoreError.damaged("a transaction that was kept has not been run") }
      tenant.after.tell(tenant)
      return kept
    }
  }

  /// The server's time, as far as this process can tell.
  func serverTime() -> Timestamp { currentTime() + clockOffset }

  /// A text that nothing else has: what carries it can be recognised when an answer was lost.
  static func newToken() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
  }

  /// Makes the collections of a hub where there are none.
  func ensureHub(_ hub: String) async throws {
    if hubs.withLock({ $0.contains(hub) }) { return }
    try await perform { try Schema.addHub(hub, $0) }
    _ = hubs.withLock { $0.insert(hub) }
  }
}

/// A tenant's collections, as one connection sees them.
struct Tenant {
  let connection: MongoConnection
  let database: String
  /// What is to be told when the transaction that is under way is kept.
  let after = Aftermath()

  init(connection: MongoConnection, database: String) {
    self.connection = connection
    self.database = database
  }

  var meta: MongoCollection { connection.collection("datahub.meta", of: database) }
  var hubs: MongoCollection { connection.collection("datahub.hubs", of: database) }
  var sequences: MongoCollection { connection.collection("datahub.sequences", of: database) }
  var queues: MongoCollection { connection.collection("datahub.queues", of: database) }
  var tasks: MongoCollection { connection.collection("datahub.tasks", of: database) }
  var ledger: MongoCollection { connection.collection("datahub.ledger", of: database) }
  var pulls: MongoCollection { connection.collection("datahub.pulls", of: database) }
  var sessions: MongoCollection { connection.collection("datahub.sessions", of: database) }
  var deployments: MongoCollection { connection.collection("datahub.deployments", of: database) }
  var pieces: MongoCollection { connection.collection("datahub.pieces", of: database) }
  var gates: MongoCollection { connection.collection("datahub.gates", of: database) }
  var schedules: MongoCollection { connection.collection("datahub.schedules", of: database) }
  var runs: MongoCollection { connection.collection("datahub.runs", of: database) }
  var leads: MongoCollection { connection.collection("datahub.leads", of: database) }
  var audit: MongoCollection { connection.collection("datahub.audit", of: database) }
  var auditItems: MongoCollection { connection.collection("datahub.auditItems", of: database) }
  var values: MongoCollection { connection.collection("datahub.values", of: database) }
  var cursors: MongoCollection { connection.collection("datahub.cursors", of: database) }
  var parents: MongoCollection { connection.collection("datahub.parents", of: database) }
  func records(_ hub: String) -> MongoCollection {
    connection.collection(StoreNames.records(of: hub), of: database)
  }

  // MARK: - Numbers

  /// Takes numbers that nothing else gets, and gives the first.
  ///
  /// Outside of transactions, so that nobody waits for who has taken some; those of a transaction that is undone are left
  /// out for ever. The sequences' documents are theirs alone: a transaction must not change what was changed beside it.
  private func take(_ count: Int, _ sequence: String) throws -> Int64 {
    if count == 0 { return 0 }
    return try connection.outsideTransaction {
      // Of many that begin a sequence at once all but one may be told that it is there, or nothing: they ask again.
      for _ in 0..<10 {
        do throws(MongoError) {
          let number = try sequences.findAndUpdate(
            ["_id": .string(sequence)], ["$inc": ["last": .int(Int64(count))]], upsert: true)
          if let last = number?.int64("last") { return last - Int64(count) + 1 }
        } catch {
          guard error.kind == .duplicateKey else { throw error }
        }
      }
      throw StoreError.damaged("the sequence '\(sequence)' has no last number")
    }
  }

  func takeTaskNumbers(_ count: Int) throws -> Int64 { try take(count, "tasks") }
  func takeLookupNumber() throws -> Int64 { try take(1, "lookups") }
  func takePullNumber() throws -> Int64 { try take(1, "pulls") }
  func takeAuditNumber() throws -> Int64 { try take(1, "audit") }

  /// Places behind all others of a hub's records; they number its new records too.
  func takeRecordPlaces(_ count: Int, _ hub: String) throws -> Int64 { try take(count, "records/\(hub)") }

  /// Places behind all others of a queue.
  func takeQueuePlaces(_ count: Int, _ hub: String, _ side: Side) throws -> Int64 {
    try take(count, Queue.id(hub, side))
  }
}
