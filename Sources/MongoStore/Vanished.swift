import Keeping
import MongoKit
import Values

extension Tenant {
  /// More than so many at once, and more than half of what was delivered, is no clearing up but a source that has lost its
  /// records: a person decides.
  private static let mostVanishedUnasked = 10
  /// The pull that a record was last in which is known to be gone.
  static let vanishedPull: Int64 = 0

  /// Notes that a pull brought records.
  func noteSeen(_ numbers: [Int64], _ task: HeldTask) throws {
    if numbers.isEmpty { return }
    let pull = task.pull ?? Tenant.vanishedPull
    try pulls.updateOne(["_id": .int(pull)], ["$set": ["brought": true]])
    for start in stride(from: 0, to: numbers.count, by: 10_000) {
      let part = numbers[start..<min(start + 10_000, numbers.count)].map(Value.int)
      try records(task.hub).updateMany(["_id": ["$in": .list(part)]], ["$set": ["seen": .int(pull)]])
    }
  }

  /// Makes delivered records pending that a pull, which is whole now, did not bring: they are to be taken back.
  ///
  /// A pull that brought nothing at all says nothing. Records in a write are left to the next pull, and held ones to the person
  /// who holds them; those that are known to be gone already are pending or voided.
  func takeNoteOfVanished(_ task: HeldTask, _ now: Timestamp) throws {
    guard let pull = task.pull,
      try pulls.findOne(["_id": .int(pull)], fields: ["brought": 1])?.flag("brought") == true
    else { return }
    let states: [RecordState] = [.pending, .done, .failed, .waiting, .filtered]
    let gone = try records(task.hub).find(
      [
        "state": ["$in": .list(states.map(\.value))], "deliveredRevision": ["$exists": true],
        "seen": ["$nin": [.int(Tenant.vanishedPull), .int(pull)]],
      ], fields: ["state": 1], sort: ["_id": 1])
    if gone.isEmpty { return }
    let delivered = try records(task.hub).count(["deliveredRevision": ["$exists": true]])
    let isSuspicious = gone.count > Tenant.mostVanishedUnasked && gone.count * 2 > delivered
    let failure = Failure(
      kind: "vanished",
      message:
        "\(gone.count) of \(delivered) delivered records are no longer in the source; release them if that is right",
      at: now)
    let error = try FailureForm.write(failure)
    let place = isSuspicious ? 0 : try takeRecordPlaces(gone.count, task.hub)
    let changes = try gone.enumerated().map { offset, row in
      guard let id = row.int64("_id"), let old = row.int("state").flatMap(RecordState.init(rawValue:)) else {
        throw StoreError.damaged("a record without number or state")
      }
      let new: RecordState = isSuspicious ? .held : .pending
      if old != new { try Moves.check(old, to: new) }
      var set: [(String, Value)] = [
        ("state", new.value), ("seen", .int(Tenant.vanishedPull)), ("updatedAt", .timestamp(now)),
        ("position", .int(isSuspicious ? 0 : place + Int64(offset))),
      ]
      if isSuspicious { set.append(("error", error)) }
      let unset: Value = isSuspicious ? ["waitsFor": ""] : ["waitsFor": "", "error": ""]
      return MongoChange(
        ["_id": .int(id), "state": old.value], ["$set": .map(ValueMap(set)), "$unset": unset])
    }
    try update(changes, task.hub)
    if !isSuspicious { after.woken.insert(task.hub) }
  }
}
