/// Cuts the text of an expression into tokens (CEL specification, "Syntax").
struct Lexer {
  let bytes: [UInt8]
  var at = 0

  init(_ source: String) { bytes = Array(source.utf8) }

  /// All tokens, and one for the end.
  static func tokens(of source: String) throws(ExpressionIssue) -> [Token] {
    var lexer = Lexer(source)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  func peek(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private mutating func next() throws(ExpressionIssue) -> Token {
    skipSpaceAndComments()
    let start = at
    guard at < bytes.count else { return Token(kind: .end, range: start..<start) }
    let byte = bytes[at]
    if byte.isDigit || (byte == 0x2E && peek(1).isDigit) { return try number() }
    if byte.isNameStart {
      if let literal = try prefixedString() { return literal }
      while peek().isNamePart { at += 1 }
      return Token(kind: .identifier(text(start..<at)), range: start..<at)
    }
    if byte == 0x22 || byte == 0x27 { return try string(start: start, isRaw: false, isBytes: false) }
    if byte == 0x60 { return try quotedIdentifier() }
    return try sign()
  }

  private mutating func skipSpaceAndComments() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: at += 1
      case 0x2F where peek(1) == 0x2F:
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
      default: return
      }
    }
  }

  // MARK: - Numbers

  private mutating func number() throws(ExpressionIssue) -> Token {
    let start = at
    if peek() == 0x30, peek(1) | 0x20 == 0x78 { return try hexadecimal() }
    while peek().isDigit { at += 1 }
    var isReal = false
    if peek() == 0x2E, peek(1).isDigit {
      isReal = true
      at += 1
      while peek().isDigit { at += 1 }
    }
    if peek() | 0x20 == 0x65 {
      let signs = peek(1) == 0x2B || peek(1) == 0x2D ? 1 : 0
      if peek(1 + signs).isDigit {
        isReal = true
        at += 1 + signs
        while peek().isDigit { at += 1 }
      }
    }
    let digits = start..<at
    if isReal {
      try refuseNameAfterNumber(start)
      return Token(kind: .real(text(digits)), range: digits)
    }
    return try whole(digits, radix: 10, start: start)
  }

  private mutating func hexadecimal() throws(ExpressionIssue) -> Token {
    let start = at
    at += 2
    while peek().isHexDigit { at += 1 }
    guard at > start + 2 else {
      throw ExpressionIssue("a hexadecimal number needs digits after '0x'", at: start..<at)
    }
    return try whole(start + 2..<at, radix: 16, start: start)
  }

  private mutating func whole(_ digits: Range<Int>, radix: Int, start: Int) throws(ExpressionIssue) -> Token {
    let isUnsigned = peek() | 0x20 == 0x75
    if isUnsigned { at += 1 }
    try refuseNameAfterNumber(start)
    guard let number = UInt64(text(digits), radix: radix) else {
      throw ExpressionIssue("the number is too large for 64 bits", at: start..<at)
    }
    return Token(kind: isUnsigned ? .uint(number) : .int(number), range: start..<at)
  }

  private mutating func refuseNameAfterNumber(_ start: Int) throws(ExpressionIssue) {
    guard peek().isNamePart else { return }
    while peek().isNamePart { at += 1 }
    throw ExpressionIssue("'\(text(start..<at))' is neither a number nor a name", at: start..<at)
  }

  // MARK: - Names and signs

  private mutating func quotedIdentifier() throws(ExpressionIssue) -> Token {
    let start = at
    at += 1
    while at < bytes.count, bytes[at] != 0x60, bytes[at] != 0x0A { at += 1 }
    guard peek() == 0x60 else { throw ExpressionIssue("the name in backquotes is not closed", at: start..<at) }
    at += 1
    guard at - start > 2 else { throw ExpressionIssue("the name in backquotes is empty", at: start..<at) }
    return Token(kind: .quotedIdentifier(text(start + 1..<at - 1)), range: start..<at)
  }

  private mutating func sign() throws(ExpressionIssue) -> Token {
    let start = at
    guard let sign = Token.Sign(peek(), peek(1)) else { throw unknownSign() }
    at += sign.rawValue.utf8.count
    if sign == .equal || sign == .notEqual, peek() == 0x3D {
      throw ExpressionIssue(
        "'\(sign.rawValue)=' is not an operator", at: start..<at + 1, help: "write '\(sign.rawValue)'")
    }
    return Token(kind: .sign(sign), range: start..<at)
  }

  private func unknownSign() -> ExpressionIssue {
    let start = at
    let rest = String(decoding: bytes[start..<min(bytes.count, start + 64)], as: UTF8.self)
    let scalar = rest.unicodeScalars.first ?? " "
    let range = start..<min(bytes.count, start + String(scalar).utf8.count)
    switch scalar {
    case "=":
      return ExpressionIssue("'=' is not an operator", at: range, help: "write '==' to compare")
    case "&": return ExpressionIssue("'&' is not an operator", at: range, help: "write '&&'")
    case "|": return ExpressionIssue("'|' is not an operator", at: range, help: "write '||'")
    case ";": return ExpressionIssue("an expression has no ';'", at: range, help: "leave it out")
    case "$":
      return ExpressionIssue(
        "'$' has no meaning inside an expression", at: range, help: "write the name alone, without '${' and '}'")
    default: break
    }
    if let plain = Lexer.plainSign(of: scalar) {
      return ExpressionIssue("'\(scalar)' is not a sign of the language", at: range, help: "write \(plain)")
    }
    if scalar.properties.isAlphabetic {
      let word = rest.unicodeScalars.prefix { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" }
      let name = String(String.UnicodeScalarView(word))
      return ExpressionIssue(
        "names are written in ASCII letters; '\(name)' is not", at: start..<start + name.utf8.count,
        help: "write the field in backquotes, as in record.`\(name)`, or as record[\"\(name)\"]")
    }
    let shown = scalar.value < 0x20 ? "the control character U+\(String(scalar.value, radix: 16))" : "'\(scalar)'"
    return ExpressionIssue("\(shown) has no meaning here", at: range)
  }

  /// The sign someone meant whose keyboard wrote a typographic or full-width one.
  private static func plainSign(of scalar: UnicodeScalar) -> String? {
    switch scalar.value {
    case 0x201C, 0x201D, 0xFF02: "'\"'"
    case 0x2018, 0x2019, 0xFF07: "\"'\""
    case 0x2013, 0x2014, 0x2212: "'-'"
    case 0x3001: "','"
    case 0xFF01...0xFF5E: UnicodeScalar(scalar.value - 0xFEE0).map { "'\($0)'" }
    default: nil
    }
  }
}

extension UInt8 {
  var isDigit: Bool { self &- 0x30 < 10 }
  var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
  var isNameStart: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5F }
  var isNamePart: Bool { isNameStart || isDigit }
}
