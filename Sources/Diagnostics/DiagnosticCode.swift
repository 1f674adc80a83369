/// What a diagnostic is about, apart from its wording.
///
/// A code is `DH` and four digits; the first digit is the phase (1 syntax, 2 resolving, 3 types, 4 plan, 5 state, 6
/// running). A code is never given to something else later. Every phase has one file, `DiagnosticCode+Phase.swift`,
/// with one `static let` per code and a list of them; the lists are joined in `all`.
public struct DiagnosticCode: Hashable, Sendable {
  /// The code as it is shown: `DH1004`.
  public let rawValue: String
  /// A name of a few words.
  public let title: String
  /// The severity, unless a diagnostic says otherwise.
  public let defaultSeverity: Severity
  /// What is wrong, why it matters and what to do, in a few sentences.
  public let explanation: String
  /// What gives exactly this code: a file by itself (codes of syntax), or a file of ``ExampleProject``.
  ///
  /// The place the finding marks stands between `«` and `»`, unless it is a code of syntax.
  public let badExample: String?
  /// The same put right.
  public let goodExample: String?

  /// Makes a code.
  public init(
    _ rawValue: String, title: String, severity: Severity = .error, explanation: String, bad: String? = nil,
    good: String? = nil
  ) {
    self.rawValue = rawValue
    self.title = title
    self.defaultSeverity = severity
    self.explanation = explanation
    let example = ExampleProject.examples[rawValue] ?? ExampleProject.typedExamples[rawValue]
    self.badExample = bad ?? example?.bad
    self.goodExample = good ?? example?.good
  }

  /// Returns whether both are the same code.
  public static func == (left: DiagnosticCode, right: DiagnosticCode) -> Bool {
    left.rawValue == right.rawValue
  }

  /// Hashes the code alone.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rawValue)
  }
}
