/// A regular expression as it was written.
indirect enum PatternSyntax {
  case empty
  case character(UnicodeScalar, foldsCase: Bool)
  /// Any character, with or without the line feed.
  case any(includesNewline: Bool)
  case set(CharacterSet)
  case assertion(PatternAssertion)
  case sequence([PatternSyntax])
  case choice([PatternSyntax])
  /// At least and, unless nil, at most so many times; as often as it can be unless it is lazy.
  case repetition(PatternSyntax, Int, Int?, isLazy: Bool)
  /// A group whose match is kept, by its number from 1.
  case group(PatternSyntax, Int)
}

/// A condition on a place between two characters.
enum PatternAssertion: Sendable {
  case textStart
  case textEnd
  case lineStart
  case lineEnd
  case wordBoundary
  case noWordBoundary

  func holds(between before: UnicodeScalar?, and after: UnicodeScalar?) -> Bool {
    switch self {
    case .textStart: before == nil
    case .textEnd: after == nil
    case .lineStart: before == nil || before == "\n"
    case .lineEnd: after == nil || after == "\n"
    case .wordBoundary: PatternAssertion.isWord(before) != PatternAssertion.isWord(after)
    case .noWordBoundary: PatternAssertion.isWord(before) == PatternAssertion.isWord(after)
    }
  }

  private static func isWord(_ scalar: UnicodeScalar?) -> Bool {
    guard let scalar, scalar.isASCII else { return false }
    return UInt8(truncatingIfNeeded: scalar.value).isNamePart
  }
}

/// Why a text is not a regular expression this program takes.
struct PatternError: Error {
  let message: String
}
