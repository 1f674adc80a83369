import Glibc
import Values

extension Functions {
  static let numbers: [Function] = [
    Function(
      "round", .both, arity: 1...2, ["round(number) -> number", "round(number, places) -> decimal"],
      "The number rounded to so many places (else none), a half away from zero; decimals stay exact.",
      example: "round(record.price * 1.13, 2)"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      try round(arguments, halfToEven: false)
    },
    Function(
      "roundHalfEven", .both, arity: 1...2,
      ["roundHalfEven(number) -> number", "roundHalfEven(number, places) -> decimal"],
      "The number rounded to so many places (else none), a half to the even neighbour.",
      example: "roundHalfEven(record.rate, 4)"
    ) { (arguments: [Value], _: inout Frame) throws(Failure) in
      try round(arguments, halfToEven: true)
    },
    Function(
      "math.round", .global, ["math.round(N) -> N"], "The nearest whole number, a half away from zero.",
      example: "math.round(2.5)"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      try round([value], halfToEven: false)
    },
    Function(
      "math.abs", .global, ["math.abs(N) -> N"], "The number without its sign.",
      example: "math.abs(record.balance)"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      if case .uint = value { return value }
      guard let order = Operators.numericOrder(value, .int(0)) else { throw Failure.noOverload }
      return order == .less ? try Operators.negate(value) : value
    },
    Function(
      "math.sign", .global, ["math.sign(N) -> N"], "-1, 0 or 1, of the number's own type.",
      example: "math.sign(record.balance)", one: sign),
    Function(
      "math.ceil", .global, ["math.ceil(N) -> N"], "The least whole number that is not below the number.",
      example: "math.ceil(decimal(\"2.1\"))"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      try whole(value, up: true)
    },
    Function(
      "math.floor", .global, ["math.floor(N) -> N"],
      "The greatest whole number that is not above the number.",
      example: "math.floor(decimal(\"2.9\"))"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      try whole(value, up: false)
    },
  ]

  private static func round(_ arguments: [Value], halfToEven: Bool) throws(Failure) -> Value {
    var places = 0
    if arguments.count == 2 {
      guard case .int(let number) = arguments[1] else { throw Failure.noOverload }
      guard (0...34).contains(number) else { throw Failure.invalid("places are 0 to 34, not \(number)") }
      places = Int(number)
    }
    switch arguments[0] {
    case .int, .uint:
      if arguments.count == 1 { return arguments[0] }
      return try rounded(decimal(arguments[0]), places, halfToEven)
    case .decimal(let number): return try rounded(number, places, halfToEven)
    case .double(let number) where arguments.count == 1:
      return .double(number.rounded(halfToEven ? .toNearestOrEven : .toNearestOrAwayFromZero))
    case .double:
      throw Failure(.noSuchOverload, help: { "a double has no exact places; write round(decimal(x), 2)" })
    default: throw Failure.noOverload
    }
  }

  private static func rounded(_ number: Decimal, _ places: Int, _ halfToEven: Bool) throws(Failure) -> Value {
    try Operators.exact { () throws(DecimalError) in try number.rounded(places: places, halfToEven: halfToEven) }
  }

  private static func decimal(_ value: Value) -> Decimal {
    switch value {
    case .int(let number): Decimal(number)
    case .uint(let number): Decimal(number)
    case .decimal(let number): number
    default: Decimal(Int64(0))
    }
  }

  private static func sign(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard let order = Operators.numericOrder(value, .int(0)) else { throw Failure.noOverload }
    let sign: Int64 = order == .less ? -1 : order == .greater ? 1 : 0
    switch value {
    case .double(let number): return order == .unordered ? .double(number) : .double(Double(sign))
    case .uint: return .uint(UInt64(sign))
    case .decimal: return .decimal(Decimal(sign))
    default: return .int(sign)
    }
  }

  static func whole(_ value: Value, up: Bool) throws(Failure) -> Value {
    switch value {
    case .int, .uint: return value
    case .double(let number): return .double(number.rounded(up ? .up : .down))
    case .decimal(let number):
      let near = try rounded(number, 0, false)
      guard case .decimal(let whole) = near else { return near }
      if up, whole < number { return try Operators.exact { () throws(DecimalError) in try whole.adding(one) } }
      if !up, whole > number { return try Operators.exact { () throws(DecimalError) in try whole.subtracting(one) } }
      return near
    default: throw Failure.noOverload
    }
  }

  private static let one = Decimal(Int64(1))
}
