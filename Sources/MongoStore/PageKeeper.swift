import Keeping
import MongoKit
import Values

/// Keeps the records of one page: reads those that are there, decides about each in turn, and writes the outcome at once.
///
/// | the record is | its content | then |
/// |---|---|---|
/// | not there | | it is kept in the state it came with |
/// | there | the same | nothing is written; only a `pending` one that is no longer selected, or a `filtered` one that is now, changes its state |
/// | queued, uncertain | changed | the new revision is kept and waits until the write in flight is settled |
/// | held | changed | the new revision is kept and waits for a person, as the old one did |
/// | done | changed, and changes are ignored | the new revision is kept and stays done |
/// | done, being sent, or sent before | changed, and changes are held | the new revision is kept and waits for a person |
/// | delivered before, not held | changed, and is to be taken back | the new revision is kept and is pending |
/// | in another state | changed | the new revision is kept in the state it came with |
/// | there | not to be had whole | nothing but the failure is noted; one that was to be sent is failed until it comes whole |
///
/// A remedy only adds: of records that are there nothing is written, whatever their content.
///
/// Content is the same where its digest is; else where it means the same, whatever the order of keys and the digits
/// after a number's last.
final class PageKeeper {
  private(set) var counts = PageCounts()

  private let tenant: Tenant
  private let hub: String
  private let task: Int64
  private let onlyAdds: Bool
  private let now: Timestamp
  private var nextPlace: Int64
  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  private var parser = JSONParser()
  private let lookups: LookupIndex?
  /// What records are found by from now on.
  private var brought: Set<LookupEntry> = []

  /// A record as it will be after the page.
  private struct Entry {
    var id: Int64
    var key: String
    var state: RecordState
    var revision: Int64
    var digest: [UInt8]
    /// What the store has, for the filter of the change; nil for a new one.
    var stored: (state: RecordState, revision: Int64)?
    var position: Int64
    var number: String?
    var parent: String?
    var failure: Failure?
    /// True where the failure that is stored stays.
    var keepsError = false
    /// The kind of the failure that is stored.
    var storedKind: String?
    let wasDelivered: Bool
    var nextState: RecordState?
    var nextFailure: Failure?
    var content: [UInt8]?
    var hasPieces = false
    /// True where the content is another than the one that is stored.
    var isChanged = false
    /// True where only the state is another.
    var isJudged = false

    /// The kind of the failure as it is now.
    var kind: String? { keepsError ? storedKind : failure?.kind }
    var isInFlight: Bool { state == .queued || state == .uncertain }
    var staysDone: Bool { stored != nil && isChanged && state == .done }
  }

  /// - Parameter place: the first of as many places as the page has records.
  init(
    _ page: [IncomingRecord], of task: HeldTask, onlyAdds: Bool, from place: Int64, _ now: Timestamp, _ tenant: Tenant
  ) throws {
    self.tenant = tenant
    self.hub = task.hub
    self.task = task.id
    self.onlyAdds = onlyAdds
    self.now = now
    nextPlace = place
    // Whoever looks for what a page brings, or adds a lookup, must do so before it or after it.
    if !page.isEmpty { try tenant.touch(task.hub) }
    lookups = try LookupIndex(of: task.hub, tenant)
    try load(page)
  }

  private static let fields: Value = [
    "key": 1, "state": 1, "revision": 1, "digest": 1, "position": 1, "pieces": 1, "deliveredRevision": 1,
    "error.kind": 1,
  ]

  private func load(_ page: [IncomingRecord]) throws {
    let keys = Array(Set(page.map(\.key)))
    for start in stride(from: 0, to: keys.count, by: 1000) {
      let part = keys[start..<min(start + 1000, keys.count)].map(Value.string)
      for row in try tenant.records(hub).find(["key": ["$in": .list(part)]], fields: PageKeeper.fields) {
        guard let id = row.int64("_id"), let key = row.text("key"), let revision = row.int64("revision"),
          let state = row.int("state").flatMap(RecordState.init(rawValue:))
        else { throw StoreError.damaged("a record without number, key, revision or state") }
        entries[key] = Entry(
          id: id, key: key, state: state, revision: revision, digest: row.bytes("digest") ?? [],
          stored: (state, revision), position: row.int64("position") ?? 0, keepsError: true,
          storedKind: try row.document("error")?.text("kind"),
          wasDelivered: row.has("deliveredRevision"), hasPieces: row.has("pieces"))
        order.append(key)
      }
    }
  }

  // MARK: - Deciding

  /// Keeps one record.
  func keep(_ record: IncomingRecord) throws {
    counts.read += 1
    guard var entry = entries[record.key] else {
      counts.new += 1
      count(record.state)
      // A place of the page numbers the record as well: nothing else ever has it.
      let place = takePlace()
      try Moves.check(nil, to: record.state)
      noteFailure(record)
      entries[record.key] = Entry(
        id: place, key: record.key, state: record.state, revision: 1, digest: record.digest, stored: nil,
        position: record.state == .pending ? place : 0, number: record.number, parent: record.parent,
        failure: record.failure,
        wasDelivered: false, content: record.content)
      order.append(record.key)
      return
    }
    if onlyAdds {
      counts.unchanged += 1
      return
    }
    if record.keepsContent {
      counts.unchanged += 1
      try noteRefusal(&entry, record)
    } else if try entry.digest == record.digest || isSameContent(&entry, record.content) {
      counts.unchanged += 1
      if entry.kind == Failure.detailKind { try mend(&entry, record) } else { try judge(&entry, record) }
    } else {
      counts.changed += 1
      count(record.state)
      try change(&entry, record)
    }
    entries[record.key] = entry
  }

  private func isSameContent(_ entry: inout Entry, _ content: [UInt8]) throws -> Bool {
    if entry.content == nil {
      guard
        let row = try tenant.records(hub).findOne(
          ["_id": .int(entry.id)], fields: ["content": 1, "raw": 1, "pieces": 1])
      else { throw StoreError.damaged("a record that is there cannot be found") }
      entry.content = try tenant.content(of: row, hub, entry.id)
    }
    guard let old = entry.content, old != content else { return true }
    do {
      return try parser.parse(old) == parser.parse(content)
    } catch {
      // Not JSON, so other bytes are another content.
      return false
    }
  }

  /// Notes that a record could not be had whole.
  ///
  /// What is in flight, held or not selected goes on as it was.
  private func noteRefusal(_ entry: inout Entry, _ record: IncomingRecord) throws {
    count(.failed)
    switch entry.state {
    case .pending, .waiting:
      try Moves.check(entry.state, to: .failed)
      entry.state = .failed
    case .failed, .done: break
    case .queued, .uncertain, .held, .filtered: return
    }
    entry.failure = record.failure
    entry.keepsError = false
    entry.isJudged = true
    if let failure = record.failure { tenant.after.note(failure, hub) }
  }

  /// Takes back that a record could not be had whole, as it came so, and with nothing new.
  private func mend(_ entry: inout Entry, _ record: IncomingRecord) throws {
    entry.keepsError = false
    entry.isJudged = true
    guard entry.state == .failed else {
      entry.failure = nil
      return
    }
    count(record.state)
    if record.state != .failed { try Moves.check(.failed, to: record.state) }
    entry.state = record.state
    entry.failure = record.failure
    entry.position = record.state == .pending ? takePlace() : 0
  }

  /// The hub's selection may have changed although the record did not.
  ///
  /// Not so what it holds: a person may have released what is pending.
  private func judge(_ entry: inout Entry, _ record: IncomingRecord) throws {
    let old = entry.state
    // What is to be taken back is pending until it is.
    let new: RecordState = record.voidsDelivered && entry.wasDelivered ? .pending : record.state
    guard (old == .pending && new == .filtered) || (old == .filtered && (new == .pending || new == .held)) else {
      return
    }
    try Moves.check(old, to: new)
    count(new)
    entry.state = new
    entry.failure = record.failure
    entry.keepsError = false
    entry.position = new == .pending ? takePlace() : 0
    entry.isJudged = true
  }

  private func change(_ entry: inout Entry, _ record: IncomingRecord) throws {
    let old = entry.state
    entry.revision += 1
    entry.digest = record.digest
    entry.number = record.number
    entry.parent = record.parent
    entry.content = record.content
    entry.isChanged = true
    // What is in flight may be delivered by then: whoever makes writes decides.
    let isVoid = record.voidsDelivered && (entry.wasDelivered || entry.isInFlight)
    let isIgnored = old == .done && record.state == .pending && record.ignoresChange
    let isHeld = record.holdsChange && record.state == .pending && (entry.wasDelivered || entry.isInFlight)
    let new: RecordState = old == .held || isHeld ? .held : isIgnored ? .done : isVoid ? .pending : record.state
    let failure =
      isHeld && old != .held
      ? Failure(kind: "changed", message: "it changed after it was sent", at: now) : record.failure
    if new == .failed { noteFailure(record) }
    if entry.isInFlight {
      entry.nextState = new
      entry.nextFailure = failure
      return
    }
    try Moves.check(old, to: new)
    entry.state = new
    entry.position = new == .pending ? takePlace() : 0
    // What is held stays so for the reason it was, unless there is a newer one.
    if failure == nil && old == .held { return }
    entry.failure = failure
    entry.keepsError = false
  }

  private func noteFailure(_ record: IncomingRecord) {
    if record.state == .failed, let failure = record.failure { tenant.after.note(failure, hub) }
  }

  private func takePlace() -> Int64 {
    defer { nextPlace += 1 }
    return nextPlace
  }

  private func count(_ state: RecordState) {
    if state == .filtered { counts.filtered += 1 }
    if state == .failed { counts.failed += 1 }
  }

  // MARK: - Writing

  /// The numbers of the records the page brought.
  var kept: [Int64] { entries.values.map(\.id) }

  /// Writes what was decided.
  func save() throws {
    var new: [Value] = []
    var changes: [MongoChange] = []
    let all = order.compactMap { entries[$0] }
    // What has changed and stays done stands behind all that was delivered, for hubs that this one feeds.
    var delivery = try tenant.takeDeliveries(all.count(where: \.staysDone), hub)
    for entry in all {
      if let stored = entry.stored {
        guard entry.isChanged || entry.isJudged else { continue }
        let place = entry.staysDone ? delivery : nil
        changes.append(
          MongoChange(
            ["_id": .int(entry.id), "state": stored.state.value, "revision": .int(stored.revision)],
            try update(of: entry, delivery: place)))
        if place != nil { delivery? += 1 }
      } else {
        new.append(try document(of: entry))
      }
    }
    if !new.isEmpty { try tenant.records(hub).insert(new) }
    try save(changes)
    try tenant.wake(awaiting: brought, now)
  }

  private func save(_ changes: [MongoChange]) throws {
    guard !changes.isEmpty else { return }
    let changed = try tenant.records(hub).update(changes)
    guard changed == changes.count else {
      throw StoreError.damaged("\(changes.count - changed) records changed while a page was kept")
    }
  }

  private func document(of entry: Entry) throws -> Value {
    var fields: [(String, Value)] = [
      ("_id", .int(entry.id)), ("key", .string(entry.key)), ("state", entry.state.value),
      ("position", .int(entry.position)), ("revision", .int(entry.revision)), ("digest", .bytes(entry.digest)),
      ("sourceTask", .int(task)), ("firstSeenAt", .timestamp(now)), ("updatedAt", .timestamp(now)),
    ]
    if let number = entry.number { fields.append(("number", .string(number))) }
    if let parent = entry.parent { fields.append(("parent", .string(parent))) }
    if let failure = entry.failure { fields.append(("error", try FailureForm.write(failure))) }
    return .map(ValueMap(fields + (try content(of: entry))))
  }

  private func content(of entry: Entry) throws -> [(String, Value)] {
    let content = entry.content ?? []
    let form = ContentForm(content, &parser)
    var found: [(String, Value)] = []
    if let lookups {
      let entries = lookups.entries(content, &parser)
      brought.formUnion(entries)
      found = [("found", .list(entries.map(\.value)))]
    }
    return [("content", form.document)] + found
      + (try tenant.keep(form.text, as: "raw", of: Tenant.owner(hub, entry.id)))
  }

  /// - Parameter delivery: its new place among the delivered records.
  private func update(of entry: Entry, delivery: Int64?) throws -> Value {
    var set: [(String, Value)] = [("updatedAt", .timestamp(now))]
    if let delivery { set.append(("delivery", .int(delivery))) }
    var unset: [String] = []
    func put(_ name: String, _ value: Value?) {
      if let value { set.append((name, value)) } else { unset.append(name) }
    }
    if entry.isChanged {
      put("number", entry.number.map(Value.string))
      put("parent", entry.parent.map(Value.string))
      set += [
        ("revision", .int(entry.revision)), ("digest", .bytes(entry.digest)), ("sourceTask", .int(task)),
      ]
      if entry.hasPieces { try tenant.dropPieces(of: Tenant.owner(hub, entry.id)) }
      let content = try content(of: entry)
      set += content
      for name in ["raw", "pieces"] where !content.contains(where: { $0.0 == name }) { unset.append(name) }
    }
    if entry.isInFlight {
      if entry.isChanged {
        put("nextState", entry.nextState?.value)
        put("nextError", try entry.nextFailure.map(FailureForm.write))
      }
    } else {
      set += [("state", entry.state.value), ("position", .int(entry.position))]
    }
    if !entry.keepsError { put("error", try entry.failure.map(FailureForm.write)) }
    var update: [(String, Value)] = [("$set", .map(ValueMap(set)))]
    if !unset.isEmpty { update.append(("$unset", .map(ValueMap(unset.map { ($0, Value.string("")) })))) }
    return .map(ValueMap(update))
  }
}
