public import SourceText
public import Values

/// Findings in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS standard).
///
/// Every code that was found is a rule; columns count characters as a reader sees them, declared as `unicodeCodePoints`.
public struct SARIFRenderer: Sendable {
  private let version: String

  /// A renderer for findings of a version of the program.
  public init(version: String) { self.version = version }

  /// The log: one run with the findings as results, up to a limit; its properties say how many there are in all.
  public func render(_ all: [Diagnostic], sources: SourceCollection, limit: Int = .max) -> Value {
    let diagnostics = Array(all.prefix(limit))
    var rules: [DiagnosticCode] = []
    var indices: [DiagnosticCode: Int] = [:]
    for diagnostic in diagnostics where indices[diagnostic.code] == nil {
      indices[diagnostic.code] = rules.count
      rules.append(diagnostic.code)
    }
    let driver = map([
      ("name", "datahub"), ("version", .string(version)), ("rules", .list(rules.map { rule($0) })),
    ])
    let run = map([
      ("tool", map([("driver", driver)])), ("columnKind", "unicodeCodePoints"),
      ("results", .list(diagnostics.map { result($0, indices[$0.code] ?? 0, sources) })),
      (
        "properties",
        map([
          ("total", .int(Int64(all.count))), ("errors", .int(Int64(all.count { $0.severity == .error }))),
          ("warnings", .int(Int64(all.count { $0.severity == .warning }))),
        ])
      ),
    ])
    return map([
      ("$schema", "https://json.schemastore.org/sarif-2.1.0.json"), ("version", "2.1.0"), ("runs", .list([run])),
    ])
  }

  private func rule(_ code: DiagnosticCode) -> Value {
    map([
      ("id", .string(code.rawValue)), ("name", .string(pascalCase(code.title))),
      ("shortDescription", text(code.title)), ("fullDescription", text(code.explanation)),
      ("help", text(code.explanation)),
      ("defaultConfiguration", map([("level", .string(level(code.defaultSeverity)))])),
    ])
  }

  private func result(_ diagnostic: Diagnostic, _ index: Int, _ sources: SourceCollection) -> Value {
    var message = diagnostic.message
    if let label = diagnostic.primary?.text { message += ": \(label)" }
    for note in diagnostic.notes { message += "\nnote: \(note)" }
    if let help = diagnostic.help { message += "\nhelp: \(help)" }
    var fields: [(String, Value)] = [
      ("ruleId", .string(diagnostic.code.rawValue)), ("ruleIndex", .int(Int64(index))),
      ("level", .string(level(diagnostic.severity))), ("message", text(message)),
      ("locations", .list(diagnostic.primary.map { [location($0.span, sources)] } ?? [])),
    ]
    if !diagnostic.secondary.isEmpty {
      fields.append(
        (
          "relatedLocations",
          .list(
            diagnostic.secondary.enumerated().map { number, label in
              location(label.span, sources, id: number, text: label.text)
            })
        ))
    }
    if let fix = diagnostic.fixIt, fix.applicability != .displayOnly {
      fields.append(("fixes", .list([self.fix(fix, sources)])))
    }
    return map(fields)
  }

  private func location(
    _ span: SourceSpan, _ sources: SourceCollection, id: Int? = nil, text label: String? = nil
  )
    -> Value
  {
    var fields: [(String, Value)] = []
    if let id { fields.append(("id", .int(Int64(id)))) }
    fields.append(
      (
        "physicalLocation",
        map([("artifactLocation", artifact(span, sources)), ("region", region(span, sources))])
      ))
    if let label { fields.append(("message", text(label))) }
    return map(fields)
  }

  private func artifact(_ span: SourceSpan, _ sources: SourceCollection) -> Value {
    map([("uri", .string(uriReference(sources[span.file].path)))])
  }

  private func region(_ span: SourceSpan, _ sources: SourceCollection) -> Value {
    let file = sources[span.file]
    let start = file.position(at: span.range.lowerBound)
    let end = file.position(at: span.range.upperBound)
    return map([
      ("startLine", .int(Int64(start.line))), ("startColumn", .int(Int64(start.column))),
      ("endLine", .int(Int64(end.line))), ("endColumn", .int(Int64(end.column))),
      ("byteOffset", .int(Int64(span.range.lowerBound))), ("byteLength", .int(Int64(span.range.count))),
    ])
  }

  private func fix(_ fix: FixIt, _ sources: SourceCollection) -> Value {
    var files: [FileID] = []
    for edit in fix.edits where !files.contains(edit.span.file) { files.append(edit.span.file) }
    let changes = files.compactMap { file -> Value? in
      let edits = fix.edits.filter { $0.span.file == file }
      guard let first = edits.first else { return nil }
      let replacements = edits.map { edit in
        map([("deletedRegion", region(edit.span, sources)), ("insertedContent", text(edit.replacement))])
      }
      return map([("artifactLocation", artifact(first.span, sources)), ("replacements", .list(replacements))])
    }
    return map([("description", text(fix.message)), ("artifactChanges", .list(changes))])
  }

  private func level(_ severity: Severity) -> String { severity.rawValue }

  private func text(_ text: String) -> Value { map([("text", .string(text))]) }

  private func map(_ entries: [(String, Value)]) -> Value { .map(ValueMap(entries)) }

  private func pascalCase(_ title: String) -> String {
    title.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

/// A path as a URI reference (RFC 3986): everything but unreserved characters and `/` percent-encoded.
private func uriReference(_ path: String) -> String {
  let digits = Array("0123456789ABCDEF")
  var result = path.hasPrefix("/") ? "file://" : ""
  for byte in path.utf8 {
    let isPlain =
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || "-._~/".utf8.contains(byte)
    if isPlain {
      result.unicodeScalars.append(UnicodeScalar(byte))
    } else {
      result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
  return result
}
