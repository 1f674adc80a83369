/// A scalar: its text, how it was written, and what it means.
public struct YAMLScalar: Sendable {
  /// How a scalar was written.
  public enum Style: Sendable {
    /// Without quotes.
    case plain
    /// In `'`.
    case singleQuoted
    /// In `"`.
    case doubleQuoted
    /// A block after `|`.
    case literal
    /// A block after `>`.
    case folded
  }

  /// The decoded text.
  public var text: String
  /// How it was written.
  public var style: Style
  /// What it means by the core schema.
  public var core: CoreValue
  /// Where the text stands.
  let map: ScalarMap

  init(text: String, style: Style, core: CoreValue, map: ScalarMap) {
    self.text = text
    self.style = style
    self.core = core
    self.map = map
  }

  /// Returns the source bytes that a range of UTF-8 offsets in `text` was written with.
  ///
  /// Exact through quotes, escapes, the indentation of blocks and folded lines. A part of an escape gives the whole
  /// escape; a range beyond the text counts as its end.
  public func sourceRange(of range: Range<Int>) -> Range<Int> {
    map.sourceRange(of: range, textLength: text.utf8.count)
  }
}

/// What a scalar means by the core schema of YAML 1.2.2, section 10.3.
public enum CoreValue: Hashable, Sendable {
  /// `null`, `~` or nothing.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number that fits.
  case integer(Int64)
  /// The digits as written: a fraction, an exponent, or a whole number beyond 64 bits.
  case number(String)
  /// `.inf` or `-.inf`.
  case infinity(negative: Bool)
  /// `.nan`.
  case notANumber
  /// Everything else, and everything in quotes or blocks.
  case string
}
