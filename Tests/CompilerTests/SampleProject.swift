import Diagnostics
import Lowering
import Plans
import Resolving
import SourceText
import Testing

/// A small project in memory, whole and without a fault; tests change one file of it.
enum SampleProject {
  static let files = [
    "datahub.yaml": """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: sample }
    spec: { timeZone: Asia/Shanghai }
    """,
    "platform.yaml": """
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: acme }
    spec:
      parameters:
        baseURL: { required: true }
        token: { required: true, secret: true }
      baseURL: ${ connector.baseURL }
      request: { headers: { Authorization: "Bearer ${ connector.token }" } }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/list }
    spec:
      platform: acme
      effect: query
      parameters: { status: { enum: [open, closed], default: open } }
      request: { method: GET, path: /orders, query: { page: "${ page.number }", status: "${ with.status }" } }
      records: ${ response.body.orders }
      record: { key: "${ record.id }" }
      window: { maximum: 7d }
      paging: { kind: page, size: 50, more: "${ response.body.more }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/save }
    spec:
      platform: acme
      effect: execute
      request: { path: /orders/batch, body: { orders: "${ items }" } }
      idempotencyKey: true
      batch: { maximum: 100, results: "${ response.body.results }", success: "${ result.ok }" }
    """,
    "connectors.yaml": """
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: shop }
    spec:
      platform: acme
      parameters: { baseURL: "http://127.0.0.1:1", token: '${ secret("env:TOKEN") }' }
    """,
    "hub.yaml": """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: shop, api: acme/list }
      select: ${ record.status == "paid" }
      mapping:
        code: ${ record.id }
        price: 12.30
        lines: { each: "${ record.items }", as: line, emit: { sku: "${ line.sku }" } }
      target: { connector: shop, api: acme/save, batch: 50 }
    """,
  ]

  /// The plan and the findings of the project with some files changed.
  static func compile(_ changes: [String: String] = [:]) throws -> (plan: ExecutionPlan?, findings: [Finding]) {
    let loaded = Workspace.load(FilesInMemory(files.merging(changes) { $1 }))
    let workspace = try #require(loaded.value)
    var diagnostics = loaded.diagnostics
    var plan: ExecutionPlan?
    if !diagnostics.hasErrors {
      let lowered = try lower(workspace, environment: "development", commit: nil)
      diagnostics.append(contentsOf: lowered.diagnostics)
      plan = lowered.value
    }
    return (plan, diagnostics.sorted.map { Finding($0, workspace.sources) })
  }
}

/// What a test wants to know of a diagnostic: its code, and the text it points at.
struct Finding: CustomStringConvertible {
  let code: String
  let file: String
  let marked: String
  let message: String
  let help: String?

  init(_ diagnostic: Diagnostic, _ sources: SourceCollection) {
    code = diagnostic.code.rawValue
    message = diagnostic.message
    help = diagnostic.help
    guard let span = diagnostic.primary?.span else {
      file = ""
      marked = ""
      return
    }
    file = sources[span.file].path
    marked = sources[span.file].text(span.range)
  }

  var description: String { "\(code) \(file) «\(marked)» \(message)" }
}
