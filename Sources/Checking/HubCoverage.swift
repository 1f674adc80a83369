public import SourceText

/// How much of a hub could be checked before anything runs.
public struct HubCoverage: Sendable {
  /// A place that could not be checked.
  public struct Gap: Sendable {
    /// Where.
    public let span: SourceSpan
    /// What: the part of an expression, the path of a target field.
    public let text: String
    /// Why, in words.
    public let reason: String
  }

  /// The hub.
  public let hub: String
  /// Where its name stands.
  public let span: SourceSpan
  /// How many expressions it has: its selection, its mapping, its own key and number.
  public internal(set) var expressions = 0
  /// The expressions of which some part is not known; one gap each.
  public internal(set) var uncheckedExpressions: [Gap] = []
  /// How many fields its mapping writes.
  public internal(set) var fields = 0
  /// The fields that could not be compared with the target's schema.
  public internal(set) var uncheckedFields: [Gap] = []
  /// The standard APIs it uses that do not say what their records or documents are like, and where it names them.
  public internal(set) var withoutSchema: [(api: String, span: SourceSpan, isDocument: Bool)] = []

  /// Whether all of it is checked.
  public var isComplete: Bool { uncheckedExpressions.isEmpty && uncheckedFields.isEmpty }

  init(hub: String, span: SourceSpan) {
    self.hub = hub
    self.span = span
  }
}
