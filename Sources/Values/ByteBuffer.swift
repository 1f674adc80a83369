#if canImport(Glibc)
  import Glibc
#endif

/// A growing run of bytes that output is written into.
///
/// It owns plain memory rather than an array, so that writing a byte is a store and not a uniqueness check.
public struct ByteBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  /// How many bytes have been written.
  public private(set) var count = 0

  /// An empty buffer with room for `capacity` bytes.
  public init(capacity: Int = 256) {
    self.capacity = max(capacity, 32)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// Forgets what was written and keeps the memory.
  public mutating func removeAll() { count = 0 }

  /// Writes one byte.
  public mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    base[count] = byte
    count += 1
  }

  /// Writes the UTF-8 bytes of a text.
  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      if let start = bytes.baseAddress { append(start, bytes.count) }
    }
  }

  /// Writes bytes.
  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { append(start, bytes.count) }
    }
  }

  /// Writes bytes that stand elsewhere in memory.
  public mutating func append(_ start: UnsafePointer<UInt8>, _ length: Int) {
    if capacity - count < length { grow(by: length) }
    memcpy(base + count, start, length)
    count += length
  }

  /// Lends the bytes written so far.
  public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: base, count: count))
  }

  /// The bytes as an array; the buffer is empty afterwards and keeps its memory.
  public mutating func takeBytes() -> [UInt8] {
    let bytes = [UInt8](UnsafeBufferPointer(start: base, count: count))
    count = 0
    return bytes
  }

  /// The bytes as text; the buffer is empty afterwards and keeps its memory.
  public mutating func takeString() -> String {
    let text = String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    count = 0
    return text
  }

  /// Room for `length` more bytes at the returned place; say with ``advance(by:)`` how many were written.
  mutating func reserve(_ length: Int) -> UnsafeMutablePointer<UInt8> {
    if capacity - count < length { grow(by: length) }
    return base + count
  }

  /// Counts bytes written into a reserved place.
  mutating func advance(by length: Int) { count += length }

  @inline(never)
  private mutating func grow(by length: Int) {
    let larger = max(capacity * 2, count + length)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memcpy(moved, base, count)
    base.deallocate()
    base = moved
    capacity = larger
  }
}
