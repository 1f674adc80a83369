/// Something wrong in the text of an expression, and where.
public struct ExpressionIssue: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in words.
  public let message: String
  /// The place in the expression's text, in UTF-8 offsets.
  public let range: Range<Int>
  /// What to write instead, where that is known.
  public let help: String?

  /// An issue at a place.
  public init(_ message: String, at range: Range<Int>, help: String? = nil) {
    self.message = message
    self.range = range
    self.help = help
  }

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
  public init(_ issues: [ExpressionIssue]) {
    self.issues = issues.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
  }

  /// One issue a line.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}
