/// Percent-encoding, as paths, queries and form bodies use it.
enum FormCoding {
  typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  /// More fields than this in one query or form are left out: nobody sends them in good faith.
  static let maximumParameters = 1_000

  /// The fields of `a=1&b=2`, decoded; empty parts between two `&` are skipped.
  static func parameters(_ bytes: Bytes) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for part in bytes.split(separator: UInt8(ascii: "&"), maxSplits: maximumParameters).prefix(maximumParameters) {
      if let mark = part.firstIndex(of: UInt8(ascii: "=")) {
        let name = decode(part[..<mark], plusIsSpace: true)
        fields.append((name, decode(part[(mark + 1)...], plusIsSpace: true)))
      } else {
        fields.append((decode(part, plusIsSpace: true), ""))
      }
    }
    return fields
  }

  /// The text behind an encoding; a `%` without two hexadecimal digits stands for itself, as in browsers.
  static func decode(_ bytes: Bytes, plusIsSpace: Bool) -> String {
    let percent = UInt8(ascii: "%")
    let plus = UInt8(ascii: "+")
    guard bytes.contains(where: { $0 == percent || (plusIsSpace && $0 == plus) }) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    return String(decoding: unescaped(bytes, plusIsSpace: plusIsSpace), as: UTF8.self)
  }

  private static func unescaped(_ bytes: Bytes, plusIsSpace: Bool) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let byte = bytes[at]
      if byte == UInt8(ascii: "%"), at + 2 < bytes.endIndex, let high = digit(bytes[at + 1]),
        let low = digit(bytes[at + 2])
      {
        result.append(high << 4 | low)
        at += 3
      } else {
        result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        at += 1
      }
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  /// True where two header names are the same but for the case of ASCII letters.
  static func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
    let left = left.utf8
    let right = right.utf8
    return left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
