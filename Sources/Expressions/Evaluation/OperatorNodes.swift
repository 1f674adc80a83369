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
  let isConstant: Bool
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
    if let literal = right.decimal, !left.isConstant, a.isExactNumber { b = .decimal(literal) }
    if let literal = left.decimal, !right.isConstant, b.isExactNumber { a = .decimal(literal) }
    do throws(Failure) {
      return try Operators.arithmetic(operation, a, b, &frame)
    } catch {
      throw error.placed(at: range)
    }
  }
}

extension Value {
  /// True for numbers that a floating point literal is taken as a decimal beside: whole numbers of JSON and decimals.
  fileprivate var isExactNumber: Bool {
    switch self {
    case .decimal, .int: true
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
    var a = try left.node.evaluate(&frame)
    var b = try right.node.evaluate(&frame)
    if let literal = right.decimal, case .decimal = a { b = .decimal(literal) }
    if let literal = left.decimal, case .decimal = b { a = .decimal(literal) }
    do throws(Failure) {
      switch operation {
      case .equal: return try Operators.equal(a, b, &frame)
      case .notEqual: return try !Operators.equal(a, b, &frame)
      case .less: return try Operators.order(a, b, operation) == .less
      case .greater: return try Operators.order(a, b, operation) == .greater
      case .lessOrEqual:
        let order = try Operators.order(a, b, operation)
        return order == .less || order == .equal
      case .greaterOrEqual:
        let order = try Operators.order(a, b, operation)
        return order == .greater || order == .equal
      }
    } catch {
      throw error.placed(at: range)
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
