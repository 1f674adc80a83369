public import SourceText

/// Something about a schema that its author should know.
public struct SchemaIssue: Sendable, Hashable {
  /// What kind of thing.
  public enum Kind: Sendable, Hashable {
    /// It is no schema: a keyword with a value it cannot have, a reference to nothing.
    case malformed
    /// A keyword of JSON Schema that is not checked with.
    case unsupported
    /// A keyword nobody knows.
    case unknownKeyword
  }

  /// What kind of thing.
  public let kind: Kind
  /// What it is, in words.
  public let message: String
  /// Where it stands, where places are known.
  public let span: SourceSpan?
  /// What to do, where that is known.
  public let help: String?
}
