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

  private static func isNear(_ name: String, _ written: String) -> Bool {
    guard digits(name) == digits(written) else { return false }
    if isSameWord(name, written) { return true }
    let isLong = min(name.count, written.count) >= 4 && max(name.utf8.count, written.utf8.count) <= 200
    return isLong && abs(name.count - written.count) <= 1 && editDistance(Array(name), Array(written)) <= 1
  }

  private static func isSameWord(_ left: String, _ right: String) -> Bool {
    func letters(_ text: String) -> String { text.lowercased().filter { $0 != "-" && $0 != "_" } }
    return letters(left) == letters(right)
  }

  private static func digits(_ text: String) -> String { text.filter(\.isNumber) }
}
