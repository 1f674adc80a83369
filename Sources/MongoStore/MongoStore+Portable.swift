public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// The name in `datahub.meta` of what marks a copy that is not whole.
  static let unfinishedMark = "unfinished"
  /// How long after it was last heard of a worker of another machine is taken for living: it speaks up every ten seconds.
  private static let longestSilence = TimeSpan(seconds: 60)

  /// Gives delivered records a place that have none, and hubs that are only read a document of their own.
  public func settleForCopy() async throws {
    let (feeding, named) = try await perform { tenant in
      let feeding = try tenant.hubs.find(["keepsDeliveries": true], fields: ["_id": 1]).compactMap { $0.text("_id") }
      let cursors = try tenant.cursors.find([:], fields: ["_id": 1])
      return (feeding, try cursors.compactMap { try $0.document("_id")?.text("upstream") })
    }
    for hub in feeding { try await keepDeliveries(of: hub) }
    for hub in Set(named) { try await ensureHub(hub) }
  }

  /// The rows of a part behind one of them; see ``Keeping/PortableStore``.
  public func rows(of part: StorePart, after row: Value?, limit: Int) async throws -> [Value] {
    try await perform { try $0.portableRows(of: part, after: row, limit: limit) }
  }

  /// Puts rows into a part of a store that is being filled.
  public func put(_ rows: [Value], into part: StorePart) async throws {
    if rows.isEmpty { return }
    try await perform { try $0.put(rows, into: part) }
  }

  /// True where nothing was ever kept in the store.
  public func isUnused() async throws -> Bool {
    try await perform { tenant in
      try [
        tenant.hubs, tenant.deployments, tenant.pulls, tenant.tasks, tenant.gates, tenant.audit, tenant.values,
      ].allSatisfy { try $0.findOne([:], fields: ["_id": 1]) == nil }
    }
  }

  /// The workers that may be at work on the store: those of this machine whose process is there, and those of others that were
  /// heard of within a minute.
  public func livingWorkers() async throws -> [String] {
    let (ended, since) = (ended, serverTime() - MongoStore.longestSilence)
    return try await perform { tenant in
      try tenant.sessions.find([:], sort: ["_id": 1]).compactMap { row in
        guard let owner = row.text("_id"), !ended.contains(owner) else { return nil }
        let identity = WorkerIdentity(row)
        let isLiving =
          identity?.isFromHere == true
          ? identity?.isGoneFromHere == false : row.time("seenAt").map { $0 >= since } ?? true
        return isLiving ? owner : nil
      }
    }
  }

  /// Marks the store as a copy that is not whole.
  public func beginFilling(from source: String) async throws {
    try await perform { tenant in
      try tenant.meta.insert([["_id": .string(MongoStore.unfinishedMark), "from": .string(source)]])
    }
  }

  /// Makes what follows from the rows: the latest pulls of hubs, where their queues begin, the latest runs of schedules, and
  /// the indexes of hubs that feed others.
  public func finishFilling() async throws {
    try await perform { tenant in
      for hub in try tenant.hubs.find([:], fields: ["keepsDeliveries": 1]) {
        guard let name = hub.text("_id") else { continue }
        if hub.flag("keepsDeliveries") { try Schema.make([Schema.delivered], in: tenant.records(name)) }
        var latest: [(String, Value)] = []
        for (field, states) in [
          ("latestPull", [PullState.complete, .failed]), ("latestComplete", [.complete]),
        ] {
          let pull = try tenant.pulls.findOne(
            ["hub": .string(name), "state": ["$in": .list(states.map(\.value))]], fields: ["_id": 1], sort: ["_id": -1])
          if let number = pull?.int64("_id") { latest.append((field, .int(number))) }
        }
        if !latest.isEmpty { try tenant.hubs.updateOne(["_id": .string(name)], ["$set": .map(ValueMap(latest))]) }
        for side in Side.allCases { try tenant.lowerHead(name, side, to: tenant.firstPosition(name, side)) }
      }
      for schedule in try tenant.schedules.find([:]) {
        guard let id = schedule.text("_id"), let hub = schedule.text("hub"), let kind = schedule.int64("kind") else {
          continue
        }
        let run = try tenant.runs.findOne(["hub": .string(hub), "kind": .int(kind)], sort: ["slot": -1])
        guard let run, let latest = run.text("_id"), let slot = run.int64("slot") else { continue }
        try tenant.schedules.updateOne(
          ["_id": .string(id)], ["$set": ["latest": .string(latest), "latestSlot": .int(slot)]])
      }
    }
  }

  /// Takes the mark away.
  public func releaseFilled() async throws {
    try await perform { _ = try $0.meta.delete(["_id": .string(MongoStore.unfinishedMark)]) }
  }
}

extension Tenant {
  fileprivate func portableRows(of part: StorePart, after row: Value?, limit: Int) throws -> [Value] {
    switch part.section {
    case .records: return try part.hub.map { try portableRecords(of: $0, after: row, limit: limit) } ?? []
    case .cursors: return row == nil ? try portableCursors(of: part.hub ?? "") : []
    case .chores: return row == nil ? try portableChores() : []
    case .numbers: return row == nil ? try portableNumbers() : []
    default: break
    }
    guard let collection = PortableCollection.all[part.section] else { return [] }
    let documents = try collection.documents(ofHub: part.hub, after: row, limit: limit, self)
    let rows = try documents.map { document in
      try Value.portable(collection.row(document) + beside(document, in: part.section))
    }
    guard [.lookupWaits, .deliveryWaits].contains(part.section) else { return rows }
    return try PortableGroups.page(rows, limit: limit, by: "record") { record in
      try collection.documents(ofHub: part.hub, after: nil, limit: 0, where: ["record": .int(record)], self)
        .map { .portable(try collection.row($0)) }
    }
  }

  /// What a document has that is more than a field of it.
  private func beside(_ row: BSONDocument, in section: StoreSection) throws -> [(String, Value?)] {
    let id = row.int64("_id") ?? 0
    switch section {
    case .deployments:
      let owner = Tenant.owner(deployment: Int(id), row.text("digest") ?? "")
      return [("plan", try kept("plan", of: owner, row).map(Value.bytes))]
    case .pulls:
      // Of an open pull that brought only what was purged since, another kind knows nothing.
      guard row.int("state") == PullState.open.rawValue, row.flag("brought"), let hub = row.text("hub"),
        try records(hub).findOne(["seen": .int(id)], fields: ["_id": 1]) != nil
      else { return [] }
      return [("brought", true)]
    case .tasks:
      let items = try WriteItem.list(of: row).map { Value.list([.int($0.record), .int($0.revision)]) }
      return [
        ("payload", try kept("payload", of: Tenant.owner(task: id), row).map(Value.bytes)), ("items", .list(items)),
      ]
    case .gates: return [("rings", .list(try rings(of: row)))]
    case .values:
      let owner = Tenant.owner(value: row.text("code") ?? "", row.text("mapping") ?? "")
      return [("value", try kept(value: "value", of: owner, row))]
    case .audit: return [("details", try kept(value: "details", of: Tenant.owner(audit: id, 0), row))]
    case .auditItems:
      let owner = Tenant.owner(audit: row.int64("entry") ?? 0, row.int64("number") ?? 0)
      let change = try kept(value: "change", of: owner, row)
      return [("before", change?["before"] ?? .null), ("after", change?["after"] ?? .null)]
    default: return []
    }
  }

  private func portableRecords(of hub: String, after row: Value?, limit: Int) throws -> [Value] {
    let feeds = try hubs.findOne(["_id": .string(hub)], fields: ["keepsDeliveries": 1])?.flag("keepsDeliveries") == true
    let collection = PortableCollection.records(of: hub)
    return try collection.documents(ofHub: nil, after: row, limit: limit, self).map { document in
      let isDone = document.int("state") == RecordState.done.rawValue
      // Of what is done only the order counts in which it was delivered, and that only to hubs this one feeds.
      let fields = try collection.row(document).filter { name, _ in
        name == "position" ? !isDone : name == "delivery" ? isDone && feeds : true
      }
      let steps = try KeptStep.list(of: document).map { kept in
        Value.portable([
          ("name", .string(kept.step.name)), ("revision", .int(kept.step.item.revision)), ("task", .int(kept.task)),
          ("at", .int(kept.at.milliseconds)), ("id", kept.step.id.map(Value.string)),
        ])
      }.sorted { left, right in
        (left["name"]?.stringValue ?? "").utf8.lexicographicallyPrecedes((right["name"]?.stringValue ?? "").utf8)
      }
      let content = try self.content(of: document, hub, document.int64("_id") ?? 0)
      return .portable(fields + [("content", .bytes(content)), ("steps", steps.isEmpty ? nil : .list(steps))])
    }
  }

  private func portableCursors(of hub: String) throws -> [Value] {
    try cursors.find(["_id.hub": .string(hub)], sort: ["_id.upstream": 1]).map { row in
      .portable([
        ("hub", .string(hub)), ("upstream", try row.document("_id")?.text("upstream").map(Value.string)),
        ("position", row.int64("position").map(Value.int)),
      ])
    }
  }

  private func portableChores() throws -> [Value] {
    // The character behind the dot ends them.
    try meta.find(["_id": ["$gte": "chore.", "$lt": "chore/"]], sort: ["_id": 1]).map { row in
      .portable([
        ("name", row.text("_id").map { .string(String($0.dropFirst("chore.".count))) }),
        ("at", row.time("at").map { .int($0.milliseconds) }),
      ])
    }
  }

  private func portableNumbers() throws -> [Value] {
    var last: [String: Int64] = [:]
    for row in try sequences.find([:]) { last[row.text("_id") ?? ""] = row.int64("last") }
    let known = last
    return try ["audit", "lookups", "pulls", "tasks"].map { ["name": .string($0), "last": .int(known[$0] ?? 0)] }
      + [["name": "values", "last": .int(valuesVersion())]]
      + hubNames().map { hub in
        ["hub": .string(hub), "last": .int(Tenant.places(of: hub).compactMap { known[$0] }.max() ?? 0)]
      }
  }

  /// The sequences of a hub; elsewhere they are one.
  private static func places(of hub: String) -> [String] {
    ["records/\(hub)", Queue.id(hub, .source), Queue.id(hub, .target), deliveries(of: hub)]
  }

  /// The calls of a connector: span, calls in it, place in the ring and time of each.
  private func rings(of row: BSONDocument) throws -> [Value] {
    guard case .map(let rings)? = try row.value("rings") else { return [] }
    var calls: [[Int64]] = []
    for (ring, slots) in rings.entries {
      let parts = (ring.value.stringValue ?? "").split(separator: "i", maxSplits: 1)
      guard parts.count == 2, let size = Int64(parts[0]), let span = Int64(parts[1].dropFirst()),
        case .map(let slots) = slots
      else { throw StoreError.damaged("a ring of calls without its limit") }
      for (slot, time) in slots.entries {
        guard let slot = slot.value.stringValue.flatMap({ Int64($0) }), case .timestamp(let time) = time else {
          throw StoreError.damaged("a call without place or time")
        }
        calls.append([span, size, slot, time.milliseconds])
      }
    }
    return calls.sorted { $0.lexicographicallyPrecedes($1) }.map { .list($0.map(Value.int)) }
  }
}

extension Tenant {
  fileprivate func put(_ rows: [Value], into part: StorePart) throws {
    switch part.section {
    case .hubs:
      guard let collection = PortableCollection.all[.hubs] else { return }
      for row in rows {
        let fields = try collection.document(row).filter { $0.0 != "_id" && $0.1 != false }
        let name = row["name"]?.stringValue ?? ""
        try Schema.addHub(name, self)
        if !fields.isEmpty { try hubs.updateOne(["_id": .string(name)], ["$set": .map(ValueMap(fields))]) }
      }
    case .records: if let hub = part.hub { try putRecords(rows, of: hub) }
    case .cursors:
      try cursors.insert(
        rows.map { row in
          [
            "_id": ["hub": row["hub"] ?? .null, "upstream": row["upstream"] ?? .null], "position": row["position"] ?? 0,
          ]
        })
    case .chores:
      try meta.insert(
        rows.map { row in
          let time = Timestamp(milliseconds: row["at"]?.intValue ?? 0)
          return ["_id": .string("chore.\(row["name"]?.stringValue ?? "")"), "at": .timestamp(time)]
        })
    case .numbers: for row in rows { try putNumber(row) }
    default:
      guard let collection = PortableCollection.all[part.section] else { return }
      let documents = try rows.map { row in
        Value.map(ValueMap(try collection.document(row) + special(row, in: part.section)))
      }
      try connection.collection(collection.collection, of: database).insert(documents)
      if part.section == .deliveryWaits { try noteAwaited(rows) }
    }
  }

  /// Notes with records that others wait for their delivery: whoever settles them looks there.
  private func noteAwaited(_ rows: [Value]) throws {
    for (hub, rows) in Dictionary(grouping: rows, by: { $0["awaitedHub"]?.stringValue ?? "" }) {
      try records(hub).update(
        rows.map { MongoChange(["_id": $0["awaitedRecord"] ?? .null], ["$inc": ["awaited": 1]]) })
    }
  }

  /// What a document has that is more than a field of the row.
  private func special(_ row: Value, in section: StoreSection) throws -> [(String, Value)] {
    func text(_ name: String) -> String { row[name]?.stringValue ?? "" }
    func number(_ name: String) -> Int64 { row[name]?.intValue ?? 0 }
    switch section {
    case .deployments:
      let owner = Tenant.owner(deployment: Int(number("generation")), text("digest"))
      return try keep(row["plan"]?.asBytes, as: "plan", of: owner)
    case .pulls: return row["brought"] == nil ? [] : [("brought", true)]
    case .tasks: return try special(task: row)
    case .ledger: return [("_id", .string("\(number("task"))/\(number("epoch"))"))]
    case .lookups: return [("isRetired", false), ("next", 0)]
    case .lookupWaits:
      let key = (row["key"]?.asBytes ?? []).map { String($0, radix: 16) }.joined(separator: " ")
      return [("_id", .string("\(number("lookup"))/\(key)/\(number("record"))/\(text("hub"))"))]
    case .deliveryWaits:
      let awaited = "\(StoreNames.records(of: text("awaitedHub")))/\(number("awaitedRecord"))"
      return [("_id", .string("\(awaited)/\(number("record"))/\(text("hub"))"))]
    case .parents: return [("_id", ["hub": .string(text("hub")), "key": .string(text("key"))])]
    case .gates:
      var rings: [String: [(String, Value)]] = [:]
      for call in row["rings"]?.listValue ?? [] {
        let numbers = (call.listValue ?? []).compactMap(\.intValue)
        guard numbers.count == 4 else { throw StoreError.damaged("a row of a copy has a call that is none") }
        rings["\(numbers[1])in\(numbers[0])", default: []].append(
          (String(numbers[2]), .timestamp(Timestamp(milliseconds: numbers[3]))))
      }
      let fields: [(String, Value)] = row["openUntil"] == nil ? [("openUntil", .null)] : []
      return fields
        + (rings.isEmpty ? [] : [("rings", .map(ValueMap(rings.map { ($0.key, .map(ValueMap($0.value))) })))])
    case .schedules, .runs:
      guard let kind = ScheduleKind(rawValue: Int(number("kind"))) else {
        throw StoreError.damaged("a schedule of kind \(number("kind"))")
      }
      let key = ScheduleKey(text("hub"), kind)
      return [("_id", .string(section == .runs ? key.id(of: number("slot")) : key.id))]
    case .values:
      let (mapping, code) = (text("mapping"), text("code"))
      return [("_id", .string("\(mapping.utf8.count) \(mapping)/\(code)"))]
        + (try keep(value: row["value"] ?? .null, as: "value", of: Tenant.owner(value: code, mapping)))
    case .audit:
      guard let details = row["details"] else { return [] }
      return try keep(value: details, as: "details", of: Tenant.owner(audit: number("id"), 0))
    case .auditItems:
      let (entry, place) = (number("entry"), number("number"))
      let change: Value = ["before": row["before"] ?? .null, "after": row["after"] ?? .null]
      return [("_id", .string("\(entry)/\(place)"))]
        + (try keep(value: change, as: "change", of: Tenant.owner(audit: entry, place)))
    default: return []
    }
  }

  private func special(task row: Value) throws -> [(String, Value)] {
    guard let id = row["id"]?.intValue, let state = row["state"]?.intValue.flatMap({ TaskState(rawValue: Int($0)) })
    else { throw StoreError.damaged("a row of a copy is a task without number or state") }
    var fields = try keep(row["payload"]?.asBytes, as: "payload", of: Tenant.owner(task: id))
    if row["side"] == Side.target.value {
      let items = (row["items"]?.listValue ?? []).map { item -> Value in
        let pair = item.listValue ?? []
        return ["record": pair.first ?? .null, "revision": pair.last ?? .null]
      }
      fields.append(("items", .list(items)))
    }
    if let lock = row["lock"], state.holdsLock { fields.append(("holds", lock)) }
    return fields
  }

  private func putRecords(_ rows: [Value], of hub: String) throws {
    let collection = PortableCollection.records(of: hub)
    let documents = try rows.map { row in
      var fields = try collection.document(row)
      if row["position"] == nil { fields.append(("position", 0)) }
      if let steps = row["steps"]?.listValue {
        let list = steps.map { step -> Value in
          guard case .map(let map) = step else { return step }
          return .map(map.setting("at", to: .timestamp(Timestamp(milliseconds: step["at"]?.intValue ?? 0))))
        }
        fields.append(("steps", .list(list)))
      }
      let form = ContentForm(row["content"]?.asBytes ?? [])
      fields.append(("content", form.document))
      let owner = Tenant.owner(hub, row["id"]?.intValue ?? 0)
      return Value.map(ValueMap(fields + (try keep(form.text, as: "raw", of: owner))))
    }
    try records(hub).insert(documents)
  }

  private func putNumber(_ row: Value) throws {
    guard let last = row["last"] else { return }
    func note(_ sequence: String) throws {
      try sequences.updateOne(["_id": .string(sequence)], ["$set": ["last": last]], upsert: true)
    }
    if let hub = row["hub"]?.stringValue {
      let feeds = try hubs.findOne(["_id": .string(hub)])?.flag("keepsDeliveries") == true
      // That of the deliveries is there for hubs that feed others, and for no other.
      for sequence in Tenant.places(of: hub) where feeds || sequence != Tenant.deliveries(of: hub) {
        try note(sequence)
      }
    } else if row["name"] == "values" {
      try meta.updateOne(["_id": "values"], ["$set": ["version": last]], upsert: true)
    } else {
      try note(row["name"]?.stringValue ?? "")
    }
  }
}

extension Value {
  fileprivate var asBytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
}
