public import Declarations
import Diagnostics
public import Resolving
import SourceText
public import Values
import YAMLSyntax

/// The codes of a value mapping: those written in its file, then those of its CSV file.
public struct CodeTable: Sendable {
  /// What each code becomes, in the order of the files.
  public private(set) var entries: [(code: String, value: Value)] = []
  /// What people call a code.
  public private(set) var labels: [String: String] = [:]
  private(set) var diagnostics = Diagnostics()
  private var places: [String: Int] = [:]

  /// Reads the table of a value mapping.
  public init(_ mapping: Declaration, _ workspace: Workspace) {
    let spec = mapping.spec
    for entry in spec.child("entries")?.entries ?? [] {
      places[entry.keyText] = entries.count
      entries.append((entry.keyText, entry.value.value))
    }
    for entry in spec.child("labels")?.entries ?? [] { labels[entry.keyText] = entry.value.scalar?.text }
    guard let csv = spec.child("csv"), let name = csv.child("file"), let file = workspace.file(namedBy: name) else {
      return
    }
    read(csv, file)
  }

  private mutating func read(_ csv: YAMLNode, _ file: (path: String, bytes: [UInt8])) {
    guard let name = csv.child("file"), let text = String(validating: file.bytes, as: UTF8.self) else {
      report("'\(file.path)' is not UTF-8", csv.child("file"), "save it as UTF-8")
      return
    }
    let rows: [(line: Int, fields: [String])]
    do throws(CSV.Issue) {
      rows = try CSV.rows(text)
    } catch {
      return report("\(file.path):\(error.line): \(error)", name, nil)
    }
    guard let header = rows.first?.fields else { return report("'\(file.path)' is empty", name, nil) }
    guard let from = column("from", csv, header, file.path), let to = column("to", csv, header, file.path) else {
      return
    }
    let label = csv.child("label") == nil ? nil : column("label", csv, header, file.path)
    for row in rows.dropFirst() {
      guard row.fields.count == header.count else {
        report(
          "\(file.path):\(row.line): \(row.fields.count) fields, where the first line has \(header.count)", name, nil)
        return
      }
      add(row.fields[from], row.fields[to], label.map { row.fields[$0] }, "\(file.path):\(row.line)", name)
    }
  }

  private mutating func add(_ code: String, _ value: String, _ label: String?, _ place: String, _ name: YAMLNode) {
    if let label, !label.isEmpty, labels[code] == nil { labels[code] = label }
    guard let known = places[code] else {
      places[code] = entries.count
      entries.append((code, .string(value)))
      return
    }
    // What is written in the resource itself wins silently over its file only where both say the same.
    if entries[known].value != .string(value) {
      report(
        "\(place): code '\(code)' is there already and becomes \(entries[known].value.json())", name,
        "keep one of the two")
    }
  }

  private mutating func column(_ key: String, _ csv: YAMLNode, _ header: [String], _ path: String) -> Int? {
    guard let node = csv.child(key), let name = node.scalar?.text else { return nil }
    if let index = header.firstIndex(of: name) { return index }
    report(
      "'\(path)' has no column '\(name)'", node,
      didYouMean(name, among: header).map { "did you mean '\($0)'?" } ?? "it has \(header.joined(separator: ", "))")
    return nil
  }

  private mutating func report(_ message: String, _ node: YAMLNode?, _ help: String?) {
    guard let node, diagnostics.count < 20 else { return }
    diagnostics.append(Diagnostic(.invalidTable, message, at: node.span, help: help))
  }
}
