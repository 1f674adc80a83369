public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// What the store is, how large, and what it lacks.
  public func info() async throws -> StoreInfo {
    let (tenant, hosts, database) = (tenant, pool.hosts, database)
    return try await perform { collections in
      let connection = collections.connection
      let build = try connection.read(["buildInfo": 1], on: "admin")
      let sizes = try connection.read(["dbStats": 1], on: database)
      var counts: [StoreInfo.Count] = []
      for hub in try collections.hubNames() {
        counts.append(.init(name: "records of \(hub)", count: try collections.records(hub).estimatedCount()))
      }
      for (name, collection) in [
        ("tasks", collections.tasks), ("ledger", collections.ledger), ("pulls", collections.pulls),
        ("deployments", collections.deployments),
      ] { counts.append(.init(name: name, count: try collection.estimatedCount())) }
      return StoreInfo(
        kind: "mongodb", place: "\(hosts), database \(database)", tenant: tenant,
        version: try collections.meta.findOne(["_id": "store"])?.int("version") ?? 0, newestVersion: Schema.version,
        engine: "MongoDB \(build.text("version") ?? "of unknown version")",
        bytes: (sizes.int64("storageSize") ?? 0) + (sizes.int64("indexSize") ?? 0), counts: counts,
        missing: try Schema.faults(collections).map(\.words))
    }
  }

  /// Makes the collections and indexes that are missing, and anew those that are others than they should be.
  public func migrate() async throws -> [String] {
    try await perform { tenant in
      let faults = try Schema.faults(tenant)
      for fault in faults {
        let collection = tenant.connection.collection(fault.collection, of: tenant.database)
        if fault.isDifferent, let index = fault.index { try collection.dropIndex(index.name) }
        try Schema.make(fault.index.map { [$0] } ?? [], in: collection)
      }
      return faults.map(\.words)
    }
  }
}

extension Schema {
  /// A collection, or an index of one, that is not there, or an index that is another than it should be.
  struct Fault {
    let collection: String
    var index: Index?
    var isDifferent = false

    var words: String {
      guard let index else { return "collection \(collection)" }
      return "index \(index.name) of \(collection)\(isDifferent ? ", which was another" : "")"
    }
  }

  /// What is missing; indexes that others made are left alone.
  static func faults(_ tenant: Tenant) throws -> [Fault] {
    let feeding = try tenant.hubs.find(["keepsDeliveries": true], fields: ["_id": 1]).compactMap { $0.text("_id") }
    let wanted =
      shared + (try tenant.hubNames().map { (StoreNames.records(of: $0), records) })
      + feeding.map { (StoreNames.records(of: $0), [delivered]) }
    let there = try tenant.connection.collectionNames(of: tenant.database)
    return try wanted.flatMap { collection, indexes -> [Fault] in
      // One with indexes is made with them.
      if indexes.isEmpty { return there.contains(collection) ? [] : [Fault(collection: collection)] }
      var found: [String: BSONDocument] = [:]
      for index in try tenant.connection.collection(collection, of: tenant.database).indexes() {
        found[index.text("name") ?? ""] = index
      }
      return try indexes.compactMap { index in
        guard let there = found[index.name] else {
          return Fault(collection: collection, index: index)
        }
        return try index.isSame(as: there) ? nil : Fault(collection: collection, index: index, isDifferent: true)
      }
    }
  }
}

extension Schema.Index {
  fileprivate func isSame(as found: BSONDocument) throws -> Bool {
    guard case .map(let there)? = try found.value("key"), there == keys,
      // The order of the keys is what makes it another index.
      there.keys.map(\.value) == keys.keys.map(\.value)
    else { return false }
    let wanted = Dictionary(options, uniquingKeysWith: { $1 })
    for name in ["unique", "partialFilterExpression", "expireAfterSeconds"] {
      let value = try found.value(name)
      if (value ?? false) != (wanted[name] ?? false) { return false }
    }
    return true
  }
}

extension Tenant {
  func hubNames() throws -> [String] {
    try hubs.find([:], fields: ["_id": 1], sort: ["_id": 1]).compactMap { $0.text("_id") }
  }
}
