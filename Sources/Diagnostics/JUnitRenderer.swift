public import SourceText

/// Findings as a JUnit report: one test case for each file, failed where it has errors.
public struct JUnitRenderer: Sendable {
  /// A renderer.
  public init() {}

  /// The report.
  ///
  /// - Parameter countsWarnings: whether a warning fails its file, too.
  public func render(_ diagnostics: [Diagnostic], sources: SourceCollection, countsWarnings: Bool = false) -> String {
    var byFile: [[Diagnostic]] = Array(repeating: [], count: sources.files.count)
    var others: [Diagnostic] = []
    let places = Dictionary(uniqueKeysWithValues: sources.files.enumerated().map { ($1.id, $0) })
    for diagnostic in diagnostics {
      if let span = diagnostic.primary?.span, let place = places[span.file] {
        byFile[place].append(diagnostic)
      } else {
        others.append(diagnostic)
      }
    }
    var cases = zip(sources.files, byFile).map { testCase($0.path, $1, sources, countsWarnings) }
    if !others.isEmpty { cases.insert(testCase("project", others, sources, countsWarnings), at: 0) }
    return JUnitReport(suite: "datahub validate", cases: cases).text
  }

  private func testCase(
    _ name: String, _ findings: [Diagnostic], _ sources: SourceCollection, _ countsWarnings: Bool
  ) -> JUnitReport.Case {
    var item = JUnitReport.Case(group: "datahub.validate", name: name)
    if findings.isEmpty { return item }
    let text = TextRenderer(color: false, width: 100).render(findings, sources: sources)
    let failing = findings.filter { $0.severity == .error || (countsWarnings && $0.severity == .warning) }
    if let first = failing.first {
      let more = failing.count > 1 ? " (and \(failing.count - 1) more)" : ""
      item.failure = (first.code.rawValue, "\(first.code.rawValue): \(first.message)\(more)", text)
    } else {
      item.output = text
    }
    return item
  }
}

/// A text for XML 1.0: markup escaped, line ends kept, what XML cannot hold (section 2.2, Char) as U+FFFD.
public func xmlEscaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
