public import Plans
public import Values

/// What became of one call.
public enum CallOutcome: Sendable {
  /// The platform did what was asked; what it did is in the answer.
  case answered(Answer)
  /// It did not, or nobody knows.
  case failed(CallFailure)
}

/// The answer to a call that went well.
public struct Answer: Sendable {
  /// The HTTP status.
  public let status: Int
  /// What expressions see as `response`: a map of `status`, `headers` (names in lower case), `body` (the JSON, else null) and
  /// `text` (the body where it is not JSON, else null).
  public let response: Value
  /// How many bytes the body had.
  public let bytes: Int
  /// How long the exchange took.
  public let duration: Duration

  /// An answer of its parts.
  public init(status: Int, response: Value, bytes: Int, duration: Duration) {
    self.status = status
    self.response = response
    self.bytes = bytes
    self.duration = duration
  }
}

/// Why a call did not go well, and what that means for sending it again.
///
/// No text in it holds a secret of the connector's.
public struct CallFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// How much of an answer is kept, in bytes.
  public static let maximumAnswerText = 2_000

  /// The kind: decides what may be done next.
  public let kind: FailureClass
  /// What happened, for a person; in the platform's own words where it has some.
  public let message: String
  /// The HTTP status, where there was an answer.
  public let status: Int?
  /// How long the platform wants to be left alone.
  public let retryAfter: TimeSpan?
  /// The beginning of the answer's body.
  public let answerText: String?
  /// How long the exchange took.
  public let duration: Duration
  /// True where no call was made at all, as it was not the time for one: no attempt is spent.
  public let isHeldBack: Bool

  /// A failure of its parts.
  public init(
    kind: FailureClass, message: String, status: Int? = nil, retryAfter: TimeSpan? = nil, answerText: String? = nil,
    duration: Duration = .zero, isHeldBack: Bool = false
  ) {
    self.isHeldBack = isHeldBack
    self.kind = kind
    self.message = message
    self.status = status
    self.retryAfter = retryAfter
    self.answerText = answerText
    self.duration = duration
  }

  /// The kind and what happened.
  public var description: String { "\(kind.rawValue): \(message)" }
}
