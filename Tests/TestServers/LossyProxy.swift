import Foundation
import Synchronization

/// Stands between a program and the MongoDB server of the tests and loses answers when it is told to: the server has done what it
/// was asked for, and nobody hears of it.
public final class LossyProxy: Sendable {
  /// Its address, to be used in place of the server's.
  public let url: String
  private let listener: Int32
  private let server: UInt16
  private let state = Mutex(State())

  private struct State {
    var word: [UInt8] = []
    var left = 0
    var lost = 0
    var isEnded = false
    var sockets: Set<Int32> = []
  }

  /// A proxy of the server of this process, which was started for it.
  public init() throws {
    guard let port = try MongoServer.shared().port else {
      throw MongoServer.Failure(description: "the server is not ours")
    }
    server = port
    (listener, url) = try LossyProxy.listen()
    Thread.detachNewThread { self.accept() }
  }

  /// Loses the next answers to messages that have a word in them.
  public func lose(_ count: Int = 1, answersTo word: String) {
    state.withLock { ($0.word, $0.left) = (Array(word.utf8), count) }
  }

  /// How many answers were lost.
  public var lost: Int { state.withLock { $0.lost } }

  /// Ends all connections.
  public func end() {
    state.withLock { state in
      state.isEnded = true
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  // MARK: - Connections

  private func accept() {
    while true {
      let client = Foundation.accept(listener, nil, nil)
      guard client >= 0 else { break }
      Thread.detachNewThread { self.serve(client) }
    }
    close(listener)
  }

  private func serve(_ client: Int32) {
    let upstream = LossyProxy.connect(server)
    let isOpen = state.withLock { state in
      if state.isEnded || upstream < 0 { return false }
      state.sockets.formUnion([client, upstream])
      return true
    }
    if isOpen {
      let connection = Connection(client: client, server: upstream)
      let isDone = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        while let message = LossyProxy.read(upstream), self.pass(message, connection) {}
        connection.end()
        isDone.signal()
      }
      while let message = LossyProxy.read(client) {
        if isToBeLost(message) { connection.losing.withLock { _ = $0.insert(LossyProxy.number(message, at: 4)) } }
        guard LossyProxy.write(message, to: upstream) else { break }
      }
      connection.end()
      isDone.wait()
    }
    state.withLock { $0.sockets.subtract([client, upstream]) }
    for socket in [client, upstream] where socket >= 0 { close(socket) }
  }

  /// Hands an answer on; false where it is lost, and the connection with it.
  private func pass(_ message: [UInt8], _ connection: Connection) -> Bool {
    let isLost = connection.losing.withLock { $0.contains(LossyProxy.number(message, at: 8)) }
    if isLost { state.withLock { $0.lost += 1 } }
    return !isLost && LossyProxy.write(message, to: connection.client)
  }

  private func isToBeLost(_ message: [UInt8]) -> Bool {
    state.withLock { state in
      guard state.left > 0, message.firstRange(of: state.word) != nil else { return false }
      state.left -= 1
      return true
    }
  }

  private final class Connection: Sendable {
    let client: Int32
    let server: Int32
    /// The numbers of the messages whose answers are to be lost.
    let losing = Mutex<Set<Int32>>([])

    init(client: Int32, server: Int32) {
      self.client = client
      self.server = server
    }

    func end() { for socket in [client, server] { shutdown(socket, Int32(SHUT_RDWR)) } }
  }

  // MARK: - Sockets

  /// One message: its length stands in its first four bytes.
  private static func read(_ socket: Int32) -> [UInt8]? {
    guard let head = read(16, socket) else { return nil }
    let length = Int(number(head, at: 0))
    guard (16...64 << 20).contains(length), let rest = read(length - 16, socket) else { return nil }
    return head + rest
  }

  private static func read(_ count: Int, _ socket: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var place = 0
    while place < count {
      let read = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress.map { $0 + place }, count - place, 0) }
      guard read > 0 else { return nil }
      place += read
    }
    return bytes
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
    var place = 0
    while place < bytes.count {
      let sent = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress.map { $0 + place }, bytes.count - place, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      place += sent
    }
    return true
  }

  private static func number(_ bytes: [UInt8], at place: Int) -> Int32 {
    bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int32($1) }
  }

  private static func listen() throws -> (Int32, String) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = MongoServer.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && Foundation.listen(descriptor, 64) == 0
          ? getsockname(descriptor, generic, &length) : -1
      }
    }
    guard result == 0 else { throw MongoServer.Failure(description: "no free port for a proxy") }
    return (descriptor, "mongodb://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/")
  }

  private static func connect(_ port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = MongoServer.address(port)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return descriptor }
    close(descriptor)
    return -1
  }
}
