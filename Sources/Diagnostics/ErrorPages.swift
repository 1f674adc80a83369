/// The reference of all codes, in Markdown: made from the registry.
public enum ErrorPages {
  /// The pages, by file name.
  public static func pages() -> [(name: String, text: String)] {
    [("README.md", index())] + DiagnosticCode.all.map { ("\($0.rawValue).md", page(of: $0)) }
  }

  private static func index() -> String {
    var text = """
      # What the compiler finds

      `datahub explain CODE` shows the same. The first digit is the phase: 1 syntax, 2 declarations, 3 expressions.

      | code | what | severity |
      |---|---|---|

      """
    for code in DiagnosticCode.all {
      text += "| [\(code.rawValue)](\(code.rawValue).md) | \(code.title) | \(code.defaultSeverity.rawValue) |\n"
    }
    return text
  }

  private static func page(of code: DiagnosticCode) -> String {
    var text = "# \(code.rawValue): \(code.title)\n\nSeverity: \(code.defaultSeverity.rawValue)\n\n\(code.explanation)\n"
    if let bad = code.badExample, bad.utf8.count < 2_000 { text += "\nWrong:\n\n" + block(bad) }
    if let good = code.goodExample, good.utf8.count < 2_000 { text += "\nRight:\n\n" + block(good) }
    return text
  }

  private static func block(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      let isShown = scalar.value >= 0x20 && scalar.value != 0x7F && scalar.value != 0x2028 && scalar.value != 0xFEFF
      plain += isShown || scalar == "\n" ? String(scalar) : "<U+\(hexDigits(scalar.value))>"
    }
    return "```yaml\n\(plain)\(plain.hasSuffix("\n") ? "" : "\n")```\n"
  }

  private static func hexDigits(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
