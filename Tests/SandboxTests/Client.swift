import Glibc
import Values

/// A small blocking client that keeps its connection, so that tests see each answer and each missing one.
final class Client {
  struct Failure: Error { let message: String }

  struct Answer {
    let status: Int
    let head: String
    let text: String

    /// The body as JSON.
    var json: Value { get throws { try Value(json: text) } }
    /// The body's `code`, as text or number.
    var code: Value? { get throws { try json["code"] } }
  }

  private let port: UInt16
  private var descriptor: Int32 = -1
  private var pending: [UInt8] = []

  init(port: UInt16) { self.port = port }

  deinit { disconnect() }

  /// Sends a request and waits for its answer; nil where the connection is closed without one.
  func send(
    _ method: String, _ target: String, headers: [(String, String)] = [], body: String = ""
  ) throws -> Answer? {
    if descriptor < 0 { try connect() }
    var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.utf8.count)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    let bytes = Array((text + "\r\n" + body).utf8)
    var at = 0
    while at < bytes.count {
      let sent = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: at), $0.count - at, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { throw Failure(message: "send: \(String(cString: strerror(errno)))") }
      at += sent
    }
    return try receive()
  }

  private func connect() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    // A server that never answers must fail the test, not hang it.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      disconnect()
      throw Failure(message: "connect: \(String(cString: strerror(errno)))")
    }
  }

  private func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    pending = []
  }

  private func receive() throws -> Answer? {
    let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    var headEnd: Int?
    while headEnd == nil {
      guard try receiveMore() else { return nil }
      headEnd = pending.indices.first { pending[$0...].starts(with: end) }
    }
    let start = (headEnd ?? 0) + 4
    let head = String(decoding: pending[..<start], as: UTF8.self)
    let lines = head.split(separator: "\r\n")
    let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    guard let length, let status else { throw Failure(message: "no status or no length in an answer") }
    while pending.count < start + length {
      guard try receiveMore() else { throw Failure(message: "the connection ended within a body") }
    }
    let body = String(decoding: pending[start..<start + length], as: UTF8.self)
    pending.removeFirst(start + length)
    return Answer(status: status, head: head, text: body)
  }

  /// False where the server closed the connection.
  private func receiveMore() throws -> Bool {
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &piece, piece.count, 0)
    if count == 0 || (count < 0 && errno == ECONNRESET) {
      let isBetween = pending.isEmpty
      disconnect()
      if isBetween { return false }
      throw Failure(message: "the connection ended within an answer")
    }
    guard count > 0 else { throw Failure(message: "receive: \(String(cString: strerror(errno)))") }
    pending += piece[..<count]
    return true
  }
}
