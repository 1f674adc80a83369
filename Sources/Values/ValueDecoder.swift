/// Turns values into `Decodable` data, the way back from ``ValueEncoder``.
public struct ValueDecoder {
  /// A decoder; it has no state.
  public init() {}

  /// The data a value encodes.
  ///
  /// - Throws: `DecodingError`, with the path to what is missing or of another type.
  public func decode<Data: Decodable>(_ type: Data.Type, from value: Value) throws -> Data {
    try unbox(type, value, path: [])
  }
}

private func unbox<Data: Decodable>(_ type: Data.Type, _ value: Value, path: [any CodingKey]) throws -> Data {
  if let same = value as? Data { return same }
  return try Data(from: TreeDecoder(value: value, codingPath: path))
}

private func mismatch(_ type: Any.Type, _ value: Value, _ path: [any CodingKey]) -> DecodingError {
  .typeMismatch(
    type, .init(codingPath: path, debugDescription: "a \(value.typeName) stands where a \(type) should"))
}

private struct TreeDecoder: Decoder {
  let value: Value
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .map(let map) = value else { throw mismatch(ValueMap.self, value, codingPath) }
    return KeyedDecodingContainer(KeyedTree(map: map, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let items) = value else { throw mismatch([Value].self, value, codingPath) }
    return UnkeyedTree(items: items, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { SingleTree(value: value, codingPath: codingPath) }
}

private struct KeyedTree<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let map: ValueMap
  let codingPath: [any CodingKey]

  var allKeys: [Key] { map.keys.compactMap { Key(stringValue: $0.jsonText) } }

  func contains(_ key: Key) -> Bool { map[key.stringValue] != nil }

  private func value(_ key: Key) throws -> Value {
    guard let value = map[key.stringValue] else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "no '\(key.stringValue)'"))
    }
    return value
  }

  func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

  func decode<Data: Decodable>(_ type: Data.Type, forKey key: Key) throws -> Data {
    try unbox(type, try value(key), path: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try TreeDecoder(value: try value(key), codingPath: codingPath + [key]).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try TreeDecoder(value: try value(key), codingPath: codingPath + [key]).unkeyedContainer()
  }

  func superDecoder() -> any Decoder { TreeDecoder(value: .map(map), codingPath: codingPath) }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    TreeDecoder(value: try value(key), codingPath: codingPath + [key])
  }
}

private struct UnkeyedTree: UnkeyedDecodingContainer {
  let items: [Value]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(items: [Value], codingPath: [any CodingKey]) {
    self.items = items
    self.codingPath = codingPath
  }

  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex >= items.count }

  private mutating func next() throws -> Value {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Value.self, .init(codingPath: codingPath, debugDescription: "the list has \(items.count) elements"))
    }
    currentIndex += 1
    return items[currentIndex - 1]
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, items[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Data: Decodable>(_ type: Data.Type) throws -> Data {
    try unbox(type, try next(), path: codingPath)
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try TreeDecoder(value: try next(), codingPath: codingPath).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try TreeDecoder(value: try next(), codingPath: codingPath).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { TreeDecoder(value: try next(), codingPath: codingPath) }
}

private struct SingleTree: SingleValueDecodingContainer {
  let value: Value
  let codingPath: [any CodingKey]

  func decodeNil() -> Bool { value.isNull }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let flag = value.boolValue else { throw mismatch(type, value, codingPath) }
    return flag
  }

  func decode(_ type: String.Type) throws -> String {
    guard let text = value.stringValue else { throw mismatch(type, value, codingPath) }
    return text
  }

  func decode(_ type: Double.Type) throws -> Double {
    switch value {
    case .double(let number): return number
    case .int(let number): return Double(number)
    case .uint(let number): return Double(number)
    case .decimal(let number): return number.double
    default: throw mismatch(type, value, codingPath)
    }
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 {
    switch value {
    case .uint(let number): return number
    case .decimal(let number):
      guard let exact = UInt64(number.description) else { throw mismatch(type, value, codingPath) }
      return exact
    default: return try integer()
    }
  }

  private func integer<Number: FixedWidthInteger>() throws -> Number {
    guard let number = value.intValue, let exact = Number(exactly: number) else {
      throw mismatch(Number.self, value, codingPath)
    }
    return exact
  }

  func decode<Data: Decodable>(_ type: Data.Type) throws -> Data { try unbox(type, value, path: codingPath) }
}

extension Value: Decodable {
  /// The value itself, from ``ValueDecoder``; from other decoders, the value of a JSON text.
  public init(from decoder: any Decoder) throws {
    try self.init(json: try decoder.singleValueContainer().decode(String.self))
  }
}
