import Values

/// `cel.bind(x, value, result)`: the value is worked out where the result first asks for it, and once.
final class BindNode: Node {
  let range: Range<Int>
  /// Where the frame keeps the value.
  private let place: Int
  private let result: any Node

  init(place: Int, result: any Node, range: Range<Int>) {
    self.place = place
    self.result = result
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    frame.locals[place] = Optionals.unbound
    return try result.evaluate(&frame)
  }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    frame.locals[place] = Optionals.unbound
    return try result.test(&frame)
  }
}

/// The variable of a ``BindNode``.
final class BoundNode: Node {
  let range: Range<Int>
  private let place: Int
  private let value: any Node
  /// What working out the value costs; paid when that is done, as it may be never, or again where it fails.
  private let cost: Int

  init(place: Int, value: any Node, cost: Int, range: Range<Int>) {
    self.place = place
    self.value = value
    self.cost = cost
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let known = frame.locals[place]
    guard Optionals.isUnbound(known) else { return known }
    try frame.charge(cost)
    let result = try value.evaluate(&frame)
    frame.locals[place] = result
    return result
  }
}
