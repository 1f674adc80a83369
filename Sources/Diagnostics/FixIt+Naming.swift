public import SourceText

extension FixIt {
  /// The fix that writes a known name in place of a misspelt one; nothing where none is alike.
  ///
  /// It is safe where nothing else can have been meant: of the known names only one is the same but for case, `-` and
  /// `_`, or, for names of four letters and more, one letter away. Digits count: `shop-2` is never taken for `shop-1`.
  ///
  /// - Parameters:
  ///   - span: What the name is written with, quotes included.
  ///   - taken: Names that stand beside it already.
  public static func naming(
    _ written: String, among known: [String], at span: SourceSpan, taken: Set<String> = []
  ) -> FixIt? {
    guard let name = didYouMean(written, among: known) ?? known.first(where: { isSameWord($0, written) }) else {
      return nil
    }
    // A name in quotes stays in them; anything else (an escape, an alias, a block) is not touched.
    let quotes = (span.range.count - written.utf8.count) / 2
    let isAsRead = span.range.count == written.utf8.count || span.range.count == written.utf8.count + 2
    guard isAsRead, name.utf8.allSatisfy(isPlain) else { return nil }
    let edit = Edit(
      span: SourceSpan(
        file: span.file, range: span.range.lowerBound + quotes..<span.range.upperBound - quotes), replacement: name)
    let near = known.filter { isNear($0, written) }
    let isSure = near == [name] && !taken.contains(name)
    return FixIt(edits: [edit], message: "write '\(name)'", applicability: isSure ? .safe : .unsafe)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/")].contains(byte)
    }
  }

  /// Whether nothing but this name can have been meant, as long as no other one is as near.
  ///
  /// Quick: it is asked for every known name.
  private static func isNear(_ name: String, _ written: String) -> Bool {
    var (name, written) = (name, written)
    return name.withUTF8 { name in
      written.withUTF8 { written in
        if isSameWord(name, written) { return true }
        guard min(name.count, written.count) >= 4, isOneEditAway(name, written) else { return false }
        return name.lazy.filter(isDigit).elementsEqual(written.lazy.filter(isDigit))
      }
    }
  }

  private static func isSameWord(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left, right)
    return left.withUTF8 { left in right.withUTF8 { isSameWord(left, $0) } }
  }

  /// The same but for case, `-` and `_`.
  private static func isSameWord(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    func letters(_ bytes: UnsafeBufferPointer<UInt8>) -> some Sequence<UInt8> {
      bytes.lazy.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }.map {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 0x20 : $0
      }
    }
    return letters(left).elementsEqual(letters(right))
  }

  /// One letter added, left out, exchanged, or swapped with its neighbour.
  private static func isOneEditAway(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    let (short, long) = left.count <= right.count ? (left, right) : (right, left)
    guard long.count - short.count <= 1 else { return false }
    var start = 0
    while start < short.count, short[start] == long[start] { start += 1 }
    func isRestEqual(_ a: Int, _ b: Int) -> Bool { short.dropFirst(a).elementsEqual(long.dropFirst(b)) }
    if short.count < long.count { return isRestEqual(start, start + 1) }
    if isRestEqual(start + 1, start + 1) { return true }
    return start + 1 < short.count && short[start] == long[start + 1] && short[start + 1] == long[start]
      && isRestEqual(start + 2, start + 2)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
