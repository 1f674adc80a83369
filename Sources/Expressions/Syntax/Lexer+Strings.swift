extension Lexer {
  /// The string or bytes literal in front, where the letters in front are its prefix; nil where they are a name.
  mutating func prefixedString() throws(ExpressionIssue) -> Token? {
    var isRaw = false
    var isBytes = false
    var length = 0
    while length < 2 {
      let letter = peek(length) | 0x20
      if letter == 0x72, !isRaw {
        isRaw = true
      } else if letter == 0x62, !isBytes {
        isBytes = true
      } else {
        break
      }
      length += 1
    }
    guard length > 0, peek(length) == 0x22 || peek(length) == 0x27 else { return nil }
    let start = at
    at += length
    return try string(start: start, isRaw: isRaw, isBytes: isBytes)
  }

  /// The literal whose opening quote is in front.
  mutating func string(start: Int, isRaw: Bool, isBytes: Bool) throws(ExpressionIssue) -> Token {
    let quote = peek()
    let isTriple = peek(1) == quote && peek(2) == quote
    at += isTriple ? 3 : 1
    var content: [UInt8] = []
    while true {
      guard at < bytes.count, isTriple || (bytes[at] != 0x0A && bytes[at] != 0x0D) else {
        throw ExpressionIssue(
          "the string is not closed", at: start..<at,
          help: isTriple
            ? "close it with three quotes" : "close it with \(quote == 0x22 ? "'\"'" : "\"'\"") on the same line")
      }
      let byte = bytes[at]
      if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        at += isTriple ? 3 : 1
        break
      }
      if byte == 0x5C, !isRaw {
        try escape(into: &content, isBytes: isBytes)
      } else if byte == 0x5C, isRaw, at + 1 < bytes.count {
        // A raw literal keeps the backslash; a quote after it would end the literal in CEL as anywhere.
        content.append(byte)
        at += 1
      } else {
        content.append(byte)
        at += 1
      }
    }
    let kind: Token.Kind = isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
    return Token(kind: kind, range: start..<at)
  }

  private mutating func escape(into content: inout [UInt8], isBytes: Bool) throws(ExpressionIssue) {
    let start = at
    let sign = peek(1)
    at += 2
    switch sign {
    case 0x5C, 0x3F, 0x22, 0x27, 0x60: content.append(sign)
    case 0x61: content.append(0x07)
    case 0x62: content.append(0x08)
    case 0x66: content.append(0x0C)
    case 0x6E: content.append(0x0A)
    case 0x72: content.append(0x0D)
    case 0x74: content.append(0x09)
    case 0x76: content.append(0x0B)
    case 0x78, 0x58: try append(digits(2, radix: 16, start), to: &content, isBytes: isBytes, start)
    case 0x30...0x33:
      at -= 1
      try append(digits(3, radix: 8, start), to: &content, isBytes: isBytes, start)
    case 0x75, 0x55:
      if isBytes {
        throw ExpressionIssue("bytes have no '\\u' escapes", at: start..<at, help: "write '\\x' and two digits a byte")
      }
      try append(digits(sign == 0x75 ? 4 : 8, radix: 16, start), to: &content, isBytes: false, start)
    default:
      at = min(at, bytes.count)
      while peek() & 0xC0 == 0x80 { at += 1 }
      throw ExpressionIssue(
        "'\(text(start..<at))' is not an escape", at: start..<at,
        help: "write '\\\\' for a backslash, or put an r before the quote")
    }
  }

  private mutating func digits(_ count: Int, radix: Int, _ start: Int) throws(ExpressionIssue) -> UInt32 {
    let end = min(at + count, bytes.count)
    let written = text(at..<end)
    guard end == at + count, written.utf8.allSatisfy(\.isHexDigit), let value = UInt32(written, radix: radix) else {
      throw ExpressionIssue(
        "the escape needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits", at: start..<end)
    }
    at = end
    return value
  }

  private func append(
    _ value: UInt32, to content: inout [UInt8], isBytes: Bool, _ start: Int
  ) throws(ExpressionIssue) {
    if isBytes {
      content.append(UInt8(truncatingIfNeeded: value))
    } else if let scalar = UnicodeScalar(value) {
      content += Array(String(scalar).utf8)
    } else {
      throw ExpressionIssue("the escape names no Unicode character", at: start..<at)
    }
  }
}
