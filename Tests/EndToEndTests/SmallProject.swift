import Foundation
import Testing
import Values

/// A project with one hub between two bare HTTP servers, in a folder of its own.
final class SmallProject {
  let folder: URL
  let program: Program

  /// - Parameter target: lines of the hub's target beside connector and API.
  init(source: String, target: String, targetLines: String = "batch: 10") throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "datahub-small-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    program = Program(folder: folder)
    try SmallProject.text(source, target, targetLines).write(
      to: folder.appending(path: "datahub.yaml"), atomically: true, encoding: .utf8)
    let applied = try program.run("apply", "--yes")
    try #require(applied.code == 0, "\(applied.messages)")
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)  // a leftover in the temporary folder hurts nobody
  }

  /// Runs the hub and gives the object it ends with.
  func run() throws -> (code: Int32, summary: Value, messages: String) {
    let outcome = try program.run("run", "orders", "--output", "json", "--wait", "0s")
    return (outcome.code, try outcome.json(), outcome.messages)
  }

  private static func text(_ source: String, _ target: String, _ targetLines: String) -> String {
    """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: small }
    ---
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: bare }
    spec:
      parameters: { baseURL: { required: true } }
      baseURL: ${ connector.baseURL }
      timeouts: { total: 5s }
      maximumResponse: 1048576
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: bare/list }
    spec:
      platform: bare
      effect: query
      request: { method: GET, path: /orders, query: { cursor: '${ page.cursor == null ? "" : page.cursor }' } }
      records: ${ response.body.orders }
      record: { key: "${ record.id }" }
      paging: { kind: cursor, next: "${ has(response.body.next) ? response.body.next : null }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: bare/save }
    spec:
      platform: bare
      effect: execute
      request: { path: /save, body: { items: "${ items }" } }
      batch: { maximum: 10, results: "${ response.body.results }", success: "${ result.ok }", message: "${ result.why }" }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: source }
    spec: { platform: bare, parameters: { baseURL: "\(source)" } }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: target }
    spec: { platform: bare, parameters: { baseURL: "\(target)" } }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: source, api: bare/list, retry: [1h] }
      mapping: { id: "${ record.id }", amount: "${ record.amount }" }
      target: { connector: target, api: bare/save, delivery: at-most-once, retry: [1h], \(targetLines) }
    """
  }
}
