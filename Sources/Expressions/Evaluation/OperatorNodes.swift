import Values

final class NotNode: Node {
  let range: Range<Int>
  private let operand: any Node

  init(_ operand: any Node, range: Range<Int>) {
    self.operand = operand
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool { try !operand.test(&frame) }
}

final class NegateNode: Node {
  let range: Range<Int>
  private let operand: any Node

  init(_ operand: any Node, range: Range<Int>) {
    self.operand = operand
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let value = try operand.evaluate(&frame)
    do throws(Failure) {
      return try Operators.negate(value)
    } catch {
      throw error.placed(at: range)
    }
  }
}

/// An operand of arithmetic or comparison, with what is known of it before it is evaluated.
struct Operand: Sendable {
  let node: any Node
  /// The decimal that the digits of a floating point literal are; it stands in for the double where the other operand is
  /// decimal, so that `price * 0.9` is exact.
  let decimal: Decimal?
  /// The value, where it is known beforehand.
  let constant: Value?

  var isConstant: Bool { constant != nil }
}

final class ArithmeticNode: Node {
  let range: Range<Int>
  private let operation: ArithmeticOperator
  private let left: Operand
  private let right: Operand

  init(_ operation: ArithmeticOperator, _ left: Operand, _ right: Operand, range: Range<Int>) {
    self.operation = operation
    self.left = left
    self.right = right
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var a = try left.node.evaluate(&frame)
    var b = try right.node.evaluate(&frame)
    if let literal = right.decimal, a.isExact(asConstant: left.isConstant) { b = .decimal(literal) }
    if let literal = left.decimal, b.isExact(asConstant: right.isConstant) { a = .decimal(literal) }
    do throws(Failure) {
      return try Operators.arithmetic(operation, a, b, &frame)
    } catch {
      throw error.placed(at: range)
    }
  }
}

extension Value {
  /// True for numbers that a floating point literal is taken as a decimal beside.
  ///
  /// Those are decimals, and ints that are not written in the expression: a price of 12 in a JSON record is an int where
  /// one of 12.5 is a decimal, and `price * 0.9` must work for both.
  fileprivate func isExact(asConstant: Bool) -> Bool {
    switch self {
    case .decimal: true
    case .int: !asConstant
    default: false
    }
  }
}

final class ComparisonNode: Node {
  let range: Range<Int>
  private let operation: ComparisonOperator
  private let left: Operand
  private let right: Operand

  init(_ operation: ComparisonOperator, _ left: Operand, _ right: Operand, range: Range<Int>) {
    self.operation = operation
    self.left = left
    self.right = right
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    let a = try left.node.evaluate(&frame)
    if let literal = right.decimal, case .decimal(let number) = a { return operation.holds(number, literal) }
    if let constant = right.constant { return try compare(a, constant, &frame) }
    let b = try right.node.evaluate(&frame)
    if let literal = left.decimal, case .decimal(let number) = b { return operation.holds(literal, number) }
    return try compare(a, b, &frame)
  }

  @inline(__always)
  private func compare(_ a: Value, _ b: Value, _ frame: inout Frame) throws(Failure) -> Bool {
    do throws(Failure) {
      switch operation {
      case .equal: return try Operators.equal(a, b, &frame)
      case .notEqual: return try !Operators.equal(a, b, &frame)
      case .less, .lessOrEqual, .greater, .greaterOrEqual:
        return try Operators.isOrdered(operation, a, b, &frame)
      }
    } catch {
      throw error.placed(at: range)
    }
  }
}

extension ComparisonOperator {
  /// The comparison of values that are all comparable; one look at them decides each.
  @inline(__always)
  func holds<Item: Comparable>(_ a: Item, _ b: Item) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: !(b < a)
    case .greater: b < a
    case .greaterOrEqual: !(a < b)
    }
  }

  func holds(_ order: NumericOrder) -> Bool {
    switch self {
    case .equal: order == .equal
    case .notEqual: order != .equal
    case .less: order == .less
    case .lessOrEqual: order == .less || order == .equal
    case .greater: order == .greater
    case .greaterOrEqual: order == .greater || order == .equal
    }
  }
}

/// `element in container`.
final class ContainsNode: Node {
  let range: Range<Int>
  private let element: any Node
  private let container: any Node

  init(_ element: any Node, _ container: any Node, range: Range<Int>) {
    self.element = element
    self.container = container
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    let wanted = try element.evaluate(&frame)
    let container = try container.evaluate(&frame)
    do throws(Failure) {
      switch container {
      case .list(let items):
        try frame.charge(items.count)
        for item in items where try Operators.equal(wanted, item, &frame) { return true }
        return false
      case .map(let map):
        if Optionals.isOpaque(map) { throw Optionals.refusal(of: container, at: self.container.range) }
        guard let key = MapKey(wanted) else { return false }
        return map.shape.slot(of: key) != nil
      default:
        throw Failure(.noSuchOverload, "'in' needs a list or a map, not \(container.typeName.withArticle)")
      }
    } catch {
      throw error.placed(at: range)
    }
  }
}

/// `&&` and `||`: the deciding value wins over errors, wherever it stands (CEL specification, "Logical Operators").
final class LogicalNode: Node {
  let range: Range<Int>
  /// The value that decides: false for `&&`.
  private let deciding: Bool
  private let operands: [any Node]

  init(isAnd: Bool, _ operands: [any Node], range: Range<Int>) {
    deciding = !isAnd
    self.operands = operands
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    var failure: Failure?
    for operand in operands {
      do throws(Failure) {
        if try operand.test(&frame) == deciding { return deciding }
      } catch {
        if error.kind == .costExceeded { throw error }
        if failure == nil { failure = error }
      }
    }
    if let failure { throw failure }
    return !deciding
  }
}

final class ConditionalNode: Node {
  let range: Range<Int>
  private let condition: any Node
  private let yes: any Node
  private let no: any Node

  init(_ condition: any Node, _ yes: any Node, _ no: any Node, range: Range<Int>) {
    self.condition = condition
    self.yes = yes
    self.no = no
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    try condition.test(&frame) ? try yes.evaluate(&frame) : try no.evaluate(&frame)
  }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    try condition.test(&frame) ? try yes.test(&frame) : try no.test(&frame)
  }
}
