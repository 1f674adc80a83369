import Values

extension Functions {
  /// CEL's regular expression library (its reference implementation, `ext/regex`).
  static let patterns: [Function] = [
    Function(
      "regex.replace", .global, arity: 3...4,
      [
        "regex.replace(string, string, string) -> string", "regex.replace(string, string, string, int) -> string",
      ],
      "The text with every (or the first so many) match of a regular expression replaced; \\1 to \\9 are its groups.",
      example: "regex.replace(\"2026-01-31\", \"([0-9]+)-([0-9]+)-([0-9]+)\", r\"\\3.\\2.\\1\")", many: replaceMatches
    ).taking(.pattern, at: 1),
    Function(
      "regex.extract", .global, ["regex.extract(string, string) -> optional_type(string)"],
      "What a regular expression, or its one group, matches first; none where that is nothing.",
      example: "regex.extract(record.path + \"-17\", \"-([0-9]+)$\").orValue(\"0\")"
    ) { (text: Value, pattern: Value, frame: inout Frame) throws(Failure) in
      let (finder, text) = try prepare(text, pattern, &frame)
      try refuseGroups(finder)
      guard let match = try finder.firstMatch(in: text, from: 0, &frame) else { return Optionals.none }
      return Optionals.wrap(try part(match, of: text, finder, &frame))
    }.taking(.extractedPattern, at: 1),
    Function(
      "regex.extractAll", .global, ["regex.extractAll(string, string) -> list(string)"],
      "All that a regular expression, or its one group, matches.",
      example: "regex.extractAll(\"A1, B22\", \"[A-Z]([0-9]+)\")"
    ) { (text: Value, pattern: Value, frame: inout Frame) throws(Failure) in
      let (finder, text) = try prepare(text, pattern, &frame)
      try refuseGroups(finder)
      var result: [Value] = []
      for match in try finder.matches(in: text, upTo: .max, &frame) {
        if let part = try part(match, of: text, finder, &frame) { result.append(part) }
      }
      return .list(result)
    }.taking(.extractedPattern, at: 1),
  ]

  private static func prepare(
    _ text: Value, _ pattern: Value, _ frame: inout Frame
  ) throws(Failure) -> (PatternFinder, [UnicodeScalar]) {
    guard case .string(let text) = text, case .string(let pattern) = pattern else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count)
    return (try PatternCache.finder(pattern), Array(text.unicodeScalars))
  }

  static func refuseGroups(_ finder: PatternFinder) throws(Failure) {
    guard finder.groups > 1 else { return }
    throw Failure.invalid(
      "the regular expression has \(finder.groups) groups, and one at most is extracted",
      help: "write (?:...) for a group that is only for grouping")
  }

  /// What the group matches, or the whole where there is none; nil for a group that matches nothing.
  private static func part(
    _ match: PatternFinder.Match, of text: [UnicodeScalar], _ finder: PatternFinder, _ frame: inout Frame
  ) throws(Failure) -> Value? {
    let group = finder.groups == 1 ? 2 : 0
    guard match[group] >= 0, finder.groups == 0 || match[group] < match[group + 1] else { return nil }
    try frame.charge((match[group + 1] - match[group]) >> 3)
    return .string(string(text[match[group]..<match[group + 1]]))
  }

  private static func string(_ scalars: some Sequence<UnicodeScalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  /// A piece of the text to replace with.
  private enum Piece {
    case scalar(UnicodeScalar)
    case group(Int)
  }

  private static func replaceMatches(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let replacement) = arguments[2] else { throw Failure.noOverload }
    var limit = Int.max
    if arguments.count == 4 {
      guard case .int(let count) = arguments[3] else { throw Failure.noOverload }
      limit = count < 0 ? .max : Int(count)
    }
    let (finder, text) = try prepare(arguments[0], arguments[1], &frame)
    if limit == 0 { return arguments[0] }
    let matches = try finder.matches(in: text, upTo: limit, &frame)
    if matches.isEmpty { return arguments[0] }
    let pieces = try pieces(replacement, finder)
    var result = String.UnicodeScalarView()
    var at = 0
    var length = 0
    for match in matches {
      result.append(contentsOf: text[at..<match[0]])
      at = match[1]
      try frame.charge(pieces.count)
      for piece in pieces {
        switch piece {
        case .scalar(let scalar):
          result.append(scalar)
          length += 1
        case .group(let number):
          guard match[2 * number] >= 0 else { continue }
          result.append(contentsOf: text[match[2 * number]..<match[2 * number + 1]])
          length += match[2 * number + 1] - match[2 * number]
        }
      }
      if length > frame.maximumTextBytes { try frame.charge(text: length) }
    }
    result.append(contentsOf: text[at...])
    let whole = String(result)
    try frame.charge(text: whole.utf8.count)
    return .string(whole)
  }

  private static func pieces(_ replacement: String, _ finder: PatternFinder) throws(Failure) -> [Piece] {
    var pieces: [Piece] = []
    var scalars = Array(replacement.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "\\" else {
        pieces.append(.scalar(scalar))
        continue
      }
      switch scalars.popFirst() {
      case "\\"?: pieces.append(.scalar("\\"))
      case let digit? where ("0"..."9").contains(digit):
        let number = Int(digit.value - 0x30)
        guard number <= finder.groups else {
          throw Failure.invalid("there is no group \(number) in the regular expression, which has \(finder.groups)")
        }
        pieces.append(.group(number))
      default:
        throw Failure.invalid(
          "a backslash in the replacement must be followed by a digit or another backslash",
          help: "write r\"\\1\" for the first group, r\"\\\\\" for a backslash")
      }
    }
    return pieces
  }
}
