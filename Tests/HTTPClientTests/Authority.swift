import Glibc
import Synchronization

/// A certificate authority in a temporary folder, with a server's and a client's certificate.
final class Authority: Sendable {
  let folder: String

  /// Makes the authority; `names` is what the server's certificate is good for.
  init(serverNames names: String = "DNS:localhost,IP:127.0.0.1") throws {
    var template = Array("/tmp/datahub-tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SocketError(number: errno) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try make("ca", ["-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE"])
    let signed = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-addext", "basicConstraints=CA:FALSE"]
    try make("server", ["-subj", "/CN=server", "-addext", "subjectAltName=\(names)"] + signed)
    try make("client", ["-subj", "/CN=client"] + signed)
  }

  deinit {
    for name in ["ca", "server", "client"] {
      unlink("\(folder)/\(name).pem")
      unlink("\(folder)/\(name).key")
    }
    rmdir(folder)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func make(_ name: String, _ more: [String]) throws {
    let process = try ChildProcess(
      ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-keyout", path("\(name).key"), "-out", path("\(name).pem")] + more)
    let (status, output) = process.readAll()
    guard status == 0 else { throw ToolError(output: output) }
  }
}

struct ToolError: Error { let output: String }

/// A child process whose output is read through a pipe; ended by its own id.
struct ChildProcess: ~Copyable {
  /// One child is made at a time: another would inherit the pipe and keep it open.
  private static let making = Mutex(())

  private let id: pid_t
  private let output: Int32

  init(_ arguments: [String]) throws {
    (id, output) = try Self.making.withLock { _ in try Self.spawn(arguments) }
  }

  deinit {
    close(output)
  }

  private static func spawn(_ arguments: [String]) throws -> (pid_t, Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SocketError(number: errno) }
    defer { close(ends[1]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let result = posix_spawnp(&id, arguments[0], &actions, nil, &words, environ)
    guard result == 0 else {
      close(ends[0])
      throw SocketError(number: result)
    }
    return (id, ends[0])
  }

  /// Reads output until `mark` has come and a line after it has ended; returns the text so far.
  func read(until mark: String) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(output, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      if let start = text.firstRange(of: mark), text[start.upperBound...].contains("\n") { return text }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Waits for the process to end by itself.
  consuming func readAll() -> (status: Int32, output: String) {
    let text = read(until: "\u{0}")
    var status: Int32 = 0
    waitpid(id, &status, 0)
    return (status, text)
  }

  /// Ends the process and waits for it.
  consuming func terminate() {
    kill(id, SIGKILL)
    var status: Int32 = 0
    waitpid(id, &status, 0)
  }
}
