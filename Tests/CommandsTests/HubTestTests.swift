import Commands
import Foundation
import Testing
import Values

@Suite("Hub tests, show and explain")
struct HubTestTests {
  private static let hub = """
    apiVersion: datahub/v1
    kind: Platform
    metadata: { name: p }
    spec:
      parameters: { url: { required: true }, password: { required: true, secret: true } }
      baseURL: ${ connector.url }
      request: { headers: { X-Password: "${ connector.password }" } }
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
    spec:
      platform: p
      effect: execute
      request: { method: PUT, path: "/s/${ document.code }", body: "${ document }" }
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: c }
    spec: { platform: p, parameters: { url: '${ env("URL_OF_P") }', password: '${ secret("env:NOT_SET") }' } }
    ---
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: shops }
    spec: { entries: { "7": S7, "8": S8 }, onMiss: fail }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: flow }
    spec:
      source: { connector: c, api: p/list }
      select: ${ record.ok }
      mapping:
        code: ${ record.id }
        shop: ${ value("shops", record.shop) }
        back: ${ reverseValue("shops", "S8") }
        lines: { each: "${ record.lines }", as: line, emit: { price: "${ decimal(line.price) }" } }
      target: { connector: c, api: p/save }
    """

  private func project(_ expect: String, records: String = Self.records) throws -> TemporaryProject {
    try TemporaryProject([
      "datahub.yaml": "apiVersion: datahub/v1\nkind: Project\nmetadata: { name: t }\n",
      "hub.yaml": Self.hub,
      "test.yaml": """
      apiVersion: datahub/v1
      kind: HubTest
      metadata: { name: one }
      spec:
        hub: flow
      \(records)
        expect:
      \(expect)

      """,
    ])
  }

  private static let records = """
      records:
        - { id: a, ok: true, shop: 7, lines: [{ price: "12.30" }] }
        - { id: b, ok: false }
    """

  private static let whole = """
        requests:
          - method: PUT
            path: /s/a
            body: { code: a, shop: S7, back: "8", lines: [{ price: 12.3 }] }
        filtered: [b]
    """

  @Test("a test passes without secrets and without a network, and looks at every field")
  func passes() async throws {
    let project = try project(Self.whole)
    let call = await project.call("test", "--coverage", "--minimum", "100")
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
    #expect(call.output.contains("4 of 4 fields looked at, 100 %"))
    let json = try await project.call("--output", "json", "test", "--coverage").json()
    #expect(json["tests"]?.listValue?.first?["passed"] == true)
    #expect(json["coverage"]?.listValue?.first?["percent"] == 100)
  }

  @Test("a failure names the path, what was expected and what came")
  func fails() async throws {
    let call = await (try project(Self.whole.replacing("12.3 }", with: "12.4 }").replacing("[b]", with: "[c]"))).call(
      "test")
    #expect(call.exit == .findings)
    #expect(call.output.contains("requests[0].body.lines[0].price"))
    #expect(call.output.contains("expected 12.4"))
    #expect(call.output.contains("got      12.30"))
    #expect(call.output.contains("filtered: expected c, got b"))
  }

  @Test("a subset may leave fields out, and the coverage says which")
  func subset() async throws {
    let project = try project("    match: subset\n    documents: [{ code: a }]\n")
    let call = await project.call("test", "--coverage", "--minimum", "50")
    #expect(call.exit == .findings)
    #expect(call.output.contains("✔ one"))
    #expect(call.output.contains("not looked at: lines[].price"))
  }

  @Test("a record that cannot be mapped is expected by its key and field, and is a failure where it is not")
  func errors() async throws {
    let records = "  records:\n    - { id: a, ok: true, shop: 9, lines: [] }\n"
    let expected = "    errors: [{ key: a, field: shop, message: has no entry for '9' }]\n"
    #expect(await (try project(expected, records: records)).call("test").exit == .done)
    let call = await (try project("    documents: []\n", records: records)).call("test")
    #expect(call.exit == .findings)
    #expect(call.output.contains("'a' failed and was not expected to"))
    let replaced = "  values: { shops: { \"9\": S9, \"8\": S8 } }\n" + records
    let other = try project("    match: subset\n    documents: [{ shop: S9 }]\n", records: replaced)
    #expect(await other.call("test").exit == .done)
  }

  @Test("a default is taken forwards only: backwards it would be a code of the wrong side")
  func reverseDefault() async throws {
    let project = try project(
      "    errors: [{ key: a, field: back, message: no code that becomes }]\n    filtered: [b]\n")
    let table = "spec: { entries: { \"7\": S7, \"8\": S8 }, onMiss: fail }"
    try project.write(
      "hub.yaml",
      Self.hub.replacing(table, with: "spec: { entries: { \"1\": S1 }, onMiss: default, default: S0 }"))
    let call = await project.call("test")
    #expect(call.exit == .done, "\(call.output)")
  }

  @Test("records may stand in a file; --update writes what came out, and nothing else of the file changes")
  func update() async throws {
    let project = try project("    documents: []   # to be replaced\n", records: "  file: data/records.jsonl\n")
    let record = "{\"id\":\"a\",\"ok\":true,\"shop\":7,\"lines\":[{\"price\":\"1.50\"}]}"
    try project.write("data/records.jsonl", record + "\n\n")
    #expect(await project.call("test").exit == .findings)
    #expect(await project.call("test", "--update").exit == .done)
    let text = try String(contentsOf: project.folder.appending(path: "test.yaml"), encoding: .utf8)
    #expect(text.hasPrefix("apiVersion: datahub/v1\nkind: HubTest\nmetadata: { name: one }\n"))
    #expect(text.contains("price: 1.50"))
    let call = await project.call("test", "--coverage")
    #expect(call.exit == .done, "\(text)\(call.output)\(call.messages)")
    #expect(await project.call("test", "--update").output == "nothing to update: every hub test passes\n")
  }

  @Test(
    "--update starts a test that expects nothing yet",
    arguments: ["  expect: {}\n", "  expect:\n", "", "  expect: { match: subset }\n"])
  func updateStarts(expect: String) async throws {
    let head = "apiVersion: datahub/v1\nkind: HubTest\nmetadata: { name: t }\nspec:\n  hub: flow\n"
    let records = "  records: [{ id: a, ok: true, shop: 7, lines: [] }] # one\n"
    let project = try TemporaryProject([
      "datahub.yaml": "apiVersion: datahub/v1\nkind: Project\nmetadata: { name: t }\n", "hub.yaml": Self.hub,
      "test.yaml": head + records + expect,
    ])
    let before = await project.call("test")
    #expect(
      before.exit == .findings && before.messages.components(separatedBy: "DH2031").count == 2, "\(before.messages)")
    let call = await project.call("test", "--update")
    #expect(call.exit == .done && call.output == "test.yaml: 1 hub test updated\n", "\(call.output)\(call.messages)")
    let text = try String(contentsOf: project.folder.appending(path: "test.yaml"), encoding: .utf8)
    #expect(text.hasPrefix(head + records + "  expect:\n    requests:\n      - method: PUT\n"), "\(text)")
    #expect(await project.call("test").exit == .done)
  }

  @Test("--update says what still fails afterwards, and ends with 1")
  func updateStillFails() async throws {
    let project = try project("    {}", records: "  records: [{ id: abcdef, ok: true, shop: 7, lines: [] }]")
    let schema =
      "document: { schema: { type: object, additionalProperties: true, properties: { code: { type: string, maxLength: 3 } } } }"
    try project.write(
      "hub.yaml", Self.hub.replacing("effect: execute", with: "effect: execute\n  \(schema)"))
    let call = await project.call("test", "--update")
    #expect(call.exit == .findings)
    #expect(call.output.hasPrefix("test.yaml: 1 hub test updated\n✘ one (flow)"), "\(call.output)\(call.messages)")
    #expect(call.output.contains("documents[0].code: ") && call.messages.hasSuffix("1 hub test still fails\n"))
  }

  @Test("where only single values differ, --update replaces those, and comments stay")
  func updateLeaves() async throws {
    let expected = """
          match: subset   # the shop alone
          requests:
            # the first order
            - path: /s/x   # its number
              body: { shop: "S8", lines: [{ price: 1 }] }
          filtered: [c]
      """
    let project = try project(expected)
    #expect(await project.call("test", "--update").exit == .done)
    let text = try String(contentsOf: project.folder.appending(path: "test.yaml"), encoding: .utf8)
    let changed = expected.replacing("/s/x", with: "/s/a").replacing("\"S8\"", with: "S7")
      .replacing("price: 1 ", with: "price: 12.30 ").replacing("[c]", with: "[b]")
    #expect(text.contains(changed), "\(text)")
    #expect(await project.call("test").exit == .done)
  }

  @Test("--update leaves a symbolic link one, and its file's permissions as they are")
  func updateLinked() async throws {
    let project = try project("    documents: []\n")
    try project.link("test.yaml", to: "test.text", permissions: 0o640)
    #expect(await project.call("test", "--update").exit == .done)
    #expect(try project.isLinked("test.yaml", to: "test.text", permissions: 0o640))
    #expect(await project.call("test").exit == .done)
  }

  @Test("--update leaves a file alone that would not be read any more")
  func updateInBraces() async throws {
    let project = try project(Self.whole)
    let text = """
      apiVersion: datahub/v1
      kind: HubTest
      metadata: { name: one }
      spec: { hub: flow, records: [{ id: a, ok: true, shop: 7, lines: [] }], expect: { requests: [] } }

      """
    try project.write("test.yaml", text)
    let call = await project.call("test", "--update")
    #expect(call.exit == .findings)
    #expect(call.messages.contains("without braces around it"), "\(call.output)\(call.messages)")
    #expect(try String(contentsOf: project.folder.appending(path: "test.yaml"), encoding: .utf8) == text)
  }

  @Test("an unknown test is named with what is close; an unknown value mapping is found before anything runs")
  func unknown() async throws {
    let project = try project(Self.whole)
    let call = await project.call("test", "flaw")
    #expect(call.exit == .usage)
    #expect(call.messages.contains("did you mean 'flow'?"))
    try project.write("hub.yaml", Self.hub.replacing("value(\"shops\"", with: "value(\"shop\""))
    let validated = await project.call("validate")
    #expect(validated.exit == .findings)
    #expect(validated.output.contains("there is no value mapping 'shop'"))
    #expect(validated.output.contains("did you mean 'shops'?"))
  }

  @Test("show writes the effective resource, explain the places that set a value")
  func showAndExplain() async throws {
    let project = try project(Self.whole)
    try project.write(
      "child.yaml",
      "apiVersion: datahub/v1\nkind: Hub\nmetadata: { name: child }\nextends: flow\n"
        + "spec: { target: { concurrency: 3 } }\n")
    let shown = await project.call("show", "hub", "child", "--resolved")
    #expect(shown.exit == .done)
    #expect(shown.output.contains("concurrency: 3\n"))
    #expect(shown.output.contains("api: p/save  # hub.yaml:"))
    let explained = await project.call("explain", "hub", "child", "mapping.lines.emit.price")
    #expect(explained.output.contains("in hub 'flow'"))
    let own = try await project.call("--output", "json", "explain", "hub", "child", "target.concurrency").json()
    #expect(own.listValue?.count == 1)
    #expect(own.listValue?.first?["line"] == 5)
    #expect(await project.call("explain", "hub", "child", "target.nothing").exit == .findings)
    #expect(await project.call("explain", "dh2001").output.contains("unknown key"))
    #expect(await project.call("explain", "DH9999").exit == .usage)
  }
}
