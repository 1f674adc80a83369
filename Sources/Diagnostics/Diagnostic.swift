public import SourceText

/// How bad a finding is.
public enum Severity: String, Sendable, Comparable, CaseIterable {
  /// Worth knowing.
  case note
  /// Probably a mistake; the work goes on.
  case warning
  /// The files cannot be used as they are.
  case error

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }

  /// Returns whether the left severity is less bad than the right one.
  public static func < (left: Severity, right: Severity) -> Bool {
    left.rank < right.rank
  }
}

/// A place, and what is to be said there.
public struct Label: Hashable, Sendable {
  /// The place.
  public var span: SourceSpan
  /// A few words beside the mark, or nothing.
  public var text: String?

  /// Makes a label.
  public init(_ span: SourceSpan, _ text: String? = nil) {
    self.span = span
    self.text = text
  }

  /// Makes a label.
  public init(span: SourceSpan, text: String? = nil) {
    self.init(span, text)
  }
}

/// A change of the files that would settle a diagnostic.
public struct FixIt: Hashable, Sendable {
  /// How far a fix may be trusted.
  public enum Applicability: String, Hashable, Sendable {
    /// Only to be shown.
    case displayOnly
    /// May change what the files mean.
    case unsafe
    /// Keeps what the files mean; `validate --fix` applies it.
    case safe
  }

  /// The replacement of one span.
  public struct Edit: Hashable, Sendable {
    /// What is replaced; empty for an insertion.
    public var span: SourceSpan
    /// The text that takes its place.
    public var replacement: String

    /// Makes an edit.
    public init(span: SourceSpan, replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  /// The edits; they do not overlap.
  public var edits: [Edit]
  /// What the fix does: "remove the second 'source'".
  public var message: String
  /// How far the fix may be trusted.
  public var applicability: Applicability

  /// Makes a fix.
  public init(edits: [Edit], message: String, applicability: Applicability) {
    self.edits = edits
    self.message = message
    self.applicability = applicability
  }
}

/// One finding about the user's files.
///
/// Messages are lower case without a full stop, name the thing in quotes and say what was expected.
public struct Diagnostic: Hashable, Sendable {
  /// What was found, apart from wording.
  public var code: DiagnosticCode
  /// How bad it is.
  public var severity: Severity
  /// The finding in one sentence.
  public var message: String
  /// The place it is about.
  public var primary: Label?
  /// Other places that explain it.
  public var secondary: [Label]
  /// Sentences that explain it further.
  public var notes: [String]
  /// What to do about it.
  public var help: String?
  /// A change that settles it.
  public var fixIt: FixIt?

  /// Makes a diagnostic; without a severity, it has the one of its code.
  public init(
    code: DiagnosticCode, severity: Severity? = nil, message: String, primary: Label? = nil, secondary: [Label] = [],
    notes: [String] = [], help: String? = nil, fixIt: FixIt? = nil
  ) {
    self.code = code
    self.severity = severity ?? code.defaultSeverity
    self.message = message
    self.primary = primary
    self.secondary = secondary
    self.notes = notes
    self.help = help
    self.fixIt = fixIt
  }

  /// Makes a diagnostic about a span.
  public init(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan, label: String? = nil, secondary: [Label] = [],
    notes: [String] = [], help: String? = nil, fixIt: FixIt? = nil
  ) {
    self.init(
      code: code, message: message, primary: Label(span, label), secondary: secondary, notes: notes, help: help,
      fixIt: fixIt)
  }
}
