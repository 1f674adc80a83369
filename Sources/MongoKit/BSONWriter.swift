import Values

/// Writes values as BSON.
struct BSONWriter {
  /// What a server takes: 100 levels, less those that commands add.
  static let deepest = 96

  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// The document of a map.
  static func document(_ value: Value) throws(BSONError) -> [UInt8] {
    guard case .map(let map) = value else {
      throw BSONError("a document is a map, not a value of type \(value.typeName)")
    }
    var writer = BSONWriter()
    try writer.appendMap(map, depth: 0)
    return writer.bytes
  }

  /// The document of a map, and at its end one more field: a list of documents that are written already.
  static func document(
    _ map: ValueMap, list name: String, of documents: ArraySlice<[UInt8]>
  ) throws(BSONError) -> [UInt8] {
    var writer = BSONWriter(capacity: documents.reduce(512) { $0 + $1.count + 16 })
    let start = writer.begin()
    for (key, value) in zip(map.shape.keys, map.values) { try writer.append(key, value, depth: 1) }
    try writer.appendHead(0x04, name)
    let list = writer.begin()
    for (place, document) in documents.enumerated() {
      try writer.appendHead(0x03, String(place))
      writer.bytes += document
    }
    writer.end(list)
    writer.end(start)
    return writer.bytes
  }

  /// A document with one UUID.
  static func uuidDocument(_ name: String, _ id: [UInt8]) throws(BSONError) -> [UInt8] {
    var writer = BSONWriter(capacity: 40)
    let start = writer.begin()
    try writer.appendHead(0x05, name)
    writer.append(UInt32(truncatingIfNeeded: id.count))
    writer.bytes.append(4)
    writer.bytes += id
    writer.end(start)
    return writer.bytes
  }

  private mutating func appendMap(_ map: ValueMap, depth: Int) throws(BSONError) {
    guard depth < BSONWriter.deepest else { throw BSONError("documents lie in each other \(depth) levels deep") }
    let start = begin()
    for (key, value) in zip(map.shape.keys, map.values) { try append(key, value, depth: depth + 1) }
    end(start)
  }

  private mutating func append(_ key: MapKey, _ value: Value, depth: Int) throws(BSONError) {
    switch key {
    case .string(let name): try append(name, value, depth: depth)
    case .int(let number): try append(String(number), value, depth: depth)
    case .uint(let number): try append(String(number), value, depth: depth)
    case .bool(let flag): try append(flag ? "true" : "false", value, depth: depth)
    }
  }

  private mutating func append(_ name: String, _ value: Value, depth: Int) throws(BSONError) {
    switch value {
    case .null: try appendHead(0x0A, name)
    case .bool(let flag):
      try appendHead(0x08, name)
      bytes.append(flag ? 1 : 0)
    case .int(let number):
      try appendHead(0x12, name)
      append(UInt64(bitPattern: number))
    case .uint(let number):
      if let signed = Int64(exactly: number) { return try append(name, .int(signed), depth: depth) }
      try append(name, .decimal(Decimal(number)), depth: depth)
    case .double(let number):
      try appendHead(0x01, name)
      append(number.bitPattern)
    case .decimal(let number):
      guard let form = Decimal128(number) else { throw BSONError("\(number) has more than 34 digits") }
      try appendHead(0x13, name)
      append(form.low)
      append(form.high)
    case .string(let text):
      try appendHead(0x02, name)
      append(text)
    case .bytes(let data):
      try appendHead(0x05, name)
      append(UInt32(truncatingIfNeeded: data.count))
      bytes.append(0)
      bytes += data
    case .timestamp(let time):
      try appendHead(0x09, name)
      append(UInt64(bitPattern: time.milliseconds))
    case .list(let items):
      guard depth < BSONWriter.deepest else { throw BSONError("lists lie in each other \(depth) levels deep") }
      try appendHead(0x04, name)
      let start = begin()
      for (place, item) in items.enumerated() { try append(String(place), item, depth: depth + 1) }
      end(start)
    case .map(let map):
      try appendHead(0x03, name)
      try appendMap(map, depth: depth)
    case .duration, .type: throw BSONError("a value of type \(value.typeName) is no value of BSON")
    }
  }

  // MARK: - Pieces

  private mutating func begin() -> Int {
    bytes.append(contentsOf: [0, 0, 0, 0])
    return bytes.count - 4
  }

  private mutating func end(_ start: Int) {
    bytes.append(0)
    let length = UInt32(truncatingIfNeeded: bytes.count - start)
    for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> UInt32(8 * place)) }
  }

  private mutating func appendHead(_ type: UInt8, _ name: String) throws(BSONError) {
    bytes.append(type)
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    guard !bytes[start...].contains(0) else { throw BSONError("a field's name cannot have a zero character in it") }
    bytes.append(0)
  }

  private mutating func append(_ text: String) {
    append(UInt32(truncatingIfNeeded: text.utf8.count + 1))
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }

  private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
