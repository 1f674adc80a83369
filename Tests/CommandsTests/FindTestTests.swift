import Commands
import Foundation
import Testing
import Values

@Suite("Hub tests of what is found in other hubs")
struct FindTestTests {
  private static let project: [String: String] = [
    "datahub.yaml": "apiVersion: datahub/v1\nkind: Project\nmetadata: { name: t }\n",
    "apis.yaml": """
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: p }
    spec: { baseURL: "https://p.example" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: p/list }
    spec:
      platform: p
      effect: query
      request: { method: GET, path: /l }
      records: ${ response.body }
      record: { key: "${ record.id }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: p/save }
    spec: { platform: p, effect: execute, request: { method: PUT, path: /s, body: "${ document }" } }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: c }
    spec: { platform: p }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: customers }
    spec: { source: { connector: c, api: p/list }, mapping: {}, target: { connector: c, api: p/save } }
    """,
  ]

  private static let mapping = [
    #"name: '${ find("customers", {"code": record.code, "buyer.shop": record.shop}).name }'"#,
    "lines:",
    "  each: ${ record.skus }",
    "  as: sku",
    #"  emit: { item: '${ findDelivered("customers", {"code": sku}).id }' }"#,
  ]

  private func hub(_ mapping: [String]) -> String {
    """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: c, api: p/list }
      mapping:
    \(mapping.map { "    " + $0 }.joined(separator: "\n"))
      target: { connector: c, api: p/save }

    """
  }

  private func test(_ lines: String) -> String {
    "apiVersion: datahub/v1\nkind: HubTest\nmetadata: { name: one }\nspec:\n  hub: orders\n\(lines)\n"
  }

  private func call(
    mapping: [String] = mapping, _ lines: String, _ arguments: [String] = ["test"]
  ) async throws -> Call {
    var files = Self.project
    files["orders.yaml"] = hub(mapping)
    files["test.yaml"] = test(lines)
    return await (try TemporaryProject(files)).callAll(arguments)
  }

  private static let kept = """
      find:
        customers:
          - { record: { code: C1, buyer: { shop: 7 }, name: Ann } }
          - { record: { code: C1, buyer: { shop: 8 }, name: Bob } }
          - { record: { code: S1 }, delivered: { id: T-1 } }
          - { record: { code: S2 } }
    """

  @Test("records of other hubs are given, and found by the same rules as at run time")
  func found() async throws {
    let call = try await call(
      """
      \(Self.kept)
        records:
          - { id: a, code: C1, shop: "7", skus: [S1] }
          - { id: b, code: C1, shop: 9, skus: [] }
          - { id: c, code: C1, shop: 8.0, skus: [S1, S2] }
          - { id: d, code: C1, shop: 7, skus: [C1] }
          - { id: e, code: null, shop: 7, skus: [] }
          - { id: f, code: [C1], shop: 7, skus: [] }
        expect:
          documents:
            - { name: Ann, lines: [{ item: T-1 }] }
          waiting:
            - { key: b, field: name, message: "hub 'customers' keeps no record with buyer.shop '9', code 'C1'" }
            - { key: c, field: "lines[1].item", message: "the record '4' of hub 'customers' has not been delivered yet" }
          errors:
            - { key: d, field: "lines[0].item", message: "keeps 2 records with code 'C1': '1', '2'" }
            - { key: e, message: "was given null for 'code'" }
            - { key: f, message: "not with a list" }
      """)
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
  }

  @Test("a record that waits and was not expected to fails the test, and so does one that was and does not")
  func unexpected() async throws {
    let records = "  records: [{ id: a, code: C1, shop: 9, skus: [] }]\n"
    let first = try await call(records + "  expect: { documents: [] }")
    #expect(first.exit == .findings)
    #expect(first.output.contains("waiting: 'a' waits and was not expected to: name: hub 'customers' keeps no record"))
    let second = try await call(
      Self.kept + "\n" + records.replacing("9", with: "7") + "  expect: { waiting: [{ key: a }] }")
    #expect(second.exit == .findings)
    #expect(second.output.contains("waiting[0]: no record waits like"))
  }

  @Test("a fallback is taken for null and for nothing, and not for several")
  func fallback() async throws {
    let call = try await call(
      mapping: [
        #"name: '${ find("customers", {"code": record.code}, {"name": "?"}).name }'"#,
        #"id: '${ findDelivered("customers", {"code": record.code}, {"id": "-"}).id }'"#,
      ],
      """
      \(Self.kept)
        records: [{ id: a, code: null }, { id: b, code: C9 }, { id: c, code: S2 }, { id: d, code: C1 }]
        expect:
          documents: [{ name: "?", id: "-" }, { name: "?", id: "-" }]
          errors: [{ key: c, field: name }, { key: d, message: keeps 2 records }]
      """)
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
  }

  @Test("what a find depends on may itself be found, in loops and in expressions that swallow errors")
  func nested() async throws {
    let call = try await call(
      mapping: [
        #"boss: '${ find("customers", {"code": find("customers", {"code": record.code}).boss}).name }'"#,
        #"all: '${ record.codes.map(c, find("customers", {"code": c}).name) }'"#,
        #"any: '${ record.codes.exists(c, find("customers", {"code": c}).name == "Eve") || find("customers", {"code": "A"}).name == "x" }'"#,
      ],
      """
        find:
          customers: [{ record: { code: A, boss: B, name: Ann } }, { record: { code: B, name: Eve } }]
        records: [{ id: a, code: A, codes: [A, B, A] }]
        expect:
          documents: [{ boss: Eve, all: [Ann, Eve, Ann], any: true }]
      """)
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
  }

  @Test("--update writes the records that wait")
  func update() async throws {
    var files = Self.project
    files["orders.yaml"] = hub(Self.mapping)
    files["test.yaml"] = test("  records: [{ id: a, code: C1, shop: 9, skus: [] }]\n  expect: { documents: [{}] }")
    let project = try TemporaryProject(files)
    #expect(await project.call("test", "--update").exit == .done)
    let text = try String(contentsOf: project.folder.appending(path: "test.yaml"), encoding: .utf8)
    #expect(text.contains("waiting:") && text.contains("key: a"))
    #expect(await project.call("test").exit == .done)
  }

  @Test(
    "a hub that is not there, a name or a field that is not written out are found before anything runs",
    arguments: [
      (#"find("customer", {"code": 1})"#, "there is no hub 'customer'", "did you mean 'customers'?"),
      (#"find(record.hub, {"code": 1})"#, "the hub is named by a text", "write find(\"HUB\""),
      (#"find("customers", record)"#, "the fields are named by a map", "the store keeps an index"),
      (#"find("customers", {})"#, "the fields are named by a map", "the store keeps an index"),
      (#"findDelivered("customers", {record.code: 1})"#, "a field is named by a text", "buyer.code"),
      (#"find("customers", {"a..b": 1})"#, "'a..b' is not the name of a field", "buyer.code"),
    ])
  func mistakes(_ expression: String, _ message: String, _ help: String) async throws {
    let call = try await call(
      mapping: ["x: '${ \(expression) }'"], "  records: []\n  expect: { documents: [] }", ["validate"])
    #expect(call.exit == .findings)
    #expect(call.output.contains(message), "\(call.output)")
    #expect(call.output.contains(help), "\(call.output)")
  }

  @Test("given records of a hub that is not there are found")
  func unknownGivenHub() async throws {
    let call = try await call("  find: { custmers: [] }\n  records: []\n  expect: { documents: [] }", ["validate"])
    #expect(call.output.contains("there is no hub 'custmers'") && call.output.contains("did you mean 'customers'?"))
  }

  @Test("eval says where find() and value() are there", arguments: ["find(\"a\", {\"b\": 1})", "value(\"a\", 1)"])
  func eval(_ expression: String) async throws {
    let call = try await call("  records: []\n  expect: { documents: [] }", ["eval", expression])
    #expect(call.exit == .findings)
    #expect(call.messages.contains("is only there in mappings"), "\(call.messages)")
  }

  @Test("a plan says what its hubs ask, and another field is another digest")
  func plans() async throws {
    func plan(_ field: String) async throws -> Value {
      let call = try await call(
        mapping: [#"x: '${ find("customers", {"\#(field)": 1, "b": 2}) }'"#],
        "  records: []\n  expect: { documents: [] }",
        ["compile"])
      return try #require(try call.json()["hubs"]?.listValue?.first { $0["name"] == "orders" })
    }
    let first = try await plan("z")
    #expect(first["lookups"] == [["hub": "customers", "fields": ["b", "z"]]])
    #expect(try await plan("y")["digest"] != first["digest"])
  }
}
