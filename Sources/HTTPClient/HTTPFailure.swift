/// Where a failed exchange stood: the delivery layer decides from it what may be sent again.
public enum ExchangePhase: String, Sendable {
  /// No byte of the request left this machine, for certain.
  case notSent
  /// The server may have received the request, in part or whole, and may have acted on it.
  case maybeSent
}

/// Why an exchange ended without a whole response.
///
/// A response with an error status is a response, not a failure.
public struct HTTPFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case resolve, connect, tls, timeoutConnecting, timeoutWaiting, reset, truncated, responseTooLarge, decoding
      case protocolError, invalidRequest, cancelled, shutDown
    }

    private let kind: Kind

    /// The host's or the proxy's name has no address.
    public static let resolve = Code(kind: .resolve)
    /// No connection could be made, to the server or through the proxy.
    public static let connect = Code(kind: .connect)
    /// The TLS handshake failed, or one side refused the other's certificate.
    public static let tls = Code(kind: .tls)
    /// Time ran out before the request was sent.
    public static let timeoutConnecting = Code(kind: .timeoutConnecting)
    /// Time ran out after the request began to be sent.
    public static let timeoutWaiting = Code(kind: .timeoutWaiting)
    /// The connection was closed or reset before a response began, or reset within it.
    public static let reset = Code(kind: .reset)
    /// The response ended before its declared end.
    public static let truncated = Code(kind: .truncated)
    /// The response is larger than the request allows.
    public static let responseTooLarge = Code(kind: .responseTooLarge)
    /// The body is not in the content encoding it claims.
    public static let decoding = Code(kind: .decoding)
    /// The answer is not HTTP, or breaks its rules.
    public static let protocolError = Code(kind: .protocolError)
    /// The request cannot be sent as it is.
    public static let invalidRequest = Code(kind: .invalidRequest)
    /// The task that waited was cancelled.
    public static let cancelled = Code(kind: .cancelled)
    /// The client was shut down.
    public static let shutDown = Code(kind: .shutDown)

    /// The code's name, stable enough for logs and tables.
    public var description: String { kind.rawValue }
  }

  /// The kind of failure.
  public let code: Code
  /// Whether the request may have reached the server.
  public let phase: ExchangePhase
  /// What happened, for a person; holds no header value, no path and no query.
  public let message: String

  /// Creates a failure.
  public init(code: Code, phase: ExchangePhase, message: String) {
    self.code = code
    self.phase = phase
    self.message = message
  }

  /// Whether the same exchange may go better later, nothing else changed.
  public var isTransient: Bool {
    switch code {
    case .invalidRequest, .responseTooLarge, .decoding, .tls, .protocolError: false
    default: true
    }
  }

  /// The failure on one line.
  public var description: String { "\(code) (\(phase.rawValue)): \(message)" }
}
