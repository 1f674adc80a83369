import Glibc
import Values

extension Operators {
  /// Texts up to this length are compared at no cost.
  private static let freeTextBytes = 256

  /// Equality by meaning (CEL specification, "Equality"): numbers of any kinds by value, texts by their characters' codes,
  /// values of different kinds never.
  static func equal(_ left: Value, _ right: Value, _ frame: inout Frame) throws(Failure) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)):
      if a.utf8.count != b.utf8.count { return false }
      if a.utf8.count > freeTextBytes { try frame.charge(a.utf8.count >> 3) }
      return compare(a, b) == 0
    case (.int(let a), .int(let b)): return a == b
    case (.bool(let a), .bool(let b)): return a == b
    case (.null, .null): return true
    case (.decimal(let a), .decimal(let b)): return a == b
    case (.bytes(let a), .bytes(let b)):
      try frame.charge(a.count >> 3)
      return a == b
    case (.timestamp(let a), .timestamp(let b)): return a == b
    case (.duration(let a), .duration(let b)): return a == b
    case (.type(let a), .type(let b)): return a == b
    case (.list(let a), .list(let b)):
      if a.count != b.count { return false }
      try frame.charge(a.count)
      for place in a.indices where try !equal(a[place], b[place], &frame) { return false }
      return true
    case (.map(let a), .map(let b)): return try equal(a, b, &frame)
    default: return numericOrder(left, right) == .equal
    }
  }

  private static func equal(_ left: ValueMap, _ right: ValueMap, _ frame: inout Frame) throws(Failure) -> Bool {
    if left.count != right.count { return false }
    if left.shape !== right.shape, left.count <= 1, Optionals.isOptional(left) || Optionals.isOptional(right) {
      return false
    }
    try frame.charge(left.count)
    for (slot, key) in left.shape.keys.enumerated() {
      let place = left.shape === right.shape ? slot : right.shape.slot(of: key)
      guard let place, try equal(left.values[slot], right.values[place], &frame) else { return false }
    }
    return true
  }

  /// Whether two values stand in the order an operator asks for.
  static func isOrdered(
    _ operation: ComparisonOperator, _ left: Value, _ right: Value, _ frame: inout Frame
  ) throws(Failure) -> Bool {
    switch (left, right) {
    case (.int(let a), .int(let b)): operation.holds(a, b)
    case (.decimal(let a), .decimal(let b)): operation.holds(a, b)
    default: operation.holds(try order(left, right, operation, &frame))
    }
  }

  /// How two values of an ordered kind stand to each other.
  static func order(
    _ left: Value, _ right: Value, _ operation: ComparisonOperator, _ frame: inout Frame
  ) throws(Failure) -> NumericOrder {
    switch (left, right) {
    case (.int(let a), .int(let b)): return by(a, b)
    case (.decimal(let a), .decimal(let b)): return by(a, b)
    case (.string(let a), .string(let b)):
      if a.utf8.count > freeTextBytes { try frame.charge(a.utf8.count >> 3) }
      let order = compare(a, b)
      return order < 0 ? .less : order == 0 ? .equal : .greater
    case (.timestamp(let a), .timestamp(let b)): return by(a, b)
    case (.duration(let a), .duration(let b)): return by(a, b)
    case (.bool(let a), .bool(let b)): return a == b ? .equal : b ? .less : .greater
    case (.bytes(let a), .bytes(let b)):
      return a == b ? .equal : a.lexicographicallyPrecedes(b) ? .less : .greater
    default:
      if let order = numericOrder(left, right) { return order }
      throw Failure(.noSuchOverload, noOverload(operation.rawValue, left, right)) {
        switch (left, right) {
        case (.null, _), (_, .null): "one of them is null; test it with == null first"
        case (.string, .int), (.string, .decimal), (.string, .double): "write int(x) or decimal(x) around the text"
        case (.int, .string), (.decimal, .string), (.double, .string): "write int(x) or decimal(x) around the text"
        case (.timestamp, .string), (.string, .timestamp): "write timestamp(x) around the text"
        default: nil
        }
      }
    }
  }

  private static func by<Item: Comparable>(_ a: Item, _ b: Item) -> NumericOrder {
    a < b ? .less : a == b ? .equal : .greater
  }

  /// How numbers stand to each other; nil where one value is none.
  ///
  /// A double beyond every int is compared as it is, one within reach after the int was made a double, as other
  /// implementations of CEL do: `9223372036854775808.0 <= 9223372036854775807`.
  static func numericOrder(_ left: Value, _ right: Value) -> NumericOrder? {
    switch (left, right) {
    case (.int(let a), .double(let b)) where b == 0x1p63: a == .max ? .equal : .less
    case (.double(let a), .int(let b)) where a == 0x1p63: b == .max ? .equal : .greater
    case (.uint(let a), .double(let b)) where b == 0x1p64: a == .max ? .equal : .less
    case (.double(let a), .uint(let b)) where a == 0x1p64: b == .max ? .equal : .greater
    default: Value.compareNumbers(left, right)
    }
  }

  /// The order of texts by the codes of their characters, which is the order of their UTF-8 bytes.
  @inline(__always)
  static func compare(_ left: String, _ right: String) -> Int {
    let result = left.utf8.withContiguousStorageIfAvailable { a in
      right.utf8.withContiguousStorageIfAvailable { b in
        compare(a, b)
      }
    }
    if let order = result ?? nil { return order }
    return compareSlowly(left, right)
  }

  @inline(__always)
  private static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
    if let x = a.baseAddress, let y = b.baseAddress {
      let order = Int(memcmp(x, y, min(a.count, b.count)))
      if order != 0 { return order }
    }
    return a.count - b.count
  }

  private static func compareSlowly(_ left: String, _ right: String) -> Int {
    if left.utf8.lexicographicallyPrecedes(right.utf8) { return -1 }
    return right.utf8.lexicographicallyPrecedes(left.utf8) ? 1 : 0
  }
}
