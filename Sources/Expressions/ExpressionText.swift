public import Values

/// A text with `${ ... }` in it, as scalars of declarations carry expressions.
///
/// A text that is one expression and nothing else keeps the expression's type; mixed text interpolates. `$${` is a literal
/// `${`.
public struct ExpressionText: Sendable, Hashable {
  /// A piece of the text.
  public enum Part: Sendable, Hashable {
    /// Text as it is to stand, with `$${` already made `${`.
    case text(String)
    /// An expression without its braces and the white space within them; the range is its place in the whole text, in
    /// UTF-8 offsets.
    case expression(source: String, range: Range<Int>)
  }

  /// The pieces in order; none for an empty text.
  public let parts: [Part]

  /// Takes a text apart; see ``parse(_:)``.
  public init(_ text: String) throws(ExpressionIssue) { parts = try ExpressionText.parse(text) }

  /// The expression, where the text is one expression and nothing else.
  public var soleExpression: (source: String, range: Range<Int>)? {
    guard parts.count == 1, case .expression(let source, let range) = parts[0] else { return nil }
    return (source, range)
  }

  /// The text a value becomes within other text: that of `string(value)`; nil for null, lists, maps and types, which have
  /// none.
  public static func text(of value: Value) -> String? {
    var frame = Frame(budget: .max, locals: 0)
    return try? Functions.text(of: value, &frame)  // Bytes that are no text have none, as lists have none.
  }

  /// The pieces of a text.
  ///
  /// - Throws: ``ExpressionIssue`` where a `${` is not closed, or nothing stands in it.
  public static func parse(_ text: String) throws(ExpressionIssue) -> [Part] {
    let bytes = Array(text.utf8)
    var parts: [Part] = []
    var literal: [UInt8] = []
    var at = 0
    func flush() {
      if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
      literal.removeAll()
    }
    while at < bytes.count {
      if bytes[at...].starts(with: [0x24, 0x24, 0x7B]) {
        literal += [0x24, 0x7B]
        at += 3
      } else if bytes[at...].starts(with: [0x24, 0x7B]) {
        flush()
        var scanner = BraceScanner(bytes: bytes, at: at + 2)
        guard let end = scanner.closingBrace() else { throw unclosed(bytes, at) }
        parts.append(try expression(bytes, open: at, end: end))
        at = end + 1
      } else {
        literal.append(bytes[at])
        at += 1
      }
    }
    flush()
    return parts
  }

  private static func unclosed(_ bytes: [UInt8], _ start: Int) -> ExpressionIssue {
    ExpressionIssue(
      "'${' is not closed", at: start..<bytes.count,
      help: "close it with '}', and the strings in it with their quotes; '$${' is a literal '${'")
  }

  private static func expression(_ bytes: [UInt8], open: Int, end: Int) throws(ExpressionIssue) -> Part {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    var range = open + 2..<end
    while let first = range.first, isSpace(bytes[first]) { range = first + 1..<range.upperBound }
    while let last = range.last, isSpace(bytes[last]) { range = range.lowerBound..<last }
    if range.isEmpty {
      throw ExpressionIssue("there is no expression in '${' and '}'", at: open..<end + 1)
    }
    return .expression(source: String(decoding: bytes[range], as: UTF8.self), range: range)
  }
}

/// Finds the brace that closes an expression, past every brace that does not: in maps, strings, names and comments.
private struct BraceScanner {
  let bytes: [UInt8]
  var at: Int

  private func peek(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

  mutating func closingBrace() -> Int? {
    var depth = 0
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case 0x7D where depth == 0: return at
      case 0x7B: depth += 1
      case 0x7D: depth -= 1
      case 0x22, 0x27:
        guard skipString(isRaw: false) else { return nil }
        continue
      case 0x60:
        guard skip(to: 0x60) else { return nil }
      case 0x2F where peek(1) == 0x2F:
        // A comment ends with its line; one on the last line hides the brace, as it would the rest of the expression.
        guard skip(to: 0x0A) else { return nil }
      case _ where byte.isNameStart:
        guard skipName() else { return nil }
        continue
      default: break
      }
      at += 1
    }
    return nil
  }

  /// Moves to the next such byte.
  private mutating func skip(to end: UInt8) -> Bool {
    repeat { at += 1 } while at < bytes.count && bytes[at] != end
    return at < bytes.count
  }

  /// Skips a name, or the string whose prefix it is.
  private mutating func skipName() -> Bool {
    let start = at
    while peek().isNamePart { at += 1 }
    guard peek() == 0x22 || peek() == 0x27 else { return true }
    let prefix = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
    return skipString(isRaw: ["r", "rb", "br"].contains(prefix))
  }

  private mutating func skipString(isRaw: Bool) -> Bool {
    let quote = peek()
    let isTriple = peek(1) == quote && peek(2) == quote
    at += isTriple ? 3 : 1
    while at < bytes.count {
      if bytes[at] == 0x5C, !isRaw {
        at += 2
      } else if bytes[at] == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        at += isTriple ? 3 : 1
        return true
      } else {
        at += 1
      }
    }
    return false
  }
}
