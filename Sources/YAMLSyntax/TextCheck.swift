/// The one pass over a file's bytes before libyaml sees them.
///
/// YAML 1.2 forbids control characters. Beyond that, a lone carriage return and U+0085, U+2028 and U+2029 are
/// refused: they end a line for YAML 1.1 (and libyaml) but not for editors or YAML 1.2, so lines would be counted
/// differently by each.
struct TextCheck {
  enum Problem: Equatable {
    case invalidUTF8(Int)
    case forbidden(Int, UInt32, length: Int)
  }

  private(set) var isASCII = true
  private(set) var problems: [Problem] = []

  /// Checks the bytes from an offset on; stops at the first byte that is no UTF-8, and after `limit` forbidden
  /// characters.
  init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int) {
    var offset = start
    while offset < bytes.count, problems.count < limit {
      let byte = bytes[offset]
      if byte >= 0x20, byte < 0x7F {
        offset += 1
      } else if byte < 0x80 {
        if !Self.isAllowedControl(byte, in: bytes, at: offset) {
          problems.append(.forbidden(offset, UInt32(byte), length: 1))
        }
        offset += 1
      } else {
        isASCII = false
        guard let (scalar, length) = Self.decode(bytes, at: offset) else {
          problems.append(.invalidUTF8(offset))
          return
        }
        if Self.isForbidden(scalar) { problems.append(.forbidden(offset, scalar, length: length)) }
        offset += length
      }
    }
  }

  private static func isAllowedControl(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
    switch byte {
    case 0x09, 0x0A: true
    case 0x0D: offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
    default: false
    }
  }

  private static func isForbidden(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  /// Returns the character of two to four bytes at an offset, if it is well formed (Unicode, table 3-7).
  private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> (scalar: UInt32, length: Int)? {
    let first = bytes[offset]
    let length: Int
    var scalar: UInt32
    switch first {
    case 0xC2...0xDF: (length, scalar) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, scalar) = (3, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, scalar) = (4, UInt32(first & 0x07))
    default: return nil
    }
    guard offset + length <= bytes.count else { return nil }
    for place in offset + 1..<offset + length {
      guard bytes[place] & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(bytes[place] & 0x3F)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard scalar >= smallest, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else { return nil }
    return (scalar, length)
  }
}
