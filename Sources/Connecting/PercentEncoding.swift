import Values

/// Percent-encoding of RFC 3986.
enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The text with every byte but the unreserved ones as `%XX`: right for a segment of a path, a query and a form.
  static func encode(_ text: String) -> String {
    if text.utf8.allSatisfy({ isUnreserved($0) }) { return text }
    var buffer = ByteBuffer(capacity: text.utf8.count * 2)
    append(text, to: &buffer)
    return buffer.takeString()
  }

  static func append(_ text: String, to buffer: inout ByteBuffer) {
    for byte in text.utf8 {
      if isUnreserved(byte) { buffer.append(byte) } else { appendEscape(byte, to: &buffer) }
    }
  }

  /// The text with the bytes escaped that no address may hold; what has a meaning in one stays.
  static func encodeLiteral(_ text: String) -> String {
    var buffer = ByteBuffer(capacity: text.utf8.count + 16)
    for byte in text.utf8 {
      switch byte {
      case ...0x20, 0x7F..., 0x22, 0x23, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B, 0x7C, 0x7D: appendEscape(byte, to: &buffer)
      default: buffer.append(byte)
      }
    }
    return buffer.takeString()
  }

  /// `name=value&name=value`, encoded.
  static func append(_ fields: [NamedText], to buffer: inout ByteBuffer) {
    var isFirst = true
    for field in fields {
      if !isFirst { buffer.append(0x26) }
      isFirst = false
      append(field.name, to: &buffer)
      buffer.append(0x3D)
      append(field.value, to: &buffer)
    }
  }

  @inline(__always)
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  private static func appendEscape(_ byte: UInt8, to buffer: inout ByteBuffer) {
    buffer.append(0x25)
    buffer.append(digits[Int(byte >> 4)])
    buffer.append(digits[Int(byte & 15)])
  }
}
