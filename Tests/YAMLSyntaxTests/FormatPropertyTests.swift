import Diagnostics
import SourceText
import Testing
import YAMLSyntax

@Suite("Formatting any file")
struct FormatPropertyTests {
  /// Formats twice and gives the canonical form; nothing where the file cannot be read.
  private func check(_ text: String, _ order: KeyOrder, _ seed: UInt64) -> String? {
    switch formatYAML(Marked.plain(text), order: { _ in order }) {
    case .unreadable: return nil
    case .unchanged: return text
    case .refused(let reason):
      Issue.record("seed \(seed): \(reason)\n\(text.debugDescription)")
      return nil
    case .changed(let bytes):
      let formatted = String(decoding: bytes, as: UTF8.self)
      guard case .unchanged = formatYAML(Marked.plain(formatted), order: { _ in order }) else {
        Issue.record("seed \(seed): formatted twice\n\(formatted)")
        return nil
      }
      return formatted
    }
  }

  @Test("has the same values and comments, and is done after one time", arguments: 0..<8)
  func random(block: Int) {
    var read = 0
    for seed in UInt64(block * 40)..<UInt64(block * 40 + 40) {
      var generator = RandomYAML(seed: seed)
      let text = generator.file()
      guard let formatted = check(text, .asWritten, seed) else { continue }
      read += 1
      #expect(formatted.isEmpty || formatted.hasSuffix("\n"))
      #expect(!formatted.utf8.contains(0x0D), "seed \(seed)")
    }
    #expect(read > 30, "most random files can be read")
  }

  @Test("keeps every comment and value when keys change their places", arguments: 0..<4)
  func ordered(block: Int) {
    let inner = KeyOrder.fields((0..<60).reversed().map { ("key\($0)", .asWritten) })
    let order = KeyOrder.fields((0..<60).reversed().map { ("key\($0)", inner) })
    for seed in UInt64(block * 40)..<UInt64(block * 40 + 40) {
      var generator = RandomYAML(seed: seed)
      _ = check(generator.file(), order, seed)
      _ = check(generator.file(), .items(order), seed)
    }
  }

  @Test("does the same with files that were damaged", arguments: 0..<4)
  func damaged(block: Int) {
    let pieces = [
      "#", " #x\n", "\n", " ", "  ", "- ", ": ", "[", "]", "{", "}", ",", "'", "\"", "|", ">", "&a ", "*a", "!", "?",
      "---\n", "\t",
    ]
    for seed in UInt64(block * 80)..<UInt64(block * 80 + 80) {
      var generator = RandomYAML(seed: seed)
      var random = SeededGenerator(seed: seed)
      var characters = Array(generator.file().unicodeScalars)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...characters.count, using: &random)
        if random.once(in: 2) {
          characters.insert(contentsOf: Array(random.pick(pieces).unicodeScalars), at: place)
        } else {
          characters.removeSubrange(place..<min(characters.count, place + Int.random(in: 1...3, using: &random)))
        }
      }
      _ = check(String(String.UnicodeScalarView(characters)), .asWritten, seed)
    }
  }
}
