/// Comma-separated values as RFC 4180 has them: lines end in CR LF, and what holds a comma, a quote or a line end is quoted.
enum CSVText {
  /// One line of fields.
  ///
  /// - Parameter guardsFormulas: puts a `'` before what a spreadsheet would take for a formula: text that begins with `=`, `+`,
  ///   `-`, `@`, a tab or a carriage return, and is no number.
  static func line(_ fields: [String], guardsFormulas: Bool) -> String {
    fields.map { field($0, guardsFormulas) }.joined(separator: ",") + "\r\n"
  }

  private static func field(_ text: String, _ guardsFormulas: Bool) -> String {
    let text = guardsFormulas && isFormula(text) ? "'" + text : text
    let needsQuotes = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  private static func isFormula(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    switch first {
    case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: return true
    // A negative amount is no formula.
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return !isNumber(text.utf8.dropFirst())
    default: return false
    }
  }

  private static func isNumber(_ digits: some Sequence<UInt8>) -> Bool {
    var hasDigit = false
    var hasPoint = false
    for byte in digits {
      if byte &- 0x30 < 10 {
        hasDigit = true
      } else if byte == 0x2E, !hasPoint {
        hasPoint = true
      } else {
        return false
      }
    }
    return hasDigit
  }
}
