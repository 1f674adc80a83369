/// The line of an expression that something is about, with a mark below the place.
struct ExpressionMark {
  let source: String
  /// UTF-8 offsets.
  let range: Range<Int>

  /// Two lines, indented.
  var text: String {
    let bytes = Array(source.utf8)
    let place = min(max(range.lowerBound, 0), bytes.count)
    let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
    let before = decoded(bytes[start..<place])
    let marked = decoded(bytes[place..<min(max(range.upperBound, place), end)])
    let carets = String(repeating: "^", count: max(displayWidth(marked), 1))
    return "  \(decoded(bytes[start..<end]))\n  \(String(repeating: " ", count: displayWidth(before)))\(carets)"
  }

  private func decoded(_ bytes: ArraySlice<UInt8>) -> String { printable(String(decoding: bytes, as: UTF8.self)) }
}
