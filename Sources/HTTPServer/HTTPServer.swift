// Module HTTPServer: a small HTTP/1.1 server on the loopback address, over libmicrohttpd.
//
// It exists for stand-in systems and tests. It knows nothing of what is served: a handler gets whole requests and gives
// whole responses. It listens on 127.0.0.1 and nowhere else.
//
//   let server = try HTTPServer { request in .text("you asked for \(request.path)\n") }
//   defer { server.stop() }
//   // http://127.0.0.1:\(server.port)/

internal import CMicroHTTPD
import Synchronization

/// An HTTP server on 127.0.0.1 that calls a handler for each request.
///
/// Every connection has a thread of its own, and a request's handler runs on it: a handler may block, and requests of
/// different connections run at the same time. Connections are kept alive. A request whose head does not fit
/// 64 KiB is refused, as is a body over the limit (status 413).
///
/// - Important: A handler must not call ``stop()``: it waits for the handlers.
public final class HTTPServer: Sendable {
  /// The port it listens on.
  public let port: UInt16

  private let core: ServerCore
  private let daemon: Mutex<Daemon?>

  /// Starts to listen and to answer.
  ///
  /// - Parameters:
  ///   - port: The port on 127.0.0.1; 0 takes a free one, which ``port`` then tells.
  ///   - maximumBodyBytes: A larger request body is refused.
  ///   - maximumConnections: More connections at a time are closed as soon as they are made.
  ///   - handler: Answers a request.
  /// - Throws: ``HTTPServerError`` where the port cannot be listened on.
  public init(
    port: UInt16 = 0, maximumBodyBytes: Int = 16 << 20, maximumConnections: Int = 256,
    handler: @escaping @Sendable (ServerRequest) -> ServerResponse
  ) throws(HTTPServerError) {
    let socket = try ListeningSocket(port: port)
    self.port = socket.port
    let core = ServerCore(maximumBodyBytes: maximumBodyBytes, stop: try StopSignal(), handler: handler)
    self.core = core
    daemon = Mutex(try Daemon(socket: socket, maximumConnections: maximumConnections, core: core))
  }

  deinit { stop() }

  /// Stops listening, ends all connections and waits until every handler has returned.
  ///
  /// Delays of responses are cut short; their requests stay unanswered. A second call does nothing.
  public func stop() {
    core.stop.raise()
    // Taken out under the lock, stopped outside it: stopping waits for the handlers.
    let running = daemon.withLock { daemon in
      let running = daemon
      daemon = nil
      return running
    }
    if let running { MHD_stop_daemon(running.handle) }
  }
}

/// The library's handle of a running server.
private struct Daemon: @unchecked Sendable {
  // The library allows its handle on any thread; one owner stops it, once.
  let handle: OpaquePointer

  /// Starts the library on a socket.
  ///
  /// The core must live until the daemon is stopped.
  init(socket: consuming ListeningSocket, maximumConnections: Int, core: ServerCore) throws(HTTPServerError) {
    let port = socket.port
    let descriptor = socket.release()
    let started = datahub_start_server(
      descriptor, UInt32(clamping: maximumConnections), 120, 64 << 10, onAccess, onTarget, onCompleted,
      Unmanaged.passUnretained(core).toOpaque())
    guard let started else {
      // The library closes the socket where it could not start.
      throw HTTPServerError(code: .system, message: "cannot start a server on 127.0.0.1:\(port)")
    }
    handle = started
  }
}

/// The request line was read: makes what will be kept for the request.
private let onTarget: datahub_uri_callback = { _, target, _ in
  let exchange = Exchange(target: target.map { String(cString: $0) } ?? "")
  return Unmanaged.passRetained(exchange).toOpaque()
}

/// Something of the request has come.
private let onAccess: MHD_AccessHandlerCallback = { context, connection, _, method, _, piece, size, kept in
  guard let context, let connection, let method, let size, let held = kept?.pointee else { return .no }
  let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
  let exchange = Unmanaged<Exchange>.fromOpaque(held).takeUnretainedValue()
  return core.access(connection, method: method, piece: piece, size: size, exchange: exchange)
}

/// The request is over, answered or not: lets go of what was kept for it.
private let onCompleted: MHD_RequestCompletedCallback = { _, _, kept, _ in
  guard let kept, let held = kept.pointee else { return }
  Unmanaged<Exchange>.fromOpaque(held).release()
  kept.pointee = nil
}
