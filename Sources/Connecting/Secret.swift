/// A text that must not be shown: a password, a key, a token.
///
/// However it is printed, dumped or put into a text, it is `***`.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// A secret of its text.
  public init(_ text: String) { self.text = text }

  /// The text itself, for what is sent to the platform and nothing else.
  public func reveal() -> String { text }

  /// Three stars.
  public var description: String { "***" }

  /// Three stars.
  public var debugDescription: String { "***" }

  /// A mirror that shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
