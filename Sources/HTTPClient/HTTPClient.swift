// HTTPClient: requests over HTTP/1.1 (or HTTP/2 when asked), and certainty about what was sent.
//
// It knows bytes, headers, connections and time-outs. It does not know JSON, vendors, retries or queues: it sends a request
// at most once, follows nothing, remembers no cookie, and says of every failure whether the server may have seen the request.
//
//     let client = HTTPClient()
//     let response = try await client.send(HTTPRequest(url: "https://example.com/orders"))
//     if response.status == 200 { use(response.body) }
//     await client.shutdown()
//
// Read next: `TransferLoop` (the thread), `EasyHandle` (every libcurl option), `Transfer` (what is sent once and only once).

/// An HTTP client with a pool of kept-alive connections, run by one thread of its own.
///
/// - Important: A failure in the phase `maybeSent` must not be answered with the same write again unless the target makes that
///   harmless.
public final class HTTPClient: Sendable {
  /// The client's limits and name.
  public struct Configuration: Sendable {
    /// How many exchanges may be under way at once; more wait.
    public var maximumConnections: Int
    /// How many exchanges may be under way with one host and port at once; more wait.
    public var maximumConnectionsPerHost: Int
    /// What the client calls itself; a request's own header goes before it.
    public var userAgent: String
    /// How long a connection may be unused and still be used again; keep it below the servers' own limit.
    public var idleTimeout: Duration
    /// Whether HTTP/2 is offered to `https` servers.
    ///
    /// Off unless asked for: Debian 12's libcurl (7.88) ends requests with a framing error when a server retires an HTTP/2
    /// connection, which makes a write uncertain that over HTTP/1.1 is never in doubt.
    public var offersHTTP2: Bool

    /// Creates a configuration.
    public init(
      maximumConnections: Int = 64, maximumConnectionsPerHost: Int = 16, userAgent: String = "datahub",
      idleTimeout: Duration = .seconds(50), offersHTTP2: Bool = false
    ) {
      self.maximumConnections = maximumConnections
      self.maximumConnectionsPerHost = maximumConnectionsPerHost
      self.userAgent = userAgent
      self.idleTimeout = idleTimeout
      self.offersHTTP2 = offersHTTP2
    }
  }

  private let loop: TransferLoop

  /// Creates a client and starts its thread.
  public init(configuration: Configuration = .init()) {
    loop = TransferLoop(configuration: configuration)
  }

  deinit {
    loop.abandon()
  }

  /// Sends a request and gives the whole response, whatever its status.
  ///
  /// The request is sent at most once, save that a `GET` or `HEAD` is repeated when a kept-alive connection turns out to be
  /// closed. Cancelling the task ends the exchange at once.
  ///
  /// - Throws: `HTTPFailure`, which says whether the server may have received the request.
  public func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    try request.check()
    let transfer = Transfer(request)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { loop.submit(transfer, $0) }
    } onCancel: {
      loop.cancel(transfer)
    }
    return try outcome.get()
  }

  /// Refuses new requests, lets running ones finish for as long as `grace`, ends the rest with the code `shutDown`, and waits
  /// for the thread to end.
  public func shutdown(grace: Duration = .zero) async {
    loop.stop(at: .now + grace)
    await loop.join()
  }
}
