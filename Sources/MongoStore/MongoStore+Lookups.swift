public import Keeping
import MongoKit
public import Plans
import Values

extension MongoStore {
  /// Sees to it that records are found by these lookups; see ``Keeping/Store``.
  ///
  /// What is kept already is gone through some hundred records at a time; a process that ends meanwhile leaves the rest to
  /// the next that asks. Where everything is as wanted, nothing is written.
  public func keepLookups(_ lookups: [LookupPlan], onlyThese: Bool) async throws {
    if lookups.isEmpty && !onlyThese { return }
    for hub in Set(lookups.map(\.hub)) { try await ensureHub(hub) }
    let wanted = Set(lookups.map { KeptLookup(hub: $0.hub, fields: LookupFields.write($0.fields)) })
    if try await perform({ try LookupBook($0).isAsWanted(wanted, onlyThese: onlyThese) }) { return }
    // Each step can be done again, so an answer that was lost is no loss.
    try await perform { tenant in
      try Schema.once { try tenant.connection.transaction { try tenant.declare(wanted, onlyThese: onlyThese) } }
    }
    // Another process may have declared some at the same moment; what it began is brought to its end here as well.
    while try await perform({ tenant in
      try tenant.connection.transaction { try tenant.buildLookup(among: wanted) }
    }) {}
    if onlyThese { try await perform { try $0.forgetRetired() } }
    guard try await perform({ try LookupBook($0).isAsWanted(wanted, onlyThese: false) }) else {
      throw StoreError(.unavailable, "another process changes what records are found by: try again")
    }
  }

  /// The kept records that questions ask for: one look into an index for each.
  public func find(_ questions: [LookupQuestion]) async throws -> [LookupAnswer] {
    if questions.isEmpty { return [] }
    return try await perform { tenant in
      var parser = JSONParser()
      var known: [LookupPlan: Int64] = [:]
      return try questions.map { question in
        guard let id = try known[question.lookup] ?? tenant.readyLookup(question.lookup) else {
          throw StoreError(
            .lookupNotKept,
            "records of hub '\(question.lookup.hub)' cannot be found by \(question.lookup.fields.joined(separator: ", ")): "
              + "another plan was deployed meanwhile")
        }
        known[question.lookup] = id
        return try tenant.answer(question, lookup: id, &parser)
      }
    }
  }
}

/// A lookup as the store names it.
private struct KeptLookup: Hashable {
  let hub: String
  let fields: String

  init(hub: String, fields: String) {
    self.hub = hub
    self.fields = fields
  }

  init(_ row: BSONDocument) {
    self.init(hub: row.text("hub") ?? "", fields: row.text("fields") ?? "")
  }
}

/// What is known of all lookups.
private struct LookupBook {
  private var ready: Set<KeptLookup> = []
  private var hasOthers = false

  init(_ tenant: Tenant) throws {
    for row in try tenant.lookups.find([:]) {
      if row.flag("isRetired") || row.has("next") { hasOthers = true } else { ready.insert(KeptLookup(row)) }
    }
  }

  func isAsWanted(_ wanted: Set<KeptLookup>, onlyThese: Bool) -> Bool {
    wanted.isSubset(of: ready) && (!onlyThese || (!hasOthers && ready.count == wanted.count))
  }
}

extension Tenant {
  /// How many records are gone through in one transaction.
  private static let lookupChunk = 500

  /// Notes lookups that are not there, to be built; retires all others where only these are wanted.
  fileprivate func declare(_ wanted: Set<KeptLookup>, onlyThese: Bool) throws {
    let rows = try lookups.find(["isRetired": false])
    let there = Set(rows.map(KeptLookup.init))
    for lookup in wanted.subtracting(there) {
      // A page that is being kept and does not know of the lookup is made again, now that it is there.
      try touch(lookup.hub)
      try lookups.insert([
        [
          "_id": .int(try takeLookupNumber()), "hub": .string(lookup.hub), "fields": .string(lookup.fields),
          "isRetired": false, "next": 0,
        ]
      ])
    }
    guard onlyThese else { return }
    for row in rows where !wanted.contains(KeptLookup(row)) {
      let id = Value.int(row.int64("_id") ?? 0)
      try touch(row.text("hub") ?? "")
      try lookups.updateOne(["_id": id], ["$set": ["isRetired": true]])
      try lookupWaits.delete(["lookup": id])
    }
  }

  /// Goes through the next records for the first lookup that is not built; false where all are.
  fileprivate func buildLookup(among wanted: Set<KeptLookup>) throws -> Bool {
    let unready = try lookups.find(["isRetired": false, "next": ["$ne": nil]], sort: ["_id": 1])
    guard let row = unready.first(where: { wanted.contains(KeptLookup($0)) }), let id = row.int64("_id"),
      let next = row.int64("next")
    else { return false }
    let lookup = KeptLookup(row)
    let plan = LookupPlan(hub: lookup.hub, fields: try LookupFields.read(lookup.fields))
    let rows = try records(lookup.hub).find(
      ["_id": ["$gte": .int(next)]], fields: ["content": 1, "raw": 1, "pieces": 1], sort: ["_id": 1],
      limit: Tenant.lookupChunk)
    var parser = JSONParser()
    var changes: [MongoChange] = []
    for row in rows {
      let record = row.int64("_id") ?? 0
      let bytes = try self.content(of: row, lookup.hub, record)
      let content: Value
      do throws(JSONError) {
        content = try parser.parse(bytes)
      } catch {
        // What is no JSON is found by nothing.
        continue
      }
      guard let key = plan.key(of: content) else { continue }
      changes.append(
        MongoChange(["_id": .int(record)], ["$addToSet": ["found": LookupEntry(lookup: id, key: key).value]]))
    }
    try records(lookup.hub).update(changes)
    let rest: Value = rows.count < Tenant.lookupChunk ? nil : .int((rows.last?.int64("_id") ?? next) + 1)
    // Records that come while the last step is under way bring their entries themselves.
    try touch(lookup.hub)
    try lookups.updateOne(["_id": .int(id)], ["$set": ["next": rest]])
    return true
  }

  /// Removes the entries of lookups nobody asks any more, and the lookups after them.
  fileprivate func forgetRetired() throws {
    for row in try lookups.find(["isRetired": true]) {
      let id = Value.int(row.int64("_id") ?? 0)
      try records(row.text("hub") ?? "").updateMany(["found.lookup": id], ["$pull": ["found": ["lookup": id]]])
      try lookups.delete(["_id": id])
    }
  }
}
