import Checking
import Diagnostics
import Resolving
import SourceText
import Testing

/// The sample project with schemas on both of its standard APIs.
enum TypedProject {
  static let recordSchema = """
    type: object
    required: [id, status, total, items, note, shop]
    properties:
      id: { type: integer }
      status: { enum: [paid, open, void] }
      total: { type: number }
      note: { type: [string, "null"] }
      remark: { type: string }
      memo: { type: [string, "null"] }
      shop: { type: string }
      buyer: { type: [object, "null"], required: [code], properties: { code: { type: string } } }
      items:
        type: array
        items:
          type: object
          required: [sku, qty]
          properties:
            sku: { type: string }
            qty: { type: integer }
            price: { type: number }
            kind: { enum: [sale, gift] }
    """
  static let documentSchema = """
    type: object
    required: [code, lines]
    properties:
      code: { type: string, maxLength: 8, description: The number of the order. }
      state: { enum: [paid, open] }
      count: { type: integer }
      total: { type: number }
      day: { type: string, format: date }
      note: { type: string }
      extra: { type: object, additionalProperties: { type: integer } }
      lines:
        type: array
        maxItems: 2
        items:
          type: object
          required: [sku]
          properties: { sku: { type: string }, qty: { type: number }, kind: { enum: [sale] } }
    """

  private static func indented(_ text: String) -> String { text.replacing("\n", with: "\n      ") }

  static let schemas = """
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/orders }
    extends: acme/list
    spec:
      record:
        schema:
          \(indented(recordSchema))
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/order }
    extends: acme/save
    spec:
      document:
        schema:
          \(indented(documentSchema))
    ---
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: states }
    spec: { entries: { a: paid, b: opne } }
    """

  static let usual = """
    code: ${ string(record.id) }
    lines: { each: "${ record.items }", as: line, emit: { sku: "${ line.sku }" } }
    """

  /// A hub with a mapping; the sample's own mapping where none is given.
  static func hub(
    _ mapping: String = usual, select: String? = nil, source: String = "connector: shop, api: acme/orders",
    target: String = "connector: shop, api: acme/order", more: String = ""
  ) -> String {
    """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { \(source) }
      \(select.map { "select: \($0)" } ?? "onChange: update")
      \(more)
      mapping:
        \(mapping.replacing("\n", with: "\n    "))
      target: { \(target) }
    """
  }

  /// The findings and the coverage of the project with a hub and other files.
  static func check(
    _ hub: String, _ files: [String: String] = [:]
  ) throws -> (findings: [TypedFinding], coverage: [HubCoverage]) {
    let own = ["hub.yaml": hub, "schemas.yaml": schemas]
    let loaded = Workspace.load(
      FilesInMemory(SampleProject.files.merging(own) { $1 }.merging(files) { $1 }.filter { !$0.value.isEmpty }))
    let workspace = try #require(loaded.value)
    var diagnostics = loaded.diagnostics
    let check = ProjectCheck(workspace)
    diagnostics.append(contentsOf: check.diagnostics)
    // Not every test uses all that is there.
    let findings = diagnostics.sorted.filter { $0.code != .unusedResource }
    return (findings.map { TypedFinding($0, workspace.sources) }, check.coverage)
  }
}

/// A finding with the texts of its places.
struct TypedFinding: CustomStringConvertible {
  let code: String
  let severity: Severity
  let marked: String
  let message: String
  let help: String?
  /// The files and texts of the further places.
  let others: [String]

  init(_ diagnostic: Diagnostic, _ sources: SourceCollection) {
    code = diagnostic.code.rawValue
    severity = diagnostic.severity
    message = diagnostic.message
    help = diagnostic.help
    marked = diagnostic.primary.map { sources[$0.span.file].text($0.span.range) } ?? ""
    others = diagnostic.secondary.map { sources[$0.span.file].path + ": " + sources[$0.span.file].text($0.span.range) }
  }

  var description: String { "\(code) \(severity) «\(marked)» \(message) \(others)" }
}
