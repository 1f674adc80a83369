@preconcurrency import Dispatch  // DispatchQueue is not marked Sendable on Linux
public import Keeping
import SQLiteKit
import ServiceRuntime
import Synchronization
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
    let echo = Echo(changed)
    return FolderWatch(folder: folder) { name in
      guard name == log else { return }
      changed()
      echo.ring()
    }.map(LogWatch.init)
  }
}

/// Tells once more of a change, a moment later.
///
/// The log is written before what is in it is safe on disk, and others see it only then: who looks at once may look too early,
/// and nothing is written to the log any more that would tell.
///
/// A change that comes while one is on its way has its own after it: it may be too young for the one that is.
final class Echo: Sendable {
  private enum State { case silent, coming, comingAndAgain }

  private let changed: @Sendable () -> Void
  private let later: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let state = Mutex(State.silent)

  /// An echo of changes.
  ///
  /// - Parameter later: does something a moment later.
  init(
    _ changed: @escaping @Sendable () -> Void, later: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.changed = changed
    self.later = later
  }

  /// An echo a quarter of a second later.
  convenience init(_ changed: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "datahub.echo")
    self.init(changed) { act in queue.asyncAfter(deadline: .now() + .milliseconds(250), execute: act) }
  }

  func ring() {
    let isFirst = state.withLock { state in
      defer { state = state == .silent ? .coming : .comingAndAgain }
      return state == .silent
    }
    if isFirst { send() }
  }

  private func send() {
    later { [self] in
      let isAgain = state.withLock { state in
        defer { state = state == .comingAndAgain ? .coming : .silent }
        return state == .comingAndAgain
      }
      changed()
      if isAgain { send() }
    }
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
