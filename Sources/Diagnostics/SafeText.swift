/// Text from outside, made fit for a terminal.
enum SafeText {
  /// What stands for a character that must not be written as it is.
  static let replacement: Character = "\u{FFFD}"

  /// Returns whether a character would move the cursor, change colours, or turn the direction of the text around it.
  static func isUnsafe(_ character: Character) -> Bool {
    character.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x00...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
      default: false
      }
    }
  }

  /// Returns a text with every unsafe character replaced; line feeds stay.
  static func line(_ text: String) -> String {
    text.contains { $0 != "\n" && isUnsafe($0) }
      ? String(text.map { $0 != "\n" && isUnsafe($0) ? replacement : $0 }) : text
  }
}
