import Checking
import Diagnostics
import Testing

@Suite("What schemas find in a hub")
struct SchemaFindingTests {
  /// One more field of the mapping, and the one finding it gives.
  struct Mistake: CustomTestStringConvertible, Sendable {
    let field: String
    let code: String
    let marked: String
    /// What the schema's place marks: the key it is declared with.
    let declared: String
    var severity = Severity.error
    var help: String?

    var testDescription: String { "\(code): \(field)" }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      field: "note: ${ record.nmae }", code: "DH3003", marked: "record.nmae", declared: "type"),
    Mistake(
      field: "note: ${ record.items[0].skuu }", code: "DH3003", marked: "record.items[0].skuu", declared: "type",
      help: "did you mean 'sku'?"),
    Mistake(field: "note: ${ record.id.trim() }", code: "DH3004", marked: "record.id.trim()", declared: "id"),
    Mistake(field: "note: ${ record.total }", code: "DH3005", marked: "${ record.total }", declared: "note"),
    Mistake(field: "note: 12", code: "DH3005", marked: "12", declared: "note"),
    Mistake(field: "count: ${ record.shop }", code: "DH3005", marked: "${ record.shop }", declared: "count"),
    Mistake(field: "count: no. ${ record.id }", code: "DH3005", marked: "no. ${ record.id }", declared: "count"),
    Mistake(field: "note: [a]", code: "DH3005", marked: "note", declared: "note"),
    Mistake(field: "note: { a: b }", code: "DH3005", marked: "note", declared: "note"),
    Mistake(field: "note: { each: \"${ record.items }\", emit: x }", code: "DH3005", marked: "note", declared: "note"),
    Mistake(field: "note: null", code: "DH3005", marked: "null", declared: "note"),
    Mistake(
      field: "noet: x", code: "DH3007", marked: "noet", declared: "type", help: "did you mean 'note'?"),
    Mistake(field: "state: piad", code: "DH3008", marked: "piad", declared: "state", help: "did you mean 'paid'?"),
    Mistake(
      field: "state: \"${ record.total > 3 ? 'paid' : 'opne' }\"", code: "DH3008",
      marked: "\"${ record.total > 3 ? 'paid' : 'opne' }\"", declared: "state"),
    Mistake(
      field: "state: ${ record.status }", code: "DH3008", marked: "${ record.status }", declared: "state",
      severity: .warning),
    Mistake(
      field: "state: '${ value(\"states\", record.id) }'", code: "DH3008",
      marked: "'${ value(\"states\", record.id) }'", declared: "state", severity: .warning),
    Mistake(
      field: "note: '${ record.status == \"piad\" ? \"a\" : \"b\" }'", code: "DH3008",
      marked: "record.status == \"piad\"", declared: "status", help: "did you mean 'paid'?"),
    Mistake(
      field: "note: '${ record.id == \"1\" ? \"a\" : \"b\" }'", code: "DH3009", marked: "record.id == \"1\"",
      declared: "id"),
    Mistake(
      field: "note: ${ record.note }", code: "DH3010", marked: "${ record.note }", declared: "note",
      severity: .warning),
    Mistake(
      field: "note: ${ record.note.trim() }", code: "DH3010", marked: "record.note", declared: "note",
      severity: .warning),
    Mistake(
      field: "note: '* ${ record.note }'", code: "DH3010", marked: "record.note", declared: "note",
      severity: .warning),
    Mistake(
      field: "note: '* ${ record.items }'", code: "DH3004", marked: "record.items", declared: "items"),
    Mistake(
      field: "note: ${ record.remark }", code: "DH3011", marked: "record.remark", declared: "remark",
      severity: .warning),
    Mistake(
      field: "note: ${ record.memo }", code: "DH3011", marked: "record.memo", declared: "memo", severity: .warning,
      help: "write has(x.memo) && x.memo != null ? x.memo : ..."),
    Mistake(
      field: "note: '* ${ record.memo }'", code: "DH3011", marked: "record.memo", declared: "memo", severity: .warning),
    Mistake(
      field: "note: ${ record.memo.trim() }", code: "DH3011", marked: "record.memo", declared: "memo",
      severity: .warning),
    Mistake(
      field: "note: ${ record.?remark + '!' }", code: "DH3004", marked: "record.?remark + '!'", declared: "",
      help: "write x.orValue(...) for what the optional holds, with what to take where it has none"),
    Mistake(
      field: "count: ${ record.total }", code: "DH3013", marked: "${ record.total }", declared: "count",
      severity: .warning),
    Mistake(
      field: "total: ${ double(record.id) / 3.0 }", code: "DH3013", marked: "${ double(record.id) / 3.0 }",
      declared: "total", severity: .warning),
    Mistake(
      field: "day: ${ now }", code: "DH3012", marked: "${ now }", declared: "day", severity: .warning),
    Mistake(field: "count: 1.5", code: "DH3005", marked: "1.5", declared: "count"),
    Mistake(field: "extra: { a: x }", code: "DH3005", marked: "x", declared: "type"),
    Mistake(field: "state: ${ delivered.stat }", code: "DH3003", marked: "delivered.stat", declared: ""),
  ]

  @Test("one mistake gives one finding, at its place and with the line of the schema", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let (findings, _) = try TypedProject.check(TypedProject.hub(TypedProject.usual + "\n" + mistake.field))
    // What may be null is told of `delivered` as well.
    let own = findings.filter { $0.code == mistake.code }
    #expect(own.count == 1, "\(findings)")
    if mistake.declared.isEmpty { return }
    #expect(findings.count == 1, "\(findings)")
    let finding = try #require(own.first)
    #expect(finding.marked == mistake.marked && finding.severity == mistake.severity, "\(finding)")
    #expect(finding.others == ["schemas.yaml: \(mistake.declared)"])
    if let help = mistake.help { #expect(finding.help == help) }
  }

  @Test("the usual mapping has no finding and is checked as a whole")
  func sound() throws {
    let (findings, coverage) = try TypedProject.check(
      TypedProject.hub(
        """
        code: '${ string(record.id) }'
        state: '${ value("states", record.id, "open") == "paid" ? "paid" : "open" }'
        count: ${ size(record.items) }
        total: ${ record.total * 2 }
        day: '${ now.format("yyyy-MM-dd", "UTC") }'
        note: '${ record.note == null ? "" : record.note + record.?remark.orValue("") }'
        extra: { a: 1, b: "${ record.id }" }
        lines:
          each: ${ record.items }
          as: line
          when: ${ has(line.kind) && line.kind == "sale" }
          emit: { sku: "${ line.sku }", qty: "${ line.qty * 2 }", kind: sale }
        """, select: "${ record.status != \"void\" }"))
    #expect(findings.isEmpty, "\(findings)")
    #expect(coverage.map(\.isComplete) == [true])
    #expect(coverage.first?.expressions == 12 && coverage.first?.fields == 11)
  }

  @Test("a target field that must be there and is not is told at the mapping, with what it is")
  func missing() throws {
    let (findings, _) = try TypedProject.check(
      TypedProject.hub("lines: { each: \"${ record.items }\", emit: { qty: 1 } }"))
    #expect(findings.map(\.code) == ["DH3006", "DH3006"], "\(findings)")
    #expect(findings.map(\.marked) == ["mapping", "emit"])
    #expect(findings.first?.help == "The number of the order.")
    #expect(findings.map(\.others) == [["schemas.yaml: code"], ["schemas.yaml: sku"]])
  }

  @Test("a misspelt field is not missing as well")
  func misspelt() throws {
    let (findings, _) = try TypedProject.check(TypedProject.hub(TypedProject.usual.replacing("code:", with: "cdoe:")))
    #expect(findings.map(\.code) == ["DH3007"], "\(findings)")
  }

  @Test("constants beyond the bounds of the schema")
  func bounds() throws {
    let (findings, _) = try TypedProject.check(
      TypedProject.hub("code: far-too-long\nlines: []"))
    #expect(findings.map(\.code) == ["DH3014"], "\(findings)")
    #expect(findings.first?.message == "target field 'code': at most 8 characters are taken, not 12")
  }

  @Test("what is selected narrows the record for the mapping")
  func narrowing() throws {
    let mapping = TypedProject.usual + "\nnote: ${ record.note }\nstate: ${ record.status }"
    #expect(try TypedProject.check(TypedProject.hub(mapping)).findings.count == 2)
    let (findings, _) = try TypedProject.check(
      TypedProject.hub(mapping.replacing("state: ${ record.status }", with: ""), select: "${ record.note != null }"))
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test("a selection that is no condition is an error")
  func selection() throws {
    let (findings, _) = try TypedProject.check(TypedProject.hub(select: "${ record.shop }"))
    #expect(findings.map(\.code) == ["DH3004"])
    #expect(findings.first?.marked == "record.shop")
  }

  @Test("what is held is a condition on the record that was selected")
  func holding() throws {
    let found: (String, String?) throws -> [String] = { hold, select in
      let hub = TypedProject.hub(select: select, more: "hold: ${ \(hold) }")
      return try TypedProject.check(hub).findings.map { "\($0.code) \($0.marked)" }
    }
    #expect(try found("record.total > 1", nil) == [])
    #expect(try found("record.shop", nil) == ["DH3004 record.shop"])
    #expect(try found("record.totl > 1", nil).count == 1)
    #expect(try found("size(record.note) > 3", nil).count == 1)
    #expect(try found("size(record.note) > 3", "${ record.note != null }") == [])
  }

  @Test("a loop goes over a list, and what it goes over may be null or missing")
  func loops() throws {
    let over: (String) throws -> [String] = { list in
      let mapping = "code: x\nlines: { each: \"${ \(list) }\", as: line, emit: { sku: x } }"
      return try TypedProject.check(TypedProject.hub(mapping)).findings.map { "\($0.code) \($0.marked)" }
    }
    #expect(try over("record.shop") == ["DH3004 record.shop"])
    #expect(try over("record.total > 1 ? record.items : null") == ["DH3010 record.total > 1 ? record.items : null"])
    #expect(try over("record.items.filter(i, i.qty > 0)") == [])
    #expect(try over("record.items.filter(i, i.size > 0)") == ["DH3003 i.size"])
  }

  @Test("a mistake that shows without types is told once")
  func once() throws {
    let (findings, _) = try TypedProject.check(
      TypedProject.hub(TypedProject.usual + "\nnote: ${ recrd.note }\ncount: ${ 1 + \"a\" }"))
    #expect(findings.map(\.code) == ["DH3001", "DH3004"], "\(findings)")
  }

  @Test("what nothing is known of is counted, and its part of the target not complained about")
  func coverage() throws {
    let hub = TypedProject.hub(
      TypedProject.usual + "\nnote: ${ record.anything }", source: "connector: shop, api: acme/list")
    let (findings, coverage) = try TypedProject.check(hub)
    #expect(findings.isEmpty, "\(findings)")
    let orders = try #require(coverage.first)
    #expect(orders.expressions == 4 && orders.uncheckedExpressions.count == 4)
    #expect(orders.uncheckedExpressions.map(\.text) == ["record.id", "record.items", "line.sku", "record.anything"])
    #expect(orders.fields == 3 && orders.uncheckedFields.map(\.text) == ["lines[].sku", "note"])
    #expect(orders.withoutSchema.map(\.api) == ["acme/list"])
  }

  @Test("a target without a schema leaves its fields unchecked")
  func noTarget() throws {
    let (findings, coverage) = try TypedProject.check(
      TypedProject.hub("anything: ${ record.id }", target: "connector: shop, api: acme/save"))
    #expect(findings.isEmpty, "\(findings)")
    #expect(coverage.first?.uncheckedExpressions.isEmpty == true)
    #expect(coverage.first?.uncheckedFields.map(\.text) == ["anything"])
  }

  // MARK: - Where schemas stand

  @Test("a hub says what its account has besides")
  func additions() throws {
    let mapping = TypedProject.usual + "\nnote: ${ record.custom }\nmine: 1"
    #expect(try TypedProject.check(TypedProject.hub(mapping)).findings.map(\.code) == ["DH3003", "DH3007"])
    let (findings, _) = try TypedProject.check(
      TypedProject.hub(
        mapping,
        source:
          "connector: shop, api: acme/orders, schema: { required: [id, items, custom], properties: { custom: { type: integer } } }",
        target: "connector: shop, api: acme/order, schema: { properties: { mine: { type: integer } } }"))
    #expect(findings.map(\.code) == ["DH3005"], "\(findings)")
  }

  @Test("a schema in a JSON file of a catalogue is read, and both places are shown")
  func files() throws {
    let json = """
      {
      \t"$schema": "https://json-schema.org/draft/2020-12/schema",
      \t"type": "object", "required": ["id", "name"],
      \t"properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}}
      }
      """
    let api = """
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/people }
      extends: acme/list
      spec: { record: { schemaFile: people/person.json, schema: { properties: { more: { type: string } } } } }
      """
    let files = [
      "catalogue/people/person.json": json, "catalogue/people.yaml": api,
      "datahub.yaml": """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: sample }
      spec: { catalogues: [catalogue] }
      """,
    ]
    let hub = TypedProject.hub(
      "code: ${ record.name }\nnote: ${ record.more }\nlines: []", source: "connector: shop, api: acme/people")
    let (findings, _) = try TypedProject.check(hub, files)
    #expect(findings.map(\.code) == ["DH3010", "DH3011"], "\(findings)")
    #expect(findings.last?.others == ["catalogue/people.yaml: more"], "\(findings)")
    let unknown = try TypedProject.check(
      hub.replacing("record.name", with: "string(record.nme)").replacing("${ record.more }", with: "x"), files)
    #expect(unknown.findings.map(\.code) == ["DH3003"], "\(unknown.findings)")
    let trimmed = try TypedProject.check(
      hub.replacing("record.name", with: "record.name.trim()").replacing("${ record.more }", with: "x"), files)
    #expect(trimmed.findings.map(\.others) == [["catalogue/people/person.json: \"name\""]], "\(trimmed.findings)")
  }

  @Test("a schema file that is not there, or outside the project, is a finding")
  func missingFile() throws {
    for path in ["nowhere.json", "../../secret.json"] {
      let api = """
        apiVersion: datahub/v1
        kind: StandardAPI
        metadata: { name: acme/people }
        extends: acme/list
        spec: { record: { schemaFile: \(path) } }
        """
      let (findings, _) = try TypedProject.check(
        TypedProject.hub("code: x\nlines: []", source: "connector: shop, api: acme/people"), ["people.yaml": api])
      #expect(findings.map(\.code) == ["DH2016"], "\(findings)")
      #expect(findings.first?.marked == path)
    }
  }

  @Test("a schema belongs to the effect of its API")
  func effect() throws {
    let api = """
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: acme/other }
      extends: acme/orders
      spec: { document: { schema: { type: object } } }
      """
    let (findings, _) = try TypedProject.check(
      TypedProject.hub(source: "connector: shop, api: acme/other"), ["other.yaml": api])
    #expect(findings.map(\.code) == ["DH2022"], "\(findings)")
  }

  @Test("a shared mapping is checked in the hubs that use it, once, with both places")
  func sharedMapping() throws {
    let shared = """
      apiVersion: datahub/v1
      kind: FieldMapping
      metadata: { name: shared }
      spec:
        source: acme/orders
        target: acme/order
        mapping:
          code: ${ record.id }
          lines: []
      """
    func hub(_ name: String) -> String {
      """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: \(name) }
      spec:
        source: { connector: shop, api: acme/orders }
        fieldMapping: shared
        mapping: { note: x }
        target: { connector: shop, api: acme/order }
      """
    }
    let (findings, _) = try TypedProject.check(hub("orders") + "\n---\n" + hub("others"), ["a-shared.yaml": shared])
    #expect(findings.map(\.code) == ["DH3005"], "\(findings)")
    #expect(findings.first?.marked == "${ record.id }")
    #expect(findings.first?.others == ["schemas.yaml: code", "hub.yaml: shared"])
  }

  @Test("a shared mapping that nobody uses is checked with the APIs it names, without what a hub may add")
  func unusedMapping() throws {
    let shared = """
      apiVersion: datahub/v1
      kind: FieldMapping
      metadata: { name: shared }
      spec: { source: acme/orders, target: acme/order, mapping: { note: "${ record.nope }", cuont: 1 } }
      """
    let (findings, _) = try TypedProject.check(TypedProject.hub(), ["shared.yaml": shared])
    #expect(findings.map(\.code) == ["DH3003", "DH3007"], "\(findings)")
  }

  // MARK: - Platforms and APIs

  @Test("what an API says of its own variables is checked: parameters, records, documents, pages")
  func apis() throws {
    func findings(_ old: String, _ new: String) throws -> [String] {
      let platform = try #require(SampleProject.files["platform.yaml"])
      try #require(platform.contains(old))
      let (findings, _) = try TypedProject.check(
        TypedProject.hub(), ["platform.yaml": platform.replacing(old, with: new)])
      return findings.map { "\($0.code) \($0.marked)" }
    }
    #expect(try findings("${ with.status }", "${ with.staus }") == ["DH3003 with.staus"])
    #expect(try findings("${ page.number }", "${ page.nr }") == ["DH3003 page.nr"])
    #expect(try findings("path: /orders,", "path: \"/${ connector.token }\",") == ["DH3003 connector.token"])
    #expect(try findings("connector.token }", "connector.tokn }") == ["DH3003 connector.tokn"])
    #expect(try findings("${ response.body.more }", "${ page.size }") == ["DH3004 page.size"])
    #expect(try findings("${ result.ok }", "${ index }") == ["DH3004 index"])
    #expect(try findings("${ record.id }", "${ record.nr }").contains("DH3003 record.nr"))
    #expect(try findings("orders: \"${ items }\"", "orders: \"${ document.nope }\"") == ["DH3003 document.nope"])
  }

  @Test("the same files give the same findings")
  func deterministic() throws {
    let hub = TypedProject.hub(SchemaFindingTests.mistakes.map(\.field).joined(separator: "\n"))
    let first = try TypedProject.check(hub).findings.map(\.description)
    for _ in 0..<5 { #expect(try TypedProject.check(hub).findings.map(\.description) == first) }
  }
}
