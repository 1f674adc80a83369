import Keeping
import MongoKit
import Values

/// The collections of a tenant and their indexes.
///
/// | collection | holds |
/// |---|---|
/// | `<hub>` | a hub's records with their content, what was done for them beside their writes, and in which pull they were last |
/// | `datahub.hubs` | for each hub its collection, watermark, latest pulls and last error; changes with each page of it |
/// | `datahub.queues` | for each queue who is handing out its tasks, and where its first task is |
/// | `datahub.sequences` | the last number or place that was taken of each kind |
/// | `datahub.tasks` | queue tasks; what a running write was claimed with is its ledger row `sending` |
/// | `datahub.ledger` | how each sending ended |
/// | `datahub.pulls`, `datahub.deployments`, `datahub.sessions` | what their names say |
/// | `datahub.cursors` | how far each hub has read the delivered records of another |
/// | `datahub.parents` | the parents of hubs that ask for each of some, each with how far it is read |
/// | `datahub.gates` | for each connector its last calls, and whether its system is left alone |
/// | `datahub.lookups` | by which fields the records of a hub are found |
/// | `datahub.lookupWaits`, `datahub.deliveryWaits` | which records wait for another to come, or to be delivered |
/// | `datahub.schedules`, `datahub.runs` | up to where each schedule was looked at; its runs |
/// | `datahub.leads` | which worker does alone what only one is to do |
/// | `datahub.values` | the entries of value mappings; their version stands in `datahub.meta` |
/// | `datahub.audit`, `datahub.auditItems` | what persons did, and each thing they changed; only ever added to |
/// | `datahub.pieces` | bytes that are too long for the document they belong to |
/// | `datahub.meta` | whose store it is, and its version |
enum Schema {
  /// The version this program makes and reads.
  static let version = 1

  /// An index as it is wanted.
  struct Index: Sendable {
    let name: String
    let keys: ValueMap
    var options: [(String, Value)] = []

    init(_ name: String, _ keys: Value, _ options: Value = [:]) {
      self.name = name
      self.keys = keys.mapValue ?? ValueMap([(String, Value)]())
      for (key, value) in options.mapValue?.entries ?? [] {
        if case .string(let key) = key { self.options.append((key, value)) }
      }
    }

    var value: Value { .map(ValueMap([("name", .string(name)), ("key", .map(keys))] + options)) }
  }

  /// The indexes of the collections all hubs share.
  static let shared: [(collection: String, indexes: [Index])] = [
    (
      "datahub.tasks",
      [
        Index("open", ["hub": 1, "side": 1, "state": 1, "position": 1, "runAt": 1]),
        Index("due", ["hub": 1, "side": 1, "runAt": 1], ["partialFilterExpression": ["state": 3]]),
        Index("running", ["state": 1, "owner": 1, "leaseUntil": 1], ["partialFilterExpression": ["state": 1]]),
        Index("work", ["state": 1, "hub": 1, "side": 1, "runAt": 1]),
        Index("following", ["origin": 1], ["partialFilterExpression": ["origin": ["$exists": true]]]),
        // A write has this field while its lock is held: of each lock there is one at most.
        Index(
          "locked", ["hub": 1, "holds": 1],
          ["unique": true, "partialFilterExpression": ["holds": ["$exists": true]]]),
      ]
    ),
    ("datahub.ledger", [Index("task", ["task": 1, "epoch": 1], ["unique": true])]),
    ("datahub.pulls", [Index("open", ["hub": 1], ["unique": true, "partialFilterExpression": ["state": 0]])]),
    // A week after a worker was last heard of nobody asks for it any more.
    ("datahub.sessions", [Index("seen", ["seenAt": 1], ["expireAfterSeconds": 604_800])]),
    ("datahub.pieces", [Index("of", ["of": 1, "number": 1], ["unique": true])]),
    ("datahub.queues", []), ("datahub.sequences", []),
    (
      "datahub.lookups",
      [
        Index(
          "kept", ["hub": 1, "fields": 1], ["unique": true, "partialFilterExpression": ["isRetired": false]])
      ]
    ),
    ("datahub.lookupWaits", [Index("awaited", ["lookup": 1, "key": 1]), Index("record", ["hub": 1, "record": 1])]),
    (
      "datahub.deliveryWaits",
      [Index("awaited", ["awaitedHub": 1, "awaitedRecord": 1]), Index("record", ["hub": 1, "record": 1])]
    ),
    ("datahub.audit", [Index("at", ["at": 1])]),
    (
      "datahub.auditItems",
      [Index("entry", ["entry": 1, "number": 1], ["unique": true]), Index("subject", ["subject": 1])]
    ),
    ("datahub.values", [Index("code", ["mapping": 1, "code": 1], ["unique": true])]),
    ("datahub.runs", [Index("slot", ["hub": 1, "kind": 1, "slot": -1]), Index("state", ["state": 1])]),
    ("datahub.parents", [Index("hub", ["hub": 1, "key": 1]), Index("failed", ["hub": 1, "failedPull": 1])]),
    ("datahub.cursors", []), ("datahub.schedules", []), ("datahub.leads", []),
    ("datahub.gates", []), ("datahub.hubs", []),
    ("datahub.meta", []),
    ("datahub.deployments", []),
  ]

  /// The indexes of a hub's records.
  static let records = [
    Index("key", ["key": 1], ["unique": true]), Index("state", ["state": 1, "position": 1]),
    Index("found", ["found.lookup": 1, "found.key": 1]),
    Index("waiting", ["waitsFor": 1], ["partialFilterExpression": ["state": 4]]),
  ]

  /// True where there is a store, of which is made sure that it is the tenant's and of this version.
  static func check(_ tenant: Tenant, tenant name: String) throws -> Bool {
    guard let meta = try tenant.meta.findOne(["_id": "store"]) else { return false }
    guard let owner = meta.text("tenant"), let version = meta.int("version") else {
      throw StoreError.damaged("no tenant or version in 'datahub.meta'")
    }
    guard owner == name else {
      throw StoreError(.otherTenant, "the store belongs to the tenant \"\(owner)\", not to \"\(name)\"")
    }
    guard version <= Schema.version else {
      throw StoreError(
        .otherVersion,
        "the store has version \(version) and this program knows versions up to \(Schema.version): use a newer program")
    }
    if let copy = try tenant.meta.findOne(["_id": .string(MongoStore.unfinishedMark)]) {
      throw StoreError(
        .unfinished,
        "the store is a copy of \(copy.text("from") ?? "another") that was not brought to its end: drop the database "
          + "\(tenant.database) and copy again")
    }
    return true
  }

  /// Makes a new store.
  static func make(_ tenant: Tenant, tenant name: String) throws {
    for (collection, indexes) in shared {
      try make(indexes, in: tenant.connection.collection(collection, of: tenant.database))
    }
    try once {
      try tenant.meta.updateOne(["_id": "values"], ["$setOnInsert": ["version": 0]], upsert: true)
    }
    // Last, so that a store that is there is whole; upserted, since another process may be doing the same.
    try once {
      try tenant.meta.updateOne(
        ["_id": "store"],
        ["$setOnInsert": ["tenant": .string(name), "version": .int(Int64(version))]], upsert: true)
    }
  }

  /// Gives a hub its collections.
  static func addHub(_ hub: String, _ tenant: Tenant) throws {
    let collection = StoreNames.records(of: hub)
    if try tenant.hubs.findOne(["_id": .string(hub)])?.text("collection") == collection { return }
    try make(records, in: tenant.records(hub))
    for side in Side.allCases {
      try once {
        try tenant.queues.updateOne(
          ["_id": .string(Queue.id(hub, side))],
          ["$setOnInsert": ["hub": .string(hub), "side": .string(side.name), "head": 0, "holder": nil]],
          upsert: true)
      }
    }
    try once {
      try tenant.hubs.updateOne(
        ["_id": .string(hub)],
        ["$set": ["collection": .string(collection)]], upsert: true)
    }
  }

  /// Makes indexes where there are none; a collection without indexes is made too: a transaction must not have to.
  static func make(_ indexes: [Index], in collection: MongoCollection) throws {
    if indexes.isEmpty {
      do throws(MongoError) {
        try collection.create()
      } catch {
        // It may be there already.
        guard error.code == 48 else { throw error }
      }
    } else {
      try collection.createIndexes(indexes.map(\.value))
    }
  }

  /// Runs an upsert that another process may win: then it has what we wanted.
  static func once(_ upsert: () throws -> Void) throws {
    do {
      try upsert()
    } catch let error as MongoError where error.kind == .duplicateKey {
      return
    }
  }
}
