/// One request, as it will be sent: nothing is added to its meaning and no redirect is followed.
///
/// `Host`, `Content-Length`, `User-Agent`, `Accept` and `Accept-Encoding` are filled in; of these `Content-Length` may not be
/// given by the caller, the others may.
public struct HTTPRequest: Sendable {
  /// The method, in the capitals it is sent with.
  public var method: String
  /// The absolute `http` or `https` URL, already percent-encoded; its path is sent byte for byte.
  public var url: String
  /// The header fields, sent in this order.
  public var headers: [HTTPHeader]
  /// The body, sent with its length; `nil` sends none.
  public var body: [UInt8]?
  /// How long resolving the name, connecting and the TLS handshake may take together.
  public var connectTimeout: Duration
  /// How long the whole exchange may take, the wait for a free connection included.
  public var totalTimeout: Duration
  /// How long a response body may be, counted after decompression.
  public var maximumResponseBytes: Int
  /// Own authorities and client certificate; `nil` trusts the system's authorities and shows no certificate.
  public var tls: TLSSettings?
  /// The proxy as `http://host:port`; `nil` connects directly whatever the environment says.
  public var proxy: String?

  /// Creates a request.
  public init(
    method: String = "GET",
    url: String,
    headers: [HTTPHeader] = [],
    body: [UInt8]? = nil,
    connectTimeout: Duration = .seconds(10),
    totalTimeout: Duration = .seconds(60),
    maximumResponseBytes: Int = 32 << 20,
    tls: TLSSettings? = nil,
    proxy: String? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.connectTimeout = connectTimeout
    self.totalTimeout = totalTimeout
    self.maximumResponseBytes = maximumResponseBytes
    self.tls = tls
    self.proxy = proxy
  }
}
