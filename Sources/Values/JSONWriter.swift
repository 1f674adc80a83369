extension Value {
  /// The value as JSON text: no white space, numbers with the digits they came with, keys in their order.
  ///
  /// Timestamps are RFC 3339 texts, durations such as `90s`, bytes are base64 (as Protocol Buffers' JSON mapping has them),
  /// types are their names. A double that JSON cannot write (infinity, NaN) becomes null.
  public func jsonBytes(sortedKeys: Bool = false) -> [UInt8] {
    var buffer = ByteBuffer(capacity: 512)
    buffer.appendJSON(self, sortedKeys: sortedKeys)
    return buffer.takeBytes()
  }

  /// The value as JSON text; see ``jsonBytes(sortedKeys:)``.
  public func json(sortedKeys: Bool = false) -> String {
    var buffer = ByteBuffer(capacity: 512)
    buffer.appendJSON(self, sortedKeys: sortedKeys)
    return buffer.takeString()
  }
}

extension ByteBuffer {
  /// Writes a value as JSON; see ``Value/jsonBytes(sortedKeys:)``.
  public mutating func appendJSON(_ value: Value, sortedKeys: Bool = false) {
    switch value {
    case .null: append(word: 0x6C6C_756E, length: 4)
    case .bool(true): append(word: 0x6575_7274, length: 4)
    case .bool(false): append(word: 0x65_736C_6166, length: 5)
    case .int(let number): appendInteger(number)
    case .uint(let number): appendMagnitude(number)
    case .double(let number): append(number.isFinite ? number.description : "null")
    case .decimal(let number): appendDecimal(number)
    case .string(let text): appendJSONString(text)
    case .bytes(let bytes): appendBase64String(bytes)
    case .timestamp(let time): appendJSONString(time.description)
    case .duration(let span): appendJSONString(span.description)
    case .type(let name): appendJSONString(name)
    case .list(let items):
      append(0x5B)
      var isFirst = true
      for item in items {
        if !isFirst { append(0x2C) }
        isFirst = false
        appendJSON(item, sortedKeys: sortedKeys)
      }
      append(0x5D)
    case .map(let map): appendMap(map, sortedKeys: sortedKeys)
    }
  }

  private mutating func appendMap(_ map: ValueMap, sortedKeys: Bool) {
    let shape = map.shape
    append(0x7B)
    for place in 0..<shape.count {
      if place > 0 { append(0x2C) }
      let slot = sortedKeys ? shape.sortedSlots[place] : place
      let start = shape.encodedOffsets[slot]
      let length = shape.encodedOffsets[slot + 1] - start
      shape.encodedKeys.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress { append(base + start, length) }
      }
      appendJSON(map.values[slot], sortedKeys: sortedKeys)
    }
    append(0x7D)
  }

  /// Writes a short word given as its bytes in little-endian order.
  private mutating func append(word: UInt64, length: Int) {
    let place = reserve(8)
    UnsafeMutableRawPointer(place).storeBytes(of: word.littleEndian, as: UInt64.self)
    advance(by: length)
  }

  /// Writes a whole number.
  public mutating func appendInteger(_ number: Int64) {
    if number < 0 { append(0x2D) }
    appendMagnitude(number.magnitude)
  }

  private mutating func appendMagnitude(_ number: UInt64) {
    let digits = number.decimalDigitCount
    writeDigits(number, to: reserve(20), count: digits)
    advance(by: digits)
  }

  private mutating func appendDecimal(_ number: Decimal) {
    guard case .compact(let coefficient, let places) = number.storage else {
      append(number.description)
      return
    }
    if coefficient < 0 { append(0x2D) }
    let magnitude = coefficient.magnitude
    guard places > 0 else {
      appendMagnitude(magnitude)
      return
    }
    let scale = Int(places)
    let digits = max(magnitude.decimalDigitCount, scale + 1)
    let place = reserve(digits + 1)
    writeDigits(magnitude, to: place, count: digits)
    var at = digits
    while at > digits - scale {
      place[at] = place[at - 1]
      at -= 1
    }
    place[at] = 0x2E
    advance(by: digits + 1)
  }

  /// Writes a text in quotes, escaped as RFC 8259 section 7 demands and no more.
  public mutating func appendJSONString(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let length = bytes.count
      let place = reserve(length + 2)
      place[0] = 0x22
      guard let source = bytes.baseAddress, length > 0 else {
        place[1] = 0x22
        advance(by: 2)
        return
      }
      if !needsEscape(source, length) {
        (place + 1).update(from: source, count: length)
        place[length + 1] = 0x22
        advance(by: length + 2)
      } else {
        advance(by: 1)
        appendEscaped(bytes)
        append(0x22)
      }
    }
  }

  /// Writes a text with its escapes: the runs between them are copied whole.
  private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    var start = 0
    for at in 0..<bytes.count {
      let byte = base[at]
      if byte >= 0x20, byte != 0x22, byte != 0x5C { continue }
      if at > start { append(base + start, at - start) }
      start = at + 1
      appendEscape(byte)
    }
    if bytes.count > start { append(base + start, bytes.count - start) }
  }

  private mutating func appendEscape(_ byte: UInt8) {
    let place = reserve(6)
    place[0] = 0x5C
    switch byte {
    case 0x22, 0x5C: place[1] = byte
    case 0x0A: place[1] = 0x6E
    case 0x0D: place[1] = 0x72
    case 0x09: place[1] = 0x74
    case 0x08: place[1] = 0x62
    case 0x0C: place[1] = 0x66
    default:
      place[1] = 0x75
      place[2] = 0x30
      place[3] = 0x30
      place[4] = hexDigits[Int(byte >> 4)]
      place[5] = hexDigits[Int(byte & 15)]
      advance(by: 6)
      return
    }
    advance(by: 2)
  }

  private mutating func appendBase64String(_ bytes: [UInt8]) {
    append(0x22)
    var at = 0
    while at < bytes.count {
      let a = bytes[at]
      let b = at + 1 < bytes.count ? bytes[at + 1] : 0
      let c = at + 2 < bytes.count ? bytes[at + 2] : 0
      append(base64Digits[Int(a >> 2)])
      append(base64Digits[Int((a & 3) << 4 | b >> 4)])
      append(at + 1 < bytes.count ? base64Digits[Int((b & 15) << 2 | c >> 6)] : 0x3D)
      append(at + 2 < bytes.count ? base64Digits[Int(c & 63)] : 0x3D)
      at += 3
    }
    append(0x22)
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)
private let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// True where a byte is a quote, a backslash or below 0x20; looks at eight bytes at a time.
///
/// The bit tricks are haszero and hasless of Sean Eron Anderson, "Bit Twiddling Hacks".
@inline(__always)
private func needsEscape(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  var at = 0
  while at + 8 <= length {
    let word = UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self)
    let quote = word ^ (ones &* 0x22)
    let slash = word ^ (ones &* 0x5C)
    let found = ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash)
    if found & highs != 0 { return true }
    at += 8
  }
  while at < length {
    let byte = bytes[at]
    if byte < 0x20 || byte == 0x22 || byte == 0x5C { return true }
    at += 1
  }
  return false
}

@inline(__always)
private func writeDigits(_ number: UInt64, to place: UnsafeMutablePointer<UInt8>, count: Int) {
  var rest = number
  var at = count
  while at > 0 {
    at -= 1
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    place[at] = 0x30 + UInt8(truncatingIfNeeded: digit)
    rest = quotient
  }
}

extension UInt64 {
  @inline(__always)
  fileprivate var decimalDigitCount: Int {
    var count = 1
    var bound: UInt64 = 10
    while count < 20, self >= bound {
      count += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    return count
  }
}
