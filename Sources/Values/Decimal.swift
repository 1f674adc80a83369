/// An exact decimal number, with the digits it was written with.
///
/// `12.30` stays `12.30`: the number of places is part of a decimal, though not of its equality. Sums, differences and
/// products are exact, up to 38 digits; a result that does not fit throws ``DecimalError``. A number that came in with more
/// digits than that, or in a form of its own (`1E+2`, `-0.0`), is kept with its text and written back as it came.
@frozen
public struct Decimal: Sendable {
  @usableFromInline
  enum Storage: Sendable {
    /// coefficient × 10^-scale, in the plain form: digits, a point before the last `scale` of them.
    case compact(coefficient: Int64, scale: UInt8)
    case wide(WideDecimal)
  }

  @usableFromInline let storage: Storage

  @usableFromInline
  init(storage: Storage) { self.storage = storage }

  /// A whole number.
  public init(_ number: Int64) { storage = .compact(coefficient: number, scale: 0) }

  /// A whole number.
  public init(_ number: UInt64) { self.init(coefficient: Int128(number), scale: 0) }

  /// coefficient × 10^-scale.
  public init(coefficient: Int128, scale: Int) {
    if let small = Int64(exactly: coefficient), (0...Decimal.compactScale).contains(scale) {
      storage = .compact(coefficient: small, scale: UInt8(scale))
    } else {
      storage = .wide(WideDecimal(coefficient: coefficient, scale: scale, text: nil))
    }
  }

  /// coefficient × 10^-scale, for numbers that fit the small form.
  @usableFromInline
  init(compact coefficient: Int64, scale: UInt8) { storage = .compact(coefficient: coefficient, scale: scale) }

  static let compactScale = 18
}

/// A decimal whose coefficient does not fit 64 bits, or whose text is not the plain form of its value.
@usableFromInline
final class WideDecimal: Sendable {
  /// Nil where the number has more digits than 128 bits hold; it can then be compared and written, not calculated with.
  let coefficient: Int128?
  let scale: Int
  /// The digits as they came, where they are not what the value would be written as.
  let text: String?

  init(coefficient: Int128?, scale: Int, text: String?) {
    self.coefficient = coefficient
    self.scale = scale
    self.text = text
  }
}

/// Why a calculation with decimals has no result.
public enum DecimalError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The exact result, or an operand, has more than 38 digits.
  case tooManyDigits
  case divisionByZero

  /// What happened, in words.
  public var description: String {
    switch self {
    case .tooManyDigits: "the decimal has more than 38 digits"
    case .divisionByZero: "division by zero"
    }
  }
}

extension Decimal {
  /// The digits without the point; nil where there are more than 38.
  public var coefficient: Int128? {
    switch storage {
    case .compact(let coefficient, _): Int128(coefficient)
    case .wide(let wide): wide.coefficient
    }
  }

  /// How many places stand behind the point; negative where zeros were left out before it (`1E+2`).
  public var scale: Int {
    switch storage {
    case .compact(_, let scale): Int(scale)
    case .wide(let wide): wide.scale
    }
  }

  /// The number as a 64-bit whole number, where it is one.
  public var int64: Int64? {
    guard let reduced = normalized(), reduced.scale <= 0, let factor = Decimal.power(-reduced.scale) else { return nil }
    let (number, overflow) = reduced.coefficient.multipliedReportingOverflow(by: factor)
    return overflow ? nil : Int64(exactly: number)
  }

  /// The nearest binary floating point number.
  public var double: Double { Double(description) ?? .nan }

  /// True where the number is zero.
  public var isZero: Bool {
    switch storage {
    case .compact(let coefficient, _): coefficient == 0
    case .wide(let wide): wide.coefficient == 0
    }
  }

  /// 10^exponent; nil where it does not fit 128 bits.
  static func power(_ exponent: Int) -> Int128? {
    guard (0...38).contains(exponent) else { return nil }
    return powers[exponent]
  }

  private static let powers: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()

  /// The coefficient and scale without trailing zeros.
  func normalized() -> (coefficient: Int128, scale: Int)? {
    guard var coefficient else { return nil }
    var scale = scale
    if coefficient == 0 { return (0, 0) }
    while coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    return (coefficient, scale)
  }
}
