public import Values

/// A decimal as BSON has it: IEEE 754 decimal128 in its binary form, 34 digits and an exponent.
struct Decimal128 {
  var high: UInt64
  var low: UInt64

  private static let bias = 6176
  private static let largest = Int128(9_999_999_999_999_999_999) * 1_000_000_000_000_000 + 999_999_999_999_999

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The form of a decimal; nil where it has more than 34 digits or too large an exponent.
  init?(_ decimal: Decimal) {
    guard let coefficient = decimal.coefficient, (coefficient < 0 ? -coefficient : coefficient) <= Decimal128.largest
    else { return nil }
    let exponent = Decimal128.bias - decimal.scale
    guard (0...12287).contains(exponent) else { return nil }
    let magnitude = UInt128(coefficient.magnitude)
    low = UInt64(truncatingIfNeeded: magnitude)
    high = UInt64(truncatingIfNeeded: magnitude >> 64) | UInt64(exponent) << 49 | (coefficient < 0 ? 1 << 63 : 0)
  }

  /// The decimal; nil for infinities and what is no number.
  var decimal: Decimal? {
    let combination = high >> 58 & 0x1F
    if combination >= 0x1E { return nil }
    // The second form holds coefficients that are too large to be valid: they count as zero.
    if combination >> 3 == 3 { return Decimal(coefficient: 0, scale: Decimal128.bias - Int(high >> 47 & 0x3FFF)) }
    let exponent = Int(high >> 49 & 0x3FFF)
    let magnitude = UInt128(high & 0x1_FFFF_FFFF_FFFF) << 64 | UInt128(low)
    guard magnitude <= UInt128(Decimal128.largest) else {
      return Decimal(coefficient: 0, scale: Decimal128.bias - exponent)
    }
    let coefficient = Int128(magnitude)
    return Decimal(coefficient: high >> 63 == 1 ? -coefficient : coefficient, scale: Decimal128.bias - exponent)
  }
}

extension Decimal {
  /// The decimal as it comes back from a database, and nil where it has too many digits to be kept there.
  public var asKeptByMongo: Decimal? { Decimal128(self)?.decimal }
}
