import Commands
import Foundation
import Testing
import Values

/// The small project with schemas on both sides.
private let typedProject: [String: String] = {
  var files = smallProject
  let systems = smallProject["systems.yaml", default: ""]
  files["systems.yaml"] =
    systems
    .replacing(
      "  record: { key: \"${ record.no }\" }\n",
      with: """
          record: # what identifies an order
            key: ${ record.no } # its number
            schema:
              type: object
              required: [no, amount]
              properties: { no: { type: string }, amount: { type: number }, state: { enum: [open, paid] } }

        """
    ).replacing(
      "  request: { path: /orders, body: \"${ document }\" }\n",
      with: """
          request: { path: /orders, body: "${ document }" }
          document:
            schema:
              type: object
              required: [code]
              properties: { code: { type: string, maxLength: 5 }, amount: { type: number } }

        """)
  return files
}()

@Suite("validate: how much is checked")
struct UncheckedTests {
  @Test("a hub without schemas is told in a line, one with schemas is not")
  func lines() async throws {
    let plain = try await TemporaryProject(smallProject).call("validate")
    #expect(
      plain.output == """
        no findings: 6 resources in 3 files
        hub orders: 2 of 2 expressions and 2 of 2 target fields unchecked: no schema for web/orders, web/save

        """)
    #expect(plain.exit == .done)
    let typed = try await TemporaryProject(typedProject).call("validate")
    #expect(typed.output == "no findings: 6 resources in 3 files\n")
  }

  @Test("--unchecked shows each place as a note, and numbers for programs")
  func unchecked() async throws {
    let project = try TemporaryProject(smallProject)
    let text = await project.call("validate", "--unchecked")
    #expect(text.output.contains("note[DH3018]: 'record.no' is not checked"))
    #expect(text.output.contains("note[DH3018]: 'web/save' does not say what its records or documents are like"))
    #expect(text.exit == .done)
    let json = try await project.call("validate", "--unchecked", "--format", "json").json()
    #expect(json["findings"]?.listValue?.count == 4)
    #expect(
      json["coverage"] == [
        [
          "hub": "orders", "expressions": 2, "uncheckedExpressions": 2, "fields": 2,
          "uncheckedFields": ["code", "amount"], "withoutSchema": ["web/orders", "web/save"],
        ]
      ])
  }

  @Test("--deny-unchecked ends with 1 where something is not checked")
  func deny() async throws {
    #expect(try await TemporaryProject(smallProject).call("validate", "--deny-unchecked").exit == .findings)
    #expect(try await TemporaryProject(typedProject).call("validate", "--deny-unchecked").exit == .done)
  }

  @Test("of many hubs the first ten are told")
  func many() async throws {
    var files = smallProject
    let hub = smallProject["hubs/orders.yaml", default: ""]
    for number in 10..<25 { files["hubs/h\(number).yaml"] = hub.replacing("name: orders", with: "name: h\(number)") }
    let output = try await TemporaryProject(files).call("validate").output
    #expect(output.split(separator: "\n").count { $0.hasPrefix("hub ") } == 10)
    #expect(output.hasSuffix("and 6 more hubs; --unchecked shows them all\n"))
  }

  @Test("a finding of a schema has both places")
  func bothPlaces() async throws {
    let project = try TemporaryProject(typedProject)
    let hub = typedProject["hubs/orders.yaml", default: ""]
    try project.write("hubs/orders.yaml", hub.replacing("${ record.amount }", with: "${ record.no }"))
    let call = await project.call("validate")
    #expect(call.exit == .findings)
    #expect(
      call.output == """
        error[DH3005]: target field 'amount': a number is expected, not a text
          --> hubs/orders.yaml:8:13
           |
         8 |     amount: ${ record.no }
           |             ^^^^^^^^^^^^^^
          ::: systems.yaml:36:59
           |
        36 |       properties: { code: { type: string, maxLength: 5 }, amount: { type: number } }
           |                                                           ------ declared here
           |
           = help: make a number of it: decimal(x)

        1 error in 1 file

        """)
  }
}

@Suite("test: records and documents beside their schemas")
struct SchemaTestTests {
  private func run(_ record: String, _ arguments: String...) async throws -> Call {
    let project = try TemporaryProject(typedProject)
    try project.write(
      "tests.yaml",
      """
      apiVersion: datahub/v1
      kind: HubTest
      metadata: { name: one }
      spec:
        hub: orders
        records: [\(record)]
        expect: { match: subset, documents: [{}] }

      """)
    return await project.callAll(["test"] + arguments)
  }

  @Test("what is as the schemas say passes without a word")
  func sound() async throws {
    let call = try await run("{ no: A1, amount: 2.50 }")
    #expect(call.exit == .done)
    #expect(!call.output.contains("!"))
  }

  @Test("a record that is not as its schema says is told, and ends with 1 where warnings are denied")
  func record() async throws {
    let call = try await run("{ no: A1, amount: 2.50, sate: paid }")
    #expect(call.exit == .done)
    #expect(
      call.output.contains("  ! records[0]: there is no field 'sate', as web/orders has it; did you mean 'state'?\n"))
    #expect(try await run("{ no: A1, amount: 2.50, sate: paid }", "--deny-warnings").exit == .findings)
    let json = try await run("{ no: A1, amount: x }", "--format", "json").json()
    #expect(
      json["tests"]?.listValue?.first?["warnings"]
        == ["records[0].amount: a number is expected, not the text 'x', as web/orders has it"])
  }

  @Test("a document the target would refuse fails the test")
  func document() async throws {
    let call = try await run("{ no: A12345, amount: 1 }")
    #expect(call.exit == .findings)
    #expect(call.output.contains("documents[0].code: at most 5 characters are taken, not 6, as web/save has it"))
  }
}

@Suite("infer")
struct InferTests {
  private static let samples = """
    {"no": "A1", "amount": 2, "note": null, "lines": [{"sku": "a"}]}

    {"no": "A2", "amount": 2.50, "note": "x", "lines": []}

    """

  private func project() throws -> TemporaryProject {
    let project = try TemporaryProject(typedProject)
    try project.write("samples.jsonl", Self.samples)
    return project
  }

  private static let learnt = """
    record:
      schema:
        type: object
        required: [no, amount, note, lines]
        properties:
          no: { type: string }
          amount: { type: number }
          note: { type: [string, "null"] }
          lines:
            type: array
            items:
              type: object
              required: [sku]
              properties: { sku: { type: string } }

    """

  @Test("the schema is printed as it stands in a standard API, of a hub as of its API")
  func printed() async throws {
    let project = try project()
    for name in ["web/orders", "orders"] {
      let call = await project.call("infer", name, "samples.jsonl")
      #expect(call.exit == .done)
      #expect(call.output == Self.learnt)
      #expect(call.messages == "learnt from 2 records; it goes under spec of standard API 'web/orders'\n")
    }
    let json = try await project.call("infer", "orders", "samples.jsonl", "--output", "json").json()
    #expect(json["samples"] == 2)
    #expect(json.at("schema", "properties", "no", "type") == "string")
    let target = await project.call("infer", "orders", "samples.jsonl", "--target")
    #expect(target.output.hasPrefix("document:\n  schema:\n"))
  }

  @Test("it is written in the place of the one there is; comments and all else stay")
  func replaced() async throws {
    let project = try project()
    let call = await project.call("infer", "web/orders", "samples.jsonl", "--write")
    #expect(
      call.output == "systems.yaml: record.schema of standard API 'web/orders', learnt from 2 records\n",
      "\(call.messages)")
    let before = typedProject["systems.yaml", default: ""]
    let after = try String(contentsOf: project.folder.appending(path: "systems.yaml"), encoding: .utf8)
    #expect(after.contains("record: # what identifies an order\n    key: ${ record.no } # its number\n    schema:\n"))
    #expect(after.contains("            properties: { sku: { type: string } }\n---\n"))
    #expect(after.count > before.count && after.hasSuffix(String(before.suffix(400))))
    #expect((await project.call("validate")).output == "no findings: 6 resources in 3 files\n")
  }

  @Test("a symbolic link stays one, and its file's permissions stay")
  func linked() async throws {
    let project = try project()
    try project.link("systems.yaml", to: "systems.text", permissions: 0o640)
    #expect(await project.call("infer", "web/orders", "samples.jsonl", "--write").exit == .done)
    #expect(try project.isLinked("systems.yaml", to: "systems.text", permissions: 0o640))
    let text = try String(contentsOf: project.folder.appending(path: "systems.text"), encoding: .utf8)
    #expect(text.contains("properties: { sku: { type: string } }"))
  }

  @Test(
    "a JSON array of objects is as many samples, on one line or many, with a byte order mark or without",
    arguments: ["", "\u{FEFF}"], ["[{\"no\":\"a\"},{\"no\":\"b\"}]\n", "[\n  {\"no\": \"a\"},\n  {\"no\": \"b\"}\n]\n"])
  func arrays(mark: String, text: String) async throws {
    let project = try project()
    try project.write("array.json", mark + text)
    let call = await project.call("infer", "web/orders", "array.json")
    #expect(call.exit == .done && call.output.contains("no: { type: string"), "\(call.output)\(call.messages)")
    #expect(
      call.messages.hasPrefix("the samples stand in a JSON array: its 2 objects are taken one by one\nlearnt from 2 "))
    try project.write("lines.jsonl", mark + Self.samples)
    #expect(await project.call("infer", "web/orders", "lines.jsonl").exit == .done)
  }

  @Test("a file in canonical form stays in it")
  func canonical() async throws {
    let project = try project()
    #expect(await project.call("fmt").exit == .done)
    #expect(await project.call("infer", "web/orders", "samples.jsonl", "--write").exit == .done)
    let call = await project.call("fmt", "--diff")
    #expect(call.exit == .done, "\(call.output)")
  }

  @Test(
    "it is written where there is no record yet, and into braces",
    arguments: [
      "", "  record: { key: \"${ record.no }\", number: '${ record.no }' }\n",
      "  record:\n    key: ${ record.no } # the number\n",
    ])
  func added(_ record: String) async throws {
    var files = smallProject
    let own = "  record: { key: \"${ record.no }\" }\n"
    files["systems.yaml"] = files["systems.yaml", default: ""].replacing(own, with: record)
    files["hubs/orders.yaml"] = files["hubs/orders.yaml", default: ""].replacing(
      "api: web/orders }", with: "api: web/orders, key: \"${ record.no }\" }")
    let project = try TemporaryProject(files)
    try project.write("samples.jsonl", Self.samples)
    let call = await project.call("infer", "web/orders", "samples.jsonl", "--write")
    #expect(call.exit == .done, "\(call.messages)")
    let validated = await project.call("validate", "--unchecked", "--format", "json")
    #expect(validated.exit == .done, "\(validated.output)")
    #expect(try validated.json()["coverage"]?.listValue?.first?["uncheckedExpressions"] == 0)
    let again = await project.call("infer", "web/orders", "samples.jsonl", "--write")
    #expect(again.exit == .done)
    if record.contains("# the number") {
      let text = try String(contentsOf: project.folder.appending(path: "systems.yaml"), encoding: .utf8)
      #expect(text.contains("key: ${ record.no } # the number\n    schema:\n"))
    }
  }

  @Test("an API of a catalogue is left alone; the hub has its own schema then")
  func catalogue() async throws {
    let project = try TemporaryProject([
      "one/datahub.yaml": smallProject["datahub.yaml", default: ""].replacing(
        "tenant: acme", with: "tenant: acme\n  catalogues: [../presets]"),
      "one/hubs/orders.yaml": smallProject["hubs/orders.yaml", default: ""],
      "presets/systems.yaml": smallProject["systems.yaml", default: ""], "one/samples.jsonl": Self.samples,
    ])
    let refused = await project.call("-C", "one", "infer", "web/orders", "one/samples.jsonl", "--write")
    #expect(refused.exit == .findings)
    #expect(refused.messages.contains("is in a catalogue"))
    let call = await project.call("-C", "one", "infer", "orders", "one/samples.jsonl", "--write")
    #expect(call.output == "one/hubs/orders.yaml: source.schema of hub 'orders', learnt from 2 records\n")
    let text = try String(contentsOf: project.folder.appending(path: "one/hubs/orders.yaml"), encoding: .utf8)
    #expect(text.contains("  source:\n    connector: shop\n    api: web/orders\n    schema:\n      type: object\n"))
  }

  @Test("what cannot be learnt from is refused with its place")
  func refused() async throws {
    let project = try project()
    try project.write("broken.jsonl", "{\"a\": 1}\n{\"a\": \n")
    try project.write("empty.jsonl", "\n")
    let broken = await project.call("infer", "orders", "broken.jsonl")
    #expect(broken.exit == .findings)
    #expect(broken.messages.contains("broken.jsonl:2 is not JSON"))
    #expect((await project.call("infer", "orders", "empty.jsonl")).messages.contains("has no samples"))
    let unknown = await project.call("infer", "order", "samples.jsonl")
    #expect(unknown.exit == .usage && unknown.messages.contains("did you mean 'orders'?"))
    #expect((await project.call("infer", "web/orders", "samples.jsonl", "--target")).exit == .usage)
    #expect((await project.call("infer", "orders", "nowhere.jsonl")).exit == .findings)
  }
}
