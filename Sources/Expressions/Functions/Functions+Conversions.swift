import Values

extension Functions {
  static let conversions: [Function] = [
    Function(
      "int", .global, ["int(int|uint|double|decimal|string|timestamp) -> int"],
      "The whole number; a double loses its fraction, a decimal must not have one, a timestamp gives its seconds.",
      example: "int(record.qty)", one: int),
    Function(
      "uint", .global, ["uint(uint|int|double|decimal|string) -> uint"], "The whole number without a sign.",
      example: "uint(\"42\")",
      one: uint),
    Function(
      "double", .global, ["double(double|int|uint|decimal|string) -> double"],
      "The nearest binary floating point number.",
      example: "double(record.weight)", one: double),
    Function(
      "decimal", .global, ["decimal(decimal|int|uint|string|double) -> decimal"],
      "The exact decimal number; a double gives the fewest digits that name it.",
      example: "decimal(record.price) * record.qty", one: decimal),
    Function(
      "string", .global, ["string(string|int|uint|double|decimal|bool|bytes|timestamp|duration) -> string"],
      "The value as text; bytes must be UTF-8.", example: "string(record.id)", one: string),
    Function(
      "bytes", .global, ["bytes(bytes|string) -> bytes"], "The UTF-8 bytes of a text.", example: "bytes(\"abc\")",
      one: bytes),
    Function(
      "bool", .global, ["bool(bool|string) -> bool"], "The truth value a text names: true, false, t, f, 1, 0.",
      example: "bool(record.enabled)", one: bool),
    Function(
      "dyn", .global, ["dyn(dyn) -> dyn"], "The value itself, without a type for the checker.", example: "dyn(1) == 1.0"
    ) {
      (value: Value, _: inout Frame) throws(Failure) in value
    },
    Function("type", .global, ["type(dyn) -> type"], "The type of a value.", example: "type(record.qty) == int") {
      (value: Value, _: inout Frame) throws(Failure) in
      .type(value.celTypeName)
    },
  ]

  private static func int(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let result = Int64(exactly: number) else { throw Failure.overflow("the uint does not fit an int") }
      return .int(result)
    case .double(let number):
      // The ends of the range are doubles that stand for their neighbours as well, so they are left out.
      guard number > -0x1p63, number < 0x1p63 else { throw Failure.overflow("the double does not fit an int") }
      return .int(Int64(number))
    case .decimal(let number):
      if let result = number.int64 { return .int(result) }
      throw Failure.invalid(
        "the decimal \(number) is no whole number of 64 bits", help: "write int(round(x, 0)) to round it")
    case .string(let text):
      if !text.hasPrefix("+"), let result = Int64(text) { return .int(result) }
      throw Failure.invalid("\(value.excerpt) is not a whole number of 64 bits")
    case .timestamp(let time): return .int(time.seconds)
    default: throw Failure.noOverload
    }
  }

  private static func uint(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let result = UInt64(exactly: number) else { throw Failure.overflow("the int does not fit a uint") }
      return .uint(result)
    case .double(let number):
      guard number >= 0, number < 0x1p64 else { throw Failure.overflow("the double does not fit a uint") }
      return .uint(UInt64(number))
    case .decimal(let number):
      if let result = number.int64.flatMap(UInt64.init(exactly:)) { return .uint(result) }
      throw Failure.invalid("the decimal \(number) is no whole number without a sign")
    case .string(let text):
      if !text.hasPrefix("+"), let result = UInt64(text) { return .uint(result) }
      throw Failure.invalid("\(value.excerpt) is not a whole number without a sign")
    default: throw Failure.noOverload
    }
  }

  private static func double(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .double: return value
    case .int(let number): return .double(Double(number))
    case .uint(let number): return .double(Double(number))
    case .decimal(let number): return .double(number.double)
    case .string(let text):
      let isPlain = text.utf8.allSatisfy { $0.isDigit || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E || $0 | 0x20 == 0x65 }
      let isWord = ["inf", "-inf", "+inf", "nan", "infinity", "-infinity", "+infinity"].contains(text.lowercased())
      if isPlain || isWord, let number = Double(text) { return .double(number) }
      throw Failure.invalid("\(value.excerpt) is not a number")
    default: throw Failure.noOverload
    }
  }

  private static func decimal(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .decimal: return value
    case .int(let number): return .decimal(Decimal(number))
    case .uint(let number): return .decimal(Decimal(number))
    case .double(let number):
      guard let result = Decimal(shortest: number) else { throw Failure.invalid("\(number) is not a decimal number") }
      return .decimal(result)
    case .string(let text):
      if let result = Decimal(text) { return .decimal(result) }
      throw Failure.invalid("\(value.excerpt) is not a decimal number", help: "the form is that of JSON, as in 1234.50")
    default: throw Failure.noOverload
    }
  }

  private static func string(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    if let text = try text(of: value, &frame) { return .string(text) }
    throw Failure(.noSuchOverload, help: { value.isNull ? "test it with == null first" : "json(x) writes any value" })
  }

  /// The text of a value that is one thing; nil for null, lists, maps and types.
  static func text(of value: Value, _ frame: inout Frame) throws(Failure) -> String? {
    switch value {
    case .string(let text): return text
    case .int(let number): return String(number)
    case .uint(let number): return String(number)
    case .double(let number):
      let text = number.description
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    case .decimal(let number): return number.description
    case .bool(let flag): return flag ? "true" : "false"
    case .timestamp(let time): return time.description
    case .duration(let span): return span.description
    case .bytes(let bytes):
      try frame.charge(text: bytes.count)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Failure.invalid("the bytes are not UTF-8", help: "write base64.encode(x) or hex(x)")
      }
      return text
    case .map(let map): return Optionals.address(map)?.description ?? Optionals.range(map)?.description
    case .null, .list, .type: return nil
    }
  }

  private static func bytes(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .bytes: return value
    case .string(let text):
      try frame.charge(text: text.utf8.count)
      return .bytes(Array(text.utf8))
    default: throw Failure.noOverload
    }
  }

  private static func bool(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .bool: return value
    case .string("1"), .string("t"), .string("true"), .string("TRUE"), .string("True"): return .bool(true)
    case .string("0"), .string("f"), .string("false"), .string("FALSE"), .string("False"): return .bool(false)
    case .string: throw Failure.invalid("\(value.excerpt) is not a truth value", help: "true, false, t, f, 1, 0 are")
    default: throw Failure.noOverload
    }
  }
}
