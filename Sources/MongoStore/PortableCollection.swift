import Keeping
import MongoKit
import Values

/// How the rows of a copy stand in a collection.
struct PortableCollection {
  /// How a field's value stands in a row of a copy.
  enum Form {
    case number, text, bytes
    /// A time, in a row its milliseconds.
    case time
    /// True or false.
    case flag
    /// True, or not there.
    case mark
    case value
    case failure
  }

  struct Field {
    let name: String
    let field: String
    let form: Form

    init(_ name: String, _ form: Form = .number, as field: String? = nil) {
      self.name = name
      self.field = field ?? name
      self.form = form
    }
  }

  let collection: String
  let fields: [Field]
  /// The names of the fields that order the rows.
  let order: [String]
  /// The field that says of which hub a row is, where it is asked for by hub.
  var hub: String?
  /// What else rows have to fit.
  var condition: Value?

  // MARK: - Reading

  /// Documents behind a row; those of one hub where it is given.
  func documents(
    ofHub name: String?, after row: Value?, limit: Int, where more: Value? = nil, _ tenant: Tenant
  ) throws -> [BSONDocument] {
    let keys = order.compactMap { name in fields.first { $0.name == name } }
    var conditions: [Value] = [condition, more].compactMap(\.self)
    if let hub, let name { conditions.append(.map(ValueMap([(hub, .string(name))]))) }
    if let row {
      // Behind it in the first field, or the same there and behind it in the next.
      let behind = keys.indices.map { place -> Value in
        let same: [(String, Value)] = keys[..<place].map { ($0.field, row[$0.name] ?? .null) }
        let next: Value = ["$gt": row[keys[place].name] ?? .null]
        return .map(ValueMap(same + [(keys[place].field, next)]))
      }
      conditions.append(["$or": .list(behind)])
    }
    return try tenant.connection.collection(collection, of: tenant.database).find(
      conditions.isEmpty ? [:] : ["$and": .list(conditions)],
      sort: .map(ValueMap(keys.map { ($0.field, Value.int(1)) })), limit: limit)
  }

  /// The fields of a document, as a copy has them.
  func row(_ document: BSONDocument) throws -> [(String, Value?)] {
    try fields.map { ($0.name, try PortableCollection.value(of: $0, document)) }
  }

  private static func value(of field: Field, _ document: BSONDocument) throws -> Value? {
    switch field.form {
    case .number: document.int64(field.field).map(Value.int)
    case .text: document.text(field.field).map(Value.string)
    case .bytes: document.bytes(field.field).map(Value.bytes)
    case .time: document.time(field.field).map { .int($0.milliseconds) }
    case .flag: .bool(document.flag(field.field))
    case .mark: document.flag(field.field) ? .bool(true) : nil
    case .value: document.has(field.field) ? try document.value(field.field) : nil
    case .failure: try FailureForm.read(field.field, of: document).map { try ValueEncoder().encode($0) }
    }
  }

  // MARK: - Writing

  /// The fields of a row, as a document has them.
  func document(_ row: Value) throws -> [(String, Value)] {
    try fields.compactMap { field in
      guard let value = row[field.name] else { return nil }
      guard case .time = field.form else { return (field.field, value) }
      guard let time = value.intValue else { throw StoreError.damaged("a row of a copy without a time") }
      return (field.field, .timestamp(Timestamp(milliseconds: time)))
    }
  }
}

extension PortableCollection {
  /// The collections of the sections.
  static let all: [StoreSection: PortableCollection] = [
    .deployments: PortableCollection(
      collection: "datahub.deployments",
      fields: [
        Field("generation", as: "_id"), Field("digest", .text), Field("by", .text), Field("commit", .text),
        Field("at", .time),
      ], order: ["generation"]),
    .hubs: PortableCollection(
      collection: "datahub.hubs",
      fields: [
        Field("name", .text, as: "_id"), Field("watermark", .time), Field("listedPull"),
        Field("keepsDeliveries", .flag), Field("lastError", .failure),
      ], order: ["name"]),
    .pulls: PortableCollection(
      collection: "datahub.pulls",
      fields: [
        Field("id", as: "_id"), Field("hub", .text), Field("state"), Field("openQueries"), Field("from", .time),
        Field("to", .time), Field("openedAt", .time), Field("closedAt", .time), Field("kind"),
      ], order: ["id"]),
    .tasks: PortableCollection(
      collection: "datahub.tasks",
      fields: [
        Field("id", as: "_id"), Field("hub", .text), Field("side"), Field("state"), Field("position"),
        Field("runAt", .time), Field("epoch"), Field("attempts"), Field("rescues"), Field("sendsAgain", .flag),
        Field("records"), Field("pull"), Field("owner", .text), Field("error", .failure), Field("createdAt", .time),
        Field("finishedAt", .time), Field("origin"), Field("lock", .text), Field("arrival", .value),
        Field("parent", .text), Field("isDoubtful", .mark),
      ], order: ["id"]),
    .ledger: PortableCollection(
      collection: "datahub.ledger",
      fields: [
        Field("task"), Field("epoch"), Field("phase"), Field("status"), Field("answer", .text),
        Field("startedAt", .time), Field("duration"),
      ], order: ["task", "epoch"]),
    .lookups: PortableCollection(
      collection: "datahub.lookups",
      fields: [Field("id", as: "_id"), Field("hub", .text), Field("fields", .text)], order: ["id"],
      condition: ["isRetired": false]),
    .lookupWaits: PortableCollection(
      collection: "datahub.lookupWaits",
      fields: [Field("hub", .text), Field("record"), Field("lookup"), Field("key", .bytes)], order: ["record"],
      hub: "hub"),
    .deliveryWaits: PortableCollection(
      collection: "datahub.deliveryWaits",
      fields: [Field("hub", .text), Field("record"), Field("awaitedHub", .text), Field("awaitedRecord")],
      order: ["record"], hub: "hub"),
    .parents: PortableCollection(
      collection: "datahub.parents",
      fields: [
        Field("hub", .text), Field("key", .text), Field("readUntil", .time), Field("seenPull"), Field("failedPull"),
        Field("error", .failure), Field("asked", .text),
      ], order: ["key"], hub: "hub"),
    .gates: PortableCollection(
      collection: "datahub.gates",
      fields: [
        Field("connector", .text, as: "_id"), Field("calls"), Field("closedUntil", .time), Field("pauses"),
        Field("openUntil", .time),
      ], order: ["connector"]),
    .schedules: PortableCollection(
      collection: "datahub.schedules",
      fields: [Field("hub", .text), Field("kind"), Field("rule", .text), Field("seen")], order: ["kind"], hub: "hub"),
    .runs: PortableCollection(
      collection: "datahub.runs",
      fields: [
        Field("hub", .text), Field("kind"), Field("slot"), Field("state"), Field("missed"), Field("enteredAt", .time),
        Field("endedAt", .time), Field("owner", .text), Field("ownerUntil", .time), Field("pull"), Field("records"),
        Field("writes"), Field("note", .text),
      ], order: ["kind", "slot"], hub: "hub"),
    .values: PortableCollection(
      collection: "datahub.values",
      fields: [
        Field("mapping", .text), Field("code", .text), Field("label", .text), Field("valueLabel", .text),
        Field("changedAt", .time), Field("changedBy", .text),
      ], order: ["mapping", "code"]),
    .audit: PortableCollection(
      collection: "datahub.audit",
      fields: [
        Field("id", as: "_id"), Field("at", .time), Field("by", .text), Field("action", .text), Field("hub", .text),
        Field("reason", .text),
      ], order: ["id"]),
    .auditItems: PortableCollection(
      collection: "datahub.auditItems",
      fields: [Field("entry"), Field("number"), Field("things"), Field("subject", .text)],
      order: ["entry", "number"]),
  ]

  /// The records of a hub, without their content and what was done beside their writes.
  static func records(of hub: String) -> PortableCollection {
    PortableCollection(
      collection: StoreNames.records(of: hub),
      fields: [
        Field("id", as: "_id"), Field("key", .text), Field("number", .text), Field("state"), Field("position"),
        Field("delivery"), Field("revision"), Field("queuedRevision"), Field("deliveredRevision"),
        Field("targetID", .text), Field("digest", .bytes), Field("sourceTask"), Field("targetTask"),
        Field("firstSeenAt", .time), Field("updatedAt", .time), Field("error", .failure), Field("nextState"),
        Field("nextError", .failure), Field("waitsFor", .text), Field("parent", .text), Field("seen"),
      ], order: ["id"])
  }
}
