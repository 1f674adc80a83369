extension Value: Hashable {
  /// True where both mean the same; see ``Value``.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.string(let a), .string(let b)): a.isSame(as: b)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)): a == b
    case (.duration(let a), .duration(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.map(let a), .map(let b)): a == b
    case (.type(let a), .type(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    default: Value.compareNumbers(left, right) == .equal
    }
  }

  /// Feeds what equality looks at; equal numbers of different kinds hash alike.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let flag): hasher.combine(flag)
    case .int(let number): hasher.combine(Double(number))
    case .uint(let number): hasher.combine(Double(number))
    case .double(let number): hasher.combine(number)
    case .decimal(let number): hasher.combine(number.double)
    case .string(let text): text.hashCodes(into: &hasher)
    case .bytes(let bytes): hasher.combine(bytes)
    case .timestamp(let time): hasher.combine(time)
    case .duration(let span): hasher.combine(span)
    case .list(let items): hasher.combine(items)
    case .map(let map): hasher.combine(map)
    case .type(let name): hasher.combine(name)
    }
  }
}

/// How two numbers stand to each other.
public enum NumericOrder: Sendable {
  case less
  case equal
  case greater
  /// One of them is not a number.
  case unordered
}

extension Value {
  /// Compares two numbers of any kinds by their exact value; nil where one of the values is not numeric.
  ///
  /// Cross-type comparison as the CEL specification has it ("Numeric values", cel-spec `langdef.md`), with decimals besides.
  public static func compareNumbers(_ left: Value, _ right: Value) -> NumericOrder? {
    switch (left, right) {
    case (.int(let a), .int(let b)): order(a, b)
    case (.uint(let a), .uint(let b)): order(a, b)
    case (.double(let a), .double(let b)): order(a, b)
    case (.int(let a), .uint(let b)): a < 0 ? .less : order(UInt64(a), b)
    case (.uint(let a), .int(let b)): b < 0 ? .greater : order(a, UInt64(b))
    case (.int(let a), .double(let b)): order(a, b)
    case (.double(let a), .int(let b)): reversed(order(b, a))
    case (.uint(let a), .double(let b)): order(a, b)
    case (.double(let a), .uint(let b)): reversed(order(b, a))
    case (.decimal(let a), .decimal(let b)): order(a, b)
    case (.decimal(let a), .int(let b)): order(a, Decimal(b))
    case (.int(let a), .decimal(let b)): order(Decimal(a), b)
    case (.decimal(let a), .uint(let b)): order(a, Decimal(b))
    case (.uint(let a), .decimal(let b)): order(Decimal(a), b)
    case (.decimal(let a), .double(let b)): order(a, b)
    case (.double(let a), .decimal(let b)): reversed(order(b, a))
    default: nil
    }
  }

  private static func order<Number: Comparable>(_ a: Number, _ b: Number) -> NumericOrder {
    a < b ? .less : a == b ? .equal : a > b ? .greater : .unordered
  }

  /// Exact: a double beyond the integers' range is settled by its sign, one within by its whole and its fraction.
  private static func order<Number: FixedWidthInteger>(_ a: Number, _ b: Double) -> NumericOrder {
    if b.isNaN { return .unordered }
    if b >= Double(Number.max) { return .less }
    if b < Double(Number.min) { return .greater }
    let whole = Number(b.rounded(.down))
    if a != whole { return a < whole ? .less : .greater }
    return b == b.rounded(.down) ? .equal : .less
  }

  private static func order(_ a: Decimal, _ b: Double) -> NumericOrder {
    if b.isNaN { return .unordered }
    if b.isInfinite { return b > 0 ? .less : .greater }
    guard let exact = Decimal(shortest: b) else { return order(a.double, b) }
    return order(a, exact)
  }

  private static func reversed(_ order: NumericOrder) -> NumericOrder {
    switch order {
    case .less: .greater
    case .greater: .less
    case .equal, .unordered: order
    }
  }
}
