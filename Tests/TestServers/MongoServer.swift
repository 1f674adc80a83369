import Foundation
import Synchronization

/// A MongoDB server for tests: the one that `DATAHUB_TEST_MONGODB` names, or else SecantusDB, which speaks MongoDB's protocol,
/// started on a free port of 127.0.0.1 with a folder of its own.
///
/// The tests of one process share it, each with a database of its own. It ends with the process, however that ends: a
/// shell waits for the end of its standard input and then ends the server by its pid.
public final class MongoServer: @unchecked Sendable {
  // Unchecked because nothing of it changes after it was made; processes and pipes are not marked.
  /// What failed while the server was started.
  public struct Failure: Error, CustomStringConvertible {
    /// What failed, in words.
    public let description: String
  }

  /// Its address.
  public let url: String
  /// Its port on 127.0.0.1, where it was started here.
  let port: UInt16?
  private let guardian: Process?
  /// The guardian's standard input: the server lives while this end of it is open.
  private let life: Pipe?

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let python = root.appending(path: ".build/test-tools/venv/bin/python3").path
  private static let program = root.appending(path: ".build/test-tools/venv/bin/secantusd-py").path
  /// Starts SecantusDB, and says how.
  private static let launcher = root.appending(path: ".ci/secantusd").path
  private static let given = ProcessInfo.processInfo.environment["DATAHUB_TEST_MONGODB"].flatMap {
    $0.isEmpty ? nil : $0
  }

  /// Why there is no server here; nil where there is one.
  public static var missing: String? {
    if given != nil || FileManager.default.isExecutableFile(atPath: program) { return nil }
    return "SecantusDB is not installed: run .ci/setup tests"
  }

  /// True where the server of this process is started by it.
  public static var isOurs: Bool { given == nil && canBeStarted }

  /// True where a server with options of one's own can be had.
  public static var canBeStarted: Bool { FileManager.default.isExecutableFile(atPath: program) }

  /// How many tests ask the shared server at a time: each has connections of its own, and more are no faster.
  public static let turns = Turns(4)

  private static let started = Mutex<MongoServer?>(nil)

  /// The server of this process, started when it is first asked for.
  public static func shared() throws -> MongoServer {
    try started.withLock { started in
      if let started { return started }
      let server = try MongoServer()
      started = server
      return server
    }
  }

  /// A server of one's own, to be ended by hand; `options` are SecantusDB's.
  public init(options: [String] = []) throws {
    if let given = Self.given, options.isEmpty {
      url = given
      port = nil
      guardian = nil
      life = nil
      return
    }
    let port = try Self.freePort()
    let folder = FileManager.default.temporaryDirectory.appending(path: "datahub-mongo-\(UUID().uuidString)").path
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    // SIGKILL, since children inherit the signals that the test runner's threads block.
    process.arguments =
      [
        "-c",
        """
        folder=$1; shift; mkdir -p "$folder"
        "$@" </dev/null >"$folder/log" 2>&1 & server=$!
        cat >/dev/null
        kill -9 $server; wait $server 2>/dev/null; rm -rf "$folder"
        """, "sh", folder, Self.python, Self.launcher, "--host", "127.0.0.1", "--port", "\(port)", "--storage-path",
        "\(folder)/data", "--log-level", "ERROR",
      ] + options
    let life = Pipe()
    process.standardInput = life
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.life = life
    url = "mongodb://127.0.0.1:\(port)/"
    self.port = port
    guardian = process
    let deadline = Date().addingTimeInterval(60)
    while !Self.answers(port) {
      guard Date() < deadline, process.isRunning else {
        throw Failure(description: "SecantusDB does not answer on \(port)")
      }
      usleep(20_000)  // there is no event to wait for in another process
    }
  }

  /// Ends a server that was started for one test.
  public func end() {
    guard let guardian, let life else { return }
    try? life.fileHandleForWriting.close()  // closed already where it was ended already
    guardian.waitUntilExit()
  }

  private static func answers(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = address(port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(description: "no socket") }
    defer { close(descriptor) }
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(description: "no free port") }
    return UInt16(bigEndian: address.sin_port)
  }

  static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
  }
}
