/// Something that is not as a schema wants it: in a value, or in what is known of the type of one.
public struct SchemaProblem: Sendable {
  /// The class of it.
  public enum Kind: Sendable, Hashable {
    /// Another type than the schema's.
    case wrongType
    /// A field that must be there is not.
    case missingField
    /// A field the schema does not have.
    case unknownField
    /// None of the values that the schema counts up.
    case notAllowed
    /// Too long, too large, not of the pattern.
    case outOfBounds
    /// It may be null, which the schema does not take.
    case possibleNull
    /// A field that must be there may be missing.
    case possiblyMissing
    /// It may be of another type than the schema's.
    case possibleMismatch
    /// A number may lose digits.
    case lossy

    /// True for what goes wrong only with some values.
    public var isDoubt: Bool {
      switch self {
      case .possibleNull, .possiblyMissing, .possibleMismatch, .lossy: true
      default: false
      }
    }
  }

  /// The class of it.
  public let kind: Kind
  /// Where in the value: `lines[2].price`; empty for the value itself.
  public let path: String
  /// What it is, in words, without the path.
  public let message: String
  /// What wants it otherwise.
  public let schema: Schema
  /// What to do, where that is known.
  public let help: String?
  /// Whether it is so only for some values, though its class is no doubt.
  public let isPartial: Bool

  init(
    _ kind: Kind, _ path: String, _ message: String, _ schema: Schema, help: String? = nil, isPartial: Bool = false
  ) {
    self.kind = kind
    self.path = path
    self.message = message
    self.schema = schema
    self.help = help
    self.isPartial = isPartial
  }

  /// Whether it goes wrong only with some values.
  public var isDoubt: Bool { kind.isDoubt || isPartial }

  /// The message with the path before it.
  public var text: String { path.isEmpty ? message : "\(path): \(message)" }

  func inside(_ component: String) -> SchemaProblem {
    let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
    return SchemaProblem(
      kind, component + separator + path, message, schema, help: help, isPartial: isPartial)
  }
}
