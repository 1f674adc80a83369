#if canImport(Glibc)
  import Glibc
#endif

extension String {
  /// A text of bytes that must be UTF-8; nil where they are not.
  ///
  /// `String(validating:as:)` is not specialised for UTF-8 in Swift 6.3 and takes some times as long. Mending is: what was
  /// mended is another text than what was given.
  public init?(checkedUTF8 bytes: UnsafeBufferPointer<UInt8>) {
    self.init(decoding: bytes, as: UTF8.self)
    let isSame = withUTF8 { mine in
      guard mine.count == bytes.count else { return false }
      guard let a = mine.baseAddress, let b = bytes.baseAddress else { return mine.isEmpty }
      return memcmp(a, b, mine.count) == 0
    }
    if !isSame { return nil }
  }

  /// Whether two texts have the same characters by their codes, as CEL, JSON and databases compare texts.
  ///
  /// Swift's `==` also takes `é` for `e` with an accent behind it.
  @usableFromInline
  func isSame(as other: String) -> Bool {
    if utf8.count != other.utf8.count { return false }
    let same = utf8.withContiguousStorageIfAvailable { mine in
      other.utf8.withContiguousStorageIfAvailable { theirs in
        guard let a = mine.baseAddress, let b = theirs.baseAddress else { return mine.isEmpty }
        return memcmp(a, b, mine.count) == 0
      }
    }
    return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
  }

  /// Feeds what ``isSame(as:)`` looks at.
  func hashCodes(into hasher: inout Hasher) {
    if utf8.withContiguousStorageIfAvailable({ hasher.combine(bytes: UnsafeRawBufferPointer($0)) }) == nil {
      for byte in utf8 { hasher.combine(byte) }
    }
    // Where one text ends and the next begins.
    hasher.combine(0xFF as UInt8)
  }
}
