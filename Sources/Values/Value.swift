/// One value of a business record, of an expression, or of a message to another system.
///
/// The kinds are those of JSON and of the Common Expression Language, and one more: an exact ``Decimal``. A number of a
/// JSON text that has a fraction or an exponent becomes a decimal, never a binary floating point number, so that money
/// arrives as it was sent.
///
/// Equality is by meaning: numbers compare by their numeric value whatever their kind (`1 == 1.0`, `12.30 == 12.3`), texts by
/// the codes of their characters, maps without regard to the order of their keys. `NaN` equals nothing.
@frozen
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case decimal(Decimal)
  case string(String)
  case bytes([UInt8])
  case timestamp(Timestamp)
  case duration(TimeSpan)
  case list([Value])
  case map(ValueMap)
  /// A type as a value, by its CEL name, as `type(1)` gives.
  case type(String)
}

extension Value {
  /// The CEL name of the value's type: `int`, `google.protobuf.Timestamp`, ...
  public var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .list: "list"
    case .map: "map"
    case .type: "type"
    }
  }

  /// True for the one value `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The text, where the value is a string.
  public var stringValue: String? { if case .string(let text) = self { text } else { nil } }

  /// The truth value, where the value is a bool.
  public var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// The elements, where the value is a list.
  public var listValue: [Value]? { if case .list(let items) = self { items } else { nil } }

  /// The entries, where the value is a map.
  public var mapValue: ValueMap? { if case .map(let map) = self { map } else { nil } }

  /// The whole number, where the value is one that fits 64 bits with a sign.
  public var intValue: Int64? {
    switch self {
    case .int(let number): number
    case .uint(let number): Int64(exactly: number)
    case .decimal(let number): number.int64
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// The value of a string key, where this is a map that has it.
  public subscript(key: String) -> Value? {
    if case .map(let map) = self { map[key] } else { nil }
  }

  /// Follows string keys from map to map; nil where one is missing.
  public func at(_ path: String...) -> Value? {
    var current = self
    for key in path {
      guard let next = current[key] else { return nil }
      current = next
    }
    return current
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// A map with the keys in the order given.
  public init(dictionaryLiteral elements: (String, Value)...) { self = .map(ValueMap(elements)) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
}

extension Value {
  /// The name of the type with the article it takes in a sentence: `an int`, `a list`.
  public var typeNameWithArticle: String {
    let name = isNull ? "null" : typeName
    return isNull ? name : ("aeio".contains(name.prefix(1)) ? "an " : "a ") + name
  }
}
