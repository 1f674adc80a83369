import Diagnostics
import SourceText
import Values

/// Findings about the user's files, written for people, programs and code hosts.
struct FindingsView {
  let findings: [Diagnostic]
  let sources: SourceCollection
  let console: Console

  init(_ findings: [Diagnostic], _ sources: SourceCollection, _ console: Console) {
    self.findings = findings
    self.sources = sources
    self.console = console
  }

  /// For people, as a result.
  var text: String { render(color: console.colorsOutput) }

  /// For people, as a message; nothing where nothing was found.
  var messageText: String { render(color: console.colorsMessages) }

  private func render(color: Bool) -> String {
    if findings.isEmpty { return "" }
    var text = TextRenderer(color: color, width: console.width).render(findings, sources: sources)
    if !text.hasSuffix("\n") { text += "\n" }
    return text
  }

  /// For programs: a list of maps.
  var json: Value { .list(findings.map { json(of: $0) }) }

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
    return .map(ValueMap(map))
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
  var github: String { findings.map { github(of: $0) + "\n" }.joined() }

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
