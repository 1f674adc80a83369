/// What a handler answers.
public struct ServerResponse: Sendable {
  /// What becomes of the answer once it is made.
  public enum Delivery: Sendable {
    /// It is sent.
    case normal
    /// The connection is closed without a byte of an answer, as when a server dies after its work.
    case dropConnection
  }

  /// The status code, 200 to 599.
  public var status: Int
  /// The headers; `Content-Length` and `Date` are added by the server.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: [UInt8]
  /// Whether the answer is sent at all.
  public var delivery: Delivery
  /// How long the server waits before it sends or drops.
  public var delay: Duration

  /// An answer.
  public init(
    status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    delivery: Delivery = .normal, delay: Duration = .zero
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.delivery = delivery
    self.delay = delay
  }

  /// An answer whose body is plain text.
  public static func text(_ text: String, status: Int = 200) -> ServerResponse {
    ServerResponse(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
  }

  /// An answer whose body is JSON that is already written.
  public static func json(_ body: [UInt8], status: Int = 200) -> ServerResponse {
    ServerResponse(status: status, headers: [("Content-Type", "application/json; charset=utf-8")], body: body)
  }
}
