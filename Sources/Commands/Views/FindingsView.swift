import Diagnostics
import SourceText
import Values

/// Findings about the user's files, written for people, programs and code hosts.
struct FindingsView {
  let findings: [Diagnostic]
  let sources: SourceCollection
  let console: Console
  /// How many findings are shown; of the others it is said how many there are.
  let limit: Int

  init(
    _ findings: [Diagnostic], _ sources: SourceCollection, _ console: Console, limit: Int = TextRenderer.maximumCount
  ) {
    self.findings = findings
    self.sources = sources
    self.console = console
    self.limit = limit
  }

  /// For people, as a result.
  var text: String { render(color: console.colorsOutput) }

  /// For people, as a message; nothing where nothing was found.
  var messageText: String { render(color: console.colorsMessages) }

  private func render(color: Bool) -> String {
    if findings.isEmpty { return "" }
    var text = TextRenderer(color: color, width: console.width).render(findings, sources: sources, limit: limit)
    if !text.hasSuffix("\n") { text += "\n" }
    return text
  }

  /// For programs: the findings that are shown, and how many there are in all.
  var json: [(String, Value)] {
    func count(_ severity: Severity) -> Value { .int(Int64(findings.count { $0.severity == severity })) }
    return [
      ("findings", list), ("total", .int(Int64(findings.count))), ("errors", count(.error)),
      ("warnings", count(.warning)),
    ]
  }

  /// For programs: a list of maps.
  var list: Value { .list(findings.prefix(limit).map { json(of: $0) }) }

  private func json(of finding: Diagnostic) -> Value {
    var map: [(String, Value)] = [
      ("code", .string(finding.code.rawValue)), ("severity", .string(finding.severity.rawValue)),
      ("message", .string(finding.message)),
    ]
    map += place(finding.primary?.span)
    map.append(("help", finding.help.map { .string($0) } ?? .null))
    map.append(("title", .string(finding.code.title)))
    map.append(("label", finding.primary?.text.map { .string($0) } ?? .null))
    map.append(("notes", .list(finding.notes.map { .string($0) })))
    map.append(
      (
        "related",
        .list(finding.secondary.map { .map(ValueMap(place($0.span) + [("message", .string($0.text ?? ""))])) })
      ))
    map.append(("fix", finding.fixIt.map { json(of: $0) } ?? .null))
    return .map(ValueMap(map))
  }

  private func json(of fix: FixIt) -> Value {
    let edits = fix.edits.map { edit in
      Value.map(
        ValueMap(
          place(edit.span) + [
            ("offset", .int(Int64(edit.span.range.lowerBound))), ("length", .int(Int64(edit.span.range.count))),
            ("replacement", .string(edit.replacement)),
          ]))
    }
    return .map(
      ValueMap([
        ("message", .string(fix.message)), ("applicability", .string(fix.applicability.rawValue)),
        ("edits", .list(edits)),
      ]))
  }

  private func place(_ span: SourceSpan?) -> [(String, Value)] {
    let names = ["file", "line", "column", "endLine", "endColumn"]
    guard let span else { return names.map { ($0, .null) } }
    let file = sources[span.file]
    let start = file.position(at: span.range.lowerBound)
    let end = file.position(at: span.range.upperBound)
    let numbers = [start.line, start.column, end.line, end.column].map { Value.int(Int64($0)) }
    return Array(zip(names, [.string(file.path)] + numbers))
  }

  /// For GitHub: a workflow command for each finding, which shows it beside the lines of a pull request.
  var github: String {
    let more = moreFindings(findings, limit: limit).map { "::notice title=datahub validate::\($0)\n" } ?? ""
    return findings.prefix(limit).map { github(of: $0) + "\n" }.joined() + more
  }

  private func github(of finding: Diagnostic) -> String {
    let kind =
      switch finding.severity {
      case .error: "error"
      case .warning: "warning"
      case .note: "notice"
      }
    var properties: [String] = []
    if let span = finding.primary?.span {
      let file = sources[span.file]
      let start = file.position(at: span.range.lowerBound)
      let end = file.position(at: span.range.upperBound)
      properties += ["file=\(escaped(file.path, isProperty: true))", "line=\(start.line)", "col=\(start.column)"]
      properties += ["endLine=\(end.line)"]
      // Of a finding over several lines GitHub takes no columns.
      if end.line == start.line { properties.append("endColumn=\(end.column)") } else { properties.remove(at: 2) }
    }
    properties.append("title=\(escaped("\(finding.code.rawValue) \(finding.code.title)", isProperty: true))")
    let message = finding.message + (finding.help.map { "\nhelp: \($0)" } ?? "")
    return "::\(kind) \(properties.joined(separator: ","))::\(escaped(message, isProperty: false))"
  }

  private func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
