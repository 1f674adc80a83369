import Glibc
public import Keeping
import SQLiteKit

extension SQLiteStore {
  /// What the store is, how large, and what it lacks.
  public func info() async throws -> StoreInfo {
    let (counts, missing) = try await read { connection in
      var counts: [StoreInfo.Count] = []
      for hub in try knownHubs(connection) {
        let count = try connection.prepare("SELECT count(*) FROM records_\(hub.id)")
        counts.append(.init(name: "records of \(hub.name)", count: try count.step() ? count.int(0) : 0))
      }
      for table in ["tasks", "ledger", "pulls", "deployments"] {
        let count = try connection.prepare("SELECT count(*) FROM \(table)")
        counts.append(.init(name: table, count: try count.step() ? count.int(0) : 0))
      }
      return (counts, try missingTables(connection).map(\.name))
    }
    return StoreInfo(
      kind: "sqlite", place: path, tenant: tenant, version: Migrations.steps.count,
      newestVersion: Migrations.steps.count, engine: "SQLite \(Database.libraryVersion)",
      bytes: ["", "-wal"].reduce(0) { $0 + fileSize(path + $1) }, counts: counts, missing: missing)
  }

  /// Makes what is missing; what the version lacked was made when the store was opened.
  public func migrate() async throws -> [String] {
    var made: [String] = []
    if openedVersion < Migrations.steps.count {
      made.append(
        openedVersion == 0
          ? "the store, version \(Migrations.steps.count)"
          : "version \(Migrations.steps.count), from version \(openedVersion)")
    }
    return try await made
      + database.write { connection in
        let missing = try missingTables(connection)
        for hub in missing { try connection.execute(HubTables(id: hub.id).create) }
        return missing.map(\.name)
      }
  }
}

private struct Hub {
  let id: Int64
  let name: String
}

private func knownHubs(_ connection: Connection) throws -> [Hub] {
  let list = try connection.prepare("SELECT id, name FROM hubs ORDER BY name")
  var hubs: [Hub] = []
  while try list.step() { hubs.append(Hub(id: list.int64(0), name: list.text(1))) }
  return hubs
}

/// The hubs that lack an index; their tables were made with them.
private func missingTables(_ connection: Connection) throws -> [(id: Int64, name: String)] {
  let find = try connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")
  return try knownHubs(connection).flatMap { hub in
    try ["pending", "attention"].compactMap { suffix in
      find.bind(1, "records_\(hub.id)_\(suffix)")
      defer { find.reset() }
      return try find.step() ? nil : (hub.id, "index \(suffix) of the records of \(hub.name)")
    }
  }
}

private func fileSize(_ path: String) -> Int64 {
  var status = stat()
  return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}
