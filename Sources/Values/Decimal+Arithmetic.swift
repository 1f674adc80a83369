extension Decimal {
  /// The exact sum, with as many places as the operand that has more.
  public func adding(_ other: Decimal) throws(DecimalError) -> Decimal {
    if case .compact(let a, let s) = storage, case .compact(let b, let t) = other.storage, s == t {
      let (sum, overflow) = a.addingReportingOverflow(b)
      if !overflow { return Decimal(compact: sum, scale: s) }
    }
    let (a, b, scale) = try Decimal.align(self, other)
    let (sum, overflow) = a.addingReportingOverflow(b)
    if overflow { throw .tooManyDigits }
    return Decimal(coefficient: sum, scale: scale)
  }

  /// The exact difference, with as many places as the operand that has more.
  public func subtracting(_ other: Decimal) throws(DecimalError) -> Decimal {
    try adding(try other.negated())
  }

  /// The exact product; its places are those of both operands together.
  public func multiplying(by other: Decimal) throws(DecimalError) -> Decimal {
    guard let a = coefficient, let b = other.coefficient else { throw .tooManyDigits }
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    if overflow { throw .tooManyDigits }
    return Decimal(coefficient: product, scale: scale + other.scale)
  }

  /// The quotient: exact where it ends within 34 significant digits, else rounded half to even to 34, as IEEE 754
  /// decimal128 has it.
  public func divided(by other: Decimal) throws(DecimalError) -> Decimal {
    guard let (a, s) = normalized(), let (b, t) = other.normalized() else { throw .tooManyDigits }
    if b == 0 { throw .divisionByZero }
    var quotient: Int128 = 0
    var remainder = a.magnitude
    let divisor = b.magnitude
    var scale = s - t
    // Long division, a digit at a time: 128 bits hold a remainder below 10^38 times ten only while it is below 10^37.
    guard divisor < UInt128(10).power(37), remainder < UInt128(10).power(38) else { throw .tooManyDigits }
    quotient = Int128(remainder / divisor)
    remainder %= divisor
    let limit = Int128(10).power(33)
    while remainder != 0, quotient < limit {
      remainder *= 10
      quotient = quotient * 10 + Int128(remainder / divisor)
      remainder %= divisor
      scale += 1
    }
    let twice = remainder * 2
    if twice > divisor || (twice == divisor && quotient % 2 == 1) { quotient += 1 }
    let negative = (a < 0) != (b < 0)
    if scale < 0, let factor = Decimal.power(-scale) {
      let (whole, overflow) = quotient.multipliedReportingOverflow(by: factor)
      if !overflow {
        quotient = whole
        scale = 0
      }
    }
    return Decimal(coefficient: negative ? -quotient : quotient, scale: scale)
  }

  /// The number with its sign turned.
  public func negated() throws(DecimalError) -> Decimal {
    guard let coefficient, coefficient != .min else { throw .tooManyDigits }
    return Decimal(coefficient: -coefficient, scale: scale)
  }

  /// The number with exactly `places` digits behind the point; a half is rounded away from zero, as invoices do.
  public func rounded(places: Int) throws(DecimalError) -> Decimal {
    guard let coefficient else { throw .tooManyDigits }
    if scale <= places {
      guard let factor = Decimal.power(places - scale) else { throw .tooManyDigits }
      let (scaled, overflow) = coefficient.multipliedReportingOverflow(by: factor)
      if overflow { throw .tooManyDigits }
      return Decimal(coefficient: scaled, scale: places)
    }
    guard let divisor = Decimal.power(scale - places) else { return Decimal(coefficient: 0, scale: places) }
    var (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: divisor)
    if remainder.magnitude * 2 >= divisor.magnitude { quotient += coefficient < 0 ? -1 : 1 }
    return Decimal(coefficient: quotient, scale: places)
  }

  private static func align(_ a: Decimal, _ b: Decimal) throws(DecimalError) -> (Int128, Int128, Int) {
    guard let x = a.coefficient, let y = b.coefficient else { throw .tooManyDigits }
    let scale = max(a.scale, b.scale)
    guard let xFactor = power(scale - a.scale), let yFactor = power(scale - b.scale) else { throw .tooManyDigits }
    let (left, overflowLeft) = x.multipliedReportingOverflow(by: xFactor)
    let (right, overflowRight) = y.multipliedReportingOverflow(by: yFactor)
    if overflowLeft || overflowRight { throw .tooManyDigits }
    return (left, right, scale)
  }
}

extension FixedWidthInteger {
  /// Self to a small power; the caller knows that it fits.
  fileprivate func power(_ exponent: Int) -> Self {
    var result: Self = 1
    for _ in 0..<exponent { result *= self }
    return result
  }
}

extension Decimal: Comparable {
  /// By numeric value: `12.30 == 12.3`.
  public static func == (left: Decimal, right: Decimal) -> Bool { compare(left, right) == 0 }

  /// By numeric value.
  public static func < (left: Decimal, right: Decimal) -> Bool { compare(left, right) < 0 }

  private static func compare(_ a: Decimal, _ b: Decimal) -> Int {
    if case .compact(let x, let s) = a.storage, case .compact(let y, let t) = b.storage, s == t {
      return x < y ? -1 : x == y ? 0 : 1
    }
    if let (x, y, _) = try? align(a, b) {  // no exact alignment within 128 bits: the digits decide below
      return x < y ? -1 : x == y ? 0 : 1
    }
    return SignificantDigits(a).compare(to: SignificantDigits(b))
  }
}

extension Decimal: Hashable {
  /// Equal numbers hash alike, whatever their places.
  public func hash(into hasher: inout Hasher) { hasher.combine(double) }
}
