/// Whether a text can do without quotes, for every reader and not only for ours.
enum PlainForm {
  /// What YAML 1.1 takes for something else than a text, in any case of letters.
  private static let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

  /// Returns whether a text is read as the same text without quotes.
  ///
  /// Stricter than YAML 1.2: what begins with a digit, a sign or a period, and the words of YAML 1.1, keep their quotes.
  static func fits(_ text: String, inFlow: Bool) -> Bool {
    guard let first = text.utf8.first, isStart(first), let last = text.utf8.last, last != UInt8(ascii: ":") else {
      return false
    }
    if text.utf8.count <= 5, words.contains(text.lowercased()) { return false }
    var previous = UInt8(ascii: " ")
    for scalar in text.unicodeScalars {
      guard isShown(scalar) else { return false }
      let byte = scalar.isASCII ? UInt8(scalar.value) : 0x80
      // Older readers stop at a colon inside brackets.
      if inFlow, isBracket(byte) || byte == UInt8(ascii: ":") { return false }
      if byte == UInt8(ascii: "#"), previous == UInt8(ascii: " ") { return false }
      if byte == UInt8(ascii: " "), previous == UInt8(ascii: ":") { return false }
      previous = byte
    }
    return previous != UInt8(ascii: " ") && CoreSchema.resolve(text) == .string
  }

  private static func isStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
    case UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "$"), UInt8(ascii: "("), UInt8(ascii: "^"): true
    default: false
    }
  }

  private static func isBracket(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
    default: false
    }
  }

  /// Whether a reader sees the character, and sees it for what it is.
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      return false
    default: return true
    }
  }
}
