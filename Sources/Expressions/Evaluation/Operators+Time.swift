import Values

extension Operators {
  /// Sums and differences of moments and spans; nil for other values.
  static func time(_ operation: ArithmeticOperator, _ left: Value, _ right: Value) throws(Failure) -> Value? {
    // What comes in from outside may be beyond every range, and must not overflow here.
    for operand in [left, right] {
      if case .timestamp(let time) = operand { _ = try checked(time) }
      if case .duration(let span) = operand { _ = try checked(span) }
    }
    switch (left, operation, right) {
    case (.timestamp(let time), .add, .duration(let span)), (.duration(let span), .add, .timestamp(let time)):
      return .timestamp(try checked(time + span))
    case (.timestamp(let time), .subtract, .duration(let span)): return .timestamp(try checked(time - span))
    case (.timestamp(let a), .subtract, .timestamp(let b)): return .duration(try checked(a - b))
    case (.duration(let a), .add, .duration(let b)): return .duration(try checked(a + b))
    case (.duration(let a), .subtract, .duration(let b)): return .duration(try checked(a - b))
    default: return nil
    }
  }

  /// A moment of the years 1 to 9999.
  static func checked(_ time: Timestamp) throws(Failure) -> Timestamp {
    guard Timestamp.range.contains(time) else {
      throw Failure.overflow("the timestamp is out of range: years 0001 to 9999")
    }
    return time
  }

  /// A span whose nanoseconds fit 64 bits, about 292 years, as the specification has it.
  static func checked(_ span: TimeSpan) throws(Failure) -> TimeSpan {
    let nanoseconds = Int128(span.seconds) * 1_000_000_000 + Int128(span.nanoseconds)
    guard Int64(exactly: nanoseconds) != nil else {
      throw Failure.overflow("the duration is out of range: about 292 years")
    }
    return span
  }
}
