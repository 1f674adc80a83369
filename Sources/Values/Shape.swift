import Synchronization

/// The keys of maps that look alike, with where each key's value stands.
///
/// Shapes are shared by all records of a page and by all documents of a mapping. What depends on the keys alone is worked
/// out once here: the index, the JSON text of the keys, their sorted order.
public final class Shape: Sendable {
  /// The keys in order, each once.
  public let keys: [MapKey]
  /// A number no other shape of this process has; expressions remember with it where they found a field.
  public let id: UInt32
  /// How many keys there are.
  public let count: Int
  /// The text keys in order; empty where a key is not text.
  @usableFromInline let names: [String]
  /// For each key, by its place in `names`; nil for the few keys that are found faster one by one.
  @usableFromInline let index: [MapKey: Int]?
  /// `"key":` of every key, one after the other, escaped.
  let encodedKeys: [UInt8]
  /// Where each key starts in `encodedKeys`; one more at the end.
  let encodedOffsets: [Int]
  /// The places of the keys in the order of their UTF-8 bytes.
  let sortedSlots: [Int]
  /// True where every key is text.
  public let hasOnlyTextKeys: Bool

  private static let nextID = Atomic<UInt32>(1)
  private static let linearLimit = 8

  /// The shape without a key.
  public static let empty = Shape(keys: [])

  /// A shape of keys that are all different.
  public init(keys: [MapKey]) {
    self.keys = keys
    id = Shape.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    count = keys.count
    var names: [String] = []
    names.reserveCapacity(keys.count)
    for case .string(let name) in keys { names.append(name) }
    hasOnlyTextKeys = names.count == keys.count
    self.names = hasOnlyTextKeys ? names : []
    let needsIndex = keys.count > Shape.linearLimit || !hasOnlyTextKeys
    index = needsIndex ? Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) }) : nil
    var encoder = ByteBuffer(capacity: 16 * keys.count)
    var offsets: [Int] = []
    offsets.reserveCapacity(keys.count + 1)
    for key in keys {
      offsets.append(encoder.count)
      encoder.appendJSONString(key.jsonText)
      encoder.append(0x3A)
    }
    offsets.append(encoder.count)
    encodedKeys = encoder.takeBytes()
    encodedOffsets = offsets
    sortedSlots = keys.indices.sorted { keys[$0].jsonText.utf8.lexicographicallyPrecedes(keys[$1].jsonText.utf8) }
  }

  /// A shape of text keys that are all different.
  public convenience init(names: [String]) {
    self.init(keys: names.map { .string($0) })
  }

  /// Where the value of a text key stands.
  @inlinable
  public func slot(of name: String) -> Int? {
    if let index { return index[.string(name)] }
    for (slot, candidate) in names.enumerated() where candidate.isSame(as: name) { return slot }
    return nil
  }

  /// Where the value of a key stands.
  public func slot(of key: MapKey) -> Int? {
    if let index { return index[key] }
    guard case .string(let name) = key else { return nil }
    return slot(of: name)
  }
}

extension MapKey {
  /// The key as JSON has it: text.
  var jsonText: String {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    case .uint(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    }
  }
}
