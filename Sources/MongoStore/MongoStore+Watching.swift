import Glibc
public import Keeping
import MongoKit
import Synchronization
import Values

extension MongoStore {
  /// Follows what changes in the database, with a connection of its own, where the server has change streams; a hint, since
  /// workers look every while all the same.
  public func watch(_ changed: @escaping @Sendable () -> Void) -> (any StoreWatch)? {
    do throws(MongoError) {
      return try ChangeWatch(address, database, changed)
    } catch {
      // Without a thread for it nothing tells of changes, and looking finds them.
      return nil
    }
  }
}

/// A connection that follows a database's changes until the watch is let go.
private final class ChangeWatch: StoreWatch {
  /// How long the server is left waiting for a change, and about how long an end may take.
  private static let patience: Int64 = 500
  /// The shortest time between two calls: many changes come at once, one look finds them all, and each look costs the server.
  private static let shortest = Duration.milliseconds(250)
  /// How long it waits before it tries again after the connection was lost, in microseconds.
  private static let pause: UInt32 = 2_000_000

  private let pool: MongoPool
  private let isOver = Ending()

  /// What makes work for workers: tasks that are queued, and the row of a hub, which changes with its records.
  private static let stages: [Value] = [
    [
      "$match": [
        "$or": [
          ["ns.coll": "datahub.tasks", "operationType": "insert"], ["ns.coll": "datahub.hubs"],
          ["ns.coll": "datahub.runs", "operationType": "insert"],
        ]
      ]
    ],
    ["$project": ["_id": 1]],
  ]

  init(_ address: MongoAddress, _ database: String, _ changed: @escaping @Sendable () -> Void) throws(MongoError) {
    var address = address
    address.connections = 1
    pool = try MongoPool(address)
    pool.submit { [isOver] connection in
      var last = ContinuousClock.now - ChangeWatch.shortest
      var isOwed = false
      while !isOver.isSet {
        // What came before the stream was there, or while there was none, is told by none.
        isOwed = true
        do throws(MongoError) {
          try connection.follow(database, ChangeWatch.stages, awaiting: ChangeWatch.patience) { isChange in
            if isChange { isOwed = true }
            let now = ContinuousClock.now
            if isOwed, now - last >= ChangeWatch.shortest {
              (isOwed, last) = (false, now)
              changed()
            }
            return !isOver.isSet
          }
        } catch {
          // A server that has none will not have any later.
          if error.isForGood { return }
          isOver.wait(ChangeWatch.pause)
        }
      }
    }
  }

  deinit { isOver.set() }
}

/// That a watch has been let go.
private final class Ending: Sendable {
  private let isOver = Mutex(false)

  var isSet: Bool { isOver.withLock { $0 } }

  func set() { isOver.withLock { $0 = true } }

  /// Waits, in pieces, so that an end is seen soon.
  func wait(_ microseconds: UInt32) {
    var left = microseconds
    while left > 0, !isSet {
      usleep(min(left, 100_000))
      left -= min(left, 100_000)
    }
  }
}

extension MongoError {
  /// True where the server has no change streams, or does not let us have them: not authorized, no such command, not
  /// supported, and `$changeStream` outside of a replica set.
  fileprivate var isForGood: Bool {
    kind == .unauthorized || kind == .form || [13, 59, 115, 40_324, 40_573].contains(code)
  }
}
