import Glibc

/// A client connection in plain bytes, so that tests see exactly what the server sends.
final class RawConnection {
  struct Failure: Error { let message: String }

  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(message: "socket: \(errno)") }
    // A server that never answers must fail the test, not hang it.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // `deinit` runs, and closes, also where this throws.
    guard connected == 0 else { throw Failure(message: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// Sends all bytes; false where the server closed the connection before that.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var at = 0
    while at < bytes.count {
      let sent = bytes.withUnsafeBytes { all in
        Glibc.send(descriptor, all.baseAddress?.advanced(by: at), all.count - at, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      at += sent
    }
    return true
  }

  /// The next bytes; empty at the end of the connection.
  private func receive() throws -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &piece, piece.count, 0)
    if count < 0, errno == ECONNRESET { return [] }
    guard count >= 0 else { throw Failure(message: "receive: \(String(cString: strerror(errno)))") }
    return Array(piece[..<count])
  }

  /// All bytes until the server closes.
  func receiveToEnd() throws -> String {
    var all = pending
    pending = []
    while true {
      let piece = try receive()
      if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += piece
    }
  }

  private var pending: [UInt8] = []

  /// The head of the next answer, up to its empty line.
  func receiveHead() throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = pending.indices.first(where: { pending[$0...].starts(with: end) }) {
        let head = String(decoding: pending[..<range], as: UTF8.self)
        pending.removeFirst(range + 4)
        return head
      }
      let piece = try receive()
      if piece.isEmpty { throw Failure(message: "the connection ended within a head: \(pending.count) bytes") }
      pending += piece
    }
  }

  /// The next answer with a `Content-Length`: its status and body.
  func receiveAnswer() throws -> (status: Int, head: String, body: String) {
    let head = try receiveHead()
    let lines = head.split(separator: "\r\n")
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    let length =
      lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    while pending.count < length {
      let piece = try receive()
      if piece.isEmpty { throw Failure(message: "the connection ended within a body") }
      pending += piece
    }
    let body = String(decoding: pending[..<length], as: UTF8.self)
    pending.removeFirst(length)
    return (status, head, body)
  }
}
