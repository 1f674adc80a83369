import Keeping
import Plans
import SQLiteKit
import Values

/// Keeps the entries by which one hub's records are found.
///
/// An entry is a lookup, a key and a record. What a record was found by is worked out from its old content, so entries need
/// no second index by record.
final class LookupIndex {
  /// One lookup, and whether records wait for what it would find.
  private struct Lookup {
    let id: Int64
    let plan: LookupPlan
    let isAwaited: Bool
  }

  private let lookups: [Lookup]
  private let insert: Statement
  private let delete: Statement
  private let transaction: Transaction
  private var parser = JSONParser()

  /// The index of a hub; nil where nobody asks for its records.
  init?(of hub: Int64, _ transaction: Transaction) throws {
    let connection = transaction.connection
    self.transaction = transaction
    let list = try connection.prepare(
      """
      SELECT id, fields, EXISTS (SELECT 1 FROM lookup_waits WHERE lookup = lookups.id) FROM lookups
      WHERE hub = ?1 AND is_retired = 0
      """)
    list.bind(1, hub)
    var lookups: [Lookup] = []
    while try list.step() {
      let plan = LookupPlan(hub: "", fields: try LookupFields.read(list.text(1)))
      lookups.append(Lookup(id: list.int64(0), plan: plan, isAwaited: list.bool(2)))
    }
    if lookups.isEmpty { return nil }
    self.lookups = lookups
    insert = try connection.prepare(LookupIndex.insertSQL)
    delete = try connection.prepare("DELETE FROM lookup_entries WHERE lookup = ?1 AND key = ?2 AND record = ?3")
  }

  /// Adds a record that was not there.
  func add(_ record: Int64, _ content: [UInt8]) throws {
    guard let value = read(content) else { return }
    for lookup in lookups {
      if let key = lookup.plan.key(of: value) { try add(record, lookup, key) }
    }
  }

  /// Moves a record whose content is another by now.
  func replace(_ record: Int64, _ old: [UInt8], by new: [UInt8]) throws {
    let (before, after) = (read(old), read(new))
    for lookup in lookups {
      let (oldKey, newKey) = (before.flatMap(lookup.plan.key), after.flatMap(lookup.plan.key))
      if oldKey == newKey { continue }
      if let oldKey { try run(delete, lookup.id, oldKey, record) }
      if let newKey { try add(record, lookup, newKey) }
    }
  }

  /// Forgets a record that is to be removed.
  func remove(_ record: Int64, _ content: [UInt8]) throws {
    guard let value = read(content) else { return }
    for lookup in lookups {
      if let key = lookup.plan.key(of: value) { try run(delete, lookup.id, key, record) }
    }
  }

  private func add(_ record: Int64, _ lookup: Lookup, _ key: [UInt8]) throws {
    try run(insert, lookup.id, key, record)
    if lookup.isAwaited { try transaction.wake(awaiting: lookup.id, key) }
  }

  /// The content as a value; nil where it is no JSON, and is found by nothing.
  private func read(_ content: [UInt8]) -> Value? {
    do throws(JSONError) {
      return try parser.parse(content)
    } catch {
      return nil
    }
  }

  private func run(_ statement: Statement, _ lookup: Int64, _ key: [UInt8], _ record: Int64) throws {
    statement.bind(1, lookup)
    statement.bind(2, key)
    statement.bind(3, record)
    try statement.run()
  }

  /// An entry may be there already: while an index is built, records come and change.
  static let insertSQL =
    "INSERT INTO lookup_entries (lookup, key, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
}

/// The fields of a lookup as the text that is kept.
enum LookupFields {
  static func write(_ fields: [String]) -> String { Value.list(fields.map { .string($0) }).json() }

  static func read(_ text: String) throws -> [String] {
    do throws(JSONError) {
      return (try Value(json: text).listValue ?? []).compactMap(\.stringValue)
    } catch {
      throw StoreError.damaged("a lookup whose fields cannot be read (\(error))")
    }
  }
}
