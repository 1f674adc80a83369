// Module SQLiteStore.
//
// The embedded store: one SQLite file per tenant behind the protocol of `Keeping`. It keeps records, queue tasks, the
// ledger of sendings, pulls with their watermarks, and deployed plans. It must not know what a record means, how a
// request is made, or what time it is: every time comes from the caller.
//
//     let store = try await SQLiteStore.open(folder: "/var/lib/datahub", tenant: "acme")
//     let session = try await store.openSession()
//     let tasks = try await store.claim(
//       ClaimRequest(hub: "sales-out", side: .target, limit: 8, owner: session.owner, now: now, lease: TimeSpan(seconds: 30)))
//
// Read next: `Migrations` (the tables), `Transaction` (what every change shares), `Transaction+Pages` (what a page of
// records does), `Transaction+Settling` (what becomes of a record when its write ends).

import Dispatch
public import Keeping
import SQLiteKit
import Values

/// The store of one tenant in one SQLite file, `<folder>/<tenant>.sqlite`.
///
/// Processes of one machine may share it: they take turns to write, and each sees what the others committed. Calls of
/// one process that wait at the same time share a commit. Workers prove that they live by a locked file in
/// `<folder>/workers`.
public final class SQLiteStore: Store {
  /// Marks the file as one of ours: "dhub".
  static let applicationID: Int32 = 0x6468_7562
  /// The most rows a list gives, whatever its filter asks for.
  static let longestList = 10_000

  let database: Database
  let hubs = HubCatalog()
  let workers: WorkerFolder
  let folder: String
  let fileName: String
  let tenant: String
  /// The version the store had when it was opened; 0 for a new one.
  let openedVersion: Int
  /// The file.
  var path: String { "\(folder)/\(fileName)" }

  private init(database: Database, folder: String, tenant: String, openedVersion: Int) {
    self.database = database
    self.folder = folder
    self.tenant = tenant
    self.openedVersion = openedVersion
    fileName = "\(tenant).sqlite"
    workers = WorkerFolder(path: "\(folder)/workers")
  }

  /// Opens the store of a tenant, and makes it when there is none.
  ///
  /// - Throws: ``Keeping/StoreError``: `otherTenant` or `otherVersion` where the file is not ours to open, `damaged` where it
  ///   is no sound database, `unavailable` for the rest.
  public static func open(folder: String, tenant: String) async throws -> SQLiteStore {
    guard isTenantName(tenant) else {
      throw StoreError(
        .otherTenant, "\"\(tenant.prefix(100))\" is no name of a tenant: only letters, digits, '-' and '_', at most 100"
      )
    }
    let folder = folder.isEmpty ? "." : folder
    let path = "\(folder)/\(tenant).sqlite"
    let database = try await openFile(path)
    do {
      let version = try await Migrations.run(on: database, tenant: tenant)
      return SQLiteStore(database: database, folder: folder, tenant: tenant, openedVersion: version)
    } catch {
      await database.close()
      throw storeError(error)
    }
  }

  /// Waits for what is under way and closes the store.
  public func close() async {
    await database.close()
  }

  private static func isTenantName(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
      }
  }

  /// Opens the file on a thread of Dispatch's, since another process may keep it busy for a while.
  private static func openFile(_ path: String) async throws -> Database {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        do {
          let configuration = Database.Configuration(applicationID: applicationID)
          continuation.resume(returning: try Database(path: path, configuration: configuration))
        } catch {
          continuation.resume(throwing: storeError(error))
        }
      }
    }
  }

  // MARK: - Transactions

  /// Runs a body in a write transaction.
  func write<Result: Sendable>(
    now: Timestamp, _ body: @escaping @Sendable (Transaction) throws -> Result
  ) async throws -> Result {
    let (hubs, now) = (hubs, now.milliseconds)
    do {
      return try await database.write { connection in
        let transaction = Transaction(connection: connection, hubs: hubs, now: now)
        let result = try body(transaction)
        try transaction.saveTallies()
        return result
      }
    } catch {
      throw storeError(error)
    }
  }

  /// Runs a body on one instant of the store.
  func read<Result: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Result) async throws -> Result {
    do {
      return try await database.read(body)
    } catch {
      throw storeError(error)
    }
  }

  /// The tables of a hub, which are made where there are none.
  func tables(of hub: String) async throws -> HubTables {
    if let known = try await tables(ifAnyOf: hub) { return known }
    let id = try await write(now: Timestamp(milliseconds: 0)) { try $0.addHub(hub) }
    return hubs.remember(hub, id)
  }

  /// The tables of a hub that has been used before.
  func tables(ifAnyOf hub: String) async throws -> HubTables? {
    if let known = hubs[hub] { return known }
    let found: Int64? = try await read { connection in
      let find = try connection.prepare("SELECT id FROM hubs WHERE name = ?1")
      find.bind(1, hub)
      return try find.step() ? find.int64(0) : nil
    }
    return found.map { hubs.remember(hub, $0) }
  }
}
