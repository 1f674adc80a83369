private let lowerHex = Array("0123456789abcdef".utf8)

/// Bytes as text: two lower-case hexadecimal digits each (RFC 4648, section 8).
public func hex(_ bytes: some Sequence<UInt8>) -> String {
  var text: [UInt8] = []
  for byte in bytes {
    text.append(lowerHex[Int(byte >> 4)])
    text.append(lowerHex[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes a hexadecimal text stands for; nil for any other text.
public func bytes(hex text: String) -> [UInt8]? {
  let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
  guard digits.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  for at in stride(from: 0, to: digits.count, by: 2) {
    guard let high = digits[at], let low = digits[at + 1] else { return nil }
    bytes.append(UInt8(high << 4 | low))
  }
  return bytes
}

private let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Bytes as text in base64 with padding (RFC 4648, section 4).
public func base64(_ bytes: [UInt8]) -> String {
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for at in stride(from: 0, to: bytes.count, by: 3) {
    let a = bytes[at]
    let b = at + 1 < bytes.count ? bytes[at + 1] : 0
    let c = at + 2 < bytes.count ? bytes[at + 2] : 0
    text.append(base64Digits[Int(a >> 2)])
    text.append(base64Digits[Int((a & 3) << 4 | b >> 4)])
    text.append(at + 1 < bytes.count ? base64Digits[Int((b & 15) << 2 | c >> 6)] : 0x3D)
    text.append(at + 2 < bytes.count ? base64Digits[Int(c & 63)] : 0x3D)
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes a base64 text stands for, with or without padding, in the standard or the URL-safe alphabet; nil for any
/// other text.
public func bytes(base64 text: String) -> [UInt8]? {
  var digits = text.utf8[...]
  while digits.last == 0x3D, digits.count > text.utf8.count - 2 { digits = digits.dropLast() }
  guard digits.count % 4 != 1 else { return nil }
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var count = 0
  for digit in digits {
    let value: UInt8
    switch digit {
    case 0x41...0x5A: value = digit - 0x41
    case 0x61...0x7A: value = digit - 0x47
    case 0x30...0x39: value = digit + 4
    case 0x2B, 0x2D: value = 62
    case 0x2F, 0x5F: value = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
  }
  return bytes
}

private let base32Digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

/// Bytes as lower-case text in base32 without padding (RFC 4648, section 6).
public func base32(_ bytes: some Sequence<UInt8>) -> String {
  var text: [UInt8] = []
  var bits: UInt32 = 0
  var count: UInt32 = 0
  for byte in bytes {
    bits = bits << 8 | UInt32(byte)
    count += 8
    while count >= 5 {
      count -= 5
      text.append(base32Digits[Int(bits >> count & 31)])
    }
  }
  if count > 0 { text.append(base32Digits[Int(bits << (5 - count) & 31)]) }
  return String(decoding: text, as: UTF8.self)
}
