public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// The hubs with something to do: their open tasks in one question; their pending records only where they may have changed.
  public func openWork() async throws -> [OpenWork] {
    let pending = pending
    return try await perform { tenant in
      let hubs = try tenant.hubs.find([:], fields: ["touched": 1], sort: ["_id": 1])
      var queues = try tenant.openQueues()
      var work: [OpenWork] = []
      for row in hubs {
        let hub = row.text("_id") ?? ""
        let touched = row.int64("touched") ?? 0
        let records =
          try pending.count(of: hub, touched: touched)
          ?? pending.note(try tenant.pendingCount(hub), of: hub, touched: touched)
        let nothing = OpenQueue(ready: 0, running: 0, retryAt: nil)
        let source = queues.removeValue(forKey: Queue.id(hub, .source)) ?? nothing
        let target = queues.removeValue(forKey: Queue.id(hub, .target)) ?? nothing
        let item = OpenWork(hub: hub, pendingRecords: records, source: source, target: target)
        if records > 0 || source.isOpen || target.isOpen { work.append(item) }
      }
      return work
    }
  }
}

extension OpenQueue {
  fileprivate var isOpen: Bool { ready > 0 || retryAt != nil }
}

extension Tenant {
  /// More records than this are not counted: whoever looks for work does not ask how much more there is.
  private static let mostPending = 10_000

  /// What stands in the queues, by their names; those with nothing in them are left out.
  fileprivate func openQueues() throws -> [String: OpenQueue] {
    let states = [TaskState.ready, .running, .retrying]
    var queues: [String: OpenQueue] = [:]
    for group in try tasks.aggregate([
      ["$match": ["state": ["$in": .list(states.map(\.value))]]],
      [
        "$group": [
          "_id": ["hub": "$hub", "side": "$side", "state": "$state"], "count": ["$sum": 1], "first": ["$min": "$runAt"],
        ]
      ],
    ]) {
      guard let place = try group.document("_id"), let hub = place.text("hub"),
        let side = place.int("side").flatMap(Side.init(rawValue:)),
        let state = place.int("state").flatMap(TaskState.init(rawValue:)), let count = group.int("count")
      else { throw StoreError.damaged("tasks without hub, of an unknown side or in an unknown state") }
      var queue = queues[Queue.id(hub, side)] ?? OpenQueue(ready: 0, running: 0, retryAt: nil)
      switch state {
      case .ready: queue.ready = count
      case .running: queue.running = count
      default: queue.retryAt = group.time("first")
      }
      queues[Queue.id(hub, side)] = queue
    }
    return queues
  }

  fileprivate func pendingCount(_ hub: String) throws -> Int {
    try records(hub).aggregate([
      ["$match": ["state": RecordState.pending.value]], ["$limit": .int(Int64(Tenant.mostPending))],
      ["$group": ["_id": nil, "count": ["$sum": 1]]],
    ]).first?.int("count") ?? 0
  }
}
