/// One word, literal or sign of an expression.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    case identifier(String)
    /// A name in backquotes, which may hold signs that names cannot.
    case quotedIdentifier(String)
    /// The digits' magnitude; the sign is the parser's.
    case int(UInt64)
    case uint(UInt64)
    /// The literal as it stands.
    case real(String)
    case string(String)
    case bytes([UInt8])
    case sign(Sign)
    case end
  }

  enum Sign: String, Sendable {
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBracket = "["
    case rightBracket = "]"
    case leftBrace = "{"
    case rightBrace = "}"
    case dot = "."
    case comma = ","
    case colon = ":"
    case question = "?"
    case not = "!"
    case minus = "-"
    case plus = "+"
    case times = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
  }

  let kind: Kind
  let range: Range<Int>

  /// The token as a message names it.
  var description: String {
    switch kind {
    case .identifier(let name): "'\(name)'"
    case .quotedIdentifier(let name): "'`\(name)`'"
    case .int(let number): "the number \(number)"
    case .uint(let number): "the number \(number)u"
    case .real(let text): "the number \(text)"
    case .string: "a string"
    case .bytes: "bytes"
    case .sign(let sign): "'\(sign.rawValue)'"
    case .end: "the end of the expression"
    }
  }
}

extension Token.Sign {
  /// The sign that two bytes begin with; nil for what is none.
  init?(_ first: UInt8, _ second: UInt8) {
    switch (UnicodeScalar(first), UnicodeScalar(second)) {
    case ("=", "="): self = .equal
    case ("!", "="): self = .notEqual
    case ("<", "="): self = .lessOrEqual
    case (">", "="): self = .greaterOrEqual
    case ("&", "&"): self = .and
    case ("|", "|"): self = .or
    case ("(", _): self = .leftParenthesis
    case (")", _): self = .rightParenthesis
    case ("[", _): self = .leftBracket
    case ("]", _): self = .rightBracket
    case ("{", _): self = .leftBrace
    case ("}", _): self = .rightBrace
    case (".", _): self = .dot
    case (",", _): self = .comma
    case (":", _): self = .colon
    case ("?", _): self = .question
    case ("!", _): self = .not
    case ("-", _): self = .minus
    case ("+", _): self = .plus
    case ("*", _): self = .times
    case ("/", _): self = .divide
    case ("%", _): self = .remainder
    case ("<", _): self = .less
    case (">", _): self = .greater
    default: return nil
    }
  }
}
