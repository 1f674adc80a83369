import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// What the YAML reader and the formatter promise for any bytes.
enum YAMLFuzz {
  static func read(_ input: [UInt8]) throws {
    var sources = SourceCollection()
    let file = sources.add(path: "input.yaml", bytes: input)
    let parsed = parseYAML(file)
    for document in parsed.value ?? [] {
      if let root = document.root { try check(root, file) }
    }
    try check(parsed.diagnostics.sorted, sources)
    try fix(parsed.diagnostics.sorted, file)
  }

  static func format(_ input: [UInt8]) throws {
    let file = SourceFile(id: FileID(index: 0), path: "input.yaml", bytes: input)
    if case .refused(let reason) = formatYAML(file, order: ResourceOrder.order) { throw FuzzTarget.Failure(reason) }
  }

  private static func check(_ node: YAMLNode, _ file: SourceFile) throws {
    guard node.span.range.upperBound <= file.bytes.count else {
      throw FuzzTarget.Failure("a node ends at \(node.span.range.upperBound), behind the file")
    }
    switch node.content {
    case .sequence(let items): for item in items { try check(item, file) }
    case .mapping(let entries):
      for entry in entries {
        try check(entry.key, file)
        try check(entry.value, file)
      }
    case .scalar(let scalar):
      let count = scalar.text.utf8.count
      for range in [0..<count, 0..<min(1, count), max(0, count - 1)..<count, count / 2..<count] {
        let place = scalar.sourceRange(of: range)
        guard place.upperBound <= file.bytes.count else {
          throw FuzzTarget.Failure("a part of a scalar stands at \(place), behind the file")
        }
      }
    }
  }

  /// Findings must lie in their files, and every renderer must take them.
  static func check(_ findings: [Diagnostic], _ sources: SourceCollection) throws {
    for finding in findings {
      let spans = [finding.primary?.span].compactMap(\.self) + finding.secondary.map(\.span)
      let edits = finding.fixIt?.edits.map(\.span) ?? []
      for span in spans + edits where span.range.upperBound > sources[span.file].bytes.count {
        throw FuzzTarget.Failure("\(finding.code.rawValue) marks \(span.range), behind the file")
      }
    }
    let shown = Array(findings.prefix(20))
    _ = TextRenderer(color: true, width: 60).render(shown, sources: sources)
    _ = SARIFRenderer(version: "0").render(shown, sources: sources)
    _ = JUnitRenderer().render(shown, sources: sources)
  }

  /// A safe fix of the syntax must leave something that can be read as far as before.
  private static func fix(_ findings: [Diagnostic], _ file: SourceFile) throws {
    let fixes = SafeFixes(of: findings) { _ in true }
    guard !fixes.findings.isEmpty else { return }
    let fixed = SourceFile(id: file.id, path: file.path, bytes: fixes.applied(to: file))
    _ = parseYAML(fixed)
  }
}
