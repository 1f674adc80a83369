extension HTTPRequest {
  /// Checks what libcurl would pass on or misread: line breaks in fields, framing given by hand, foreign protocols.
  ///
  /// - Throws: a failure with the code `invalidRequest`; its text names the field and never its value.
  func check() throws(HTTPFailure) {
    guard isToken(method.utf8) else { throw .invalid("the method is not an HTTP token") }
    if method == "HEAD", body != nil { throw .invalid("a HEAD request has no body") }
    guard maximumResponseBytes >= 0 else { throw .invalid("the response limit is negative") }
    try checkURL()
    for header in headers { try Self.check(header) }
    if let proxy {
      guard isVisible(proxy.utf8), splitURL(proxy)?.scheme == "http" else {
        throw .invalid("the proxy is not of the form http://host:port")
      }
    }
    for path in [tls?.certificateAuthorityFile, tls?.clientCertificateFile, tls?.clientKeyFile] {
      // A C string would end at the zero byte and name another file.
      if let path, path.isEmpty || path.utf8.contains(0) { throw .invalid("a TLS file has no usable path") }
    }
  }

  /// Returns the scheme and authority, the part of the URL that decides which connections can serve it.
  var origin: String {
    guard let parts = splitURL(url) else { return url }
    return String(url[..<parts.authority.endIndex])
  }

  private func checkURL() throws(HTTPFailure) {
    guard isVisible(url.utf8) else {
      throw .invalid("the URL holds a space, a control or a non-ASCII character; percent-encode it")
    }
    guard let parts = splitURL(url) else { throw .invalid("the URL is not absolute") }
    guard parts.scheme == "http" || parts.scheme == "https" else {
      throw .invalid("the URL's scheme is neither http nor https")
    }
    guard !parts.authority.isEmpty else { throw .invalid("the URL has no host") }
    guard !parts.authority.utf8.contains(UInt8(ascii: "@")) else {
      throw .invalid("the URL holds credentials; send them in a header")
    }
    guard !parts.authority.utf8.contains(UInt8(ascii: "\\")) else { throw .invalid("the URL's host is malformed") }
  }

  private static func check(_ header: HTTPHeader) throws(HTTPFailure) {
    guard isToken(header.name.utf8) else { throw .invalid("a header's name is not an HTTP token") }
    // Tab is the one control character a value may hold.
    guard !header.value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else {
      throw .invalid("the value of header '\(header.name)' holds a control character")
    }
    for framing in ["Content-Length", "Transfer-Encoding", "Expect"] where header.isNamed(framing) {
      throw .invalid("header '\(framing)' is set by the client itself")
    }
  }
}

extension HTTPFailure {
  fileprivate static func invalid(_ message: String) -> HTTPFailure {
    HTTPFailure(code: .invalidRequest, phase: .notSent, message: message)
  }
}

private func splitURL(_ url: String) -> (scheme: String, authority: Substring)? {
  let bytes = url.utf8
  guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
  guard bytes[colon...].starts(with: "://".utf8) else { return nil }
  let start = bytes.index(colon, offsetBy: 3)
  let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
  return (url[..<colon].lowercased(), url[start..<(end ?? bytes.endIndex)])
}

private func isVisible(_ bytes: String.UTF8View) -> Bool {
  !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}

private func isToken(_ bytes: String.UTF8View) -> Bool {
  !bytes.isEmpty
    && bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
        UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
      default:
        false
      }
    }
}
