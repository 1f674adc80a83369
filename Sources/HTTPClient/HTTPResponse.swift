/// A whole response, whatever its status.
public struct HTTPResponse: Sendable {
  /// The status code, 200 to 999.
  public var status: Int
  /// The header fields in the order received; trailers are left out.
  public var headers: [HTTPHeader]
  /// The body, decompressed.
  public var body: [UInt8]
  /// The time from handing the request over to having the whole response.
  public var duration: Duration
  /// The protocol's version: `1.0`, `1.1` or `2`.
  public var httpVersion: String

  /// Creates a response.
  public init(status: Int, headers: [HTTPHeader], body: [UInt8], duration: Duration, httpVersion: String) {
    self.status = status
    self.headers = headers
    self.body = body
    self.duration = duration
    self.httpVersion = httpVersion
  }

  /// Returns the value of the first field named `name`, case aside.
  public func header(_ name: String) -> String? {
    headers.first { $0.isNamed(name) }?.value
  }
}
