/// The project that the examples of findings are files of.
public enum ExampleProject {
  /// Its files, without a fault.
  public static let files: [String: String] = [
    "datahub.yaml": """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: example }
    """,
    "acme.yaml": """
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
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/notify }
    spec:
      platform: acme
      effect: execute
      request: { path: /notices, body: "${ document }" }
    """,
    "shop.yaml": """
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: shop }
    spec:
      platform: acme
      parameters: { baseURL: "https://shop.example.com", token: '${ secret("env:SHOP_TOKEN") }' }
    """,
    "orders.yaml": """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: shop, api: acme/list }
      mapping: { code: "${ record.id }" }
      target: { connector: shop, api: acme/save }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: notices }
    spec:
      source: { connector: shop, api: acme/list }
      mapping: { code: "${ record.id }" }
      target: { connector: shop, api: acme/notify, delivery: at-most-once }
    """,
  ]

  /// The project with the files of an example in place of its own or beside them, and the byte range that was marked.
  ///
  /// An example begins with the name of its file in a comment, `# datahub.yaml`; without one it is `example.yaml`.
  public static func files(with example: String) -> (files: [String: String], path: String, mark: Range<Int>?) {
    var path = "example.yaml"
    if let first = example.split(separator: "\n").first, first.hasPrefix("# "), first.hasSuffix(".yaml") {
      path = String(first.dropFirst(2))
    }
    var text = example
    var mark: Range<Int>?
    if let start = text.firstRange(of: "«"), let end = text.firstRange(of: "»") {
      let offset = text.utf8.distance(from: text.startIndex, to: start.lowerBound)
      let length = text.utf8.distance(from: start.upperBound, to: end.lowerBound)
      mark = offset..<offset + length
      text = text.replacing("«", with: "").replacing("»", with: "")
    }
    return (files.merging([path: text]) { $1 }, path, mark)
  }

  /// The examples of the codes that are about declarations and expressions.
  static let examples: [String: (bad: String, good: String)] = [
    "DH2001": pair(hub(target: "connector: shop, api: acme/save, «batsch»: 50"), "«batsch»", "batch"),
    "DH2002": pair(hub(target: "connector: shop, api: acme/save, batch: «many»"), "«many»", "50"),
    "DH2003": (
      hub().replacing("  mapping: { code: \"${ record.id }\" }\n", with: "").replacing("more", with: "«more»"), hub()
    ),
    "DH2004": pair(
      hub(target: "connector: shop, api: acme/save, delivery: «upsertt»"), "«upsertt»", "upsert"),
    "DH2005": pair(hub().replacing("kind: Hub", with: "kind: «Hubb»"), "«Hubb»", "Hub"),
    "DH2006": pair(hub().replacing("datahub/v1", with: "«datahub/v2»"), "«datahub/v2»", "datahub/v1"),
    "DH2007": pair(hub().replacing("name: more", with: "name: «more orders»"), "«more orders»", "more-orders"),
    "DH2008": pair(hub().replacing("name: more", with: "name: «orders»"), "«orders»", "more"),
    "DH2009": pair(hub(source: "connector: shop, api: «acme/lst»"), "«acme/lst»", "acme/list"),
    "DH2010": pair(
      hub().replacing("spec:", with: "extends: «more»\nspec:"), "extends: «more»", "extends: orders"),
    "DH2012": pair(connector(token: "«s3cret»"), "«s3cret»", "'${ secret(\"env:TOKEN\") }'"),
    "DH2013": pair(
      hub(source: "connector: shop, api: acme/list, with: { «staus»: open }"), "«staus»", "status"),
    "DH2014": (
      connector(token: "x").replacing("name: other", with: "name: «other»").replacing(", token: x", with: ""),
      connector(token: "'${ secret(\"env:TOKEN\") }'")
    ),
    "DH2015": pair(
      hub(source: "connector: shop, api: acme/list, schedule: «sometimes»"), "«sometimes»", "\"0 */2 * * *\""),
    "DH2016": (
      """
      apiVersion: datahub/v1
      kind: ValueMapping
      metadata: { name: customers }
      spec:
        csv: { file: «customers.csv», from: shop, to: erp }
      """,
      """
      apiVersion: datahub/v1
      kind: ValueMapping
      metadata: { name: customers }
      spec:
        entries: { "10001": C001 }
      """
    ),
    "DH2017": pair(hub(source: "connector: shop, api: «acme/save»"), "«acme/save»", "acme/list"),
    "DH2018": pair(
      hub(target: "connector: shop, api: acme/notify, delivery: «idempotency-key»"), "«idempotency-key»",
      "at-most-once"),
    "DH2019": pair(hub(target: "connector: shop, api: acme/save, batch: «500»"), "«500»", "100"),
    "DH2020": pair(
      hub(source: "connector: shop, api: acme/list, environment: «tets»"), "«tets»", "test"),
    "DH2021": (
      connector(token: "'${ secret(\"env:TOKEN\") }'").replacing("name: other", with: "name: «other»")
        .split(separator: "---\n").first.map(String.init) ?? "",
      connector(token: "'${ secret(\"env:TOKEN\") }'")
    ),
    "DH2022": (
      hub(source: "connector: shop, api: acme/list, «window»: { overlap: 10m }"),
      hub(source: "connector: shop, api: acme/list")
    ),
    "DH2023": (
      """
      apiVersion: datahub/v1
      kind: Platform
      metadata: { name: umbrella }
      spec: { baseURL: "https://umbrella.example.com" }
      ---
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: depot }
      spec: { platform: umbrella }
      ---

      """ + hub(target: "connector: depot, api: «acme/save»"),
      hub(target: "connector: shop, api: acme/save")
    ),
    "DH2024": (
      """
      # datahub.yaml
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: example }
      spec: { environments: { production: {} } }
      ---

      """ + hub(source: "connector: shop, api: acme/list, environment: «test»"),
      hub(source: "connector: shop, api: acme/list")
    ),
    "DH2025": (
      """
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/list-v1, deprecated: use acme/list }
      extends: acme/list
      ---

      """ + hub(source: "connector: shop, api: «acme/list-v1»"),
      hub(source: "connector: shop, api: acme/list")
    ),
    "DH2030": pair(
      hub(source: "connector: shop, api: acme/list, after: «more»"), "«more»", "orders"),
    "DH2031": pair(
      """
      apiVersion: datahub/v1
      kind: HubTest
      metadata: { name: orders }
      spec:
        hub: orders
        records: [{ id: 1 }]
        «expect»: {}

      """, "«expect»: {}", "expect: { documents: [{ code: 1 }] }"),
    "DH3001": pair(hub(mapping: "code: \"${ «recrd».id }\""), "«recrd»", "record"),
    "DH3002": pair(
      hub().replacing("  mapping:", with: "  select: «paid»\n  mapping:"), "«paid»", "${ record.status == \"paid\" }"),
  ]

  /// The examples of the codes that are about types and schemas.
  static let typedExamples: [String: (bad: String, good: String)] = [
    "DH3003": pair(typed(code: "'${ string(«record.nr») }'"), "«record.nr»", "record.id"),
    "DH3004": pair(typed(code: "'${ «record.id + \"x\"» }'"), "«record.id + \"x\"»", "string(record.id) + \"x\""),
    "DH3005": pair(typed(code: "«'${ record.id }'»"), "«'${ record.id }'»", "'${ string(record.id) }'"),
    "DH3006": (
      typed().replacing("mapping:", with: "«mapping»:").replacing("code: x", with: "count: 1"),
      typed().replacing("code: x", with: "code: x, count: 1")
    ),
    "DH3007": pair(typed(code: "x, «cuont»: 1"), "«cuont»", "count"),
    "DH3008": pair(typed(code: "x, state: «opne»"), "«opne»", "open"),
    "DH3009": pair(
      typed(select: "${ «record.id == \"1\"» }"), "«record.id == \"1\"»", "record.id == 1"),
    "DH3010": pair(
      typed(code: "'${ «record.note».trim() }'"), "«record.note».trim()",
      "record.note == null ? \"\" : record.note.trim()"),
    "DH3011": pair(typed(code: "'${ «record.remark» }'"), "«record.remark»", "record.?remark.orValue(\"\")"),
    "DH3012": pair(typed(code: "«'${ record.either }'»"), "«'${ record.either }'»", "'${ string(record.either) }'"),
    "DH3013": pair(
      typed(code: "x, count: «'${ record.weight }'»"), "«'${ record.weight }'»", "'${ int(round(record.weight, 0)) }'"),
    "DH3014": pair(typed(code: "«x-0000-0000-0001»"), "«x-0000-0000-0001»", "x-1"),
    "DH3015": pair(typed(count: "{ type: «intger» }"), "«intger»", "integer"),
    "DH3016": (typed(count: "{ type: integer, «not»: { const: 0 } }"), typed(count: "{ type: integer, minimum: 1 }")),
    "DH3017": pair(typed(count: "{ type: integer, «minimun»: 1 }"), "«minimun»", "minimum"),
    "DH3019": pair(
      typed(code: "'${ timestamp(string(record.id), «\"YYYY-MM-dd\"»).format(\"yyyy\") }'"), "«\"YYYY-MM-dd\"»",
      "\"yyyy-MM-dd\""),
    "DH3020": pair(typed(code: "x, count: '${ «1.0 / 0.0» }'"), "«1.0 / 0.0»", "1"),
  ]

  private static func typed(
    code: String = "x", count: String = "{ type: integer }", select: String = "${ record.status == \"open\" }"
  ) -> String {
    """
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/orders }
    extends: acme/list
    spec:
      record:
        schema:
          type: object
          required: [id, status, note, weight, either]
          properties:
            id: { type: integer }
            status: { enum: [open, closed] }
            note: { type: [string, "null"] }
            remark: { type: string }
            weight: { type: number }
            either: { type: [string, integer] }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/order }
    extends: acme/save
    spec:
      document:
        schema:
          type: object
          required: [code]
          properties:
            code: { type: string, maxLength: 12, description: The number of the order. }
            state: { enum: [open, closed] }
            count: \(count)
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: more }
    spec:
      source: { connector: shop, api: acme/orders }
      select: \(select)
      mapping: { code: \(code) }
      target: { connector: shop, api: acme/order }

    """
  }

  private static func pair(_ bad: String, _ mark: String, _ replacement: String) -> (bad: String, good: String) {
    (bad, bad.replacing(mark, with: replacement))
  }

  private static func hub(
    source: String = "connector: shop, api: acme/list", mapping: String = "code: \"${ record.id }\"",
    target: String = "connector: shop, api: acme/save"
  ) -> String {
    """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: more }
    spec:
      source: { \(source) }
      mapping: { \(mapping) }
      target: { \(target) }

    """
  }

  private static func connector(token: String) -> String {
    """
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: other }
    spec:
      platform: acme
      parameters: { baseURL: "https://other.example.com", token: \(token) }
    ---

    """ + hub(source: "connector: other, api: acme/list")
  }
}
