// How a scalar can be written.
extension WrittenScalar {
  /// Whether the source has it on one line.
  private var isOneLine: Bool { lines.count == 1 && style != .literal && style != .folded }

  /// The scalar on one line: without quotes where these are not needed, else as it was written if that fits.
  func line(inFlow: Bool, keepsQuotes: Bool = false) -> String {
    switch style {
    case .plain:
      if isOneLine { return needsQuotes(inFlow: inFlow) ? Self.quoted(text) : lines[0] }
      return PlainForm.fits(text, inFlow: inFlow) ? text : Self.quoted(text)
    case .singleQuoted, .doubleQuoted:
      let isAsRead = style == .singleQuoted || !lines.contains { $0.utf8.contains(UInt8(ascii: "\\")) }
      // What is escaped on one line stays so; joined lines are as if they had been written so.
      if isAsRead || !isOneLine, !keepsQuotes, PlainForm.fits(text, inFlow: inFlow) { return text }
      if isOneLine { return lines[0] }
      let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
      return style == .singleQuoted && isPrintable ? "'\(text.replacing("'", with: "''"))'" : Self.quoted(text)
    case .literal, .folded:
      return !keepsQuotes && PlainForm.fits(text, inFlow: inFlow) ? text : Self.quoted(text)
    }
  }

  /// Whether a plain text would be something else where it goes to: the mark of a document, a dash, or a key without its colon.
  private func needsQuotes(inFlow: Bool) -> Bool {
    text.utf8.starts(with: "---".utf8) || text.utf8.starts(with: "...".utf8) || text == "-" || text == "?"
      || (inFlow && text.utf8.last == UInt8(ascii: ":"))
  }

  /// The lines of a plain or quoted scalar that is kept on several, all but the first without indentation.
  ///
  /// Nothing where it has only one.
  var keptLines: [String]? {
    guard lines.count > 1, style != .literal, style != .folded else { return nil }
    if style == .plain, needsQuotes(inFlow: false) { return nil }
    var kept: [String] = []
    for (index, line) in lines.enumerated() {
      var rest = line.utf8[...]
      if index > 0 { rest = rest.drop(while: isBlank) }
      if index < lines.count - 1 { rest = trimmedEnd(of: rest) }
      kept.append(String(Substring(rest)))
    }
    return kept
  }

  /// Whether its lines can be joined into one that reads the same to the user.
  var mayJoin: Bool {
    !text.utf8.contains(UInt8(ascii: "\n")) && (style != .doubleQuoted || !lines.contains { $0.contains("\\") })
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// Blanks at the end of a line are none of the text, unless the last one is escaped.
  private func trimmedEnd(of line: Substring.UTF8View) -> Substring.UTF8View {
    var end = line
    while let last = end.last, isBlank(last) { end.removeLast() }
    guard style == .doubleQuoted, end.endIndex < line.endIndex else { return end }
    let backslashes = end.reversed().prefix { $0 == UInt8(ascii: "\\") }.count
    return backslashes % 2 == 1 ? line[..<line.index(after: end.endIndex)] : end
  }

  // MARK: - Blocks

  /// The header of a block and its lines, of which none is indented; nothing where the text can be no block.
  var block: (header: String, lines: [String])? {
    guard style == .literal || style == .folded else { return nil }
    let trailing = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
    // Of a text of blanks alone nobody sees where it ends.
    guard text.utf8.contains(where: { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: " ") }) else { return nil }
    var content = style == .folded ? lines : literalLines(trailing)
    let extra = max(0, trailing - 1)
    content += Array(repeating: "", count: extra)
    var header = style == .literal ? "|" : ">"
    if needsIndicator(content) { header += "2" }
    header += trailing == 0 ? "-" : extra > 0 ? "+" : ""
    return (header, content)
  }

  private func literalLines(_ trailing: Int) -> [String] {
    text.utf8.dropLast(trailing).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
  }

  /// Whether readers could not tell the indentation by themselves: a blank stands first, or a line of blanks alone before it.
  private func needsIndicator(_ lines: [String]) -> Bool {
    for line in lines {
      if let first = line.utf8.first, isBlank(first) { return true }
      if !line.isEmpty { return false }
    }
    return false
  }

  /// Whether the end of the block counts every line end behind it.
  var keepsLineEnds: Bool { block?.header.hasSuffix("+") == true }

  // MARK: - Quotes

  /// A text in double quotes, everything escaped that must be.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: result += "\\x" + hexadecimal(scalar.value, digits: 2)
        case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: result += "\\u" + hexadecimal(scalar.value, digits: 4)
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
