import Values

/// Projects the benches write into temporary folders.
enum GeneratedProject {
  /// Writes a project with a platform, its calls and a connector, and no hub yet.
  ///
  /// - Parameter store: where its records are kept; nil for where they are by default.
  static func write(to folder: borrowing TemporaryFolder, port: Int, store: StorePlace? = nil) throws {
    let environments = store.map { ", environments: { development: { store: \"\($0.url)\" } }" } ?? ""
    try folder.write(
      """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: bench }
      spec: { tenant: \(store?.tenant ?? "bench")\(environments) }
      """, to: "datahub.yaml")
    try folder.write(
      """
      apiVersion: datahub/v1
      kind: Platform
      metadata: { name: bench }
      spec:
        parameters: { baseURL: { required: true } }
        baseURL: ${ connector.baseURL }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: bench/orders }
      spec:
        platform: bench
        effect: query
        request: { method: GET, path: /page, query: { n: "${ page.number }" } }
        records: ${ response.body.orders }
        record: { key: "${ record.so_id }" }
        paging: { kind: page, start: 1, size: 100, more: "${ response.body.more }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: bench/batch }
      spec:
        platform: bench
        effect: execute
        request: { path: /batch, body: { orders: "${ items }" } }
        idempotencyKey: true
        batch:
          maximum: 100
          item: { key: "${ idempotencyKey }", order: "${ document }" }
          results: ${ response.body.results }
          success: ${ result.ok }
          id: ${ result.id }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: bench/one }
      spec:
        platform: bench
        effect: execute
        request: { path: /one, headers: { Idempotency-Key: "${ idempotencyKey }" }, body: "${ document }" }
        response: { success: "${ response.body.ok }" }
        idempotencyKey: true
        result: { id: "${ response.body.id }" }
      ---
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: local }
      spec: { platform: bench, parameters: { baseURL: "http://127.0.0.1:\(port)" } }
      """, to: "platform.yaml")
  }

  /// Adds a hub: from the pages, through the mapping, to one of the calls.
  ///
  /// - Parameters:
  ///   - way: `batch` for batches of 100, `one` for single writes with 32 on the way.
  ///   - rate: the batch or concurrency in place of that.
  ///   - schedule: when writes are queued.
  static func addHub(
    _ name: String, way: String, rate given: String? = nil, schedule: String = "30 */2 * * *",
    to folder: borrowing TemporaryFolder
  ) throws {
    let rate = given ?? (way == "one" ? "concurrency: 32" : "batch: 100")
    try folder.write(
      """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: \(name) }
      spec:
        source:
          connector: local
          api: bench/orders
          schedule: "0 */2 * * *"
        select: ${ record.status == "Confirmed" }
        mapping:\(yaml(Samples.mapping, indent: 4))
        target: { connector: local, api: bench/\(way), \(rate), delivery: idempotency-key, schedule: "\(schedule)" }

      """, to: "hubs/\(name).yaml")
  }

  /// Adds a hub whose schedules are due on 29 February, and whose records would be sent as they arrive.
  static func addIdleHub(_ name: String, _ number: Int, to folder: borrowing TemporaryFolder) throws {
    try folder.write(
      """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: \(name) }
      spec:
        source:
          connector: local
          api: bench/orders
          schedule: "\(number % 60) 3 29 2 *"
          remedy: { schedule: "\(number % 60) 1 29 2 *", lookBack: 2d }
        mapping: { code: "${ record.so_id }" }
        target: { connector: local, api: bench/batch, delivery: idempotency-key, schedule: onRecords }

      """, to: "hubs/\(name).yaml")
  }

  /// A tree as YAML, a line for each value; a text in a JSON string is YAML as well.
  private static func yaml(_ value: Value, indent: Int) -> String {
    guard case .map(let map) = value else { return " " + value.json() }
    let margin = "\n" + String(repeating: " ", count: indent)
    return map.entries.map { key, value in
      margin + (key.value.stringValue ?? "") + ":" + yaml(value, indent: indent + 2)
    }.joined()
  }
}
