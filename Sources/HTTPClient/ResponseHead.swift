/// What the header lines of a response say so far.
///
/// A pure value: libcurl hands over one line after another, and a new status line (after `100 Continue`, or after a repeated
/// request) starts afresh.
struct ResponseHead {
  /// The most bytes of header lines one exchange may bring.
  static let maximumBytes = 256 << 10

  private(set) var headers: [HTTPHeader] = []
  /// Whether the empty line after the fields has come; without it the response is cut off, whatever libcurl says.
  private(set) var isComplete = false
  /// The declared length of the body as it travels, before decompression.
  private(set) var declaredLength: Int?
  /// Whether the body travels in a content encoding.
  private(set) var isEncoded = false
  private var bytes = 0

  /// Takes one line, its line break included, and returns whether the limit still holds.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
    bytes += line.count
    guard bytes <= Self.maximumBytes else { return false }
    let content = trimmed(line[...])
    if line.starts(with: "HTTP/".utf8) {
      headers.removeAll(keepingCapacity: true)
      (isComplete, declaredLength, isEncoded) = (false, nil, false)
    } else if isComplete {
      return true  // A trailer: it came after the body and must not pass for a header.
    } else if content.isEmpty {
      isComplete = true
    } else if let first = line.first, first == 0x20 || first == 0x09 {
      unfold(content)
    } else if let colon = content.firstIndex(of: UInt8(ascii: ":")) {
      add(name: content[..<colon], value: trimmed(content[(colon + 1)...]))
    }
    return true
  }

  private mutating func add(name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>) {
    let header = HTTPHeader(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    if header.isNamed("Content-Length") {
      declaredLength = Int(header.value)
    } else if header.isNamed("Content-Encoding") {
      isEncoded = true
    }
    headers.append(header)
  }

  /// Joins a folded line, which old servers still send, to the field before it.
  private mutating func unfold(_ content: Slice<UnsafeRawBufferPointer>) {
    guard let last = headers.indices.last else { return }
    headers[last].value += " " + String(decoding: content, as: UTF8.self)
  }
}

private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
  guard let first = bytes.firstIndex(where: { !isBlank($0) }),
    let last = bytes.lastIndex(where: { !isBlank($0) })
  else { return bytes[bytes.endIndex...] }
  return bytes[first...last]
}
