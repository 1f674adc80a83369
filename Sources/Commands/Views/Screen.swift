/// A terminal's screen that is drawn over and over without flicker; what was on it before comes back at the end.
struct Screen: Sendable {
  private let console: Console

  /// Takes the other screen, and hides the cursor.
  init(_ console: Console) {
    self.console = console
    console.output("\u{1B}[?1049h\u{1B}[?25l")
  }

  /// Draws a text from the top: each line over the old one, then nothing below it.
  func draw(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    console.output("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[K\u{1B}[J")
  }

  /// Gives the screen back.
  func leave() { console.output("\u{1B}[?25h\u{1B}[?1049l") }
}
