import CSQLite
import Glibc

/// Turns between processes: who writes, checkpoints or closes holds the gate.
///
/// SQLite 3.40.1 can damage a file when two connections write and checkpoint at the same instant (fixed in 3.51.3), and
/// its busy handler lets one busy process starve the others. Both need processes to take turns.
///
/// Three byte ranges of one lock file, locked as open file descriptions (the kernel frees them when a process dies,
/// and two `Database` objects of one process exclude each other as well):
/// * `gate`: held while writing;
/// * `turn`: held by the one that is next;
/// * `queue`: shared by all that wait, so that who leaves the gate sees that someone waits and stands behind.
///
/// The kernel has no lock with a deadline, so waiting is trying again: the next one every 50 µs or so, the others at
/// up to 1 ms.
final class Gate {
  private enum Range: off_t {
    case gate
    case turn
    case queue
  }

  // The Linux numbers; the header shows them to C only with _GNU_SOURCE.
  private static let getLock: Int32 = 36  // F_OFD_GETLK
  private static let setLock: Int32 = 37  // F_OFD_SETLK

  private let path: String
  private let descriptor: Int32
  private let ownMark: [UInt8]
  private var wasInside = false

  init(path: String) throws(SQLiteError) {
    self.path = path
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen("\"\(path)\"", errno: errno) }
    let pid = String(getpid())
    ownMark = Array((pid + String(repeating: " ", count: max(0, 15 - pid.utf8.count)) + "\n").utf8)
  }

  deinit { close(descriptor) }

  /// Waits for the gate and takes it.
  ///
  /// - Throws: A busy error that names the holder's process when `patience` is over.
  func enter(patience: Duration) throws(SQLiteError) {
    let somebodyWaits = try somebodyElseHolds(.queue)
    let isInside = try somebodyWaits ? false : tryLock(.gate, F_WRLCK)
    if !isInside { try enterInTurn(patience: patience) }
    wasInside = true
    sign()
  }

  /// Gives the gate back.
  func leave() {
    unlock(.gate)
  }

  private func enterInTurn(patience: Duration) throws(SQLiteError) {
    let deadline = ContinuousClock.now + patience
    _ = try tryLock(.queue, F_RDLCK)
    defer { unlock(.queue) }
    if wasInside { try standBehind() }
    try wait(for: .turn, longestPause: 1000, until: deadline)
    defer { unlock(.turn) }
    try wait(for: .gate, longestPause: 50, until: deadline)
  }

  /// Lets those who slept while the turn was free take it first.
  private func standBehind() throws(SQLiteError) {
    for _ in 0..<40 {
      if try somebodyElseHolds(.turn) { return }
      guard try somebodyElseHolds(.queue) else { return }
      usleep(25)
    }
  }

  private func wait(for range: Range, longestPause: UInt32, until deadline: ContinuousClock.Instant) throws(SQLiteError)
  {
    var pause: UInt32 = 20
    while try !tryLock(range, F_WRLCK) {
      guard ContinuousClock.now < deadline else { throw busy() }
      usleep(pause)
      pause = min(pause * 2, longestPause)
    }
  }

  // MARK: - The lock file

  private func tryLock(_ range: Range, _ kind: Int32) throws(SQLiteError) -> Bool {
    var lock = region(range, kind)
    while fcntl(descriptor, Gate.setLock, &lock) != 0 {
      switch errno {
      case EINTR: continue
      case EAGAIN, EACCES: return false
      default: throw .cannotOpen("lock \"\(path)\"", errno: errno)
      }
    }
    return true
  }

  private func unlock(_ range: Range) {
    var lock = region(range, F_UNLCK)
    // Cannot fail on a descriptor we own; a lock never taken is fine as well.
    _ = fcntl(descriptor, Gate.setLock, &lock)
  }

  private func somebodyElseHolds(_ range: Range) throws(SQLiteError) -> Bool {
    var lock = region(range, F_WRLCK)
    guard fcntl(descriptor, Gate.getLock, &lock) == 0 else { throw .cannotOpen("lock \"\(path)\"", errno: errno) }
    return lock.l_type != Int16(F_UNLCK)
  }

  private func region(_ range: Range, _ kind: Int32) -> flock {
    var lock = flock()
    lock.l_type = Int16(kind)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = range.rawValue
    lock.l_len = 1
    return lock
  }

  // MARK: - Who holds it

  /// Leaves our process number in the file, for those who wait too long; a write only when the holder changes.
  private func sign() {
    guard readMark() != ownMark else { return }
    // A mark that cannot be written (disk full) costs others the pid in a message, nothing more.
    _ = pwrite(descriptor, ownMark, ownMark.count, 0)
  }

  private func readMark() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, 16, 0))
    }
  }

  private func busy() -> SQLiteError {
    let digits = String(decoding: readMark().prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
    let holder = digits.isEmpty ? "an unknown process" : "process \(digits)"
    return SQLiteError(code: SQLITE_BUSY, message: "\(holder) holds the write gate \"\(path)\" for too long")
  }
}
