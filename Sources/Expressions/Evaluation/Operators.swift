import Values

/// What the operators do with values, by the kinds of both.
enum Operators {
  static func negate(_ value: Value) throws(Failure) -> Value {
    switch value {
    case .int(let number):
      if number == .min { throw Failure.overflow("the int overflows") }
      return .int(-number)
    case .double(let number): return .double(-number)
    case .decimal(let number): return try exact { () throws(DecimalError) in try number.negated() }
    default: throw Failure(.noSuchOverload, "no such overload: -\(value.typeName.shortTypeName)")
    }
  }

  static func arithmetic(
    _ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ frame: inout Frame
  ) throws(Failure) -> Value {
    switch (left, right) {
    case (.int(let a), .int(let b)): return .int(try whole(operation, a, b, "int"))
    case (.decimal(let a), .decimal(let b)): return try decimal(operation, a, b)
    case (.decimal(let a), .int(let b)): return try decimal(operation, a, Decimal(b))
    case (.int(let a), .decimal(let b)): return try decimal(operation, Decimal(a), b)
    case (.decimal(let a), .uint(let b)): return try decimal(operation, a, Decimal(b))
    case (.uint(let a), .decimal(let b)): return try decimal(operation, Decimal(a), b)
    case (.double(let a), .double(let b)):
      if let result = real(operation, a, b) { return .double(result) }
    case (.uint(let a), .uint(let b)): return .uint(try whole(operation, a, b, "uint"))
    case (.decimal, .double), (.double, .decimal), (.int, .double), (.double, .int):
      throw Failure(.noSuchOverload, noOverload(operation.rawValue, left, right)) {
        "a double is not exact; write decimal(\"0.9\") or decimal(x), or double(x) where that is meant"
      }
    default:
      if operation == .add, let sum = try join(left, right, &frame) { return sum }
      if let result = try Operators.time(operation, left, right) { return result }
    }
    throw Failure(.noSuchOverload, noOverload(operation.rawValue, left, right)) { mixHelp(left, right) }
  }

  static func noOverload(_ operation: String, _ left: Value, _ right: Value) -> String {
    "no such overload: \(left.typeName.shortTypeName) \(operation) \(right.typeName.shortTypeName)"
  }

  private static func mixHelp(_ left: Value, _ right: Value) -> String? {
    switch (left, right) {
    case (.string, .null), (.null, .string): "one of them is null; test it with == null first"
    case (.string, .list), (.list, .string), (.string, .map), (.map, .string): "write json(x) to make it text"
    case (.string, _), (_, .string): "write string(x) to make it text, or int(x) or decimal(x) to calculate"
    case (.int, .uint), (.uint, .int): "convert one of them with int(x) or uint(x)"
    case (.null, _), (_, .null): "one of them is null; test it with == null first"
    default: nil
    }
  }

  private static func whole<Number: FixedWidthInteger>(
    _ operation: ArithmeticOperator, _ a: Number, _ b: Number, _ type: String
  ) throws(Failure) -> Number {
    let (result, overflow): (Number, Bool)
    switch operation {
    case .add: (result, overflow) = a.addingReportingOverflow(b)
    case .subtract: (result, overflow) = a.subtractingReportingOverflow(b)
    case .multiply: (result, overflow) = a.multipliedReportingOverflow(by: b)
    case .divide:
      if b == 0 { throw divisionByZero }
      (result, overflow) = a.dividedReportingOverflow(by: b)
    case .remainder:
      if b == 0 { throw divisionByZero }
      (result, overflow) = a.remainderReportingOverflow(dividingBy: b)
    }
    if overflow { throw Failure.overflow("the \(type) overflows") }
    return result
  }

  private static var divisionByZero: Failure { Failure(.divideByZero, "division by zero") }

  private static func real(_ operation: ArithmeticOperator, _ a: Double, _ b: Double) -> Double? {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .remainder: nil
    }
  }

  private static func decimal(_ operation: ArithmeticOperator, _ a: Decimal, _ b: Decimal) throws(Failure) -> Value {
    switch operation {
    case .add: try exact { () throws(DecimalError) in try a.adding(b) }
    case .subtract: try exact { () throws(DecimalError) in try a.subtracting(b) }
    case .multiply: try exact { () throws(DecimalError) in try a.multiplying(by: b) }
    case .divide: try exact { () throws(DecimalError) in try a.divided(by: b) }
    case .remainder: throw Failure(.noSuchOverload, "no such overload: decimal % decimal")
    }
  }

  /// A decimal result, with the decimals' errors as failures of expressions.
  @inline(__always)
  static func exact(_ body: () throws(DecimalError) -> Decimal) throws(Failure) -> Value {
    do throws(DecimalError) {
      return .decimal(try body())
    } catch {
      switch error {
      case .divisionByZero: throw divisionByZero
      case .tooManyDigits: throw Failure.overflow(error.description)
      }
    }
  }

  /// `+` of texts, bytes and lists.
  private static func join(_ left: Value, _ right: Value, _ frame: inout Frame) throws(Failure) -> Value? {
    switch (left, right) {
    case (.string(let a), .string(let b)):
      try frame.charge(text: a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.bytes(let a), .bytes(let b)):
      try frame.charge(text: a.count + b.count)
      return .bytes(a + b)
    case (.list(let a), .list(let b)):
      try frame.charge(elements: a.count + b.count)
      return .list(a + b)
    default: return nil
    }
  }
}
