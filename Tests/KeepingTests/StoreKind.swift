import Keeping
import MongoKit
import MongoStore
import SQLiteStore
import TestServers
import Testing
import Values

/// The stores that keep the rules.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite
  case mongo

  /// Those that can be had here.
  static let here = allCases.filter { $0 != .mongo || MongoServer.missing == nil }

  var testDescription: String { rawValue }

  /// Lends a new store and removes it, with what is in it.
  func withStore(_ body: (any Store) async throws -> Void) async throws {
    switch self {
    case .sqlite:
      try await withFolder { folder in
        let store = try await SQLiteStore.open(folder: folder, tenant: "acme")
        try await body(store)
        await store.close()
      }
    case .mongo:
      try await withTenant { url, tenant in
        let store = try await MongoStore.open(url: url, tenant: tenant)
        try await body(store)
        await store.close()
      }
    }
  }
}

/// Lends a name of a tenant that no other test has, and removes its database.
func withTenant(_ body: (String, String) async throws -> Void) async throws {
  try await MongoServer.turns.take { try await withTenantOfOurOwn(body) }
}

/// The same within a turn that is taken already.
func withTenantOfOurOwn(_ body: (String, String) async throws -> Void) async throws {
  let url = try MongoServer.shared().url
  let tenant = "test-\(UInt64.random(in: .min ... .max))"
  let result: Result<Void, any Error>
  do {
    result = .success(try await body(url, tenant))
  } catch {
    result = .failure(error)
  }
  let pool = try MongoPool(MongoAddress(url, connections: 1))
  _ = try await pool.perform { try $0.write(["dropDatabase": 1], on: "datahub_\(tenant)") }
  await pool.close()
  try result.get()
}
