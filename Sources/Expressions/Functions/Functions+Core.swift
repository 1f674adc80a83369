import Glibc
import Values

extension Functions {
  static let core: [Function] = [
    Function(
      "size", .both,
      [
        "size(string|bytes|list(T)|map(K, V)) -> int", "string.size() -> int", "bytes.size() -> int",
        "list(T).size() -> int", "map(K, V).size() -> int",
      ],
      "How many characters, bytes, elements or entries there are.",
      example: "size(record.items) > 0", one: size),
    Function(
      "contains", .member, ["string.contains(string) -> bool"], "Whether a text stands anywhere in another.",
      example: "record.remark.contains(\"urgent\")", two: contains),
    Function(
      "startsWith", .member, ["string.startsWith(string) -> bool"], "Whether a text starts with another.",
      example: "record.code.startsWith(\"W\")", two: startsWith),
    Function(
      "endsWith", .member, ["string.endsWith(string) -> bool"], "Whether a text ends with another.",
      example: "record.file.endsWith(\".csv\")", two: endsWith),
    Function(
      "matches", .both, ["string.matches(string) -> bool", "matches(string, string) -> bool"],
      "Whether a regular expression in RE2 syntax matches a part of the text; anchor it with ^ and $ for the whole.",
      example: "record.phone.matches(\"^1[0-9]{10}$\")", two: matches
    ).taking(.pattern, at: 1),
  ]

  private static func size(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch value {
    case .string(let text):
      try frame.charge(text: text.utf8.count)
      return .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    case .list(let items): return .int(Int64(items.count))
    case .map(let map): return .int(Int64(map.count))
    default: throw Failure.noOverload
    }
  }

  private static func contains(_ text: Value, _ part: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = text, case .string(let part) = part else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count)
    return .bool(contains(text, part))
  }

  /// Whether a text stands in another, without a copy of either where their bytes lie together, as nearly all do.
  static func contains(_ text: String, _ part: String) -> Bool {
    let found = text.utf8.withContiguousStorageIfAvailable { bytes in
      part.utf8.withContiguousStorageIfAvailable { part in offset(of: part, in: bytes, from: 0) != nil }
    }
    return found.flatMap { $0 } ?? (offset(of: Array(part.utf8), in: Array(text.utf8), from: 0) != nil)
  }

  private static func startsWith(_ text: Value, _ part: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = text, case .string(let part) = part else { throw Failure.noOverload }
    try frame.charge(text: part.utf8.count)
    return .bool(text.utf8.starts(with: part.utf8))
  }

  private static func endsWith(_ text: Value, _ part: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = text, case .string(let part) = part else { throw Failure.noOverload }
    try frame.charge(text: part.utf8.count)
    return .bool(text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8))
  }

  private static func matches(_ text: Value, _ pattern: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = text, case .string(let pattern) = pattern else { throw Failure.noOverload }
    return .bool(try PatternCache.pattern(pattern).matches(text, &frame))
  }

  /// Where bytes first stand in others at or after a place; found in linear time.
  static func offset(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      part.withUnsafeBufferPointer { part in offset(of: part, in: bytes, from: start) }
    }
  }

  static func offset(
    of part: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    if part.isEmpty { return start <= bytes.count ? start : nil }
    guard start + part.count <= bytes.count else { return nil }
    return part.count <= 32 ? scan(for: part, in: bytes, from: start) : search(for: part, in: bytes, from: start)
  }

  /// For short parts: looks for the first byte and compares there.
  private static func scan(
    for part: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    guard let base = bytes.baseAddress, let wanted = part.baseAddress else { return nil }
    var at = start
    let last = bytes.count - part.count
    while at <= last, let found = memchr(base + at, Int32(part[0]), last - at + 1) {
      at = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(base + at, wanted, part.count) == 0 { return at }
      at += 1
    }
    return nil
  }

  /// For long parts: never looks at a byte twice (Knuth, Morris, Pratt, "Fast Pattern Matching in Strings").
  private static func search(
    for part: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    // For each place of the part, how many bytes before it are also its beginning.
    var borders = [0]
    var length = 0
    for byte in part.dropFirst() {
      while length > 0, part[length] != byte { length = borders[length - 1] }
      if part[length] == byte { length += 1 }
      borders.append(length)
    }
    length = 0
    for at in start..<bytes.count {
      while length > 0, part[length] != bytes[at] { length = borders[length - 1] }
      if part[length] == bytes[at] { length += 1 }
      if length == part.count { return at + 1 - length }
    }
    return nil
  }
}
