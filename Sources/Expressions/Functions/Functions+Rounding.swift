import Values

extension Functions {
  /// Exact rounding and division for amounts.
  static let rounding: [Function] = [
    Function(
      "round", .both, arity: 1...3,
      [
        "round(N) -> N", "round(int|uint|decimal, int) -> decimal", "round(int|uint|decimal, int, string) -> decimal",
        "N.round() -> N", "int|uint|decimal.round(int) -> decimal", "int|uint|decimal.round(int, string) -> decimal",
      ],
      "The number rounded to so many places (else none), exactly; a half goes away from zero unless a mode says "
        + "otherwise: halfUp, halfEven, halfDown, up, down, ceiling, floor.",
      example: "round(record.price * 1.13, 2, \"floor\")"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      try round(arguments, arguments.count == 3 ? mode(arguments[2]) : .halfUp)
    },
    Function(
      "roundHalfEven", .both, arity: 1...2,
      [
        "roundHalfEven(N) -> N", "roundHalfEven(int|uint|decimal, int) -> decimal", "N.roundHalfEven() -> N",
        "int|uint|decimal.roundHalfEven(int) -> decimal",
      ],
      "The number rounded to so many places (else none), a half to the even neighbour.",
      example: "roundHalfEven(record.rate, 4)"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in try round(arguments, .halfEven) },
    Function(
      "divide", .global, arity: 3...4,
      [
        "divide(int|uint|decimal, int|uint|decimal, int) -> decimal",
        "divide(int|uint|decimal, int|uint|decimal, int, string) -> decimal",
      ],
      "The quotient with so many places, rounded once; a half goes away from zero unless a mode of round() says otherwise.",
      example: "divide(100, 3, 2)"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      guard let dividend = exact(arguments[0]), let divisor = exact(arguments[1]) else { throw inexact(arguments) }
      let places = try places(arguments[2])
      let mode = try arguments.count == 4 ? mode(arguments[3]) : .halfUp
      return try quotient(dividend, divisor, places, mode)
    },
  ]

  static func round(_ arguments: [Value], _ mode: RoundingMode) throws(Failure) -> Value {
    if arguments.count == 1 {
      switch arguments[0] {
      case .int, .uint: return arguments[0]
      case .double(let number):
        return .double(number.rounded(mode == .halfEven ? .toNearestOrEven : .toNearestOrAwayFromZero))
      default: break
      }
    }
    let places = try arguments.count > 1 ? places(arguments[1]) : 0
    guard let number = exact(arguments[0]) else { throw inexact(arguments) }
    return try rounded(number, places, mode)
  }

  /// A decimal with exactly so many places.
  static func rounded(_ number: Decimal, _ places: Int, _ mode: RoundingMode) throws(Failure) -> Value {
    guard let coefficient = number.coefficient else { throw Failure.overflow(DecimalError.tooManyDigits.description) }
    let surplus = number.scale - places
    guard surplus > 0 else {
      return try Operators.exact { () throws(DecimalError) in try number.rounded(places: places) }
    }
    // Beyond 38 digits the divisor is more than twice any coefficient: only the sign decides.
    guard surplus <= 38 else {
      let step = coefficient != 0 && mode.goesAway(from: 0, .below, isNegative: coefficient < 0)
      return .decimal(Decimal(coefficient: step ? coefficient.signum() : 0, scale: places))
    }
    return .decimal(try quotient(coefficient, power(surplus), places, mode))
  }

  private static func quotient(
    _ dividend: Decimal, _ divisor: Decimal, _ places: Int, _ mode: RoundingMode
  ) throws(Failure) -> Value {
    guard var a = dividend.coefficient, var b = divisor.coefficient else {
      throw Failure.overflow(DecimalError.tooManyDigits.description)
    }
    if b == 0 { throw Failure(.divideByZero, "division by zero") }
    // a / 10^s over b / 10^t, with p places: a × 10^(p + t - s) over b.
    let shift = places + divisor.scale - dividend.scale
    guard shift.magnitude <= 38 else { throw Failure.overflow(DecimalError.tooManyDigits.description) }
    let factor = power(Int(shift.magnitude))
    let overflow: Bool
    if shift >= 0 {
      (a, overflow) = a.multipliedReportingOverflow(by: factor)
    } else {
      (b, overflow) = b.multipliedReportingOverflow(by: factor)
    }
    if overflow { throw Failure.overflow(DecimalError.tooManyDigits.description) }
    return .decimal(try quotient(a, b, places, mode))
  }

  /// The whole quotient, rounded by what is left, as a decimal of so many places.
  private static func quotient(
    _ a: Int128, _ b: Int128, _ places: Int, _ mode: RoundingMode
  ) throws(Failure) -> Decimal {
    let isNegative = (a < 0) != (b < 0)
    let (whole, rest) = a.magnitude.quotientAndRemainder(dividingBy: b.magnitude)
    var result = whole
    if rest != 0 {
      let missing = b.magnitude - rest
      let half: RoundingMode.Half = rest < missing ? .below : rest == missing ? .exactly : .above
      if mode.goesAway(from: whole, half, isNegative: isNegative) { result += 1 }
    }
    guard let magnitude = Int128(exactly: result) else {
      throw Failure.overflow(DecimalError.tooManyDigits.description)
    }
    return Decimal(coefficient: isNegative ? -magnitude : magnitude, scale: places)
  }

  private static func power(_ exponent: Int) -> Int128 {
    var result: Int128 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
  }

  // MARK: - Arguments

  static func exact(_ value: Value) -> Decimal? {
    switch value {
    case .int(let number): Decimal(number)
    case .uint(let number): Decimal(number)
    case .decimal(let number): number
    default: nil
    }
  }

  private static func inexact(_ arguments: [Value]) -> Failure {
    let isDouble = arguments.contains { if case .double = $0 { true } else { false } }
    return Failure(.noSuchOverload) {
      isDouble ? "a double has no exact places; write decimal(x), as in round(decimal(x), 2)" : nil
    }
  }

  private static func places(_ value: Value) throws(Failure) -> Int {
    guard case .int(let number) = value else { throw Failure.noOverload }
    guard (0...34).contains(number) else { throw Failure.invalid("places are 0 to 34, not \(number)") }
    return Int(number)
  }

  private static func mode(_ value: Value) throws(Failure) -> RoundingMode {
    guard case .string(let name) = value else { throw Failure.noOverload }
    if let mode = RoundingMode(rawValue: name) { return mode }
    let names = RoundingMode.allCases.map(\.rawValue)
    throw Failure.invalid(
      "\(value.excerpt) is not a way to round", help: Suggestion.help(for: name, among: names, noun: "there are"))
  }
}

/// What becomes of digits there is no place for.
enum RoundingMode: String, CaseIterable, Sendable {
  /// To the nearest; a half away from zero, as invoices do.
  case halfUp
  /// To the nearest; a half to the even neighbour.
  case halfEven
  /// To the nearest; a half towards zero.
  case halfDown
  /// Away from zero.
  case up
  /// Towards zero.
  case down
  case ceiling
  case floor

  /// How what is left stands to a half of the last place.
  enum Half {
    case below
    case exactly
    case above
  }

  /// Whether the last digit is raised in magnitude, where something is left behind it.
  func goesAway(from whole: UInt128, _ half: Half, isNegative: Bool) -> Bool {
    switch self {
    case .halfUp: half != .below
    case .halfEven: half == .above || (half == .exactly && whole % 2 == 1)
    case .halfDown: half == .above
    case .up: true
    case .down: false
    case .ceiling: !isNegative
    case .floor: isNegative
    }
  }
}
