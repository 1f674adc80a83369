import Digests
import Values

extension Functions {
  static let encodings: [Function] =
    [
      Function(
        "base64.encode", .global, ["base64.encode(bytes|string) -> string"],
        "The bytes, or a text's UTF-8 bytes, in base64.",
        example: "base64.encode(b\"hub\")"
      ) { (value: Value, frame: inout Frame) throws(Failure) in .string(base64(try input(value, &frame))) },
      Function(
        "base64.decode", .global, ["base64.decode(string) -> bytes"], "The bytes a base64 text stands for.",
        example: "base64.decode(\"aHVi\")", one: decodeBase64),
      Function(
        "hex", .global, ["hex(bytes|string) -> string"], "The bytes in lower-case hexadecimal digits.",
        example: "hex(md5(record.body))"
      ) { (value: Value, frame: inout Frame) throws(Failure) in .string(Digests.hex(try input(value, &frame))) },
      Function(
        "urlEncode", .global, ["urlEncode(string) -> string"],
        "The text with every byte but RFC 3986's unreserved characters as %XX.", example: "urlEncode(record.name)",
        one: urlEncode),
      Function(
        "json", .global, ["json(dyn) -> string"], "The value as JSON text, maps in their order.",
        example: "json(record.items)",
        one: json),
      Function(
        "parseJson", .global, ["parseJson(string) -> dyn"], "The value a JSON text stands for.",
        example: "parseJson(record.extra).color", one: parseJSON),
      Function(
        "hmac", .global, arity: 3...3, ["hmac(string, bytes|string, bytes|string) -> bytes"],
        "The keyed digest of bytes or a text: name is md5, sha1, sha256 or sha512.",
        example: "hex(hmac(\"sha256\", \"key\", record.body))", many: hmac),
    ] + HashFunction.allCases.map(digest)

  /// The bytes of bytes or of a text.
  private static func input(_ value: Value, _ frame: inout Frame) throws(Failure) -> [UInt8] {
    switch value {
    case .bytes(let bytes):
      try frame.charge(text: bytes.count)
      return bytes
    case .string(let text):
      try frame.charge(text: text.utf8.count)
      return Array(text.utf8)
    default: throw Failure.noOverload
    }
  }

  private static func digest(_ function: HashFunction) -> Function {
    let name = function.rawValue
    return Function(
      name, .global, ["\(name)(bytes|string) -> bytes"],
      "The \(name.uppercased()) digest of bytes or of a text's UTF-8 bytes.",
      example: "hex(\(name)(record.body))"
    ) { (value: Value, frame: inout Frame) throws(Failure) in .bytes(function.digest(try input(value, &frame))) }
  }

  private static func hmac(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let name) = arguments[0] else { throw Failure.noOverload }
    guard let function = HashFunction(rawValue: name) else {
      throw Failure.invalid("\(arguments[0].excerpt) is not a digest", help: "write md5, sha1, sha256 or sha512")
    }
    let key = try input(arguments[1], &frame)
    return .bytes(function.authenticationCode(try input(arguments[2], &frame), key: key))
  }

  private static func decodeBase64(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = value else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count)
    guard let decoded = Digests.bytes(base64: text) else { throw Failure.invalid("the text is not base64") }
    return .bytes(decoded)
  }

  private static func urlEncode(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = value else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count * 3)
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      if byte.isNamePart || byte == 0x2D || byte == 0x2E || byte == 0x7E {
        result.append(byte)
      } else {
        result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return .string(String(decoding: result, as: UTF8.self))
  }

  private static func json(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    try frame.charge(weightOf: value)
    if let number = value.unwritableNumber { throw Failure.overflow(number.message) }
    let text = value.json()
    try frame.charge(text: text.utf8.count)
    return .string(text)
  }

  private static func parseJSON(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = value else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count * 4)
    do throws(JSONError) {
      return try Value(json: text)
    } catch {
      throw Failure.invalid("the text is not JSON: \(error)")
    }
  }
}
