import Keeping
import MongoKit
import Values

/// Failures as the documents that are kept beside a task or a record.
enum FailureForm {
  static func write(_ failure: Failure) throws -> Value { try ValueEncoder().encode(failure) }

  static func read(_ name: String, of document: BSONDocument) throws -> Failure? {
    guard document.has(name), let value = try document.value(name) else { return nil }
    do {
      return try ValueDecoder().decode(Failure.self, from: value)
    } catch {
      throw StoreError.damaged("a failure that cannot be read (\(error))")
    }
  }
}

/// That a person wants a running task cancelled, and what then becomes of its records; the raw values are what the store keeps.
enum CancelRequest: Int {
  case hold = 1
  case renderAnew = 2

  var value: Value { .int(Int64(rawValue)) }
}

/// A running task whose lease was found good, or a task a person changes.
struct HeldTask {
  let id: Int64
  let hub: String
  let side: Side
  let state: TaskState
  let owner: String
  let epoch: Int64
  let rescues: Int
  let pull: Int64?
  let position: Int64
  let sendsAgain: Bool
  let claimedAt: Timestamp?
  let items: [WriteItem]
  /// What a person wants to become of it.
  let cancel: CancelRequest?
  /// When it was due.
  let runAt: Timestamp
  /// The lock it was made with, held or not.
  let lock: String?
  /// What it means that it arrived.
  let arrival: WriteArrival
  /// The parent that a query asks for.
  let parent: String?

  /// The fields that are read.
  static let fields: Value = ["payload": 0]

  init(_ row: BSONDocument) throws {
    guard let id = row.int64("_id"), let hub = row.text("hub"),
      let side = row.int("side").flatMap(Side.init(rawValue:)),
      let state = row.int("state").flatMap(TaskState.init(rawValue:)), let position = row.int64("position")
    else { throw StoreError.damaged("a task without number, hub, side, state or position") }
    self.id = id
    self.hub = hub
    self.side = side
    self.state = state
    self.position = position
    owner = row.text("owner") ?? ""
    epoch = row.int64("epoch") ?? 0
    rescues = row.int("rescues") ?? 0
    pull = row.int64("pull")
    sendsAgain = row.flag("sendsAgain")
    claimedAt = row.time("claimedAt")
    items = try WriteItem.list(of: row)
    cancel = row.int("cancel").flatMap(CancelRequest.init(rawValue:))
    runAt = row.time("runAt") ?? Timestamp(milliseconds: 0)
    lock = row.text("lock")
    arrival = try row.value("arrival").map(WriteArrival.init(value:)) ?? WriteArrival()
    parent = row.text("parent")
  }

  /// What only fits while it is as it was read; of a running one, while the lease is good.
  var guardFilter: Value {
    if state != .running { return ["_id": .int(id), "state": state.value] }
    return ["_id": .int(id), "state": state.value, "owner": .string(owner), "epoch": .int(epoch)]
  }
}

extension WriteItem {
  static func list(of row: BSONDocument) throws -> [WriteItem] {
    try row.documents("items").map { item in
      guard let record = item.int64("record"), let revision = item.int64("revision") else {
        throw StoreError.damaged("a write's list of records")
      }
      return WriteItem(record: record, revision: revision)
    }
  }

  var value: Value { ["record": .int(record), "revision": .int(revision)] }
}

/// A task to be put into a queue.
struct NewTask {
  var id: Int64
  var hub: String
  var side: Side
  var position: Int64
  var now: Timestamp
  var pull: Int64?
  /// The parent that a query asks for.
  var parent: String?
  var sendsAgain = true
  var items: [WriteItem] = []
  var payload: [UInt8]
  /// What the call that made it is recognised by.
  var token: String
  /// The task it goes on from.
  var origin: Int64?
  /// Keeps other writes of the hub with the same lock out.
  var lock: String?
  /// True where what it carries may have arrived with a write before it.
  var isDoubtful = false
  /// What it means that it arrived, where that is not the usual.
  var arrival: WriteArrival?
  /// When it is to be run, where that is not now.
  var runAt: Timestamp?
  /// True where it is to be tried at that time and not before, after so many attempts that failed.
  var isPutOff = false
  var attempts = 0

  /// Puts the task into its queue.
  func document(_ tenant: Tenant) throws -> Value {
    if isPutOff { try Moves.check(.ready, to: .retrying) }
    let state: TaskState = isPutOff ? .retrying : .ready
    var fields: [(String, Value)] = [
      ("_id", .int(id)), ("hub", .string(hub)), ("side", .int(Int64(side.rawValue))), ("state", state.value),
      ("position", .int(position)), ("runAt", .timestamp(runAt ?? now)), ("epoch", 0),
      ("attempts", .int(Int64(attempts))), ("rescues", 0),
      ("sendsAgain", .bool(sendsAgain)), ("records", .int(Int64(items.count))), ("createdAt", .timestamp(now)),
      ("made", .string(token)),
    ]
    if let pull { fields.append(("pull", .int(pull))) }
    if let parent { fields.append(("parent", .string(parent))) }
    if side == .target { fields.append(("items", .list(items.map(\.value)))) }
    if let origin { fields.append(("origin", .int(origin))) }
    if let lock { fields += [("lock", .string(lock)), ("holds", .string(lock))] }
    if isDoubtful { fields.append(("isDoubtful", true)) }
    if let arrival { fields.append(("arrival", arrival.value)) }
    return .map(ValueMap(fields + (try tenant.keep(payload, as: "payload", of: Tenant.owner(task: id)))))
  }
}

/// The names of queues.
enum Queue {
  /// The number of the document in `datahub.queues`.
  static func id(_ hub: String, _ side: Side) -> String { "\(side.name)/\(hub)" }
}

extension TaskState {
  var value: Value { .int(Int64(rawValue)) }
}

extension RecordState {
  var value: Value { .int(Int64(rawValue)) }
}

extension Side {
  var value: Value { .int(Int64(rawValue)) }
}
