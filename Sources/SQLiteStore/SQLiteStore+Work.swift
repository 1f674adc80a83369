public import Keeping
import SQLiteKit
import ServiceRuntime
import Values

extension SQLiteStore {
  /// The hubs with something to do, from their counters: one row a hub, whatever their queues hold.
  public func openWork() async throws -> [OpenWork] {
    try await read { connection in
      let list = try connection.prepare(
        """
        SELECT name, records_0, source_0, source_3, target_0, target_3, id, source_1, target_1 FROM hubs
        WHERE records_0 > 0 OR source_0 > 0 OR source_3 > 0 OR target_0 > 0 OR target_3 > 0 ORDER BY name
        """)
      var work: [OpenWork] = []
      while try list.step() {
        let source = OpenQueue(
          ready: list.int(2), running: list.int(7),
          retryAt: list.int(3) > 0 ? try firstRetry(list.int64(6), .source, connection) : nil)
        let target = OpenQueue(
          ready: list.int(4), running: list.int(8),
          retryAt: list.int(5) > 0 ? try firstRetry(list.int64(6), .target, connection) : nil)
        work.append(OpenWork(hub: list.text(0), pendingRecords: list.int(1), source: source, target: target))
      }
      return work
    }
  }

  /// Watches the store's log: whoever commits on this machine writes to it.
  public func watch(_ changed: @escaping @Sendable () -> Void) -> (any StoreWatch)? {
    let log = "\(fileName)-wal"
    return FolderWatch(folder: folder) { name in
      if name == log { changed() }
    }.map(LogWatch.init)
  }
}

private struct LogWatch: StoreWatch {
  let watch: FolderWatch
}

private func firstRetry(_ hub: Int64, _ side: Side, _ connection: Connection) throws -> Timestamp? {
  let find = try connection.prepare(
    "SELECT min(run_at) FROM tasks WHERE hub = ?1 AND side = ?2 AND state IN (0, 3) AND state = 3")
  find.bind(1, hub)
  find.bind(2, side.rawValue)
  defer { find.reset() }
  return try find.step() ? find.optionalInt64(0).map(Timestamp.init(milliseconds:)) : nil
}
