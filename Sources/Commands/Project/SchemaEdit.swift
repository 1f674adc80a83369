import Declarations
import Diagnostics
import SourceText
import Values
import YAMLSyntax

/// Writes a schema into the file of a resource, and leaves everything else in it as it is.
struct SchemaEdit {
  private let file: SourceFile
  private let spec: YAMLNode
  /// The field of `spec` that has the schema: `record`, `source`.
  private let holder: String
  private let schema: Value

  init(_ schema: Value, in file: SourceFile, spec: YAMLNode, holder: String) {
    self.schema = schema
    self.file = file
    self.spec = spec
    self.holder = holder
  }

  /// The file with the schema; nil where it cannot be put in without writing more of the file anew.
  func edited() -> [UInt8]? {
    guard let (range, text) = change() else { return nil }
    var bytes = file.bytes
    bytes.replaceSubrange(range, with: Array(text.utf8))
    return isSound(bytes) ? bytes : nil
  }

  private func change() -> (range: Range<Int>, text: String)? {
    guard let first = spec.entries?.first, !isFlow(spec) else { return nil }
    guard let entry = spec[holder], let own = entry.value.entries, let head = own.first else {
      let indent = column(first.key)
      guard spec[holder] == nil, let last = spec.entries?.last else { return nil }
      let lines = [String(repeating: " ", count: indent) + holder + ":"] + schemaLines(indent + 2)
      let end = lineEnd(after: last)
      return (end..<end, "\n" + lines.joined(separator: "\n"))
    }
    if isFlow(entry.value) {
      // Braces become lines, each entry as it was written.
      let indent = column(entry.key) + 2
      let lines = own.filter { $0.keyText != "schema" }.map { kept in
        String(repeating: " ", count: indent) + file.text(kept.key.span.range) + ": " + file.text(kept.value.span.range)
      }
      let text = ([":"] + lines + schemaLines(indent)).joined(separator: "\n")
      return (entry.key.span.range.upperBound..<entry.value.span.range.upperBound, text)
    }
    let indent = column(head.key)
    if let old = entry.value["schema"] {
      let text = schemaLines(indent).joined(separator: "\n").drop { $0 == " " }
      return (old.key.span.range.lowerBound..<contentEnd(of: old), String(text))
    }
    guard let last = own.last else { return nil }
    let end = lineEnd(after: last)
    return (end..<end, "\n" + schemaLines(indent).joined(separator: "\n"))
  }

  private func schemaLines(_ indent: Int) -> [String] { SchemaText.lines(of: schema, under: "schema", indent: indent) }

  private func isFlow(_ node: YAMLNode) -> Bool {
    node.span.range.lowerBound < file.bytes.count && file.bytes[node.span.range.lowerBound] == 0x7B
  }

  private func column(_ node: YAMLNode) -> Int { file.position(at: node.span.range.lowerBound).column - 1 }

  /// Where the last thing of an entry ends, without the line breaks that follow a block.
  private func contentEnd(of entry: YAMLEntry) -> Int {
    var node = entry.value
    while file.bytes.indices.contains(node.span.range.lowerBound), !isFlow(node),
      file.bytes[node.span.range.lowerBound] != 0x5B
    {
      guard let inner = node.entries?.last?.value ?? node.items?.last else { break }
      node = inner
    }
    var end = max(node.span.range.upperBound, entry.key.span.range.upperBound)
    while end > entry.key.span.range.upperBound, [0x0A, 0x0D, 0x20].contains(file.bytes[end - 1]) { end -= 1 }
    return end
  }

  /// The end of the line an entry ends on, past a comment behind it.
  private func lineEnd(after entry: YAMLEntry) -> Int {
    let end = contentEnd(of: entry)
    return file.bytes[end...].firstIndex(of: 0x0A) ?? file.bytes.count
  }

  /// Whether the file still says the same, and the schema besides.
  private func isSound(_ bytes: [UInt8]) -> Bool {
    var sources = SourceCollection()
    let before = parseYAML(file).value ?? []
    let after = parseYAML(sources.add(path: file.path, bytes: bytes))
    guard !after.diagnostics.hasErrors, let documents = after.value, documents.count == before.count else {
      return false
    }
    for (old, new) in zip(before, documents) {
      guard let oldRoot = old.root, let newRoot = new.root else {
        if old.root == nil, new.root == nil { continue }
        return false
      }
      let isOwn = oldRoot.child("spec")?.span == spec.span
      let expected = isOwn ? withSchema(oldRoot.value) : oldRoot.value
      if newRoot.value != expected { return false }
    }
    return true
  }

  private func withSchema(_ document: Value) -> Value {
    guard let root = document.mapValue, let spec = root["spec"]?.mapValue else { return document }
    let own = spec[holder]?.mapValue ?? ValueMap([(String, Value)]())
    let changed = spec.setting(holder, to: .map(own.setting("schema", to: schema)))
    return .map(root.setting("spec", to: .map(changed)))
  }
}
