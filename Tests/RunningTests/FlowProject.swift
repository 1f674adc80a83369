import Connecting
import Diagnostics
import FoundationEssentials
import HTTPClient
import Keeping
import Lowering
import Plans
import Resolving
import SQLiteStore
import ServiceRuntime
import Synchronization
import Testing
import Values

@testable import Running

/// Hubs compiled in memory and a store in a folder of its own, with a clock that is set by hand.
final class FlowProject: Sendable {
  let store: SQLiteStore
  let folder: String
  let plan: ExecutionPlan
  let flows: [Flow]
  private let http = HTTPClient()
  private let time: Mutex<Timestamp>

  /// Lends a project to a body.
  ///
  /// - Parameters:
  ///   - hubs: hubs in YAML, after their `metadata`'s name: fields of `spec`, which may use the connectors `shop` and `erp`.
  ///   - start: what the clock shows at first.
  ///   - gate: asked before each call of each connector.
  static func with(
    _ hubs: [String: String], at start: String = "2026-03-02T09:00:00Z", baseURL: String = "http://127.0.0.1:1",
    gate: (any CallGate)? = nil, _ body: (FlowProject) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "datahub-running-\(UUID().uuidString)")
    let project = try await FlowProject(hubs, start, baseURL, folder.path, gate)
    do {
      try await body(project)
    } catch {
      await project.close()
      try FileManager.default.removeItem(at: folder)
      throw error
    }
    await project.close()
    try FileManager.default.removeItem(at: folder)
  }

  private init(
    _ hubs: [String: String], _ start: String, _ baseURL: String, _ folder: String, _ gate: (any CallGate)?
  ) async throws {
    self.folder = folder
    time = Mutex(try #require(Timestamp(start)))
    let files = ["datahub.yaml": Self.text(hubs, baseURL)]
    let loaded = Workspace.load(FilesInMemory(files))
    let lowered = try lower(try #require(loaded.value), environment: "development", commit: nil)
    plan = try #require(
      lowered.value, "\(loaded.diagnostics.all.map(\.message)) \(lowered.diagnostics.all.map(\.message))")
    var clients: [String: ConnectorClient] = [:]
    let secrets = SecretResolver(environment: [:], credentialsFolder: nil)
    let moment = try #require(Timestamp(start))
    for connector in plan.connectors {
      clients[connector.name] = try ConnectorClient(
        plan: connector, http: http, secrets: secrets, gate: gate, now: { moment })
    }
    flows = try plan.hubs.map { try Flow($0, clients: clients) }
    store = try await SQLiteStore.open(folder: folder, tenant: "acme")
  }

  private func close() async {
    await store.close()
    await http.shutdown()
  }

  /// What the clock shows.
  var now: Timestamp { time.withLock { $0 } }

  /// Sets the clock.
  func set(_ text: String) throws {
    let moment = try #require(Timestamp(text))
    time.withLock { $0 = moment }
  }

  /// What work shares.
  func context(_ owner: String, stop: StopSignal = StopSignal()) -> RunContext {
    RunContext(store: store, owner: owner, now: { self.now }, stop: stop)
  }

  /// Ends the pull under way with records of these keys, as a worker would.
  func endPull(of hub: String, owner: String, _ keys: [String] = []) async throws {
    while let task = try await store.claim(
      ClaimRequest(hub: hub, side: .source, limit: 1, owner: owner, now: now, lease: TimeSpan(seconds: 30))
    ).first {
      let records = keys.map { key in
        IncomingRecord(
          key: key, number: nil, content: Array("{\"id\":\"\(key)\"}".utf8), digest: Array(key.utf8), state: .pending)
      }
      _ = try await store.settlePage(task.lease, SettledPage(records: records, next: nil, claim: nil, now: now))
    }
  }

  private static func text(_ hubs: [String: String], _ baseURL: String) -> String {
    let documents = hubs.map { name, fields in
      "---\napiVersion: datahub/v1\nkind: Hub\nmetadata: { name: \(name) }\nspec:\n"
        + fields.split(separator: "\n").map { "  \($0)\n" }.joined()
    }
    return """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: small }
      ---
      apiVersion: datahub/v1
      kind: Platform
      metadata: { name: acme }
      spec: { parameters: { baseURL: { required: true } }, baseURL: "${ connector.baseURL }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/list }
      spec:
        platform: acme
        effect: query
        request: { method: GET, path: /orders, query: { from: "${ string(window.from) }" } }
        records: ${ response.body.orders }
        record: { key: "${ record.id }" }
        window: { maximum: 7d }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/whole }
      extends: acme/list
      spec:
        detail:
          request: { method: GET, path: "/orders/${ record.id }" }
          record: ${ response.body.order }
          when: ${ record.big }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/save }
      spec:
        platform: acme
        effect: execute
        request: { path: /save, body: { items: "${ items }" } }
        idempotencyKey: true
        batch: { maximum: 10, results: "${ response.body.results }", success: "${ result.ok }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/find }
      spec:
        platform: acme
        effect: query
        request: { method: GET, path: /find, query: { codes: '${ keys.join(",") }' } }
        records: ${ response.body.orders }
        record: { key: "${ record.id }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/posts }
      spec:
        platform: acme
        effect: query
        request: { method: GET, path: /posts, query: { page: "${ string(page.number) }" } }
        records: ${ response.body.posts }
        record: { key: "${ record.id }" }
        paging: { kind: page, size: 2, more: "${ response.body.more }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/comments }
      spec:
        platform: acme
        effect: query
        parameters: { post: { required: true } }
        request:
          method: GET
          path: "/posts/${ with.post }/comments"
          query: { from: "${ string(window.from) }", to: "${ string(window.to) }", page: "${ string(page.number) }" }
        records: ${ response.body.comments }
        record: { key: "${ record.id }" }
        paging: { kind: page, size: 2, more: "${ response.body.more }" }
        window: { maximum: 30m }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/mark }
      spec:
        platform: acme
        effect: execute
        request: { path: /mark, body: { id: "${ delivered.id }" } }
      ---
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: shop }
      spec: { platform: acme, parameters: { baseURL: "\(baseURL)" } }
      ---
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: erp }
      spec: { platform: acme, parameters: { baseURL: "\(baseURL)" } }

      """ + documents.joined()
  }
}
