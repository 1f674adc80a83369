import Keeping
import MongoKit
import Plans
import Values

/// Works out by what the records of one hub are found.
///
/// What a record is found by stands in it, `found: [{lookup, key}]`, under an index: it changes with the content, in one
/// write.
struct LookupIndex {
  private struct Lookup {
    let id: Int64
    let plan: LookupPlan
  }

  private let lookups: [Lookup]

  /// The index of a hub; nil where nobody asks for its records.
  init?(of hub: String, _ tenant: Tenant) throws {
    lookups = try tenant.lookups.find(["hub": .string(hub), "isRetired": false], sort: ["_id": 1]).map { row in
      guard let id = row.int64("_id"), let fields = row.text("fields") else {
        throw StoreError.damaged("a lookup without number or fields")
      }
      return Lookup(id: id, plan: LookupPlan(hub: hub, fields: try LookupFields.read(fields)))
    }
    if lookups.isEmpty { return nil }
  }

  /// The entries of a record; none where its content is no JSON.
  func entries(_ content: [UInt8], _ parser: inout JSONParser) -> [LookupEntry] {
    let value: Value
    do throws(JSONError) {
      value = try parser.parse(content)
    } catch {
      return []
    }
    return lookups.compactMap { lookup in lookup.plan.key(of: value).map { LookupEntry(lookup: lookup.id, key: $0) } }
  }
}

/// One thing by which a record is found.
struct LookupEntry: Hashable {
  let lookup: Int64
  let key: [UInt8]

  var value: Value { ["lookup": .int(lookup), "key": .bytes(key)] }
  /// What records with this entry fit.
  var filter: Value { ["found": ["$elemMatch": value]] }
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

extension Tenant {
  var lookups: MongoCollection { connection.collection("datahub.lookups", of: database) }

  /// The number of a lookup that can be asked; nil where it is not kept.
  func readyLookup(_ lookup: LookupPlan) throws -> Int64? {
    try lookups.findOne([
      "hub": .string(lookup.hub), "fields": .string(LookupFields.write(lookup.fields)), "isRetired": false, "next": nil,
    ])?.int64("_id")
  }

  /// What there is for a question.
  func answer(_ question: LookupQuestion, lookup: Int64, _ parser: inout JSONParser) throws -> LookupAnswer {
    let hub = question.lookup.hub
    let entry = LookupEntry(lookup: lookup, key: question.key)
    let rows = try records(hub).find(
      entry.filter, fields: ["digest": 0, "error": 0, "found": 0], sort: ["_id": 1], limit: LookupAnswer.namedKeys)
    var keys: [String] = []
    var first: FoundRecord?
    for row in rows {
      guard let key = row.text("key"), let id = row.int64("_id"),
        let state = row.int("state").flatMap(RecordState.init(rawValue:))
      else { throw StoreError.damaged("a record without number, key or state") }
      keys.append(key)
      guard first == nil else { continue }
      first = FoundRecord(
        key: key, state: state, content: try parser.parse(try content(of: row, hub, id)),
        delivered: row.int64("deliveredRevision").map { Delivered(revision: $0, id: row.text("targetID")) })
    }
    guard let first else { return .none }
    return keys.count == 1 ? .one(first) : .several(count: try records(hub).count(entry.filter), keys: keys)
  }

  /// Touches a hub, so that two transactions of which one brings what the other looks for are carried out one after the
  /// other.
  func touch(_ hub: String) throws {
    try hubs.updateOne(["_id": .string(hub)], ["$inc": ["touched": 1]])
  }
}
