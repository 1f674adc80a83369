import SourceText

extension Diagnostics {
  /// How many of each severity there are: "2 errors, 1 warning in 3 files".
  public var summaryLine: String {
    let diagnostics = sorted
    guard !diagnostics.isEmpty else { return "no findings" }
    let files = Set(diagnostics.compactMap { $0.primary?.span.file }).count
    let place = files == 0 ? "" : " in \(files) file\(files == 1 ? "" : "s")"
    return countsText(diagnostics) + place
  }
}

/// How many of each severity there are: "2 errors, 1 warning".
func countsText(_ diagnostics: some Collection<Diagnostic>) -> String {
  [Severity.error, .warning, .note].compactMap { severity -> String? in
    let count = diagnostics.count { $0.severity == severity }
    return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
  }.joined(separator: ", ")
}

/// What is said in place of the findings behind the first ones: "and 3 more: 1 error, 2 warnings".
///
/// Errors must not go unseen because they stand far back. Nothing where all are shown.
public func moreFindings(_ diagnostics: [Diagnostic], limit: Int) -> String? {
  guard diagnostics.count > limit else { return nil }
  return "and \(diagnostics.count - limit) more: \(countsText(diagnostics.dropFirst(limit)))"
}
