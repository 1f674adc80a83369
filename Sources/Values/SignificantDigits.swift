/// A number as sign, digits and magnitude, for what does not fit 128 bits.
struct SignificantDigits {
  var isNegative = false
  var digits: [UInt8] = []
  /// The place of the point, counted from before the first digit.
  var exponent = 0

  /// Zero.
  init() {}

  init(_ number: Decimal) {
    var seenPoint = false
    var written = number.description.utf8[...]
    if written.first == 0x2D {
      isNegative = true
      written = written.dropFirst()
    }
    var pointAt = 0
    while let byte = written.first, byte != 0x65, byte != 0x45 {
      if byte == 0x2E {
        seenPoint = true
      } else {
        digits.append(byte - 0x30)
        if !seenPoint { pointAt += 1 }
      }
      written = written.dropFirst()
    }
    exponent = pointAt
    if !written.isEmpty { exponent += Self.exponent(written.dropFirst()) }
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty {
      exponent = 0
      isNegative = false
    }
  }

  /// The number behind `e`; one beyond all measure counts as 10^18, with room to add to it.
  private static func exponent(_ written: Substring.UTF8View) -> Int {
    let most = 1_000_000_000_000_000_000
    guard let number = Int(String(decoding: written, as: UTF8.self)) else {
      return written.first == 0x2D ? -most : most
    }
    return min(max(number, -most), most)
  }

  func compare(to other: SignificantDigits) -> Int {
    if isNegative != other.isNegative { return isNegative ? -1 : 1 }
    let magnitude = compareMagnitude(to: other)
    return isNegative ? -magnitude : magnitude
  }

  private func compareMagnitude(to other: SignificantDigits) -> Int {
    if digits.isEmpty || other.digits.isEmpty {
      return digits.count < other.digits.count ? -1 : digits.isEmpty && other.digits.isEmpty ? 0 : 1
    }
    if exponent != other.exponent { return exponent < other.exponent ? -1 : 1 }
    if digits == other.digits { return 0 }
    return digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
  }
}

extension SignificantDigits {
  /// The first so many digits, a half rounded away from zero; none where there are fewer than none.
  func rounded(to count: Int) -> SignificantDigits {
    var result = self
    guard count < digits.count else { return result }
    let isUp = count >= 0 && digits[count] >= 5
    result.digits = Array(digits.prefix(max(0, count)))
    guard isUp else { return result }
    while let last = result.digits.popLast() {
      if last < 9 {
        result.digits.append(last + 1)
        return result
      }
    }
    result.digits = [1]
    result.exponent += 1
    return result
  }
}

extension Decimal {
  /// The number with exactly so many digits behind the point and without an exponent, a half rounded away from zero; nil
  /// where that would be more than 10,000 characters.
  public func fixed(places: Int) -> String? {
    let exact = SignificantDigits(self)
    guard exact.exponent <= Decimal.maximumLength, places <= Decimal.maximumLength else { return nil }
    // What is far below the last place is nothing there.
    let number = exact.exponent < -places ? SignificantDigits() : exact.rounded(to: exact.exponent + places)
    var digits = number.digits.map { UnicodeScalar(0x30 + $0) }
    if digits.isEmpty { return places == 0 ? "0" : "0." + String(repeating: "0", count: places) }
    if number.exponent <= 0 { digits.insert(contentsOf: repeatElement("0", count: 1 - number.exponent), at: 0) }
    let before = max(1, number.exponent)
    digits += repeatElement("0", count: max(0, before + places - digits.count))
    var text = String.UnicodeScalarView(number.isNegative ? "-".unicodeScalars : "".unicodeScalars)
    text.append(contentsOf: digits[..<before])
    if places > 0 {
      text.append(".")
      text.append(contentsOf: digits[before...])
    }
    return String(text)
  }

  /// The number as one digit, so many places and a power of ten: `1.235e+01`; a half is rounded away from zero.
  public func scientific(places: Int) -> String {
    let number = SignificantDigits(self).rounded(to: places + 1)
    var digits = number.digits.map { String($0) }.joined()
    digits += String(repeating: "0", count: max(0, places + 1 - digits.utf8.count))
    let exponent = number.digits.isEmpty ? 0 : number.exponent - 1
    let power = String(exponent.magnitude)
    return (number.isNegative ? "-" : "") + digits.prefix(1) + (places > 0 ? "." : "") + digits.dropFirst()
      + (exponent < 0 ? "e-" : "e+") + (power.utf8.count < 2 ? "0" : "") + power
  }
}
