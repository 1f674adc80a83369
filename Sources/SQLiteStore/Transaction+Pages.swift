import Keeping
import SQLiteKit
import Values

/// Keeps the records of one page.
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
  /// The number of the record that was kept last.
  private(set) var lastKept: Int64 = 0

  private let hub: HubTables
  private let task: Int64
  private let onlyAdds: Bool
  private let now: Int64
  private let tally: HubTally
  private let insertRecord: Statement
  private let insertContent: Statement
  private let connection: Connection
  private let lookups: LookupIndex?
  /// The number the next new record has to have; nil where the one behind the last record is good.
  private var nextNumber: Int64?
  private lazy var comparison = ContentComparison()

  init(_ transaction: Transaction, _ hub: HubTables, task: Int64, onlyAdds: Bool = false) throws {
    self.hub = hub
    self.task = task
    self.onlyAdds = onlyAdds
    now = transaction.now
    connection = transaction.connection
    tally = transaction.tally(of: hub.id)
    insertRecord = try connection.prepare(hub.insertRecord)
    insertContent = try connection.prepare(hub.insertContent)
    lookups = try LookupIndex(of: hub.id, transaction)
    // The number of a record that was purged stands in tasks still: it is no other's.
    let find = try connection.prepare(
      "SELECT last_purged, coalesce((SELECT max(id) FROM \(hub.records)), 0) FROM hubs WHERE id = ?1")
    find.bind(1, hub.id)
    if try find.step(), find.int64(0) > find.int64(1) { nextNumber = find.int64(0) + 1 }
    find.reset()
  }

  /// Keeps one record.
  func keep(_ record: IncomingRecord) throws {
    counts.read += 1
    if try insert(record) {
      counts.new += 1
      count(record.state)
    } else if onlyAdds {
      counts.unchanged += 1
    } else {
      try update(record)
    }
  }

  private func insert(_ record: IncomingRecord) throws -> Bool {
    insertRecord.bind(1, record.key)
    insertRecord.bind(2, record.number)
    insertRecord.bind(3, record.state.rawValue)
    insertRecord.bind(4, record.state == .pending ? try tally.upcomingPosition() : 0)
    insertRecord.bind(5, record.digest)
    insertRecord.bind(6, try record.failure.map(FailureText.write))
    insertRecord.bind(7, task)
    insertRecord.bind(8, now)
    insertRecord.bind(9, record.parent)
    insertRecord.bind(10, nextNumber)
    try insertRecord.run()
    guard connection.changes > 0 else { return false }
    nextNumber = nil
    lastKept = connection.lastInsertRowID
    insertContent.bind(1, lastKept)
    insertContent.bind(2, record.content)
    try insertContent.run()
    try lookups?.add(lastKept, record.content)
    if record.state == .pending { _ = try tally.takePosition() }
    tally.countRecord(from: nil, to: record.state)
    if record.state == .failed { try noteError(record) }
    return true
  }

  private func update(_ record: IncomingRecord) throws {
    let find = try connection.prepare(hub.findByKey)
    find.bind(1, record.key)
    guard try find.step() else { throw StoreError.damaged("a record that is there cannot be found") }
    let id = find.int64(0)
    lastKept = id
    guard let state = RecordState(rawValue: find.int(1)) else {
      throw StoreError.damaged("a record is in state \(find.int(1))")
    }
    let isDelivered = find.bool(3)
    let error = find.optionalText(4)
    let hasSameDigest = find.withBytes(2) { old in record.digest.withUnsafeBytes { $0.elementsEqual(old) } }
    find.reset()
    if record.keepsContent {
      counts.unchanged += 1
      try noteRefusal(id, state, record)
    } else if try hasSameDigest || isSameContent(id, record.content) {
      counts.unchanged += 1
      if let error, try FailureText.read(error)?.kind == Failure.detailKind {
        try mend(id, state, record)
      } else {
        try judge(id, state, record, isDelivered: isDelivered)
      }
    } else {
      counts.changed += 1
      count(record.state)
      try change(id, state, record, isDelivered: isDelivered)
    }
  }

  private func isSameContent(_ id: Int64, _ content: [UInt8]) throws -> Bool {
    let find = try connection.prepare(hub.content)
    find.bind(1, id)
    defer { find.reset() }
    guard try find.step() else { throw StoreError.damaged("record \(id) has no content") }
    return find.withBytes(0) { comparison.isSame($0, content) }
  }

  private func content(of id: Int64) throws -> [UInt8] {
    let find = try connection.prepare(hub.content)
    find.bind(1, id)
    defer { find.reset() }
    guard try find.step() else { throw StoreError.damaged("record \(id) has no content") }
    return find.bytes(0)
  }

  /// Notes that a record could not be had whole.
  ///
  /// What is in flight, held or not selected goes on as it was.
  private func noteRefusal(_ id: Int64, _ old: RecordState, _ record: IncomingRecord) throws {
    count(.failed)
    switch old {
    case .pending, .waiting, .failed: try note(id, old, .failed, record.failure)
    case .done: try note(id, old, .done, record.failure)
    case .queued, .uncertain, .held, .filtered: return
    }
    try noteError(record)
  }

  /// Takes back that a record could not be had whole, as it came so, and with nothing new.
  private func mend(_ id: Int64, _ old: RecordState, _ record: IncomingRecord) throws {
    guard old == .failed else { return try note(id, old, old, nil) }
    count(record.state)
    let judge = try connection.prepare(hub.judgeRecord)
    judge.bind(1, id)
    judge.bind(2, record.state.rawValue)
    judge.bind(3, record.state == .pending ? try tally.takePosition() : 0)
    judge.bind(4, now)
    judge.bind(5, try record.failure.map(FailureText.write))
    try judge.run()
    if record.state != old { tally.countRecord(from: old, to: record.state) }
  }

  private func note(_ id: Int64, _ old: RecordState, _ new: RecordState, _ failure: Failure?) throws {
    let note = try connection.prepare(hub.noteRecord)
    note.bind(1, id)
    note.bind(2, new.rawValue)
    note.bind(3, try failure.map(FailureText.write))
    note.bind(4, now)
    try note.run()
    if new != old { tally.countRecord(from: old, to: new) }
  }

  /// The hub's selection may have changed although the record did not.
  ///
  /// Not so what it holds: a person may have released what is pending.
  private func judge(_ id: Int64, _ old: RecordState, _ record: IncomingRecord, isDelivered: Bool) throws {
    // What is to be taken back is pending until it is.
    let new: RecordState = record.voidsDelivered && isDelivered ? .pending : record.state
    guard (old == .pending && new == .filtered) || (old == .filtered && (new == .pending || new == .held)) else {
      return
    }
    count(new)
    let judge = try connection.prepare(hub.judgeRecord)
    judge.bind(1, id)
    judge.bind(2, new.rawValue)
    judge.bind(3, new == .pending ? try tally.takePosition() : 0)
    judge.bind(4, now)
    judge.bind(5, try record.failure.map(FailureText.write))
    try judge.run()
    tally.countRecord(from: old, to: new)
  }

  private func change(_ id: Int64, _ old: RecordState, _ record: IncomingRecord, isDelivered: Bool) throws {
    let isInFlight = old == .queued || old == .uncertain
    // What is in flight may be delivered by then: whoever makes writes decides.
    let isVoid = record.voidsDelivered && (isDelivered || isInFlight)
    let isIgnored = old == .done && record.state == .pending && record.ignoresChange
    let isHeld = record.holdsChange && record.state == .pending && (isDelivered || isInFlight)
    let new = old == .held || isHeld ? .held : isIgnored ? .done : isVoid ? .pending : record.state
    let failure =
      isHeld && old != .held
      ? Failure(kind: "changed", message: "it changed after it was sent", at: Timestamp(milliseconds: now))
      : record.failure
    let change = try connection.prepare(isInFlight ? hub.changeRecordInFlight : hub.changeRecord)
    change.bind(1, id)
    change.bind(2, record.number)
    change.bind(3, new.rawValue)
    if !isInFlight { change.bind(4, new == .pending || new == .done ? try tally.takePosition() : 0) }
    change.bind(5, record.digest)
    change.bind(6, try failure.map(FailureText.write))
    change.bind(7, task)
    change.bind(8, now)
    change.bind(9, record.parent)
    try change.run()
    if !isInFlight { tally.countRecord(from: old, to: new) }
    if let lookups { try lookups.replace(id, content(of: id), by: record.content) }
    if new == .failed { try noteError(record) }
    let replace = try connection.prepare(hub.changeContent)
    replace.bind(1, id)
    replace.bind(2, record.content)
    try replace.run()
  }

  private func noteError(_ record: IncomingRecord) throws {
    if let failure = record.failure { tally.noteError(try FailureText.write(failure)) }
  }

  private func count(_ state: RecordState) {
    if state == .filtered { counts.filtered += 1 }
    if state == .failed { counts.failed += 1 }
  }
}

/// Compares contents by what they mean; one parser for a page, since its records look alike.
private final class ContentComparison {
  private var parser = JSONParser()

  func isSame(_ old: UnsafeRawBufferPointer, _ new: [UInt8]) -> Bool {
    if new.withUnsafeBytes({ $0.elementsEqual(old) }) { return true }
    do {
      return try parser.parse(old.bindMemory(to: UInt8.self)) == parser.parse(new)
    } catch {
      // Not JSON, so other bytes are another content.
      return false
    }
  }
}
