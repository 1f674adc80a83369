import Glibc
import HTTPClient
import Synchronization

/// What a test server read of one request.
struct ReceivedRequest: Sendable {
  var line: String
  var head: String
  var body: [UInt8]

  func header(_ name: String) -> String? {
    for field in head.split(separator: "\r\n").dropFirst() {
      guard let colon = field.firstIndex(of: ":") else { continue }
      if field[..<colon].lowercased() == name.lowercased() {
        return String(field[field.index(after: colon)...].drop { $0 == " " })
      }
    }
    return nil
  }
}

/// A TCP server on a free port of the loopback that does to each connection exactly what a test says.
final class RawServer: Sendable {
  private struct State {
    var open: Set<Int32> = []
    var accepted = 0
    var requests: [ReceivedRequest] = []
    var threads: [pthread_t] = []
    var mostAtOnce = 0
    var isStopped = false
  }

  let port: Int
  private let listener: Int32
  private let script: @Sendable (RawConnection) -> Void
  private let state = Mutex(State())

  /// Starts a server that runs `script` on a thread of its own for each connection, then closes the connection.
  init(_ script: @escaping @Sendable (RawConnection) -> Void) throws {
    (listener, port) = try listenOnFreePort()
    self.script = script
    startThread { $0.acceptAll() }
  }

  var url: String { "http://127.0.0.1:\(port)" }
  var requests: [ReceivedRequest] { state.withLock { $0.requests } }
  var acceptedConnections: Int { state.withLock { $0.accepted } }
  var mostConnectionsAtOnce: Int { state.withLock { $0.mostAtOnce } }

  /// Ends every connection and waits for every thread.
  func stop() {
    let threads = state.withLock { state in
      state.isStopped = true
      for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
      defer { state.threads = [] }
      return state.threads
    }
    shutdown(listener, Int32(SHUT_RDWR))
    for thread in threads { pthread_join(thread, nil) }
    // A connection accepted at the last moment has its thread now.
    let late = state.withLock { state in
      defer { state.threads = [] }
      return state.threads
    }
    for thread in late { pthread_join(thread, nil) }
    close(listener)
  }

  fileprivate func note(_ request: ReceivedRequest) { state.withLock { $0.requests.append(request) } }

  private func acceptAll() {
    while true {
      let socket = accept(listener, nil, nil)
      guard socket >= 0 else { return }
      let number: Int? = state.withLock { state in
        guard !state.isStopped else { return nil }
        state.open.insert(socket)
        state.accepted += 1
        state.mostAtOnce = max(state.mostAtOnce, state.open.count)
        return state.accepted
      }
      guard let number else {
        close(socket)
        return
      }
      startThread { server in
        server.script(RawConnection(socket: socket, number: number, server: server))
        server.state.withLock { state in
          state.open.remove(socket)
          close(socket)
        }
      }
    }
  }

  private func startThread(_ work: @escaping @Sendable (RawServer) -> Void) {
    final class Start: Sendable {
      let server: RawServer
      let work: @Sendable (RawServer) -> Void
      init(_ server: RawServer, _ work: @escaping @Sendable (RawServer) -> Void) {
        (self.server, self.work) = (server, work)
      }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Start(self, work)).toOpaque()
    state.withLock { state in
      let result = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
          start.work(start.server)
          return nil
        }, context)
      precondition(result == 0, "no thread for the test server")
      state.threads.append(thread)
    }
  }
}

/// One connection of a `RawServer`, for its script; every call blocks.
struct RawConnection: Sendable {
  let socket: Int32
  /// Counts from 1 in the order of acceptance.
  let number: Int
  fileprivate let server: RawServer

  /// Reads one whole request and notes it; `nil` when the other side closed.
  @discardableResult
  func readRequest() -> ReceivedRequest? {
    var bytes: [UInt8] = []
    var end: Int?
    while end == nil {
      guard let more = read() else { return nil }
      bytes += more
      end = (0..<max(0, bytes.count - 3)).first { bytes[$0..<($0 + 4)].elementsEqual("\r\n\r\n".utf8) }
    }
    let split = end ?? 0
    let head = String(decoding: bytes[..<split], as: UTF8.self)
    var request = ReceivedRequest(
      line: String(head.prefix { $0 != "\r\n" }), head: head, body: Array(bytes[(split + 4)...]))
    let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
    while request.body.count < length {
      guard let more = read() else { return nil }
      request.body += more
    }
    server.note(request)
    return request
  }

  func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes all bytes and returns whether the other side took them.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  func answer(_ body: String, status: String = "200 OK", headers: String = "") {
    write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
  }

  /// Reads until the other side closes.
  func waitForClose() {
    while read() != nil {}
  }

  /// Makes the coming close a reset.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  private func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(socket, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}

struct SocketError: Error { let number: Int32 }

private func listenOnFreePort() throws -> (Int32, Int) {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard listener >= 0 else { throw SocketError(number: errno) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(listener, $0, size) | listen(listener, 256) | getsockname(listener, $0, &size)
    }
  }
  guard result == 0 else {
    defer { close(listener) }
    throw SocketError(number: errno)
  }
  return (listener, Int(UInt16(bigEndian: address.sin_port)))
}

/// Returns a port of the loopback nobody listens on.
func closedPort() throws -> Int {
  let (listener, port) = try listenOnFreePort()
  close(listener)
  return port
}

/// Runs `body` with a client and a server, and ends both.
func withServer(
  configuration: HTTPClient.Configuration = .init(),
  _ script: @escaping @Sendable (RawConnection) -> Void,
  _ body: (RawServer, HTTPClient) async throws -> Void
) async throws {
  let server = try RawServer(script)
  let client = HTTPClient(configuration: configuration)
  do {
    try await body(server, client)
  } catch {
    await client.shutdown()
    server.stop()
    throw error
  }
  await client.shutdown()
  server.stop()
}

/// Returns the failure `send` ends with; `nil` when it succeeds.
func failureSending(_ request: HTTPRequest, on client: HTTPClient) async -> HTTPFailure? {
  do throws(HTTPFailure) {
    _ = try await client.send(request)
    return nil
  } catch {
    return error
  }
}

/// A signal from a server's thread to a test.
final class Event: Sendable {
  private struct State {
    var isRaised = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  func raise() {
    let waiting = state.withLock { state in
      state.isRaised = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isRaised = state.withLock { state in
        if !state.isRaised { state.waiting.append(continuation) }
        return state.isRaised
      }
      if isRaised { continuation.resume() }
    }
  }
}

/// Holds a server's thread back until a test opens it.
final class Gate: Sendable {
  private let semaphore = Semaphore()

  func open() { semaphore.post() }
  func pass() { semaphore.wait() }

  // Sendable because POSIX lets any thread post and wait on a semaphore.
  private final class Semaphore: @unchecked Sendable {
    private let raw = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(raw, 0, 0) }
    deinit {
      sem_destroy(raw)
      raw.deallocate()
    }
    func post() { sem_post(raw) }
    func wait() { while sem_wait(raw) != 0 {} }
  }
}
