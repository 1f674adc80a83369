import Glibc
import Values

extension Functions {
  static let numbers: [Function] = [
    Function(
      "math.round", .global, ["math.round(double) -> double", "math.round(decimal) -> decimal"],
      "The nearest whole number, a half away from zero.",
      example: "math.round(2.5)"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      switch value {
      case .double, .decimal: return try round([value], .halfUp)
      default: throw Failure(.noSuchOverload, help: { "round(x) takes whole numbers as well" })
      }
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
      "math.ceil", .global, ["math.ceil(double) -> double", "math.ceil(decimal) -> decimal"],
      "The least whole number that is not below the number.",
      example: "math.ceil(decimal(\"2.1\"))"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      try whole(value, up: true)
    },
    Function(
      "math.floor", .global, ["math.floor(double) -> double", "math.floor(decimal) -> decimal"],
      "The greatest whole number that is not above the number.",
      example: "math.floor(decimal(\"2.9\"))"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      try whole(value, up: false)
    },
  ]

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
    case .double(let number): return .double(number.rounded(up ? .up : .down))
    case .decimal(let number): return try rounded(number, 0, up ? .ceiling : .floor)
    default:
      let mode = up ? "ceiling" : "floor"
      throw Failure(.noSuchOverload, help: { "round(x, 0, \"\(mode)\") takes whole numbers as well" })
    }
  }
}
