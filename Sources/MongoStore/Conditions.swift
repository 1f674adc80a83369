import Keeping
import MongoKit
import Values

/// The conditions of a filter as one of the server's filters; what a user wrote is only ever a value in it.
struct Conditions {
  private var all: [Value] = []

  /// What fits all conditions.
  var filter: Value {
    if all.isEmpty { return [:] }
    return all.count == 1 ? all[0] : ["$and": .list(all)]
  }

  mutating func add(_ condition: Value) { all.append(condition) }

  /// A field that is one of some values; no condition where there are none.
  mutating func add(_ field: String, among values: [Value]) {
    if values.isEmpty { return }
    add(field, ["$in": .list(values)])
  }

  mutating func add(_ field: String, _ condition: Value?) {
    guard let condition else { return }
    all.append(.map(ValueMap([(field, condition)])))
  }

  /// A regular expression for a text in which no character means anything but itself.
  static func pattern(_ text: String) -> String {
    var pattern = ""
    for scalar in text.unicodeScalars {
      let code = scalar.value
      if code < 0x20 || code == 0x7F {
        pattern += code < 16 ? "\\x0\(String(code, radix: 16))" : "\\x\(String(code, radix: 16))"
        continue
      }
      let isPlain =
        code >= 0x80 || scalar == "_" || scalar == " " || scalar.properties.numericType != nil
        || scalar.properties.isAlphabetic
      if !isPlain { pattern += "\\" }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern
  }

  /// The beginning of a text.
  static func beginning(_ text: String) -> Value { ["$regex": .string("^" + pattern(text))] }
}

extension Conditions {
  /// The conditions of a filter on a hub's records.
  init(_ filter: RecordFilter) {
    add("state", among: filter.states.map(\.value))
    addKeys(filter.keys, filter.text)
    add("error.kind", among: filter.errors.sorted().map { .string($0) })
    add("updatedAt", filter.since.map { ["$gte": .timestamp($0)] })
    add("updatedAt", filter.before.map { ["$lt": .timestamp($0)] })
  }

  private mutating func addKeys(_ keys: [String], _ text: String?) {
    add("key", among: keys.map(Value.string))
    guard let text else { return }
    let pattern: Value = ["$regex": .string(Conditions.pattern(text)), "$options": "i"]
    add(["$or": [["key": pattern], ["number": pattern]]])
  }

  /// The conditions of a filter on tasks; those on keys are asked of the hub's records first.
  init(_ filter: TaskFilter, _ tenant: Tenant) throws {
    add("_id", among: filter.ids.map(Value.int))
    add("hub", filter.hub.map(Value.string))
    add("side", filter.side.map(\.value))
    add("state", among: filter.states.map(\.value))
    if let hub = filter.hub, !filter.keys.isEmpty || filter.text != nil {
      var records = Conditions()
      records.addKeys(filter.keys, filter.text)
      add("_id", ["$in": .list(try tenant.tasks(ofRecords: records.filter, hub))])
    }
    add("error.kind", among: filter.errors.sorted().map { .string($0) })
    for (name, time) in [("$gte", filter.since), ("$lt", filter.before)] {
      guard let time else { continue }
      let condition = Value.map(ValueMap([(name, Value.timestamp(time))]))
      add(["$or": [["finishedAt": condition], ["finishedAt": nil, "createdAt": condition]]])
    }
  }
}

extension Tenant {
  /// The numbers of the tasks that last brought, or carried, the records that fit a filter.
  fileprivate func tasks(ofRecords filter: Value, _ hub: String) throws -> [Value] {
    var numbers: Set<Int64> = []
    for row in try records(hub).find(filter, fields: ["sourceTask": 1, "targetTask": 1]) {
      for name in ["sourceTask", "targetTask"] { if let number = row.int64(name) { numbers.insert(number) } }
    }
    return numbers.sorted().map(Value.int)
  }
}
