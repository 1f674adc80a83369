/// An address of the Internet Protocol, version 4 or 6 (RFC 791, RFC 4291), without a zone.
struct NetworkAddress: Sendable, Hashable {
  /// 4 bytes, or 16.
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// How many bits an address of the version has.
  var width: Int { bytes.count * 8 }
  var family: Int64 { bytes.count == 4 ? 4 : 6 }

  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes[15] == 1 && bytes[..<15].allSatisfy { $0 == 0 }
  }
  var isMulticast: Bool { bytes.count == 4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF }
  var isLinkLocalMulticast: Bool {
    bytes.count == 4 ? bytes.starts(with: [224, 0, 0]) : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
  }
  var isLinkLocalUnicast: Bool {
    bytes.count == 4 ? bytes.starts(with: [169, 254]) : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }
  /// Neither for the own machine or link, nor for many; a private address is one.
  var isGlobalUnicast: Bool {
    let isBroadcast = bytes == [255, 255, 255, 255]
    return !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast && !isBroadcast
  }

  /// The address with all bits behind the first so many set to zero.
  func masked(_ bits: Int) -> NetworkAddress {
    NetworkAddress(
      bytes: bytes.enumerated().map { place, byte in
        byte & ~UInt8(truncatingIfNeeded: 0xFF >> max(0, min(8, bits - place * 8)))
      })
  }
}

// MARK: - Reading

/// Why a text names no address.
enum NetworkAddressError: Error {
  case malformed
  case zone
  /// An IPv4 address in the last bytes of an IPv6 one, written with dots.
  case mapped

  var message: String {
    switch self {
    case .malformed: "is not an IP address"
    case .zone: "has a zone, which is not allowed"
    case .mapped: "is an IPv4 address in an IPv6 one, which is not allowed; write the IPv4 address"
    }
  }
}

extension NetworkAddress {
  /// The address of a text, as `192.168.0.1` or `2001:db8::68`.
  ///
  /// An IPv4 address within IPv6 (`::ffff:c0a8:1`) is that IPv4 address, and refused where it is written with dots, as the
  /// language's conformance cases have it.
  init(_ text: String) throws(NetworkAddressError) {
    let letters = Array(text.utf8.prefix(80))
    guard letters.contains(0x3A) else {
      guard let bytes = NetworkAddress.version4(letters[...]) else { throw .malformed }
      self.bytes = bytes
      return
    }
    if letters.contains(0x25) { throw .zone }
    guard let bytes = NetworkAddress.version6(letters) else { throw .malformed }
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    if isMapped, letters.contains(0x2E) { throw .mapped }
    self.bytes = isMapped ? Array(bytes[12...]) : bytes
  }

  private static func version4(_ letters: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = letters.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard let number = decimal(part), let byte = UInt8(exactly: number) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// A number of one to three digits without leading zeros.
  static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...3).contains(digits.count), digits.allSatisfy(\.isDigit), digits.count == 1 || digits.first != 0x30 else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func version6(_ letters: [UInt8]) -> [UInt8]? {
    var head: [UInt8] = []
    var tail: [UInt8]?
    var at = 0
    if letters.starts(with: [0x3A, 0x3A]) {
      tail = []
      at = 2
    }
    while at < letters.count {
      let group = letters[at...].prefix { $0.isHexDigit }
      let end = at + group.count
      var bytes: [UInt8]
      if end < letters.count, letters[end] == 0x2E {
        guard let inner = version4(letters[at...]) else { return nil }
        bytes = inner
        at = letters.count
      } else {
        guard (1...4).contains(group.count), let number = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
        else {
          return nil
        }
        bytes = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        at = end
      }
      if tail == nil { head += bytes } else { tail? += bytes }
      guard head.count + (tail?.count ?? 0) <= 16 else { return nil }
      guard at < letters.count else { break }
      guard letters[at] == 0x3A, at + 1 < letters.count else { return nil }
      at += 1
      if letters[at] == 0x3A {
        guard tail == nil else { return nil }
        tail = []
        at += 1
      }
    }
    guard let tail else { return head.count == 16 ? head : nil }
    guard head.count + tail.count < 16 else { return nil }
    return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
  }
}

// MARK: - Writing

extension NetworkAddress: CustomStringConvertible {
  /// The address as RFC 5952 writes it: lower case, the longest run of zeros left out.
  var description: String {
    if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    var gap = 0..<0
    var at = 0
    while at < groups.count {
      let zeros = groups[at...].prefix { $0 == 0 }.count
      if zeros > max(gap.count, 1) { gap = at..<at + zeros }
      at += max(zeros, 1)
    }
    let texts = groups.map { String($0, radix: 16) }
    if gap.isEmpty { return texts.joined(separator: ":") }
    return texts[..<gap.lowerBound].joined(separator: ":") + "::" + texts[gap.upperBound...].joined(separator: ":")
  }
}

/// A range of addresses that start with the same bits, as `10.0.0.0/8` (RFC 4632).
struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
  let address: NetworkAddress
  let bits: Int

  init(address: NetworkAddress, bits: Int) {
    self.address = address
    self.bits = bits
  }

  /// The range of a text.
  init(_ text: String) throws(NetworkAddressError) {
    let letters = Array(text.utf8.prefix(100))
    guard let slash = letters.lastIndex(of: 0x2F) else { throw .malformed }
    let address = try NetworkAddress(String(decoding: letters[..<slash], as: UTF8.self))
    guard let bits = NetworkAddress.decimal(letters[(slash + 1)...]), bits <= address.width else { throw .malformed }
    self.init(address: address, bits: bits)
  }

  var masked: NetworkRange { NetworkRange(address: address.masked(bits), bits: bits) }

  func contains(_ other: NetworkAddress) -> Bool {
    other.width == address.width && other.masked(bits) == address.masked(bits)
  }

  func contains(_ other: NetworkRange) -> Bool { bits <= other.bits && contains(other.address) }

  var description: String { "\(address)/\(bits)" }
}
