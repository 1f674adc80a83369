public import SourceText

/// Findings as a JUnit report: one test case for each file, failed where it has errors.
public struct JUnitRenderer: Sendable {
  /// A renderer.
  public init() {}

  /// The report.
  ///
  /// - Parameters:
  ///   - countsWarnings: whether a warning fails its file, too.
  ///   - limit: how many findings are written out; a file fails by those that are not, too.
  public func render(
    _ diagnostics: [Diagnostic], sources: SourceCollection, countsWarnings: Bool = false, limit: Int = .max
  ) -> String {
    var left = limit
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
    var cases: [JUnitReport.Case] = []
    if !others.isEmpty { cases.append(testCase("project", others, sources, countsWarnings, &left)) }
    for (file, findings) in zip(sources.files, byFile) {
      cases.append(testCase(file.path, findings, sources, countsWarnings, &left))
    }
    return JUnitReport(suite: "datahub validate", cases: cases).text
  }

  private func testCase(
    _ name: String, _ findings: [Diagnostic], _ sources: SourceCollection, _ countsWarnings: Bool, _ left: inout Int
  ) -> JUnitReport.Case {
    var item = JUnitReport.Case(group: "datahub.validate", name: name)
    if findings.isEmpty { return item }
    let text = TextRenderer(color: false, width: 100).render(findings, sources: sources, limit: left)
    left = max(0, left - findings.count)
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
