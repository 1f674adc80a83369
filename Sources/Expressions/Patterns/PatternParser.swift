/// Reads regular expressions in RE2's syntax (github.com/google/re2, doc/syntax.txt): no back-references and no looking
/// around, which is what lets them match in linear time.
struct PatternParser {
  struct Flags {
    var foldsCase = false
    var isMultiline = false
    var dotTakesNewline = false
    /// True where repetitions take as little as they can, and those with a question mark as much.
    var isUngreedy = false
  }

  static let maximumLength = 4_096
  private static let maximumDepth = 100
  private static let maximumRepetition = 1_000

  private let text: [UnicodeScalar]
  private var at = 0
  private var depth = 0
  private var flags = Flags()
  private var groups = 0

  /// The syntax, and how many groups it keeps the matches of.
  static func parse(_ pattern: String) throws(PatternError) -> (syntax: PatternSyntax, groups: Int) {
    guard pattern.utf8.count <= maximumLength else {
      throw PatternError(message: "it has more than \(maximumLength) bytes")
    }
    var parser = PatternParser(text: Array(pattern.unicodeScalars))
    let syntax = try parser.choice()
    if parser.at < parser.text.count { throw PatternError(message: "')' without '('") }
    return (syntax, parser.groups)
  }

  private init(text: [UnicodeScalar]) { self.text = text }

  private var next: UnicodeScalar? { at < text.count ? text[at] : nil }

  private mutating func take(_ scalar: UnicodeScalar) -> Bool {
    guard next == scalar else { return false }
    at += 1
    return true
  }

  private func follows(_ word: String) -> Bool { text[at...].starts(with: word.unicodeScalars) }

  private mutating func choice() throws(PatternError) -> PatternSyntax {
    depth += 1
    defer { depth -= 1 }
    if depth > PatternParser.maximumDepth { throw PatternError(message: "its groups are too deep") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .choice(choices)
  }

  private mutating func sequence() throws(PatternError) -> PatternSyntax {
    var parts: [PatternSyntax] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if follows("\\Q") {
        at += 2
        parts += quoted()
      } else {
        parts.append(try repeated(try atom(scalar)))
      }
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  /// The characters up to `\E`, as they stand.
  private mutating func quoted() -> [PatternSyntax] {
    var parts: [PatternSyntax] = []
    while let scalar = next {
      if follows("\\E") {
        at += 2
        break
      }
      at += 1
      parts.append(.character(scalar, foldsCase: flags.foldsCase))
    }
    return parts
  }

  // MARK: - Repetition

  private mutating func repeated(_ atom: PatternSyntax) throws(PatternError) -> PatternSyntax {
    guard let (least, most) = try repetition() else { return atom }
    let isLazy = take("?") != flags.isUngreedy
    if try repetition() != nil { throw PatternError(message: "a repetition is repeated") }
    return .repetition(atom, least, most, isLazy: isLazy)
  }

  private mutating func repetition() throws(PatternError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard next == "{" else { return nil }
    let start = at
    at += 1
    guard let least = number() else {
      at = start
      return nil
    }
    var most: Int? = least
    if take(",") { most = next == "}" ? nil : number() ?? -1 }
    guard take("}"), most != -1 else {
      at = start
      return nil
    }
    guard least <= PatternParser.maximumRepetition, most ?? 0 <= PatternParser.maximumRepetition else {
      throw PatternError(message: "a repetition is above \(PatternParser.maximumRepetition)")
    }
    if let most, most < least { throw PatternError(message: "a repetition ends below its start") }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1_000_000)
      at += 1
    }
    return value
  }

  // MARK: - Atoms

  private mutating func atom(_ scalar: UnicodeScalar) throws(PatternError) -> PatternSyntax {
    let start = at
    if try repetition() != nil {
      at = start
      throw PatternError(message: "there is nothing to repeat before '\(scalar)'")
    }
    at += 1
    switch scalar {
    case "(": return try group()
    case "[": return .set(try bracket())
    case ".": return .any(includesNewline: flags.dotTakesNewline)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "\\": return try escape()
    default: return .character(scalar, foldsCase: flags.foldsCase)
    }
  }

  private mutating func group() throws(PatternError) -> PatternSyntax {
    let outer = flags
    var number: Int?
    if !take("?") {
      groups += 1
      number = groups
    } else {
      if follows("P<") || (next == "<" && !follows("<=") && !follows("<!")) {
        while let scalar = next, scalar != ">" { at += scalar == ")" ? text.count : 1 }
        guard take(">") else { throw PatternError(message: "the name of a group is not closed") }
        groups += 1
        number = groups
      } else if try !groupFlags() {
        return .empty  // The flags hold to the end of the group around.
      }
    }
    let inner = try choice()
    guard take(")") else { throw PatternError(message: "'(' is not closed") }
    flags = outer
    return number.map { .group(inner, $0) } ?? inner
  }

  /// `i`, `m`, `s`, `U` and their removal; false where they end with `)` and open no group.
  private mutating func groupFlags() throws(PatternError) -> Bool {
    var isOn = true
    while let scalar = next {
      at += 1
      switch scalar {
      case "i": flags.foldsCase = isOn
      case "m": flags.isMultiline = isOn
      case "s": flags.dotTakesNewline = isOn
      case "U": flags.isUngreedy = isOn
      case "-" where isOn: isOn = false
      case ":": return true
      case ")": return false
      case "=", "!", "<": throw PatternError(message: "looking ahead or behind is not supported")
      default: throw PatternError(message: "'(?\(scalar)' has no meaning")
      }
    }
    throw PatternError(message: "'(' is not closed")
  }

  // MARK: - Escapes

  private mutating func escape() throws(PatternError) -> PatternSyntax {
    guard let scalar = next else { throw PatternError(message: "it ends with a backslash") }
    switch scalar {
    case "b", "B", "A", "z":
      at += 1
      let assertions: [UnicodeScalar: PatternAssertion] = [
        "b": .wordBoundary, "B": .noWordBoundary, "A": .textStart, "z": .textEnd,
      ]
      return assertions[scalar].map { .assertion($0) } ?? .empty
    default:
      if let set = try namedClass() { return .set(set) }
      return .character(try escapedCharacter(), foldsCase: flags.foldsCase)
    }
  }

  /// The class of an escape such as `\d` or `\p{Han}`, the backslash already taken; nil where it is a character.
  private mutating func namedClass() throws(PatternError) -> CharacterSet? {
    guard let letter = next else { return nil }
    if let set = CharacterSet.perl(letter) {
      at += 1
      return set
    }
    guard letter == "p" || letter == "P" else { return nil }
    at += 1
    guard let first = next else { throw PatternError(message: "the name of a class is missing") }
    at += 1
    var name = String(first)
    if first == "{" {
      guard let end = text[at...].firstIndex(of: "}") else {
        throw PatternError(message: "the name of a class is not closed")
      }
      name = String(String.UnicodeScalarView(text[at..<end]))
      at = end + 1
    }
    var isNegated = letter == "P"
    if name.hasPrefix("^") {
      isNegated.toggle()
      name.removeFirst()
    }
    guard let property = UnicodeClass(name, isNegated: isNegated) else {
      throw PatternError(message: "'\\p{\(name)}' is no known class")
    }
    return CharacterSet([.property(property)])
  }

  private mutating func escapedCharacter() throws(PatternError) -> UnicodeScalar {
    guard let scalar = next else { throw PatternError(message: "it ends with a backslash") }
    at += 1
    switch scalar {
    case "a": return "\u{7}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{B}"
    case "x": return try hexadecimal()
    case "0":
      at -= 1
      return try numbered(radix: 8, upTo: 3)
    case "1"..."7" where octalFollows:
      at -= 1
      return try numbered(radix: 8, upTo: 3)
    case "1"..."9": throw PatternError(message: "back-references are not supported")
    default:
      guard scalar.isASCII, !UInt8(truncatingIfNeeded: scalar.value).isNamePart else {
        throw PatternError(message: "'\\\(scalar)' is not an escape")
      }
      return scalar
    }
  }

  /// Three octal digits are a character's code; fewer would be a back-reference.
  private var octalFollows: Bool { text[at...].prefix(2).count { ("0"..."7").contains($0) } == 2 }

  private mutating func hexadecimal() throws(PatternError) -> UnicodeScalar {
    guard take("{") else { return try numbered(radix: 16, upTo: 2) }
    let scalar = try numbered(radix: 16, upTo: 6)
    guard take("}") else { throw PatternError(message: "'\\x{' is not closed") }
    return scalar
  }

  private mutating func numbered(radix: Int, upTo count: Int) throws(PatternError) -> UnicodeScalar {
    var digits = ""
    while digits.count < count, let scalar = next, Int(String(scalar), radix: radix) != nil {
      digits.unicodeScalars.append(scalar)
      at += 1
    }
    guard let value = UInt32(digits, radix: radix), let scalar = UnicodeScalar(value) else {
      throw PatternError(message: "an escape names no character")
    }
    return scalar
  }

  // MARK: - Classes in brackets

  private mutating func bracket() throws(PatternError) -> CharacterSet {
    let isNegated = take("^")
    var members: [CharacterSet.Member] = []
    var isFirst = true
    while true {
      guard let scalar = next else { throw PatternError(message: "'[' is not closed") }
      if scalar == "]", !isFirst {
        at += 1
        return CharacterSet(members, isNegated: isNegated, foldsCase: flags.foldsCase)
      }
      isFirst = false
      members.append(try member(scalar))
    }
  }

  private mutating func member(_ scalar: UnicodeScalar) throws(PatternError) -> CharacterSet.Member {
    if follows("[:"), let end = text[at...].firstIndex(of: "]"), text[end - 1] == ":", end - 1 > at + 1 {
      var name = String(String.UnicodeScalarView(text[at + 2..<end - 1]))
      let isNegated = name.hasPrefix("^")
      if isNegated { name.removeFirst() }
      guard let set = CharacterSet.posix(name) else { throw PatternError(message: "'[:\(name):]' is no known class") }
      at = end + 1
      return .set(isNegated ? CharacterSet([.set(set)], isNegated: true) : set)
    }
    at += 1
    var first = scalar
    if scalar == "\\" {
      if let set = try namedClass() { return .set(set) }
      first = try escapedCharacter()
    }
    guard next == "-", at + 1 < text.count, text[at + 1] != "]" else { return .range(first.value...first.value) }
    at += 1
    var last = text[at]
    at += 1
    if last == "\\" { last = try escapedCharacter() }
    guard first.value <= last.value else { throw PatternError(message: "the range '\(first)-\(last)' is empty") }
    return .range(first.value...last.value)
  }
}
