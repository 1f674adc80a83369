/// Why a request cannot be made, or an answer not be used.
///
/// Messages name the connector or the API, the place in it, and what to do; never a secret.
public struct ConnectingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case badReference, missingSecret, unreadableSecret, badParameter, badTemplate, badRequest, badAnswer, badRecord,
        unsteadyList
    }

    private let kind: Kind

    /// A reference to a secret is not one.
    public static let badReference = Code(kind: .badReference)
    /// There is no secret where a reference points.
    public static let missingSecret = Code(kind: .missingSecret)
    /// There is something where a reference points that cannot or must not be used.
    public static let unreadableSecret = Code(kind: .unreadableSecret)
    /// A parameter of a connector has no usable value.
    public static let badParameter = Code(kind: .badParameter)
    /// A template or an expression of the plan cannot be used at all.
    public static let badTemplate = Code(kind: .badTemplate)
    /// A template has no usable value for what is to be sent.
    public static let badRequest = Code(kind: .badRequest)
    /// An answer is not as the API's expressions want it.
    public static let badAnswer = Code(kind: .badAnswer)
    /// A record has no usable key.
    public static let badRecord = Code(kind: .badRecord)

    /// A list changed each time it was read.
    public static let unsteadyList = Code(kind: .unsteadyList)

    /// The code's name, stable enough for logs and tables.
    public var description: String { kind.rawValue }
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, for a person.
  public let message: String

  /// A failure.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// What happened, for a person.
  public var description: String { message }

  /// True where the same may go well later, with nothing changed: only a platform's answer may come out otherwise.
  public var isTransient: Bool { code == .badAnswer }

  /// The same failure, with where it happened before the message.
  func at(_ place: String) -> ConnectingError { ConnectingError(code, "\(place): \(message)") }
}
