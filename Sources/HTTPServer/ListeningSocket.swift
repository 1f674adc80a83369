import Glibc

/// Sole owner of a socket that listens on the loopback address, until it is handed over.
struct ListeningSocket: ~Copyable {
  private var descriptor: Int32
  /// The port it listens on, also where a free one was asked for.
  let port: UInt16

  /// Listens on 127.0.0.1 at `port`; 0 takes a free port.
  init(port wanted: UInt16) throws(HTTPServerError) {
    let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard opened >= 0 else { throw ListeningSocket.failure(port: wanted) }
    // A restarted server must not wait for old connections of its predecessor to time out; a port on which somebody still
    // listens is refused all the same.
    var yes: Int32 = 1
    setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = wanted.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(opened, generic, length) == 0 && listen(opened, 511) == 0 && getsockname(opened, generic, &length) == 0
      }
    }
    guard result else {
      let failure = ListeningSocket.failure(port: wanted)
      close(opened)
      throw failure
    }
    descriptor = opened
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The descriptor, which the caller closes from here on.
  consuming func release() -> Int32 {
    let handed = descriptor
    descriptor = -1
    return handed
  }

  private static func failure(port: UInt16) -> HTTPServerError {
    let number = errno
    let reason = String(cString: strerror(number))
    switch number {
    case EADDRINUSE:
      return HTTPServerError(
        code: .addressInUse, message: "cannot listen on 127.0.0.1:\(port): the port is in use by another process")
    case EACCES:
      return HTTPServerError(code: .notPermitted, message: "cannot listen on 127.0.0.1:\(port): \(reason)")
    default:
      return HTTPServerError(code: .system, message: "cannot listen on 127.0.0.1:\(port): \(reason)")
    }
  }
}
