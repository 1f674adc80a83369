/// Why an expression has no value for the values it was given.
public struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The class of what happened.
  public enum Kind: Sendable, Hashable {
    /// A map has no entry of a name that was asked for with a dot.
    case noSuchField(String)
    /// A map has no entry of a key, or a list no element at an index.
    case noSuchKey
    /// An operator or function does not take values of these types.
    case noSuchOverload
    case divideByZero
    /// A result does not fit its type.
    case overflow
    /// A function does not take this value, though its type is right.
    case invalidArgument
    /// A variable was declared and not given a value.
    case unsetVariable(String)
    /// A name that nothing is declared for, in an expression that was not checked.
    case unknownName(String)
    /// The evaluation did more, or made more, than it may.
    case costExceeded
    /// A code that no value mapping has, or one that is null.
    case missingValue
    /// Something is not there yet and may come by itself, as a code in a value mapping; says for what.
    case waiting(String)
  }

  /// The class of what happened.
  public let kind: Kind
  /// What happened, in words.
  public let message: String
  /// The place of the part of the expression that failed, in UTF-8 offsets.
  public let range: Range<Int>
  /// What to write instead, where that is known.
  public let help: String?

  /// An error; one thrown by a registered function gets the place of its call.
  public init(_ kind: Kind, _ message: String, at range: Range<Int> = 0..<0, help: String? = nil) {
    self.kind = kind
    self.message = message
    self.range = range
    self.help = help
  }

  /// What happened, where, and what helps.
  public var description: String {
    "\(message) (at \(range.lowerBound))" + (help.map { "; \($0)" } ?? "")
  }
}

extension EvaluationError {
  /// The error without the values its message may show.
  var withoutValues: EvaluationError {
    switch kind {
    case .invalidArgument: EvaluationError(kind, "the value does not fit here", at: range, help: help)
    case .noSuchKey: EvaluationError(kind, "no such key or element", at: range)
    default: self
    }
  }
}

/// An error on its way up through the nodes: one pointer, so that what can fail costs no more than what cannot.
///
/// Errors are made often and read seldom (`||` and `exists` swallow them), so the help is worked out when it is read.
final class Failure: Error {
  let kind: EvaluationError.Kind
  let message: String
  let range: Range<Int>?
  let help: (@Sendable () -> String?)?

  init(
    _ kind: EvaluationError.Kind, _ message: String = "", at range: Range<Int>? = nil,
    help: (@Sendable () -> String?)? = nil
  ) {
    self.kind = kind
    self.message = message
    self.range = range
    self.help = help
  }

  /// The same failure, placed at a range unless it has a place already.
  func placed(at range: Range<Int>) -> Failure {
    self.range == nil ? Failure(kind, message, at: range, help: help) : self
  }

  var error: EvaluationError { EvaluationError(kind, message, at: range ?? 0..<0, help: help?()) }

  /// No overload takes these types; the node that called fills in which.
  static var noOverload: Failure { Failure(.noSuchOverload) }

  static func invalid(_ message: String, help: String? = nil) -> Failure {
    Failure(.invalidArgument, message, help: { help })
  }

  static func overflow(_ message: String) -> Failure { Failure(.overflow, message) }
}
