import Diagnostics
import SourceText

// What libyaml lets through and the project's language does not have.
extension TreeBuilder {
  // MARK: - Aliases

  mutating func alias(_ name: String, at range: Range<Int>, depth: Int) throws(Stop) -> YAMLNode {
    let place = span(range)
    let nothing = YAMLNode(
      span: place,
      content: .scalar(YAMLScalar(text: "", style: .plain, core: .null, map: ScalarMap(start: range.lowerBound))))
    if openAnchors.contains(name) {
      diagnostics.append(
        Diagnostic(
          .aliasInsideItself, "the alias '*\(name)' stands inside the node it stands for", at: place,
          help: "move the anchor '&\(name)' to a node that does not hold the alias"))
      return nothing
    }
    guard let anchor = anchors[name] else {
      let known = anchors.keys.sorted()
      let suggestion = didYouMean(name, among: known).map { "did you mean '*\($0)'?" }
      diagnostics.append(
        Diagnostic(
          .unknownAlias, "the alias '*\(name)' has no anchor '&\(name)' before it", at: place,
          help: suggestion ?? "put it in quotes if it is a text: \"*\(name)\"",
          fixIt: .naming(name, among: known, at: span(range.lowerBound + 1..<range.upperBound))))
      return nothing
    }
    copiedCount += anchor.size
    guard copiedCount <= limits.maximumAliasExpansion else {
      diagnostics.append(
        Diagnostic(
          .tooManyAliases, "the aliases of the file copy more than \(limits.maximumAliasExpansion) values", at: place,
          secondary: [Label(anchor.node.span, "a copy of this has \(anchor.size) values")],
          help: "use 'extends' to share settings"))
      throw .file
    }
    guard depth + anchor.height - 1 <= maximumDepth else {
      diagnostics.append(
        Diagnostic(
          .nestedTooDeeply, "with what '*\(name)' stands for, nested more than \(maximumDepth) levels deep", at: place))
      return nothing
    }
    deepest = max(deepest, depth + anchor.height - 1)
    return YAMLNode(span: place, content: anchor.node.content)
  }

  /// libyaml ends the name of an anchor at the first character that it does not know in one, and reads on.
  mutating func checkAnchorEnd(_ name: String, in range: Range<Int>) {
    guard let start = bytes[range].firstIndex(of: UInt8(ascii: "&")) else { return }
    let end = start + 1 + name.utf8.count
    guard end < bytes.count, bytes[end] > UInt8(ascii: " "), !",]}".utf8.contains(bytes[end]) else { return }
    diagnostics.append(
      Diagnostic(
        .reservedCharacter, "the name of an anchor has letters, digits, '-' and '_'", at: span(end..<end + 1),
        label: "this ends it", help: "put a space behind '&\(name)', or the value in quotes if it is a text"))
  }

  // MARK: - Keys

  /// Reports a key that cannot be one; returns whether the entry is kept.
  mutating func checkKey(_ key: YAMLNode, value: YAMLNode) -> Bool {
    guard let scalar = key.scalar else {
      reportKey(key)
      return false
    }
    guard scalar.style == .plain else { return true }
    if scalar.text == "<<" {
      diagnostics.append(
        Diagnostic(
          .mergeKey, "the merge key '<<' is not part of YAML 1.2", at: key.span,
          help: "use 'extends', or write the entries out"))
      return false
    }
    if scalar.text.isEmpty, key.span.range.isEmpty {
      let place = colon(behind: key.span.range.lowerBound)
      diagnostics.append(
        Diagnostic(.emptyKey, "an entry without a key", at: place, help: "write a key before the colon"))
      return false
    }
    return true
  }

  /// In brackets libyaml takes `?` for the mark of a key where YAML 1.2 takes it for the start of a text.
  mutating func checkQuestionMark(before range: Range<Int>) {
    let start = range.lowerBound
    guard !range.isEmpty, start > 0, bytes[start - 1] == UInt8(ascii: "?") else { return }
    diagnostics.append(
      Diagnostic(
        .reservedCharacter, "inside brackets, a text that starts with '?' must be in quotes",
        at: span(start - 1..<start), help: "put it in quotes, or a space behind the '?' if it marks a key"))
  }

  private mutating func reportKey(_ key: YAMLNode) {
    let range = key.span.range
    let brace = UInt8(ascii: "{")
    // In `{{ name }}`, read as a mapping whose key is a mapping, only the inner one is reported, with both its braces.
    if bytes[range].starts(with: [brace, brace]) { return }
    let isTemplate = bytes[range].first == brace && range.lowerBound > 0 && bytes[range.lowerBound - 1] == brace
    let isClosed = range.upperBound < bytes.count && bytes[range.upperBound] == UInt8(ascii: "}")
    let whole = isTemplate ? range.lowerBound - 1..<range.upperBound + (isClosed ? 1 : 0) : range
    let message =
      isTemplate
      ? "a text that starts with '{{' must be in quotes"
      : "a key must be a text, not a \(key.items == nil ? "mapping" : "list")"
    diagnostics.append(
      Diagnostic(.keyNotScalar, message, at: span(whole), help: isTemplate ? "put it in quotes" : nil))
  }

  private func colon(behind offset: Int) -> SourceSpan {
    let rest = bytes[offset...].prefix(200)
    let place = rest.firstIndex(of: UInt8(ascii: ":")) ?? offset
    return span(place..<min(place + 1, bytes.count))
  }

  mutating func reportDuplicate(_ entry: YAMLEntry, first: YAMLEntry) {
    diagnostics.append(
      Diagnostic(
        .duplicateKey, "duplicate key '\(entry.keyText)'", at: entry.key.span,
        secondary: [Label(first.key.span, "first given here")], help: "remove one of the two",
        fixIt: isSame(first.value, entry.value) ? removalFix(entry) : nil))
  }

  /// Takes an entry out that fills lines of its own and says nothing new.
  private func removalFix(_ entry: YAMLEntry) -> FixIt? {
    let start = file.lineRange(file.line(at: entry.key.span.range.lowerBound)).lowerBound
    let end = entry.value.span.range.upperBound
    let line = file.lineRange(file.line(at: max(start, end - 1)))
    guard end <= line.upperBound else { return nil }
    let next = min(line.upperBound + (bytes[line.upperBound...].first == UInt8(ascii: "\r") ? 2 : 1), bytes.count)
    let isAlone =
      bytes[start..<entry.key.span.range.lowerBound].allSatisfy { $0 == UInt8(ascii: " ") }
      && bytes[end..<line.upperBound].allSatisfy { $0 == UInt8(ascii: " ") }
    // Comments and anchors would go with it.
    let isBare = !bytes[start..<next].contains { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "&") }
    guard isAlone, isBare else { return nil }
    return FixIt(
      edits: [.init(span: span(start..<next), replacement: "")], message: "remove the second '\(entry.keyText)'",
      applicability: .safe)
  }

  // MARK: - Tags and directives

  mutating func checkTag(_ tag: String?, fits allowed: String, in range: Range<Int>) {
    guard let tag, tag != allowed, tag != "!" else { return }
    reportTag(tag, in: range, isCore: Self.coreTags.contains(tag))
  }

  mutating func checkScalarTag(_ tag: String, core: CoreValue, in range: Range<Int>) {
    let fits =
      switch (tag, core) {
      case ("!", _), ("tag:yaml.org,2002:str", _): true
      case ("tag:yaml.org,2002:null", .null): true
      case ("tag:yaml.org,2002:bool", .bool): true
      case ("tag:yaml.org,2002:int", .integer): true
      case ("tag:yaml.org,2002:int", .number(let digits)): !digits.utf8.contains { Self.fractionBytes.contains($0) }
      case ("tag:yaml.org,2002:float", .number), ("tag:yaml.org,2002:float", .integer): true
      case ("tag:yaml.org,2002:float", .infinity), ("tag:yaml.org,2002:float", .notANumber): true
      default: false
      }
    if !fits { reportTag(tag, in: range, isCore: Self.coreTags.contains(tag)) }
  }

  private static let fractionBytes = Array(".eE".utf8)
  private static let coreTags = Set(
    ["str", "int", "float", "bool", "null", "seq", "map"].map { "tag:yaml.org,2002:" + $0 })

  private mutating func reportTag(_ tag: String, in range: Range<Int>, isCore: Bool) {
    // The tag may stand behind the anchor.
    let start = bytes[range].firstIndex(of: UInt8(ascii: "!")) ?? range.lowerBound
    let end = bytes[start..<range.upperBound].firstIndex { $0 <= UInt8(ascii: " ") } ?? range.upperBound
    let written = file.text(start..<end)
    diagnostics.append(
      Diagnostic(
        .unsupportedTag,
        isCore ? "the value is not what the tag '\(written)' says" : "the tag '\(written)' is not supported",
        at: span(start..<end),
        help: isCore ? "remove the tag" : "remove it, or put the value in quotes if '!' is part of it"))
  }

  mutating func reportTagDirective(in range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound, !bytes[start..<range.upperBound].starts(with: "%TAG".utf8) {
      start = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? range.upperBound
    }
    let end = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "\n")) ?? range.upperBound
    diagnostics.append(
      Diagnostic(
        .unsupportedDirective, "the directive '%TAG' is not supported", at: span(start..<end),
        help: "remove the line; only '%YAML 1.2' is read"))
  }
}
