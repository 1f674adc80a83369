import Glibc
import Keeping
import MongoKit
import Synchronization
import Values

/// What a worker's process can be recognised by on its machine.
///
/// A process that is gone is known at once on the machine it ran on: the machine has booted since, or no process of its
/// number has its start time. On other machines its leases have to run out.
struct WorkerIdentity: Sendable, Equatable {
  let host: String
  let boot: String
  let namespace: String
  let process: Int64
  let start: String

  /// This process.
  static func current() -> WorkerIdentity {
    var name = [CChar](repeating: 0, count: 256)
    let hasName = gethostname(&name, name.count - 1) == 0
    let host = name.prefix { $0 != 0 }.prefix(60).map { byte in
      let byte = UInt8(bitPattern: byte)
      let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2E
      return isPlain ? byte : 0x5F
    }
    let number = getpid()
    return WorkerIdentity(
      host: hasName && !host.isEmpty ? String(decoding: host, as: UTF8.self) : "host", boot: machine.boot,
      namespace: machine.namespace, process: Int64(number), start: startTime(of: Int64(number)) ?? "")
  }

  init(host: String, boot: String, namespace: String, process: Int64, start: String) {
    self.host = host
    self.boot = boot
    self.namespace = namespace
    self.process = process
    self.start = start
  }

  init?(_ row: BSONDocument) {
    guard let host = row.text("host"), let boot = row.text("boot"), let namespace = row.text("namespace"),
      let process = row.int64("process"), let start = row.text("start")
    else { return nil }
    self.init(host: host, boot: boot, namespace: namespace, process: process, start: start)
  }

  var fields: [(String, Value)] {
    [
      ("host", .string(host)), ("boot", .string(boot)), ("namespace", .string(namespace)), ("process", .int(process)),
      ("start", .string(start)),
    ]
  }

  /// True where the process ran on this machine and is there no more; false also where that cannot be told.
  var isGoneFromHere: Bool { isFromHere && WorkerIdentity.startTime(of: process) != start }

  /// True where the process ran on this machine, so that it can be told whether it is there.
  var isFromHere: Bool {
    let here = WorkerIdentity.machine
    guard !here.boot.isEmpty, !start.isEmpty else { return false }
    return boot == here.boot && namespace == here.namespace
  }

  private static let machine: (boot: String, namespace: String) = {
    var link = [CChar](repeating: 0, count: 128)
    let length = readlink("/proc/self/ns/pid", &link, link.count - 1)
    let namespace = link.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    return (
      read("/proc/sys/kernel/random/boot_id")?.filter { !$0.isWhitespace } ?? "",
      String(decoding: namespace, as: UTF8.self)
    )
  }()

  /// When a process started, in ticks after the machine did; nil where there is no such process, or it has ended and
  /// nobody has asked for its end yet.
  private static func startTime(of process: Int64) -> String? {
    // The command's name, in parentheses, may have anything in it.
    guard let stat = read("/proc/\(process)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[end...].dropFirst().split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return String(fields[19])
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}

/// The sessions of this process that have ended, so that their tasks are found before the server hears of it; and the
/// claims nobody got an answer to.
final class EndedSessions: Sendable {
  private struct State {
    var owners: Set<String> = []
    var claims: [String] = []
  }

  private let state = Mutex(State())

  func note(_ owner: String) { state.withLock { _ = $0.owners.insert(owner) } }
  func contains(_ owner: String) -> Bool { state.withLock { $0.owners.contains(owner) } }

  /// Notes a claim whose tasks, should there be any, nobody has: their lease is to run out.
  func note(lostClaim token: String) {
    state.withLock { state in
      state.claims.append(token)
      if state.claims.count > 1000 { state.claims.removeFirst() }
    }
  }

  var lostClaims: [String] { state.withLock { $0.claims } }
}

/// A worker's row in `datahub.sessions`.
///
/// Where it goes out of use without being closed, the worker counts as gone too.
final class MongoSession: WorkerSession {
  let owner: String
  private let pool: MongoPool
  private let database: String
  private let ended: EndedSessions
  private let isClosed = Atomic<Bool>(false)

  init(owner: String, _ store: MongoStore) {
    self.owner = owner
    pool = store.pool
    database = store.database
    ended = store.ended
  }

  deinit { leave() }

  func close() async { leave() }

  private func leave() {
    if isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
    ended.note(owner)
    let (owner, database) = (owner, database)
    pool.submit { connection in
      do {
        try Tenant(connection: connection, database: database).sessions.delete(["_id": .string(owner)])
      } catch {
        // The row stays until somebody sees that its process is gone, or for a week.
        return
      }
    }
  }
}
