import Diagnostics
import SourceText

// What can be put right without asking: the text can be no YAML as it is, and only one thing can have been meant.
extension SyntaxErrorWording {
  /// A value in quotes, from an offset to the end of its line.
  func quotingFix(_ start: Int, _ applicability: FixIt.Applicability) -> FixIt? {
    quotingFix(rest(start).range, applicability)
  }

  /// A value in quotes: in double ones, unless that would need escapes.
  func quotingFix(_ range: Range<Int>, _ applicability: FixIt.Applicability) -> FixIt? {
    guard range.count <= 1 << 12 else { return nil }
    let text = file.text(range)
    guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 }) else { return nil }
    let isPlain = !text.utf8.contains(UInt8(ascii: "\"")) && !text.utf8.contains(UInt8(ascii: "\\"))
    let quoted = isPlain ? "\"\(text)\"" : "'\(text.replacing("'", with: "''"))'"
    return FixIt(
      edits: [.init(span: SourceSpan(file: file.id, range: range), replacement: quoted)],
      message: "put it in \(isPlain ? "double" : "single") quotes", applicability: applicability)
  }

  /// A whole value that is one expression, from an offset to the end of its line.
  func expressionFix(_ start: Int) -> FixIt? {
    let text = file.text(rest(start).range)
    return text.hasPrefix("${") && text.hasSuffix("}") ? quotingFix(start, .safe) : nil
  }

  /// A value inside brackets that holds expressions; `brace` is the first brace of the first of them.
  func flowExpressionFix(brace: Int) -> FixIt? {
    var start = brace - 1
    let line = firstInLine(brace)
    while start > line, let before = byte(start - 1), !"[{,".contains(before) {
      if before == " ", byte(start - 2) == ":" { break }
      start -= 1
    }
    while isBlank(start) { start += 1 }
    guard let end = flowEnd(from: start) else { return nil }
    return quotingFix(start..<end, .safe)
  }

  /// The end of a value with expressions inside brackets: braces and quotes inside an expression are its own.
  private func flowEnd(from start: Int) -> Int? {
    var offset = start
    var depth = 0
    var quote: Character?
    let end = lineEnd(start)
    while offset < end, let character = byte(offset) {
      if let open = quote {
        if character == "\\" { offset += 1 } else if character == open { quote = nil }
      } else if depth > 0, character == "\"" || character == "'" {
        quote = character
      } else if character == "{" {
        // A brace that no `$` stands before opens a mapping, unless an expression is open.
        guard depth > 0 || byte(offset - 1) == "$" else { return nil }
        depth += 1
      } else if character == "}", depth > 0 {
        depth -= 1
      } else if depth == 0, ",]}#".contains(character) {
        break
      }
      offset += 1
    }
    guard depth == 0, quote == nil, offset > start else { return nil }
    while isBlank(offset - 1) { offset -= 1 }
    return offset
  }

  /// A value that starts with a reserved character, where it is the whole rest of its line.
  func reservedFix(_ start: Int) -> FixIt? {
    let range = rest(start).range
    guard let before = previousInLine(start).flatMap({ byte($0) }), before == ":" || before == "-" else { return nil }
    guard separatingColon(in: range) == nil, !file.text(range).contains(where: { "[]{},\"'".contains($0) }) else {
      return nil
    }
    return quotingFix(range, .safe)
  }

  /// Two spaces for every tab of a file in which all that is indented is indented with tabs alone.
  var tabFix: FixIt? {
    let here = file.lineRange(file.line(at: error.offset))
    if here.allSatisfy(isBlank) {
      return FixIt(edits: [edit(here, "")], message: "empty the line", applicability: .safe)
    }
    // Every broken document of a file asks again.
    guard bytes.count <= 1 << 16 else { return nil }
    var edits: [FixIt.Edit] = []
    for line in 1...file.lineCount {
      let range = file.lineRange(line)
      let content = range.first { !isBlank($0) } ?? range.upperBound
      let margin = range.lowerBound..<content
      if margin.isEmpty { continue }
      // An empty line says nothing about how the others are indented.
      if content == range.upperBound { continue }
      // In a block the blanks are part of the text.
      guard margin.allSatisfy({ byte($0) == "\t" }), edits.count < 10_000 else { return nil }
      edits.append(edit(margin, String(repeating: "  ", count: margin.count)))
    }
    let hasBlock = (1...file.lineCount).contains { line in
      let text = file.text(file.lineRange(line))
      return text.contains(": |") || text.contains(": >") || text.contains("- |") || text.contains("- >")
    }
    guard !hasBlock, !edits.isEmpty else { return nil }
    return FixIt(edits: edits, message: "write two spaces for each tab", applicability: .safe)
  }

  private func edit(_ range: Range<Int>, _ text: String) -> FixIt.Edit {
    FixIt.Edit(span: SourceSpan(file: file.id, range: range), replacement: text)
  }
}
