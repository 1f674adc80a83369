/// Something wrong in the text of an expression, and where.
public struct ExpressionIssue: Error, Sendable, Hashable, CustomStringConvertible {
  /// The class of what is wrong.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The text is no expression.
    case syntax
    /// A name that nothing is declared for.
    case unknownName
    /// A function that is not there.
    case unknownFunction
    /// A call with too few or too many arguments.
    case argumentCount
    /// An operator or a function that does not take values of these types.
    case noOverload
    /// A field that the schema does not have.
    case unknownField
    /// A comparison of values that are never equal.
    case neverEqual
    /// A text compared with an enumeration that does not have it.
    case enumMismatch
    /// Something may be null where null cannot be used.
    case possibleNull
    /// A field is read that need not be there.
    case possiblyMissing
    /// A value of several types is used where some of them cannot be.
    case possibleMismatch
    /// A number loses digits.
    case lossy
    /// A text written out that a function does not take: no date pattern, no time zone, no regular expression.
    case invalidLiteral

    /// True for what goes wrong only with some values: a warning.
    public var isDoubt: Bool {
      switch self {
      case .possibleNull, .possiblyMissing, .possibleMismatch, .lossy: true
      default: false
      }
    }
  }

  /// The class of what is wrong.
  public let kind: Kind
  /// What is wrong, in words.
  public let message: String
  /// The place in the expression's text, in UTF-8 offsets.
  public let range: Range<Int>
  /// What to write instead, where that is known.
  public let help: String?

  /// An issue at a place.
  public init(_ message: String, kind: Kind = .syntax, at range: Range<Int>, help: String? = nil) {
    self.message = message
    self.kind = kind
    self.range = range
    self.help = help
  }

  /// True for what goes wrong only with some values: a warning.
  public var isDoubt: Bool { kind.isDoubt }

  /// What is wrong, where, and what helps.
  public var description: String {
    "\(message) (at \(range.lowerBound))" + (help.map { "; \($0)" } ?? "")
  }
}

/// All that is wrong with one expression.
public struct ExpressionIssues: Error, Sendable, Hashable, CustomStringConvertible {
  /// The issues, in the order of their places; never empty.
  public let issues: [ExpressionIssue]

  /// The issues, sorted by place.
  public init(_ issues: [ExpressionIssue]) { self.issues = ExpressionIssues.sorted(issues) }

  static func sorted(_ issues: [ExpressionIssue]) -> [ExpressionIssue] {
    issues.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
  }

  /// One issue a line.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}
