extension DiagnosticCode {
  /// The codes of the syntax phase.
  static let syntax: [DiagnosticCode] = []
}
