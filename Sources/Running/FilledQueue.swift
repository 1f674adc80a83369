import ServiceRuntime
import Synchronization

/// Keeps a filler from running far ahead of the senders, and wakes senders that have run dry.
final class FilledQueue: Sendable {
  private let limit: Int
  private let depth = Atomic<Int>(0)
  private let isOver = Atomic<Bool>(false)
  private let more = Wakeup()
  private let room = Wakeup()

  /// - Parameter limit: how many tasks may wait before the filler does.
  init(limit: Int) { self.limit = limit }

  /// True once nothing more will be added.
  var isFinished: Bool { isOver.load(ordering: .acquiring) }

  /// Begins anew.
  func reset() { isOver.store(false, ordering: .releasing) }

  /// Counts tasks that were queued, and waits while too many are, unless work is to come to an end: then nobody makes room.
  func add(_ count: Int, unless isStopping: () -> Bool) async {
    depth.add(count, ordering: .relaxed)
    more.ring()
    while depth.load(ordering: .relaxed) > limit, !isStopping() {
      await room.wait(atMost: .milliseconds(100))
    }
  }

  /// Counts a task that has left the queue.
  func remove() {
    if depth.subtract(1, ordering: .relaxed).newValue == limit / 2 { room.ring() }
  }

  /// Says that nothing more will be added.
  func finish() {
    isOver.store(true, ordering: .releasing)
    more.ring()
  }

  /// Waits until more has been added, or for a while.
  func waitForMore() async { await more.wait(atMost: .milliseconds(100)) }
}
