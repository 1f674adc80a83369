/// The core schema of YAML 1.2.2, section 10.3.2: what a plain scalar means.
enum CoreSchema {
  /// Returns what the text of a plain scalar means; nothing for a hexadecimal or octal number beyond 64 bits.
  static func resolve(_ text: String) -> CoreValue? {
    var text = text
    return text.withUTF8 { resolve($0) }
  }

  private static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> CoreValue? {
    guard let first = text.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return number(text)
    case UInt8(ascii: "~"):
      return text.count == 1 ? .null : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      return isWord(text, "null", "Null", "NULL") ? .null : .string
    case UInt8(ascii: "t"), UInt8(ascii: "T"):
      return isWord(text, "true", "True", "TRUE") ? .bool(true) : .string
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      return isWord(text, "false", "False", "FALSE") ? .bool(false) : .string
    default:
      return .string
    }
  }

  private static func isWord(
    _ text: some Collection<UInt8>, _ lower: StaticString, _ title: StaticString, _ upper: StaticString
  ) -> Bool {
    guard text.count == lower.utf8CodeUnitCount else { return false }
    return [lower, title, upper].contains { word in
      text.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> CoreValue? {
    if text.count > 2, text[0] == UInt8(ascii: "0") {
      if text[1] == UInt8(ascii: "x") { return radix(text[2...], bits: 4) }
      if text[1] == UInt8(ascii: "o") { return radix(text[2...], bits: 3) }
    }
    var rest = text[...]
    let sign = rest.first
    let hasSign = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
    if hasSign { rest = rest.dropFirst() }
    guard let first = rest.first else { return .string }
    if first == UInt8(ascii: "."), rest.count == 4 {
      if isWord(rest, ".inf", ".Inf", ".INF") { return .infinity(negative: sign == UInt8(ascii: "-")) }
      if !hasSign, isWord(rest, ".nan", ".NaN", ".NAN") { return .notANumber }
    }
    return decimal(rest, text: text, isNegative: sign == UInt8(ascii: "-"))
  }

  /// Resolves `digits`, `digits.digits`, `.digits`, each with an exponent or without.
  private static func decimal(
    _ unsigned: Slice<UnsafeBufferPointer<UInt8>>, text: UnsafeBufferPointer<UInt8>, isNegative: Bool
  ) -> CoreValue {
    var rest = unsigned
    let whole = dropDigits(&rest)
    if rest.isEmpty { return integer(unsigned, isNegative: isNegative) ?? .number(written(text)) }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let fraction = dropDigits(&rest)
      guard whole > 0 || fraction > 0 else { return .string }
    } else if whole == 0 {
      return .string
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard dropDigits(&rest) > 0 else { return .string }
    }
    return rest.isEmpty ? .number(written(text)) : .string
  }

  private static func dropDigits(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    let start = rest.startIndex
    rest = rest.drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return rest.startIndex - start
  }

  private static func integer(_ digits: Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool) -> CoreValue? {
    var value: Int64 = 0
    for digit in digits {
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let step = Int64(digit - UInt8(ascii: "0"))
      // Negative numbers count downwards: the smallest one has no positive twin.
      let (sum, carried) =
        isNegative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      if overflowed || carried { return nil }
      value = sum
    }
    return .integer(value)
  }

  private static func radix(_ digits: Slice<UnsafeBufferPointer<UInt8>>, bits: Int64) -> CoreValue? {
    var value: Int64 = 0
    var fits = true
    for digit in digits {
      let step: Int64
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): step = Int64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): step = Int64(digit - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): step = Int64(digit - UInt8(ascii: "A")) + 10
      default: return .string
      }
      guard step < 1 << bits else { return .string }
      if value > Int64.max >> bits { fits = false } else { value = value << bits | step }
    }
    return fits ? .integer(value) : nil
  }

  private static func written(_ text: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: text, as: UTF8.self)
  }
}
