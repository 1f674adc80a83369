import FoundationEssentials

/// What inputs are made from: the project's own files, and small texts that have what those lack.
public enum Corpus {
  /// The corpus of a target.
  ///
  /// - Parameter root: the folder of the source tree.
  public static func load(_ target: FuzzTarget, root: String) throws -> [[UInt8]] {
    let files = try yamlFiles(root)
    switch target {
    case .yaml, .fmt: return files.map(\.bytes) + seeds(yamlSeeds)
    case .json: return seeds(jsonSeeds)
    case .expression:
      let written = files.flatMap { expressions(in: String(decoding: $0.bytes, as: UTF8.self)) }
      return seeds(written + expressionSeeds)
    case .project: return projects(files)
    }
  }

  private static func seeds(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private static func yamlFiles(_ root: String) throws -> [(path: String, bytes: [UInt8])] {
    let manager = FileManager.default
    var files: [(String, [UInt8])] = []
    for folder in ["examples", "pipelines"] {
      let paths = try manager.subpathsOfDirectory(atPath: "\(root)/\(folder)").filter { $0.hasSuffix(".yaml") }.sorted()
      for path in paths where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
        guard let data = manager.contents(atPath: "\(root)/\(folder)/\(path)") else { continue }
        files.append(("\(folder)/\(path)", Array(data)))
      }
    }
    return files
  }

  /// Every example as a project, with the catalogues beside it.
  private static func projects(_ files: [(path: String, bytes: [UInt8])]) -> [[UInt8]] {
    let names = Set(files.compactMap { $0.path.hasPrefix("examples/") ? $0.path.split(separator: "/")[1] : nil })
    let catalogues = files.filter { $0.path.hasPrefix("pipelines/") }.map { ("../../\($0.path)", $0.bytes) }
    let examples = names.sorted().map { name in
      let prefix = "examples/\(name)/"
      let own = files.filter { $0.path.hasPrefix(prefix) }.map { (String($0.path.dropFirst(prefix.count)), $0.bytes) }
      return ProjectFuzz.join(own + catalogues)
    }
    return examples + [ProjectFuzz.join([("datahub.yaml", Array(smallProject.utf8))])]
  }

  private static func expressions(in text: String) -> [String] {
    text.split(separator: "${ ").dropFirst().compactMap { rest in
      rest.firstRange(of: " }").map { String(rest[..<$0.lowerBound]) }
    }
  }

  private static let yamlSeeds = [
    "a: &x [1, 'tw''o', \"th\\u0072ee \\\n  x\", {b: c, ? d : e}]\nf: *x\n",
    "%YAML 1.2\n---\na: |2-\n    b\n   c\n\nd: >+\n  e\n\n    f\n\n...\n# end\n",
    "? a\n: - b\n  - - c\n    - d # e\n?\n  f\n",
    "- !!str 1\n- !!int 2\n- ~\n- .inf\n- 0o17\n---\n\"a\\x41\\U0001F44D\": '\n\n  b'\n",
    "# a\n\n# b\na:  # c\n    # d\n    b: 1\n  # e\nf: [ # g\n  h, # i\n ]\n",
    "a: \"x\r\n  y\"\r\nb: |\r\n  c\r\n", "{a, b: , c: [d: e], \"f\":g}\n", "",
  ]

  private static let jsonSeeds = [
    "{\"a\": [1, -0, 1.50, 1e5, 1E-5, 12345678901234567890, 0.1], \"b\": {\"c\": null, \"d\": true, \"e\": false}}",
    "\"\\u00e9\\ud83d\\udc4d\\n\\\\\\/\\b\"", "[]", "{}", "-9223372036854775808",
    "[\"a\",\"é\",\"👍\",\"\"]",
    "{\"orders\": [{\"o_id\": 1, \"amount\": 30.33, \"items\": [{\"sku\": \"CD\", \"qty\": 2}]}], \"more\": true}",
    "  [ 1 , 2 ]\n", "{\"a\":1,\"a\":2}", "0.00000000000000000000001", "1e308",
  ]

  private static let expressionSeeds = [
    "record.amount > 10.5 && record.status == \"Confirmed\" || !has(record.x)",
    "record.items.filter(i, i.qty > 1).map(i, {\"a\": i.sku + '-', 1u: [i.qty * 0.9]})",
    "record.?a.?b.orValue([?optional.none()])",
    "timestamp(record.t, \"yyyy-MM-dd HH:mm:ss\", \"Asia/Shanghai\").format('yyyy') + string(duration(\"1h\"))",
    "r\"\\d\" + '''a\\u00e9''' ? -9223372036854775808 : 0x1F - .5e-3 // end",
    "record.status.matches(\"^(?i)[a-z[:digit:]\\\\p{Han}]{2,3}(x|y)*?$\")",
    "cel.bind(x, record.amount, round(x / 3, 2) in [1, decimal(\"1.50\"), 2.0])",
    "record.items.sortBy(i, i.qty).first().transformMap(k, v, k)",
    "[1,2,3].exists_one(x, x > 2) && record.items.all(i, i.qty >= 0)",
    "record.status.split('').join(',').replace('a', 'b').padStart(10, 'x').substring(1, 3)",
    "hex(md5(json(record))) + base64.encode(b'a')",
    "parseJson(\"{}\").a.b.c", "text ${ record.a } $${ '}' } ${ {1: 2} }", "size(record) + int('1') + uint(2)",
    "type(1) == int", "[[1]].flatten().distinct().sum()",
  ]

  private static let smallProject = """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: small }
    spec:
      environments: { production: {}, test: { connectors: production } }
      defaults: { target: { retry: [1s, 5m] } }
    ---
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: web, deprecated: old }
    spec:
      parameters: { baseURL: { required: true }, token: { secret: true } }
      baseURL: ${ connector.baseURL }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: web/base }
    abstract: true
    spec: { platform: web, parameters: { a: { type: int, enum: [1, 2], default: 1 } } }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: web/orders }
    extends: web/base
    spec:
      effect: query
      request: { method: GET, path: "/orders/${ with.a }" }
      records: ${ response.body.orders }
      record: { key: "${ record.no }" }
      window: { maximum: 7d }
      paging: { kind: cursor, next: "${ response.body.next }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: web/save }
    extends: web/base
    spec: { effect: execute, request: { path: /orders, body: "${ document }" }, idempotencyKey: true }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: shop }
    spec: { platform: web, env_production: { baseURL: "http://a", token: '${ secret("env:T") }' } }
    ---
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: codes }
    spec: { entries: { a: 1, b: x }, onMiss: default, default: z }
    ---
    apiVersion: datahub/v1
    kind: FieldMapping
    metadata: { name: shared }
    spec: { mapping: { code: "${ record.no }", kind: '${ value("codes", record.kind) }' } }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: shop, api: web/orders, window: { start: 30d, overlap: 1h }, remedy: { schedule: "@daily", lookBack: 2d } }
      fieldMapping: shared
      mapping: { lines: { each: "${ record.items }", as: i, when: "${ i.n > 0 }", emit: { n: "${ i.n }" } } }
      target: { connector: shop, api: web/save, delivery: idempotency-key, with: { a: 2 } }
    ---
    apiVersion: datahub/v1
    kind: HubTest
    metadata: { name: one }
    spec: { hub: orders, records: [{ no: 1, kind: a, items: [] }], expect: { match: subset, documents: [{ code: 1 }] } }

    """
}
