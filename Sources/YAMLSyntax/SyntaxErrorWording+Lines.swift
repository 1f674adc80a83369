import Diagnostics
import SourceText

// Mistakes of colons, indentation and what stands where on a line.
extension SyntaxErrorWording {
  /// A `: ` where no mapping can start.
  var unexpectedColon: Diagnostic {
    let first = firstInLine(error.offset)
    if let colon = separatingColon(in: first..<max(first, error.offset)) {
      let value = (colon + 1..<error.offset).first { !isBlank($0) } ?? error.offset
      let isExpression = file.text(first..<error.offset).contains("${")
      return Diagnostic(
        .mappingInValue, "a mapping cannot start inside a value", at: span(error.offset, 1),
        label: "this ':' would start one",
        help: isExpression ? "put the expression in single quotes" : "put the value in quotes",
        fixIt: expressionFix(value) ?? quotingFix(value, .unsafe))
    }
    guard let above = previousLine(error.offset) else {
      return Diagnostic(.badIndentation, "a mapping cannot start here", at: rest(first))
    }
    let line = rest(above)
    guard separatingColon(in: line.range) != nil else { return missingColon(above) }
    return Diagnostic(
      .badIndentation, "this line is indented deeper than the entry above it, which has a value already",
      at: rest(first),
      secondary: [Label(line, "the entry above")], help: "start both in the same column")
  }

  /// A line of a mapping without `: `.
  func missingColon(_ start: Int) -> Diagnostic {
    let line = rest(start)
    if let colon = tightColon(in: line.range) { return missingSpace(colon) }
    let key = file.text(line.range)
    return Diagnostic(
      .missingColon, "expected 'key: value', found '\(key.count > 40 ? key.prefix(40) + "..." : key)'", at: line,
      label: "no ': ' here", help: "write a colon and a space after the key")
  }

  func missingSpace(_ colon: Int) -> Diagnostic {
    Diagnostic(
      .missingColon, "missing space after the colon", at: span(colon, 1), help: "write 'key: value'",
      fixIt: FixIt(
        edits: [.init(span: span(colon + 1, 0), replacement: " ")], message: "insert a space", applicability: .unsafe))
  }

  /// Something between the entries of a block mapping that is no key.
  var unexpectedInMapping: Diagnostic {
    if byte(error.offset) == ":" { return missingKey }
    if let previous = previousInLine(error.offset) { return textAfterValue(previous) }
    let start = Label(span(error.contextOffset, 1), "the mapping starts here, in column \(column(error.contextOffset))")
    if byte(error.offset) == "-", isBlank(error.offset + 1) {
      return Diagnostic(
        .badIndentation, "a list item among the entries of a mapping", at: rest(error.offset), secondary: [start],
        help: "put the list under a key, or indent it")
    }
    return wrongColumn(start)
  }

  /// Something between the items of a block list that is no item.
  var unexpectedInList: Diagnostic {
    if let previous = previousInLine(error.offset) { return textAfterValue(previous) }
    let start = Label(span(error.contextOffset, 1), "the list starts here, in column \(column(error.contextOffset))")
    guard column(error.offset) == column(error.contextOffset) else { return wrongColumn(start) }
    return Diagnostic(
      .badIndentation, "expected a list item that starts with '- '", at: rest(error.offset), secondary: [start],
      help: "write '- ' before it, or indent it as part of the item above")
  }

  private func wrongColumn(_ start: Label) -> Diagnostic {
    Diagnostic(
      .badIndentation, "this line starts in column \(column(error.offset)), where nothing above it starts",
      at: rest(error.offset), secondary: [start], help: "start it in the same column as the entry it stands beside")
  }

  /// Something behind a complete document.
  var unexpectedAfterDocument: Diagnostic {
    if let previous = previousInLine(error.offset) { return textAfterValue(previous) }
    if byte(error.offset) == ":" { return missingKey }
    if let above = previousLine(error.offset), byte(above) == "%" {
      return Diagnostic(
        .unsupportedDirective, "a line '---' must follow a directive", at: rest(error.offset),
        secondary: [Label(rest(above), "the directive")])
    }
    return Diagnostic(
      .badIndentation, "this line does not belong to what stands above it", at: rest(error.offset),
      help: "start all entries of a mapping in the same column; separate documents with a line '---'")
  }

  private func textAfterValue(_ previous: Int) -> Diagnostic {
    let help: String? =
      switch byte(previous) {
      case "'": "write '' for a quote inside single quotes"
      case "\"": "write \\\" for a quote inside double quotes"
      case "]", "}": "put the whole value in quotes if it is a text"
      default: nil
      }
    return Diagnostic(
      .textAfterValue, "text after the end of a value", at: rest(error.offset),
      secondary: [Label(span(previous, 1), "the value ends here")], help: help)
  }

  private var missingKey: Diagnostic {
    Diagnostic(
      .emptyKey, "an entry without a key", at: span(error.offset, 1), help: "write a key before the colon")
  }

  var listOnKeyLine: Diagnostic {
    Diagnostic(
      .listOnKeyLine, "a list cannot start on the line of its key", at: span(error.offset, 1),
      help: "start the list on the next line, or put the value in quotes if it is a text")
  }

  var tab: Diagnostic {
    var end = error.offset
    while byte(end) == "\t" { end += 1 }
    return Diagnostic(
      .tabIndentation, "a tab cannot indent", at: span(error.offset, max(1, end - error.offset)),
      label: "a tab stands here", help: "indent with spaces", fixIt: tabFix)
  }
}

// MARK: - Values

extension SyntaxErrorWording {
  /// Nothing where a value must be, in a list or mapping with brackets.
  var missingValue: Diagnostic {
    if byte(error.offset) == ":" { return missingKey }
    let isAtEnd =
      error.offset >= bytes.count || error.offset == lineStart(error.offset) && ["-", "."].contains(byte(error.offset))
    if isAtEnd, error.context == "while parsing a flow node" {
      let opening = bytes[..<min(error.offset, bytes.count)].lastIndex {
        $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{")
      }
      let isList = opening.map { byte($0) == "[" } ?? true
      return notClosed(isList: isList, opening: opening ?? error.offset)
    }
    let found = byte(error.offset).map { ", found '\($0)'" } ?? ""
    return Diagnostic(
      .invalidSyntax, "expected a value\(found)", at: span(error.offset, 1), help: "put it in quotes if it is a text")
  }

  var unclosedBracket: Diagnostic {
    let isList = error.problem.hasSuffix("']'")
    guard file.line(at: error.offset) == file.line(at: error.contextOffset) else {
      return notClosed(isList: isList, opening: error.contextOffset)
    }
    let isExpression = byte(error.offset) == "{" && byte(error.offset - 1) == "$"
    return Diagnostic(
      .unclosedBracket, "expected ',' or '\(isList ? "]" : "}")' in the \(isList ? "list" : "mapping")",
      at: span(error.offset, 1),
      secondary: [Label(span(error.contextOffset, 1), "the \(isList ? "list" : "mapping") starts here")],
      help: isExpression
        ? "inside brackets, put the expression in quotes"
        : "separate its parts with commas, and put texts with ': ', ',' or brackets in quotes",
      fixIt: isExpression ? flowExpressionFix(brace: error.offset) : nil)
  }

  private func notClosed(isList: Bool, opening: Int) -> Diagnostic {
    let close = isList ? "]" : "}"
    return Diagnostic(
      .unclosedBracket, "the \(isList ? "list" : "mapping") is not closed", at: span(opening, 1), label: "opened here",
      secondary: [Label(span(error.offset, 1), "expected ',' or '\(close)' before this")],
      help: "close it with '\(close)'")
  }

  var unclosedQuote: Diagnostic {
    let quote = byte(error.contextOffset) ?? "\""
    let end = error.problem.hasSuffix("document indicator") ? [Label(rest(error.offset), "a document starts here")] : []
    return Diagnostic(
      .unclosedQuote, "the text is not closed by \(quote)", at: span(error.contextOffset, 1), label: "opened here",
      secondary: end,
      help: "close it; \(quote == "'" ? "write '' for a quote inside" : "write \\\" for a quote inside")")
  }

  var unknownEscape: Diagnostic {
    switch error.problem {
    case "found unknown escape character":
      let place = span(error.offset, 2)
      return Diagnostic(
        .unknownEscape, "unknown escape '\(file.text(place.range))'", at: place,
        help: "write \\\\ for a backslash, or use single quotes")
    case "found invalid Unicode character escape code":
      return Diagnostic(
        .unknownEscape, "the escape stands for no character", at: span(error.offset - 2, 6),
        help: "write a character beyond U+FFFF as \\U with eight digits, or as it is")
    default:
      let place = span(error.offset - 2, 2)
      return Diagnostic(
        .unknownEscape, "too few hexadecimal digits after '\(file.text(place.range))'", at: place,
        help: "\\x takes two digits, \\u four and \\U eight")
    }
  }

  var reservedCharacter: Diagnostic {
    if byte(error.offset) == "\t" { return tab }
    let character = byte(error.offset).map(String.init) ?? ""
    return Diagnostic(
      .reservedCharacter, "a value cannot start with '\(character)'", at: span(error.offset, 1),
      help: "put it in quotes", fixIt: reservedFix(error.offset))
  }

  var namelessAlias: Diagnostic {
    let place = span(error.contextOffset, 1)
    let what = byte(error.contextOffset) == "*" ? "an alias" : "an anchor"
    return Diagnostic(
      .reservedCharacter, "'\(file.text(place.range))' starts \(what) and must be followed by a name", at: place,
      help: "put it in quotes if it is a text", fixIt: reservedFix(error.contextOffset))
  }

  var unknownTag: Diagnostic {
    var end = error.contextOffset
    while end < bytes.count, !isBlank(end) { end += 1 }
    let place = span(error.contextOffset, end - error.contextOffset)
    return Diagnostic(
      .unsupportedTag, "the tag '\(file.text(place.range))' is not supported", at: place,
      help: "remove it, or put the value in quotes if '!' is part of it")
  }

  var badBlockHeader: Diagnostic {
    Diagnostic(
      .badBlockHeader, "unexpected text after the start of a block", at: rest(error.offset),
      secondary: [Label(span(error.contextOffset, 1), "the block starts here")],
      help: "start the text on the next line, indented")
  }

  var directive: Diagnostic {
    let start = error.context.isEmpty ? error.offset : error.contextOffset
    return Diagnostic(
      .unsupportedDirective, "the directive '\(file.text(rest(start).range))' is not supported", at: rest(start),
      help: "only '%YAML 1.2' is read; put a key that starts with '%' in quotes")
  }
}
