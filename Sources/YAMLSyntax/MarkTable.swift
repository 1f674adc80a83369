/// Turns libyaml's marks, which count characters (Unicode scalars), into byte offsets and back.
///
/// Keeps the byte offset of every 64th character; a file of ASCII alone needs no table.
struct MarkTable {
  private static let stride = 64

  private let checkpoints: [UInt32]
  private let isASCII: Bool
  /// The bytes before the first character that counts: a byte order mark.
  private let start: Int

  /// Makes the table of a text that is valid UTF-8; marks count from `start`.
  init(bytes: UnsafeBufferPointer<UInt8>, start: Int, isASCII: Bool) {
    self.start = start
    self.isASCII = isASCII
    var checkpoints: [UInt32] = []
    if !isASCII {
      checkpoints.reserveCapacity((bytes.count - start) / Self.stride + 1)
      var character = 0
      for offset in start..<bytes.count where Self.startsCharacter(bytes[offset]) {
        if character % Self.stride == 0 { checkpoints.append(UInt32(offset)) }
        character += 1
      }
    }
    self.checkpoints = checkpoints
  }

  /// Returns the byte offset of the character with the given number, or the end of the text.
  func offset(ofMark mark: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    if isASCII { return min(start + mark, bytes.count) }
    let checkpoint = mark / Self.stride
    guard checkpoint < checkpoints.count else { return bytes.count }
    var offset = Int(checkpoints[checkpoint])
    var left = mark % Self.stride
    while left > 0, offset < bytes.count {
      offset += 1
      while offset < bytes.count, !Self.startsCharacter(bytes[offset]) { offset += 1 }
      left -= 1
    }
    return offset
  }

  /// Returns the number of the character that starts at a byte offset.
  func mark(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    if isASCII || offset <= start { return max(0, offset - start) }
    var low = 0
    var high = checkpoints.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(checkpoints[middle]) <= offset { low = middle } else { high = middle }
    }
    var mark = low * Self.stride
    for place in Int(checkpoints[low])..<offset where Self.startsCharacter(bytes[place]) { mark += 1 }
    return mark
  }

  private static func startsCharacter(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
}
