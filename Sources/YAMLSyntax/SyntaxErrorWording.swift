import Diagnostics
import SourceText

/// Says in plain words, and at the right place, what libyaml found.
///
/// libyaml names what its scanner expected ("did not find expected key"), which is seldom what the user did wrong.
/// The text around the place tells the usual mistakes apart; what is left keeps libyaml's words.
struct SyntaxErrorWording {
  let error: EventError
  let file: SourceFile
  let bytes: UnsafeBufferPointer<UInt8>

  init(_ error: EventError, file: SourceFile, bytes: UnsafeBufferPointer<UInt8>) {
    self.error = error
    self.file = file
    self.bytes = bytes
  }

  /// The error as the user is told.
  var diagnostic: Diagnostic {
    switch error.context {
    case "while scanning a quoted scalar": return unclosedQuote
    case "while parsing a quoted scalar": return unknownEscape
    case "while scanning a directive": return directive
    case "while scanning a simple key": return missingColon(error.contextOffset)
    case "while scanning an alias", "while scanning an anchor": return namelessAlias
    case "while scanning a tag", "while parsing a tag", "while scanning a %TAG directive": return unknownTag
    case "while scanning a block scalar" where !error.problem.hasPrefix("found a tab"): return badBlockHeader
    default: break
    }
    switch error.problem {
    case "mapping values are not allowed in this context": return unexpectedColon
    case "did not find expected key": return unexpectedInMapping
    case "did not find expected '-' indicator": return unexpectedInList
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'": return unclosedBracket
    case "did not find expected node content": return missingValue
    case "did not find expected <document start>": return unexpectedAfterDocument
    case "found character that cannot start any token": return reservedCharacter
    case "block sequence entries are not allowed in this context": return listOnKeyLine
    case "found undefined tag handle": return unknownTag
    case "found unexpected ':'": return missingSpace(error.offset)
    case "found incompatible YAML document", "found duplicate %YAML directive", "found duplicate %TAG directive":
      return directive
    case let problem where problem.hasPrefix("found a tab"): return tab
    default: return other
    }
  }

  private var other: Diagnostic {
    let context = error.context.isEmpty ? [] : [Label(span(error.contextOffset, 1), error.context)]
    return Diagnostic(.invalidSyntax, error.problem, at: span(error.offset, 1), secondary: context)
  }
}

// MARK: - The text around a place

extension SyntaxErrorWording {
  /// Returns `length` bytes from an offset, less at the end of the line.
  func span(_ start: Int, _ length: Int) -> SourceSpan {
    let start = min(max(start, 0), bytes.count)
    return SourceSpan(file: file.id, range: start..<max(start, min(start + length, lineEnd(start))))
  }

  /// Returns what stands from an offset to the end of its line, without blanks and comment at its end.
  func rest(_ start: Int) -> SourceSpan {
    let start = min(max(start, 0), bytes.count)
    let end = max(start, lineEnd(start))
    var stop = start
    while stop < end {
      if bytes[stop] == UInt8(ascii: "#"), stop > start, isBlank(stop - 1) { break }
      stop += 1
    }
    while stop > start, isBlank(stop - 1) { stop -= 1 }
    return SourceSpan(file: file.id, range: start..<stop)
  }

  func byte(_ offset: Int) -> Character? {
    bytes.indices.contains(offset) ? Character(Unicode.Scalar(bytes[offset])) : nil
  }

  func isBlank(_ offset: Int) -> Bool {
    bytes.indices.contains(offset) && [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset])
  }

  func lineStart(_ offset: Int) -> Int { file.lineRange(file.line(at: offset)).lowerBound }

  func lineEnd(_ offset: Int) -> Int { file.lineRange(file.line(at: offset)).upperBound }

  /// The first byte of a line that is not blank.
  func firstInLine(_ offset: Int) -> Int {
    var start = lineStart(offset)
    let end = lineEnd(offset)
    while start < end, isBlank(start) { start += 1 }
    return start
  }

  /// Returns the last byte before an offset, on the same line, that is not blank.
  func previousInLine(_ offset: Int) -> Int? {
    let first = firstInLine(offset)
    return (first..<max(first, offset)).last { !isBlank($0) }
  }

  /// Returns the first byte of the last line above that has text.
  func previousLine(_ offset: Int) -> Int? {
    var line = file.line(at: offset) - 1
    while line >= 1 {
      let first = firstInLine(file.lineRange(line).lowerBound)
      if first < lineEnd(first), byte(first) != "#" { return first }
      line -= 1
    }
    return nil
  }

  /// Returns the first colon of a range that stands before a blank or the end of its line.
  func separatingColon(in range: Range<Int>) -> Int? {
    range.first { byte($0) == ":" && ($0 + 1 == lineEnd($0) || isBlank($0 + 1)) }
  }

  /// Returns the first colon of a range that lacks the blank behind it; one of `https://` does not count.
  func tightColon(in range: Range<Int>) -> Int? {
    range.first { byte($0) == ":" && $0 + 1 < range.upperBound && !isBlank($0 + 1) && byte($0 + 1) != "/" }
  }

  func column(_ offset: Int) -> Int { file.position(at: offset).column }
}
