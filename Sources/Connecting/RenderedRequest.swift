import Digests
public import Values

/// A request rendered from an API's own part: what a task keeps, so that each attempt sends the same.
///
/// It holds no secret: credentials and signatures are added at each attempt, see ``ConnectorClient``.
public struct RenderedRequest: Sendable, Hashable {
  /// The HTTP method.
  public var method: String
  /// The path below the base URL, percent-encoded; begins with `/`.
  public var path: String
  /// Parameters of the URL, not encoded.
  public var query: [NamedText]
  /// Headers.
  public var headers: [NamedText]
  /// The body, byte for byte; nil where there is none.
  public var body: [UInt8]?

  /// A request of its parts.
  public init(
    method: String, path: String, query: [NamedText] = [], headers: [NamedText] = [], body: [UInt8]? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The request as JSON, for keeping; the body is a text in it and comes back byte for byte.
  ///
  /// A body that is not UTF-8 stands in it in base64.
  public var bytes: [UInt8] {
    var buffer = ByteBuffer(capacity: 256 + (body?.count ?? 0) * 5 / 4)
    buffer.append(#"{"method":"#)
    buffer.appendJSONString(method)
    buffer.append(#","path":"#)
    buffer.appendJSONString(path)
    if !query.isEmpty {
      buffer.append(#","query":"#)
      RenderedRequest.append(query, to: &buffer)
    }
    if !headers.isEmpty {
      buffer.append(#","headers":"#)
      RenderedRequest.append(headers, to: &buffer)
    }
    if let body {
      if let text = body.withUnsafeBufferPointer({ String(checkedUTF8: $0) }) {
        buffer.append(#","body":"#)
        buffer.appendJSONString(text)
      } else {
        buffer.append(#","bodyBase64":"#)
        buffer.appendJSON(.bytes(body))
      }
    }
    buffer.append(0x7D)
    return buffer.takeBytes()
  }

  /// Reads a request back.
  ///
  /// - Throws: ``ConnectingError`` where the bytes are not one; they may have been edited by a person.
  public init(bytes: [UInt8]) throws(ConnectingError) {
    let value: Value
    do throws(JSONError) {
      value = try Value(jsonBytes: bytes, limits: JSONLimits(maximumBytes: .max, maximumDepth: 8))
    } catch {
      throw ConnectingError(.badRequest, "the request that was kept is not JSON: \(error)")
    }
    try self.init(value)
  }

  /// Reads a request back from its JSON; other members are passed over.
  public init(_ value: Value) throws(ConnectingError) {
    guard let method = value["method"]?.stringValue, let path = value["path"]?.stringValue,
      path.hasPrefix("/")
    else {
      throw ConnectingError(.badRequest, "the request that was kept has no method, or no path that begins with '/'")
    }
    self.init(
      method: method, path: path, query: try RenderedRequest.list("query", in: value),
      headers: try RenderedRequest.list("headers", in: value), body: try RenderedRequest.body(in: value))
  }

  private static func append(_ fields: [NamedText], to buffer: inout ByteBuffer) {
    buffer.append(0x5B)
    for (index, field) in fields.enumerated() {
      buffer.append(index == 0 ? "[" : ",[")
      buffer.appendJSONString(field.name)
      buffer.append(0x2C)
      buffer.appendJSONString(field.value)
      buffer.append(0x5D)
    }
    buffer.append(0x5D)
  }

  private static func list(_ name: String, in value: Value) throws(ConnectingError) -> [NamedText] {
    guard let found = value[name] else { return [] }
    var fields: [NamedText] = []
    for item in found.listValue ?? [Value.null] {
      guard let pair = item.listValue, pair.count == 2, let name = pair[0].stringValue, let text = pair[1].stringValue
      else {
        throw ConnectingError(.badRequest, "'\(name)' of the request that was kept is not a list of [name, text] pairs")
      }
      fields.append(NamedText(name, text))
    }
    return fields
  }

  private static func body(in value: Value) throws(ConnectingError) -> [UInt8]? {
    if let encoded = value["bodyBase64"] {
      guard let bytes = encoded.stringValue.flatMap({ Digests.bytes(base64: $0) }) else {
        throw ConnectingError(.badRequest, "'bodyBase64' of the request that was kept is not base64")
      }
      return bytes
    }
    guard let body = value["body"] else { return nil }
    guard let text = body.stringValue else {
      throw ConnectingError(.badRequest, "'body' of the request that was kept is not a text")
    }
    return Array(text.utf8)
  }
}
