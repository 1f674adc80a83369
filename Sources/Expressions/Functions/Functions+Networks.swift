import Values

extension Functions {
  /// CEL's network library (its reference implementation, `ext/network`).
  ///
  /// Addresses and ranges exist only while an expression is evaluated; what leaves it is their text.
  static let networks: [Function] = [
    Function(
      "ip", .both, ["ip(string) -> dyn", "dyn.ip() -> dyn"],
      "The IP address a text names, or the address a range was written with.",
      example: "string(ip(\"2001:DB8::1\"))"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      if let range = value.networkRange { return Optionals.address(range.address) }
      return Optionals.address(try address(ofText: value))
    },
    Function(
      "isIP", .global, ["isIP(string) -> bool"], "Whether a text names an IP address.", example: "isIP(\"10.0.0.256\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      guard case .string(let text) = value else { throw Failure.noOverload }
      return .bool((try? NetworkAddress(text)) != nil)  // That it is none is the answer.
    },
    Function(
      "ip.isCanonical", .global, ["ip.isCanonical(string) -> bool"],
      "Whether an IP address is written as RFC 5952 has it; an error where the text names none.",
      example: "ip.isCanonical(\"2001:DB8::1\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      .bool(.string(try address(ofText: value).description) == value)
    },
    Function(
      "cidr", .global, ["cidr(string) -> dyn"], "The range of IP addresses a text names.",
      example: "cidr(\"10.0.0.0/8\").containsIP(\"10.1.2.3\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in Optionals.range(try range(ofText: value)) },
    Function(
      "isCIDR", .global, ["isCIDR(string) -> bool"], "Whether a text names a range of IP addresses.",
      example: "isCIDR(\"10.0.0.0/33\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      guard case .string(let text) = value else { throw Failure.noOverload }
      return .bool((try? NetworkRange(text)) != nil)  // That it is none is the answer.
    },
    Function(
      "containsIP", .member, ["dyn.containsIP(string) -> bool", "dyn.containsIP(dyn) -> bool"],
      "Whether a range has an address in it.", example: "cidr(\"192.168.0.0/24\").containsIP(\"192.168.1.1\")"
    ) { (value: Value, other: Value, _: inout Frame) throws(Failure) in
      let range = try range(value)
      if let address = other.networkAddress { return .bool(range.contains(address)) }
      return .bool(range.contains(try address(ofText: other)))
    },
    Function(
      "containsCIDR", .member, ["dyn.containsCIDR(string) -> bool", "dyn.containsCIDR(dyn) -> bool"],
      "Whether a range has all of another in it.", example: "cidr(\"10.0.0.0/8\").containsCIDR(\"10.1.0.0/16\")"
    ) { (value: Value, other: Value, _: inout Frame) throws(Failure) in
      let range = try range(value)
      if let other = other.networkRange { return .bool(range.contains(other)) }
      return .bool(range.contains(try Functions.range(ofText: other)))
    },
    Function(
      "masked", .member, ["dyn.masked() -> dyn"], "A range with the bits behind its prefix set to zero.",
      example: "string(cidr(\"10.1.2.3/8\").masked())"
    ) { (value: Value, _: inout Frame) throws(Failure) in Optionals.range(try range(value).masked) },
    Function(
      "isMask", .member, ["dyn.isMask() -> bool"], "Whether a range was written without bits behind its prefix.",
      example: "cidr(\"10.1.2.3/8\").isMask()"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      let range = try range(value)
      return .bool(range == range.masked)
    },
    Function(
      "prefixLength", .member, ["dyn.prefixLength() -> int"], "How many bits all addresses of a range start with.",
      example: "cidr(\"10.0.0.0/8\").prefixLength()"
    ) { (value: Value, _: inout Frame) throws(Failure) in .int(Int64(try range(value).bits)) },
    Function(
      "family", .member, ["dyn.family() -> int"], "The version of an address: 4 or 6.",
      example: "ip(\"::1\").family()"
    ) { (value: Value, _: inout Frame) throws(Failure) in .int(try address(value).family) },
    test("isUnspecified", "Whether an address is the one that stands for none.", "0.0.0.0") { $0.isUnspecified },
    test("isLoopback", "Whether an address is the own machine's.", "127.0.0.1") { $0.isLoopback },
    test("isGlobalUnicast", "Whether an address is one machine's beyond the own link.", "192.168.0.1") {
      $0.isGlobalUnicast
    },
    test("isLinkLocalMulticast", "Whether an address is for many on the own link.", "224.0.0.1") {
      $0.isLinkLocalMulticast
    },
    test("isLinkLocalUnicast", "Whether an address is one machine's on the own link.", "169.254.1.1") {
      $0.isLinkLocalUnicast
    },
  ]

  static let networkNames = Set(networks.map(\.name))

  private static func test(
    _ name: String, _ summary: String, _ sample: String, _ holds: @escaping @Sendable (NetworkAddress) -> Bool
  ) -> Function {
    Function(name, .member, ["dyn.\(name)() -> bool"], summary, example: "ip(\"\(sample)\").\(name)()") {
      (value: Value, _: inout Frame) throws(Failure) in .bool(holds(try address(value)))
    }
  }

  private static func address(_ value: Value) throws(Failure) -> NetworkAddress {
    if let address = value.networkAddress { return address }
    throw Failure(.noSuchOverload, help: { "an IP address is needed here; write ip(x)" })
  }

  private static func range(_ value: Value) throws(Failure) -> NetworkRange {
    if let range = value.networkRange { return range }
    throw Failure(.noSuchOverload, help: { "a range of IP addresses is needed here; write cidr(x)" })
  }

  private static func address(ofText value: Value) throws(Failure) -> NetworkAddress {
    guard case .string(let text) = value else { throw Failure.noOverload }
    do throws(NetworkAddressError) {
      return try NetworkAddress(text)
    } catch {
      throw Failure.invalid("\(value.excerpt) \(error.message)", help: "write it as in 192.168.0.1 or 2001:db8::1")
    }
  }

  private static func range(ofText value: Value) throws(Failure) -> NetworkRange {
    guard case .string(let text) = value else { throw Failure.noOverload }
    do throws(NetworkAddressError) {
      return try NetworkRange(text)
    } catch {
      let message = error == .malformed ? "is not a range of IP addresses" : error.message
      throw Failure.invalid("\(value.excerpt) \(message)", help: "write it as in 10.0.0.0/8")
    }
  }
}
