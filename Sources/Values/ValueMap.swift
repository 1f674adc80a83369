/// The key of a map entry: JSON has text keys only, the expression language whole numbers and truth values besides.
@frozen
public enum MapKey: Sendable {
  case string(String)
  case int(Int64)
  case uint(UInt64)
  case bool(Bool)

  /// The key as a value.
  public var value: Value {
    switch self {
    case .string(let text): .string(text)
    case .int(let number): .int(number)
    case .uint(let number): .uint(number)
    case .bool(let flag): .bool(flag)
    }
  }

  /// The key a value stands for; nil where a value of its kind cannot be one.
  ///
  /// A double or decimal that is a whole number finds the entry of that number, as CEL's cross-type look-up wants it.
  public init?(_ value: Value) {
    switch value {
    case .string(let text): self = .string(text)
    case .int(let number): self = .int(number)
    case .uint(let number): self = .uint(number)
    case .bool(let flag): self = .bool(flag)
    case .double, .decimal:
      guard let number = value.intValue else { return nil }
      self = .int(number)
    default: return nil
    }
  }
}

extension MapKey: Hashable {
  /// Keys are equal where their values are; 1 and 1u are one key.
  public static func == (left: MapKey, right: MapKey) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): a.isSame(as: b)
    case (.int(let a), .int(let b)): a == b
    case (.uint(let a), .uint(let b)): a == b
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .uint(let b)), (.uint(let b), .int(let a)): a >= 0 && UInt64(a) == b
    default: false
    }
  }

  /// Equal keys of different kinds hash alike.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .string(let text): text.hashCodes(into: &hasher)
    case .int(let number): hasher.combine(UInt64(bitPattern: number))
    case .uint(let number): hasher.combine(number)
    case .bool(let flag): hasher.combine(flag)
    }
  }
}

/// An ordered map: the keys in the order they came in, each once.
///
/// The keys live in a ``Shape`` that all maps with the same keys share, the values in an array beside it; a page of a
/// thousand records has its keys in memory once.
@frozen
public struct ValueMap: Sendable {
  /// The keys and where each one's value stands.
  public let shape: Shape
  /// The values, in the order of the shape's keys.
  public var values: [Value]

  /// A map of values that stand in the order of the shape's keys.
  @inlinable
  public init(shape: Shape, values: [Value]) {
    precondition(shape.count == values.count, "a map needs one value for each key of its shape")
    self.shape = shape
    self.values = values
  }

  /// A map of entries; of two entries with one key the later wins, in the earlier's place.
  public init(_ entries: some Sequence<(MapKey, Value)>) {
    var keys: [MapKey] = []
    var values: [Value] = []
    var places: [MapKey: Int] = [:]
    for (key, value) in entries {
      if let place = places[key] {
        values[place] = value
      } else {
        places[key] = keys.count
        keys.append(key)
        values.append(value)
      }
    }
    self.init(shape: Shape(keys: keys), values: values)
  }

  /// A map of text keys; of two entries with one key the later wins, in the earlier's place.
  public init(_ entries: some Sequence<(String, Value)>) {
    self.init(entries.lazy.map { (MapKey.string($0.0), $0.1) })
  }

  /// How many entries there are.
  @inlinable
  public var count: Int { values.count }

  /// True where there is no entry.
  @inlinable
  public var isEmpty: Bool { values.isEmpty }

  /// The keys in order.
  public var keys: [MapKey] { shape.keys }

  /// The value of a text key.
  @inlinable
  public subscript(key: String) -> Value? {
    guard let slot = shape.slot(of: key) else { return nil }
    return values[slot]
  }

  /// The value of a key of any kind.
  public subscript(key: MapKey) -> Value? {
    guard let slot = shape.slot(of: key) else { return nil }
    return values[slot]
  }

  /// The entries in order.
  public var entries: [(key: MapKey, value: Value)] {
    zip(shape.keys, values).map { (key: $0, value: $1) }
  }

  /// A copy in which a key has a value, in its old place or at the end.
  public func setting(_ key: String, to value: Value) -> ValueMap {
    if let slot = shape.slot(of: key) {
      var copy = self
      copy.values[slot] = value
      return copy
    }
    return ValueMap(shape: Shape(keys: shape.keys + [.string(key)]), values: values + [value])
  }
}

extension ValueMap: Hashable {
  /// True where both have the same keys with the same values, in any order.
  public static func == (left: ValueMap, right: ValueMap) -> Bool {
    if left.shape === right.shape { return left.values == right.values }
    guard left.count == right.count else { return false }
    for (key, value) in zip(left.shape.keys, left.values) {
      guard let other = right[key], other == value else { return false }
    }
    return true
  }

  /// Independent of the order of the keys.
  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for (key, value) in zip(shape.keys, values) {
      var entry = Hasher()
      entry.combine(key)
      entry.combine(value)
      sum &+= entry.finalize()
    }
    hasher.combine(sum)
  }
}
