import Foundation
import HTTPServer
import Sandbox
import Synchronization
import Testing
import Values

/// A hub from a bare HTTP server to the stand-in ERP's vouchers, which are there twice where they are sent twice.
final class VoucherProject {
  let folder: URL
  let program: Program
  let erp: ERPStandIn
  private let source: HTTPServer
  private let records: Box<Mutex<[Value]>>

  /// - Parameters:
  ///   - hub: lines of the hub beside its source.
  ///   - api: lines of the standard API that saves vouchers.
  init(_ records: [Value], hub: String, api: String = "", more: String = "") throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "datahub-vouchers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let shared = Box(Mutex(records))
    self.records = shared
    source = try HTTPServer(handler: { request in
      let page: Value = ["orders": .list(shared.value.withLock { $0 })]
      return request.path == "/orders" ? .json(page.jsonBytes()) : .json(Array("{}".utf8))
    })
    erp = try ERPStandIn(stateFolder: folder.appending(path: "erp").path)
    try erp.start()
    program = Program(folder: folder, environment: ["ERP_SECRET": "sandbox-erp-secret"])
    let text = VoucherProject.text(source: source.port, erp: erp.port, hub: hub, api: api) + more
    try text.write(to: folder.appending(path: "datahub.yaml"), atomically: true, encoding: .utf8)
    try apply()
  }

  deinit {
    source.stop()
    erp.stop()
    try? FileManager.default.removeItem(at: folder)  // a leftover in the temporary folder hurts nobody
  }

  func apply() throws {
    let applied = try program.run("apply", "--yes")
    try #require(applied.code == 0, "\(applied.messages)\(applied.output)")
  }

  /// What the source gives from now on.
  func give(_ records: [Value]) { self.records.value.withLock { $0 = records } }

  /// Runs the hub and gives the object it ends with.
  @discardableResult
  func run(wait: String = "20s") throws -> (code: Int32, summary: Value, messages: String) {
    let outcome = try program.run("run", "orders", "--output", "json", "--wait", wait)
    return (outcome.code, try outcome.json(), outcome.messages)
  }

  func record(_ key: String) throws -> Value {
    try program.run("record", "show", "orders", key, "--output", "json").json()
  }

  func tasks() throws -> [Value] {
    let list = try program.run("task", "list", "--hub", "orders", "--side", "target", "--output", "json").json()
    return try (list.listValue ?? []).reversed().map { task in
      try program.run("task", "show", "\(task["id"]?.intValue ?? 0)", "--output", "json").json()
    }
  }

  /// A count of the ERP's about vouchers.
  func count(_ name: String) -> Int64? { erp.voucherCounts[name]?.intValue }

  var numbers: [String] { erp.vouchers.compactMap { $0["number"]?.stringValue } }

  func edit(_ old: String, _ new: String) throws {
    let url = folder.appending(path: "datahub.yaml")
    let text = try String(contentsOf: url, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
    try apply()
  }

  /// Orders of the source: `A1`, `A2`, ..., each with its number as its amount.
  static func orders(_ numbers: ClosedRange<Int>) -> [Value] {
    numbers.map { ["id": .string("A\($0)"), "amount": .int(Int64($0))] }
  }

  private static func text(source: UInt16, erp: UInt16, hub: String, api: String) -> String {
    """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: vouchers }
    ---
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: bare }
    spec: { parameters: { baseURL: { required: true } }, baseURL: "${ connector.baseURL }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: bare/list }
    spec:
      platform: bare
      effect: query
      request: { method: GET, path: /orders }
      records: ${ response.body.orders }
      record: { key: "${ record.id }" }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: shop }
    spec: { platform: bare, parameters: { baseURL: "http://127.0.0.1:\(source)" } }
    ---
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: yard }
    spec:
      parameters: { baseURL: { required: true }, appSecret: { secret: true } }
      baseURL: ${ connector.baseURL }
      timeouts: { total: 5s }
      authentication:
        kind: token
        request: { path: /auth/token, body: { appKey: sandbox-erp, appSecret: "${ connector.appSecret }" } }
        token: ${ response.body.data.access_token }
        headers: { Authorization: "Bearer ${ token }" }
      response:
        success: ${ response.status == 200 && response.body.code == "200" }
        message: ${ response.body.message }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-save }
    spec:
      platform: yard
      effect: execute
      request: { path: /api/vouchers, body: { data: "${ items }" } }
      batch: { maximum: 100, results: "${ response.body.data.infos }", success: "${ true }", id: "${ result.id }" }
      \(api.replacing("\n", with: "\n  "))
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-find }
    spec:
      platform: yard
      effect: query
      parameters: { numbers: { required: true } }
      request: { method: GET, path: /api/vouchers, query: { numbers: "${ with.numbers }" } }
      records: ${ response.body.data.recordList }
      record: { key: "${ record.number }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-submit }
    spec:
      platform: yard
      effect: execute
      request: { path: /api/vouchers/submit, body: { ids: "${ items }" } }
      batch:
        maximum: 50
        item: ${ delivered.id }
        results: ${ response.body.data.infos }
        success: ${ result.code == "200" }
        exists: ${ result.code == "1005" }
        message: ${ result.message }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: yard/vouchers-audit }
    spec:
      platform: yard
      effect: execute
      request: { path: /api/vouchers/audit, body: { id: "${ delivered.id }" } }
      response: { errors: [{ when: '${ response.body.code == "1005" }', outcome: alreadyExists }] }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: erp }
    spec:
      platform: yard
      parameters: { baseURL: "http://127.0.0.1:\(erp)", appSecret: '${ secret("env:ERP_SECRET") }' }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: shop, api: bare/list }
      \(hub.replacing("\n", with: "\n  "))

    """
  }
}
