/// One request as it arrived, whole.
public struct ServerRequest: Sendable {
  /// The method as it was sent: `GET`, `POST`, ...
  public var method: String
  /// The path and query as they were sent, still percent-encoded.
  public var target: String
  /// The path with its percent-encoding undone, without the query.
  public var path: String
  /// The parameters of the query in their order, decoded; a parameter without `=` has an empty value.
  public var query: [(name: String, value: String)]
  /// The headers in their order.
  public var headers: [(name: String, value: String)]
  /// The body, without transfer coding.
  public var body: [UInt8]

  /// A request to `target`, whose path and query are taken apart here.
  public init(method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    var target = target
    (path, query) = target.withUTF8 { bytes in
      guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else {
        return (FormCoding.decode(bytes[...], plusIsSpace: false), [])
      }
      return (
        FormCoding.decode(bytes[..<mark], plusIsSpace: false),
        FormCoding.parameters(bytes[(mark + 1)...])
      )
    }
  }

  /// The first value of a header, whatever the case of its name.
  public func header(_ name: String) -> String? {
    headers.first { FormCoding.equalIgnoringCase($0.name, name) }?.value
  }

  /// The first value of a parameter of the query.
  public func parameter(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The fields of a body in the form `application/x-www-form-urlencoded`, in their order, decoded.
  public func form() -> [(name: String, value: String)] {
    body.withUnsafeBufferPointer { FormCoding.parameters($0[...]) }
  }
}
