import SourceText

extension Diagnostics {
  /// How many of each severity there are: "2 errors, 1 warning in 3 files".
  public var summaryLine: String {
    let diagnostics = sorted
    guard !diagnostics.isEmpty else { return "no findings" }
    let counts = [Severity.error, .warning, .note].compactMap { severity -> String? in
      let count = diagnostics.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    let files = Set(diagnostics.compactMap { $0.primary?.span.file }).count
    let place = files == 0 ? "" : " in \(files) file\(files == 1 ? "" : "s")"
    return counts.joined(separator: ", ") + place
  }
}
