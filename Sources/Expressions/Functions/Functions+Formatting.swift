import Glibc
import Values

extension Functions {
  static let formatting: [Function] = [
    Function(
      "format", .member, arity: 2...3,
      [
        "timestamp.format(string) -> string", "timestamp.format(string, string) -> string",
        "string.format(list(dyn)) -> string",
      ],
      "The moment as a pattern writes it on clocks of a zone (else UTC); or a text with %s, %d, %.2f, %e, %b, %o, %x "
        + "replaced by the elements of a list.",
      example: "record.io_date.format(\"yyyy-MM-dd\", \"Asia/Shanghai\")"
    ) { (arguments: [Value], frame: inout Frame) throws(Failure) in
      guard case .string(let pattern) = arguments[0], arguments.count == 2, case .list(let items) = arguments[1] else {
        return try format(time: arguments)
      }
      return try format(pattern, items, &frame)
    }.taking(.datePattern, at: 1).taking(.zone, at: 2),
    Function(
      "strings.quote", .global, ["strings.quote(string) -> string"],
      "The text in double quotes, with what would not print or end it escaped.",
      example: "strings.quote(\"two\\nlines\")"
    ) { (value: Value, frame: inout Frame) throws(Failure) in
      guard case .string(let text) = value else { throw Failure.noOverload }
      try frame.charge(text: text.utf8.count * 2)
      let escapes: [UInt8: UInt8] = [
        0x07: 0x61, 0x08: 0x62, 0x0C: 0x66, 0x0A: 0x6E, 0x0D: 0x72, 0x09: 0x74, 0x0B: 0x76, 0x5C: 0x5C, 0x22: 0x22,
      ]
      var result: [UInt8] = [0x22]
      for byte in text.utf8 {
        if let letter = escapes[byte] { result += [0x5C, letter] } else { result.append(byte) }
      }
      return .string(String(decoding: result + [0x22], as: UTF8.self))
    },
  ]

  private static let maximumPrecision = 100

  /// The pattern with each clause replaced by the next element (cel-go, `ext/strings`, version 5).
  private static func format(
    _ pattern: String, _ items: [Value], _ frame: inout Frame
  ) throws(Failure) -> Value {
    var result: [UInt8] = []
    var rest = Array(pattern.utf8)[...]
    try frame.charge(text: rest.count)
    var next = 0
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        result.append(byte)
        continue
      }
      if rest.first == 0x25 {
        result.append(0x25)
        rest.removeFirst()
        continue
      }
      let (letter, precision) = try clause(&rest)
      guard next < items.count else {
        throw Failure.invalid("there is no value number \(next + 1) for '%\(Character(UnicodeScalar(letter)))'")
      }
      let text = try text(of: items[next], as: letter, precision, &frame)
      next += 1
      try frame.charge(1)
      result += Array(text.utf8)
      if result.count > frame.maximumTextBytes { try frame.charge(text: result.count) }
    }
    guard next == items.count else {
      throw Failure.invalid("the format takes \(next) value\(next == 1 ? "" : "s"), and there are \(items.count)")
    }
    try frame.charge(text: result.count)
    return .string(String(decoding: result, as: UTF8.self))
  }

  /// What follows a percent sign: a precision and the letter of a clause.
  private static func clause(_ rest: inout ArraySlice<UInt8>) throws(Failure) -> (letter: UInt8, precision: Int?) {
    var precision: Int?
    if rest.first == 0x2E {
      let digits = rest.dropFirst().prefix { $0.isDigit }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), number <= maximumPrecision else {
        throw Failure.invalid("a '%.' needs a precision of 0 to \(maximumPrecision)")
      }
      precision = number
      rest = rest[digits.endIndex...]
    }
    guard let letter = rest.popFirst() else {
      throw Failure.invalid("the format ends with '%'", help: "write '%%' for a percent sign")
    }
    guard "sdfebxXo".utf8.contains(letter) else {
      throw Failure.invalid(
        "'%\(Character(UnicodeScalar(letter)))' is not a clause of a format",
        help: "there are %s, %d, %f, %e, %b, %o, %x, %X, and %% for a percent sign")
    }
    return (letter, precision)
  }

  private static func text(
    of value: Value, as letter: UInt8, _ precision: Int?, _ frame: inout Frame
  ) throws(Failure) -> String {
    switch (UnicodeScalar(letter), value) {
    case ("s", _): return try plainText(value, &frame)
    case ("d", .int), ("d", .uint), ("d", .double), ("d", .decimal): return try plainText(value, &frame)
    case ("f", _): if let text = try fixed(value, precision ?? 6) { return text }
    case ("e", _): if let text = scientific(value, precision ?? 6) { return text }
    case ("b", .bool(let flag)): return flag ? "1" : "0"
    case ("x", .string(let text)), ("X", .string(let text)): return try hex(Array(text.utf8), letter, &frame)
    case ("x", .bytes(let bytes)), ("X", .bytes(let bytes)): return try hex(bytes, letter, &frame)
    case ("b", _), ("o", _), ("x", _), ("X", _):
      let radix = letter == 0x62 ? 2 : letter == 0x6F ? 8 : 16
      if case .int(let number) = value { return String(number, radix: radix, uppercase: letter == 0x58) }
      if case .uint(let number) = value { return String(number, radix: radix, uppercase: letter == 0x58) }
    default: break
    }
    throw Failure(
      .noSuchOverload, "'%\(Character(UnicodeScalar(letter)))' cannot write \(value.celTypeName.withArticle)",
      help: { "%s writes any value; %d, %f and %e numbers, %b, %o and %x whole numbers" })
  }

  private static func hex(_ bytes: [UInt8], _ letter: UInt8, _ frame: inout Frame) throws(Failure) -> String {
    try frame.charge(text: bytes.count * 2)
    let digits = Array((letter == 0x58 ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    for byte in bytes { result += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: - Values as text

  /// The text of any value but an opaque one.
  private static func plainText(_ value: Value, _ frame: inout Frame) throws(Failure) -> String {
    switch value {
    case .null: return "null"
    case .type(let name): return name
    case .double(let number): return plain(number)
    case .duration(let span): return trimmed(span.description)
    case .bytes(let bytes):
      try frame.charge(text: bytes.count)
      return String(decoding: bytes, as: UTF8.self)
    case .list(let items):
      var texts: [String] = []
      try frame.charge(elements: items.count)
      for item in items { texts.append(try plainText(item, &frame)) }
      return try joined(texts, "[", "]", &frame)
    case .map(let map):
      guard !Optionals.isOpaque(map) else { throw Failure.noOverload }
      var texts: [(key: String, value: String)] = []
      try frame.charge(elements: map.count)
      for (slot, key) in map.shape.keys.enumerated() {
        texts.append((try plainText(key.value, &frame), try plainText(map.values[slot], &frame)))
      }
      texts.sort { Operators.compare($0.key, $1.key) < 0 }
      return try joined(texts.map { $0.key + ": " + $0.value }, "{", "}", &frame)
    default:
      let text = try text(of: value, &frame) ?? ""
      try frame.charge(text: text.utf8.count)
      return text
    }
  }

  private static func joined(
    _ texts: [String], _ open: String, _ close: String, _ frame: inout Frame
  ) throws(Failure) -> String {
    try frame.charge(text: texts.reduce(2) { $0 + $1.utf8.count + 2 })
    return open + texts.joined(separator: ", ") + close
  }

  /// `0.500s` as `0.5s`.
  private static func trimmed(_ span: String) -> String {
    guard span.contains(".") else { return span }
    var digits = span.dropLast()
    while digits.last == "0" { digits.removeLast() }
    return digits + "s"
  }

  /// The fewest digits that name the number, without an exponent.
  private static func plain(_ number: Double) -> String {
    if !number.isFinite { return word(number) }
    let parts = number.magnitude.description.split(separator: "e")
    let halves = parts[0].split(separator: ".")
    let fraction = halves.count == 2 && halves[1] != "0" ? halves[1] : ""
    var digits = String(halves[0] + fraction)
    // Where the point stands, counted from before the first digit.
    let point = halves[0].count + (parts.count == 2 ? Int(parts[1]) ?? 0 : 0)
    if point <= 0 {
      digits = "0." + String(repeating: "0", count: -point) + digits
    } else if point >= digits.count {
      digits += String(repeating: "0", count: point - digits.count)
    } else {
      digits.insert(".", at: digits.index(digits.startIndex, offsetBy: point))
    }
    return (number.sign == .minus ? "-" : "") + digits
  }

  private static func word(_ number: Double) -> String {
    number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
  }

  /// A number with so many places; a half of a decimal goes away from zero, a double is the binary number it is.
  private static func fixed(_ value: Value, _ places: Int) throws(Failure) -> String? {
    if case .double(let number) = value { return printed("%.*f", places, number) }
    guard let number = exact(value) else { return nil }
    if let text = number.fixed(places: places) { return text }
    throw Failure.invalid("the number has too many digits to be written without an exponent", help: "write it with %e")
  }

  private static func scientific(_ value: Value, _ places: Int) -> String? {
    if case .double(let number) = value { return printed("%.*e", places, number) }
    return exact(value)?.scientific(places: places)
  }

  private static func printed(_ format: String, _ places: Int, _ number: Double) -> String {
    if !number.isFinite { return word(number) }
    // The largest double has 309 digits before the point.
    var buffer = [CChar](repeating: 0, count: 420 + places)
    let length = withVaList([Int32(places), number]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
