import Glibc

/// A flag that waiting threads notice at once.
///
/// A pipe that is written once and never read: every `poll` on it, now or later, returns.
final class StopSignal: Sendable {
  private let readEnd: Int32
  private let writeEnd: Int32

  init() throws(HTTPServerError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw HTTPServerError(code: .system, message: "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (readEnd, writeEnd) = (ends[0], ends[1])
    _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Wakes all who wait.
  func raise() {
    var byte: UInt8 = 1
    // A pipe that is full has been raised before.
    _ = write(writeEnd, &byte, 1)
  }

  /// Waits for a span of time; false where the signal was raised before it ended.
  func wait(_ span: Duration) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + span
    while true {
      let left = end - clock.now
      guard left > .zero else { return true }
      let (seconds, attoseconds) = left.components
      let milliseconds = min(seconds, 86_400) * 1_000 + attoseconds / 1_000_000_000_000_000
      if milliseconds == 0 {
        var rest = timespec(tv_sec: 0, tv_nsec: Int(attoseconds / 1_000_000_000))
        nanosleep(&rest, nil)
        continue
      }
      var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, Int32(milliseconds)) > 0 { return false }
    }
  }
}
