/// Turns `Encodable` data into values: plans, payloads and what commands print as JSON are made with it.
///
/// Keys keep the order in which they are encoded, those of a dictionary are sorted; an absent optional leaves no key. A ``Value`` inside the data goes in as it is, with
/// its digits.
public struct ValueEncoder {
  /// An encoder; it has no state.
  public init() {}

  /// The value that data encodes to.
  ///
  /// - Throws: `EncodingError` for numbers that no value holds, and what the data's own `encode(to:)` throws.
  public func encode(_ data: some Encodable) throws -> Value {
    try box(data, path: [])
  }
}

/// One place of the tree under construction, filled in by a container.
private final class Slot {
  enum Content {
    case value(Value)
    case list
    case map
  }
  var content = Content.value(.null)
  private(set) var children: [(key: String, slot: Slot)] = []

  func addChild(_ key: String = "") -> Slot {
    let slot = Slot()
    children.append((key, slot))
    return slot
  }

  var value: Value {
    switch content {
    case .value(let value): value
    case .list: .list(children.map(\.slot.value))
    case .map: .map(ValueMap(children.map { ($0.key, $0.slot.value) }))
    }
  }
}

/// A dictionary, which has no order of its own: it is written sorted by its keys.
private protocol Unordered {
  var sortedEntries: [(String, any Encodable)] { get }
}

extension Dictionary: Unordered where Key == String, Value: Encodable {
  fileprivate var sortedEntries: [(String, any Encodable)] {
    sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }
}

private func box(_ data: any Encodable, path: [any CodingKey]) throws -> Value {
  if let value = data as? Value { return value }
  if let dictionary = data as? any Unordered {
    return .map(ValueMap(try dictionary.sortedEntries.map { ($0.0, try box($0.1, path: path)) }))
  }
  let slot = Slot()
  try data.encode(to: SlotEncoder(slot: slot, codingPath: path))
  return slot.value
}

private struct SlotEncoder: Encoder {
  let slot: Slot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.content = .map
    return KeyedEncodingContainer(KeyedSlots(slot: slot, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.content = .list
    return UnkeyedSlots(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleSlot(slot: slot, codingPath: codingPath) }
}

private struct KeyedSlots<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: Slot
  let codingPath: [any CodingKey]

  private func add(_ key: Key) -> Slot { slot.addChild(key.stringValue) }

  func encodeNil(forKey key: Key) { add(key).content = .value(.null) }

  func encode(_ data: some Encodable, forKey key: Key) throws {
    add(key).content = .value(try box(data, path: codingPath + [key]))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    SlotEncoder(slot: add(key), codingPath: codingPath + [key]).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    SlotEncoder(slot: add(key), codingPath: codingPath + [key]).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { SlotEncoder(slot: slot, codingPath: codingPath) }
  func superEncoder(forKey key: Key) -> any Encoder { SlotEncoder(slot: add(key), codingPath: codingPath + [key]) }
}

private struct UnkeyedSlots: UnkeyedEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]

  var count: Int { slot.children.count }

  private func add() -> Slot { slot.addChild() }

  func encodeNil() { add().content = .value(.null) }

  func encode(_ data: some Encodable) throws { add().content = .value(try box(data, path: codingPath)) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    SlotEncoder(slot: add(), codingPath: codingPath).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    SlotEncoder(slot: add(), codingPath: codingPath).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { SlotEncoder(slot: add(), codingPath: codingPath) }
}

private struct SingleSlot: SingleValueEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]

  func encodeNil() { slot.content = .value(.null) }
  func encode(_ value: Bool) { slot.content = .value(.bool(value)) }
  func encode(_ value: String) { slot.content = .value(.string(value)) }
  func encode(_ value: Double) { slot.content = .value(.double(value)) }
  func encode(_ value: Float) { slot.content = .value(.double(Double(value))) }
  func encode(_ value: Int) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: Int8) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: Int16) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: Int32) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: Int64) { slot.content = .value(.int(value)) }
  func encode(_ value: UInt) { slot.content = .value(Value(unsigned: UInt64(value))) }
  func encode(_ value: UInt8) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: UInt16) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: UInt32) { slot.content = .value(.int(Int64(value))) }
  func encode(_ value: UInt64) { slot.content = .value(Value(unsigned: value)) }
  func encode(_ data: some Encodable) throws { slot.content = .value(try box(data, path: codingPath)) }
}

extension Value {
  fileprivate init(unsigned number: UInt64) {
    self = Int64(exactly: number).map { .int($0) } ?? .uint(number)
  }
}

extension Value: Encodable {
  /// Encodes the value with ``ValueEncoder``; other encoders get its JSON text, as they would lose digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(json())
  }
}
