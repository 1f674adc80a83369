import Values

/// Optional values (cel-go, "Optional Types") and network addresses, which exist only while an expression is evaluated.
///
/// Each is a map of a shape that nothing outside can make, as every shape is an object of its own; so the kinds of
/// ``Value`` need no case that no record can have. What leaves an expression is an optional's value, or null for none, and
/// an address's text.
enum Optionals {
  private static let someShape = Shape(names: ["\u{0}optional"])
  private static let noneShape = Shape(keys: [])
  private static let addressShape = Shape(names: ["\u{0}address"])
  private static let rangeShape = Shape(names: ["\u{0}range", "\u{0}bits"])

  private static let unboundShape = Shape(keys: [])

  /// What stands in for the value of a binding until it is asked for; no expression sees it.
  static let unbound = Value.map(ValueMap(shape: unboundShape, values: []))

  static func isUnbound(_ value: Value) -> Bool {
    if case .map(let map) = value { map.shape === unboundShape } else { false }
  }

  static let none = Value.map(ValueMap(shape: noneShape, values: []))

  static func some(_ value: Value) -> Value { .map(ValueMap(shape: someShape, values: [value])) }

  static func wrap(_ value: Value?) -> Value { value.map(some) ?? none }

  static func address(_ address: NetworkAddress) -> Value {
    .map(ValueMap(shape: addressShape, values: [.bytes(address.bytes)]))
  }

  static func range(_ range: NetworkRange) -> Value {
    .map(ValueMap(shape: rangeShape, values: [.bytes(range.address.bytes), .int(Int64(range.bits))]))
  }

  static func isOptional(_ map: ValueMap) -> Bool { map.shape === someShape || map.shape === noneShape }

  /// True for what is no map of a record: optionals, addresses, ranges.
  static func isOpaque(_ map: ValueMap) -> Bool {
    map.count <= 2 && (isOptional(map) || map.shape === addressShape || map.shape === rangeShape)
  }

  static func address(_ map: ValueMap) -> NetworkAddress? {
    guard map.shape === addressShape, case .bytes(let bytes) = map.values[0] else { return nil }
    return NetworkAddress(bytes: bytes)
  }

  static func range(_ map: ValueMap) -> NetworkRange? {
    guard map.shape === rangeShape, case .bytes(let bytes) = map.values[0], case .int(let bits) = map.values[1] else {
      return nil
    }
    return NetworkRange(address: NetworkAddress(bytes: bytes), bits: Int(bits))
  }

  /// The type of what is no map of a record; nil for a map that is one.
  static func typeName(_ map: ValueMap) -> String? {
    guard isOpaque(map) else { return nil }
    return isOptional(map) ? "optional_type" : map.shape === addressShape ? "net.IP" : "net.CIDR"
  }

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

  /// What to say where a value is an optional or address and must not be.
  static func refusal(of value: Value, at range: Range<Int>) -> Failure {
    if value.networkAddress != nil || value.networkRange != nil {
      return Failure(.noSuchOverload, "an IP address cannot be used as a value here", at: range) {
        "write string(x) for its text"
      }
    }
    return Failure(.noSuchOverload, "an optional cannot be used as a value here", at: range) {
      "write orValue(x) for what to take where it has none, unwrapOpt() for a list of them"
    }
  }

  /// The first optional or address in a value, or the value where it is one; nil where there is none.
  static func first(in value: Value, _ frame: inout Frame) throws(Failure) -> Value? {
    switch value {
    case .list(let items):
      try frame.charge(items.count)
      for item in items {
        if let found = try first(in: item, &frame) { return found }
      }
      return nil
    case .map(let map):
      if isOpaque(map) { return value }
      try frame.charge(map.count)
      for item in map.values {
        if let found = try first(in: item, &frame) { return found }
      }
      return nil
    default: return nil
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
        if let address = address(map) { return .string(address.description) }
        if let range = range(map) { return .string(range.description) }
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

  /// The value as an address; nil where it is none.
  var networkAddress: NetworkAddress? { if case .map(let map) = self { Optionals.address(map) } else { nil } }

  /// The value as a range of addresses; nil where it is none.
  var networkRange: NetworkRange? { if case .map(let map) = self { Optionals.range(map) } else { nil } }

  /// The name of the value's type in the language, where optionals and addresses are types of their own.
  var celTypeName: String {
    if case .map(let map) = self, let name = Optionals.typeName(map) { return name }
    return typeName
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
    if let found = try Optionals.first(in: value, &frame) { throw Optionals.refusal(of: found, at: range) }
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
