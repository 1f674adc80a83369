public import Keeping
public import Plans
import SQLiteKit
import Values

extension SQLiteStore {
  /// Sees to it that records are found by these lookups; see ``Keeping/Store``.
  ///
  /// What is kept already is gone through some hundred records at a time, so that others may write in between; a process that
  /// ends meanwhile leaves the rest to the next that asks. Where everything is as wanted, nothing is written.
  public func keepLookups(_ lookups: [LookupPlan], onlyThese: Bool) async throws {
    if lookups.isEmpty && !onlyThese { return }
    var wanted: Set<KeptLookup> = []
    for lookup in lookups {
      wanted.insert(KeptLookup(hub: try await tables(of: lookup.hub).id, fields: LookupFields.write(lookup.fields)))
    }
    let all = wanted
    if try await read({ try LookupBook($0).isAsWanted(all, onlyThese: onlyThese) }) { return }
    let start = Timestamp(milliseconds: 0)
    try await write(now: start) { try $0.declareLookups(all, onlyThese: onlyThese) }
    while try await write(now: start, { try $0.buildLookup(among: all) }) {}
    while onlyThese, try await write(now: start, { try $0.forgetEntries() }) {}
  }

  /// The kept records that questions ask for: one look into an index for each.
  public func find(_ questions: [LookupQuestion]) async throws -> [LookupAnswer] {
    var known: [String: HubTables] = [:]
    for name in Set(questions.map(\.lookup.hub)) { known[name] = try await tables(ifAnyOf: name) }
    let hubs = known
    return try await read { connection in
      let book = try LookupBook(connection)
      let reader = LookupReader(connection)
      return try questions.map { question in
        guard let hub = hubs[question.lookup.hub],
          let id = book.readyID(hub.id, LookupFields.write(question.lookup.fields))
        else {
          throw StoreError(
            .lookupNotKept,
            "records of hub '\(question.lookup.hub)' cannot be found by \(question.lookup.fields.joined(separator: ", ")): "
              + "another plan was deployed meanwhile")
        }
        return try reader.answer(question, lookup: id, hub)
      }
    }
  }
}

/// A lookup as the store names it.
struct KeptLookup: Hashable {
  let hub: Int64
  let fields: String
}

/// What the table of lookups says.
private struct LookupBook {
  private var ready: [KeptLookup: Int64] = [:]
  private var hasOthers = false
  private var unready: Set<KeptLookup> = []

  init(_ connection: Connection) throws {
    let list = try connection.prepare("SELECT id, hub, fields, next_record, is_retired FROM lookups")
    while try list.step() {
      let lookup = KeptLookup(hub: list.int64(1), fields: list.text(2))
      if list.bool(4) {
        hasOthers = true
      } else if list.isNull(3) {
        ready[lookup] = list.int64(0)
      } else {
        unready.insert(lookup)
      }
    }
  }

  func readyID(_ hub: Int64, _ fields: String) -> Int64? { ready[KeptLookup(hub: hub, fields: fields)] }

  func isAsWanted(_ wanted: Set<KeptLookup>, onlyThese: Bool) -> Bool {
    guard wanted.allSatisfy({ ready[$0] != nil }) else { return false }
    return !onlyThese || (!hasOthers && unready.isEmpty && ready.count == wanted.count)
  }
}

extension Transaction {
  /// How many records are gone through, and how many entries removed, in one transaction.
  private static let lookupChunk = 500

  /// Notes lookups that are not there, to be built; retires all others where only these are wanted.
  fileprivate func declareLookups(_ wanted: Set<KeptLookup>, onlyThese: Bool) throws {
    let insert = try connection.prepare(
      "INSERT INTO lookups (hub, fields, next_record) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING")
    for lookup in wanted {
      insert.bind(1, lookup.hub)
      insert.bind(2, lookup.fields)
      try insert.run()
    }
    guard onlyThese else { return }
    for lookup in try lookups(retired: false) where !wanted.contains(lookup.lookup) {
      for sql in [
        "UPDATE lookups SET is_retired = 1 WHERE id = ?1", "DELETE FROM lookup_waits WHERE lookup = ?1",
      ] {
        let retire = try connection.prepare(sql)
        retire.bind(1, lookup.id)
        try retire.run()
      }
    }
  }

  /// Goes through some records for one lookup that is not ready; false where all are.
  fileprivate func buildLookup(among wanted: Set<KeptLookup>) throws -> Bool {
    guard let unready = try lookups(retired: false).first(where: { $0.next != nil && wanted.contains($0.lookup) }),
      let next = unready.next
    else { return false }
    let plan = LookupPlan(hub: "", fields: try LookupFields.read(unready.lookup.fields))
    let insert = try connection.prepare(LookupIndex.insertSQL)
    let list = try connection.prepare(hubs[unready.lookup.hub].contents)
    list.bind(1, next)
    list.bind(2, Transaction.lookupChunk)
    var parser = JSONParser()
    var last: Int64?
    while try list.step() {
      last = list.int64(0)
      // What is no JSON is found by nothing.
      guard let content = try? parser.parse(list.bytes(1)), let key = plan.key(of: content) else { continue }
      insert.bind(1, unready.id)
      insert.bind(2, key)
      insert.bind(3, list.int64(0))
      try insert.run()
    }
    let note = try connection.prepare("UPDATE lookups SET next_record = ?2 WHERE id = ?1")
    note.bind(1, unready.id)
    note.bind(2, last.map { $0 + 1 })
    try note.run()
    return true
  }

  /// Removes some entries of a retired lookup, and with the last of them the lookup; false where there is none.
  fileprivate func forgetEntries() throws -> Bool {
    guard let retired = try lookups(retired: true).first else { return false }
    let forget = try connection.prepare(
      """
      DELETE FROM lookup_entries WHERE lookup = ?1 AND (key, record) IN
        (SELECT key, record FROM lookup_entries WHERE lookup = ?1 LIMIT ?2)
      """)
    forget.bind(1, retired.id)
    forget.bind(2, Transaction.lookupChunk)
    try forget.run()
    if connection.changes > 0 { return true }
    let end = try connection.prepare("DELETE FROM lookups WHERE id = ?1")
    end.bind(1, retired.id)
    try end.run()
    return true
  }

  private func lookups(retired: Bool) throws -> [(id: Int64, lookup: KeptLookup, next: Int64?)] {
    let list = try connection.prepare(
      "SELECT id, hub, fields, next_record FROM lookups WHERE is_retired = ?1 ORDER BY id")
    list.bind(1, retired)
    var found: [(id: Int64, lookup: KeptLookup, next: Int64?)] = []
    while try list.step() {
      found.append((list.int64(0), KeptLookup(hub: list.int64(1), fields: list.text(2)), list.optionalInt64(3)))
    }
    return found
  }
}
