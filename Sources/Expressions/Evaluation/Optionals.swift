import Values

/// Optional values (cel-go, "Optional Types"), which exist only while an expression is evaluated.
///
/// An optional is a map of one of two shapes that nothing outside can make, as every shape is an object of its own; so the
/// kinds of ``Value`` need no case that no record can have. What leaves an expression is the value, or null for none.
enum Optionals {
  private static let someShape = Shape(names: ["\u{0}optional"])
  private static let noneShape = Shape(keys: [])

  static let none = Value.map(ValueMap(shape: noneShape, values: []))

  static func some(_ value: Value) -> Value { .map(ValueMap(shape: someShape, values: [value])) }

  static func wrap(_ value: Value?) -> Value { value.map(some) ?? none }

  static func isOptional(_ map: ValueMap) -> Bool { map.shape === someShape || map.shape === noneShape }

  /// What an optional holds.
  enum Content {
    case none
    case some(Value)
  }

  /// What an optional holds; nil for a map that is none.
  static func content(_ map: ValueMap) -> Content? {
    if map.shape === someShape { return .some(map.values[0]) }
    return map.shape === noneShape ? Content.none : nil
  }

  /// What to say where a value is an optional and must not be.
  static func refusal(at range: Range<Int>) -> Failure {
    Failure(.noSuchOverload, "an optional cannot be used as a value here", at: range) {
      "write orValue(x) for what to take where it has none, unwrapOpt() for a list of them"
    }
  }

  /// Whether a value is an optional or has one in it.
  static func isIn(_ value: Value, _ frame: inout Frame) throws(Failure) -> Bool {
    switch value {
    case .list(let items):
      try frame.charge(items.count)
      for item in items where try isIn(item, &frame) { return true }
      return false
    case .map(let map):
      if isOptional(map) { return true }
      try frame.charge(map.count)
      for item in map.values where try isIn(item, &frame) { return true }
      return false
    default: return false
    }
  }

  /// A value as the outside sees it: optionals become their values or null; optional entries have left no trace already.
  static func resolved(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    try frame.charge(1)
    switch value {
    case .list(let items):
      var result: [Value] = []
      result.reserveCapacity(items.count)
      for item in items { result.append(try resolved(item, &frame)) }
      return .list(result)
    case .map(let map):
      switch content(map) {
      case .none?: return .null
      case .some(let inner)?: return try resolved(inner, &frame)
      case nil:
        var values: [Value] = []
        values.reserveCapacity(map.count)
        for item in map.values { values.append(try resolved(item, &frame)) }
        return .map(ValueMap(shape: map.shape, values: values))
      }
    default: return value
    }
  }
}

extension Value {
  /// What the value holds, where it is an optional.
  var optionalContent: Optionals.Content? {
    if case .map(let map) = self { Optionals.content(map) } else { nil }
  }
}

/// An argument of a function that knows no optionals: it must not take one for the map it is made of.
final class PlainNode: Node {
  let range: Range<Int>
  private let node: any Node

  init(_ node: any Node) {
    self.node = node
    range = node.range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let value = try node.evaluate(&frame)
    if try Optionals.isIn(value, &frame) { throw Optionals.refusal(at: range) }
    return value
  }
}

/// `a.or(b)` and `a.orValue(b)`: the second is only evaluated where the first is none.
final class OrElseNode: Node {
  let range: Range<Int>
  private let first: any Node
  private let second: any Node
  /// True for `orValue`, which gives what the first holds.
  private let unwraps: Bool

  init(_ first: any Node, _ second: any Node, unwraps: Bool, range: Range<Int>) {
    self.first = first
    self.second = second
    self.unwraps = unwraps
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let value = try first.evaluate(&frame)
    switch value.optionalContent {
    case .some(let inner)?: return unwraps ? inner : value
    case .none?: return try second.evaluate(&frame)
    case nil:
      let name = unwraps ? "orValue" : "or"
      throw Failure(.noSuchOverload, "\(name)() is called on an optional, not \(value.typeName.withArticle)", at: range)
      {
        "an optional comes from x.?field, x[?key] or optional.of(x)"
      }
    }
  }
}
