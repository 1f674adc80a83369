import Keeping
import MongoKit
import MongoStore
import SQLiteStore
import Values

/// Where a bench keeps its store: a folder with an SQLite file, or a database of its own on a MongoDB server.
struct StorePlace: Sendable {
  private static let separator: Character = " "

  /// The tenant whose store it is.
  let tenant: String
  /// A folder, or the server's address.
  let address: String

  /// As it is written in `datahub.yaml`.
  var url: String { isMongo ? address : "sqlite:" + address }
  private var isMongo: Bool { address.hasPrefix("mongodb") }

  /// How many times slower than a file on this machine it may be.
  var slowness: Int { isMongo ? 10 : 1 }

  /// How many seconds a part of a run may take before it counts as stuck.
  var patience: Double { isMongo ? 7_200 : 1_800 }

  /// A place in a folder, or where a server is named in a new database there.
  init(folder: String, server: String?) {
    tenant = server == nil ? "bench" : "bench-\(UInt32.random(in: .min ... .max))"
    address = server ?? folder
  }

  /// A place as another process was told it.
  init(_ text: String) throws {
    let parts = text.split(separator: Self.separator, maxSplits: 1)
    guard parts.count == 2 else { throw BenchError("'\(text)' is no place of a store") }
    tenant = String(parts[0])
    address = String(parts[1])
  }

  /// The place, for another process.
  var text: String { tenant + String(Self.separator) + address }

  /// Opens the store, and makes it where there is none.
  func open() async throws -> any Store {
    if isMongo { return try await MongoStore.open(url: address, tenant: tenant) }
    return try await SQLiteStore.open(folder: address, tenant: tenant)
  }

  /// Removes a database; a folder goes with its owner.
  func remove() async throws {
    guard isMongo else { return }
    let pool = try MongoPool(MongoAddress(address, connections: 1))
    _ = try await pool.perform { [tenant] in try $0.write(["dropDatabase": 1], on: "datahub_\(tenant)") }
    await pool.close()
  }
}
