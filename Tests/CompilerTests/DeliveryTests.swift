import Plans
import Testing
import Values

@Suite("Delivery in hubs and standard APIs")
struct DeliveryTests {
  private static let apis = """
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/create }
    spec:
      platform: acme
      effect: execute
      request: { path: /orders, body: { orders: "${ items }" } }
      batch: { maximum: 50, results: "${ response.body.results }", success: "${ result.ok }" }
      lookup: { by: "${ document.code }", api: acme/find, with: { codes: '${ keys.join(",") }' }, id: "${ record.id }" }
      then: [{ name: submit, api: acme/submit }, { name: audit, api: acme/audit, with: { level: 2 }, repeatable: true }]
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/find }
    spec:
      platform: acme
      effect: query
      parameters: { codes: { required: true }, size: { type: int, default: 10 } }
      request: { method: GET, path: /orders, query: { codes: "${ with.codes }" } }
      records: ${ response.body.orders }
      record: { key: "${ record.code }" }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/submit }
    spec: { platform: acme, effect: execute, request: { path: "/orders/${ delivered.id }/submit" } }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: acme/audit }
    spec:
      platform: acme
      effect: execute
      parameters: { level: { type: int } }
      request: { path: "/orders/${ delivered.id }/audit", body: { level: "${ with.level }" } }
    """

  private static let target = """
    target: { connector: shop, api: acme/create, delivery: check-before-write, checkFirst: true }
    """

  /// The sample with its hub's target replaced, and more lines for the hub.
  private func compile(
    _ target: String, hub more: String = "", apis change: (String) -> String = { $0 }
  ) throws -> (plan: ExecutionPlan?, findings: [Finding]) {
    let hub = try #require(SampleProject.files["hub.yaml"])
    let own = try #require(hub.firstRange(of: "target: {")).lowerBound
    return try SampleProject.compile([
      "hub.yaml": hub[..<own] + target.replacing("\n", with: "\n  ") + "\n" + more, "apis.yaml": change(Self.apis),
    ])
  }

  @Test("what a preset says about lookups and follow-up calls is in the plan of the hub that uses it")
  func plan() throws {
    let (plan, findings) = try compile(Self.target)
    #expect(findings.map(\.code) == ["DH2021"], "\(findings)")
    let target = try #require(plan?.hub("orders")).target
    let lookup = try #require(target.lookup)
    #expect(lookup.api.name == "acme/find" && lookup.api.effect == .query)
    #expect(lookup.by == "${ document.code }" && lookup.key == "${ record.code }" && lookup.id == "${ record.id }")
    #expect(lookup.with == ["codes": #"${ keys.join(",") }"#, "size": 10])
    #expect(lookup.checksFirst && lookup.tries == 1 && lookup.maximum == 1 && lookup.lagMilliseconds == 0)
    #expect(target.followUps?.map(\.name) == ["submit", "audit"])
    #expect(target.followUps?.map(\.isRepeatable) == [false, true])
    #expect(target.followUps?.last?.call.with == ["level": 2])
  }

  @Test("a hub says more over its preset, writes its own request, or takes the calls away")
  func overrides() throws {
    let target = """
      target:
        connector: shop
        api: acme/create
        delivery: check-before-write
        then: null
        lookup:
          request: { method: GET, path: "/orders/${ key }" }
          records: ${ [response.body] }
          key: ${ record.no }
          lag: 30s
          tries: 4
      """
    let (plan, findings) = try compile(target)
    #expect(findings.map(\.code).allSatisfy { $0 == "DH2021" }, "\(findings)")
    let own = try #require(plan?.hub("orders")).target
    #expect(own.followUps == nil)
    #expect(own.lookup?.api.path == "/orders/${ key }" && own.lookup?.key == "${ record.no }")
    #expect(own.lookup?.by == "${ document.code }" && own.lookup?.with == [:])
    #expect(own.lookup?.lagMilliseconds == 30_000 && own.lookup?.tries == 4)
  }

  @Test("the plan of a hub without any of it is what it was")
  func unchanged() throws {
    let plan = try #require(try SampleProject.compile().plan)
    let text = String(decoding: try plan.canonicalBytes(), as: UTF8.self)
    for name in ["lookup", "followUps", "update", "void", "group"] {
      let isThere = text.contains("\"\(name)\":")
      #expect(!isThere, "\(name)")
    }
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    var target: String
    var more = ""
    var apis: [String] = []
    let code: String
    let marked: String
    var testDescription: String { "\(code): \(marked)" }
  }

  static let mistakes: [Mistake] = [
    Mistake(target: target, apis: ["check: 1", "check: 1"], code: "", marked: ""),
    Mistake(
      target: target.replacing("acme/create", with: "acme/save, batch: 50"), code: "DH2003",
      marked: "check-before-write"),
    Mistake(
      target: target, apis: [#"by: "${ document.code }", "#, ""], code: "DH2003",
      marked: "lookup"),
    Mistake(target: target, apis: ["api: acme/find", "api: acme/submit"], code: "DH2017", marked: "acme/submit"),
    Mistake(target: target, apis: ["api: acme/find", "api: acme/list"], code: "DH2022", marked: "acme/list"),
    Mistake(target: target, apis: ["codes: '", "code: '"], code: "DH2013", marked: "code"),
    Mistake(
      target: target, apis: ["  record: { key: \"${ record.code }\" }", ""], code: "DH2003",
      marked: "acme/find"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "checkFirst: true, concurrency: 4"), code: "DH2022",
      marked: "4"),
    Mistake(
      target: target.replacing("check-before-write", with: "upsert"), code: "DH2022", marked: "checkFirst"),
    Mistake(target: target, apis: ["name: audit", "name: submit"], code: "DH2022", marked: "submit"),
    Mistake(target: target, apis: ["name: audit", "name: 'a b'"], code: "DH2007", marked: "'a b'"),
    Mistake(target: target, apis: ["name: audit", "name: void"], code: "DH2007", marked: "void"),
    Mistake(target: target, apis: ["api: acme/audit", "api: acme/find"], code: "DH2017", marked: "acme/find"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "update: { api: acme/find }"), code: "DH2017",
      marked: "acme/find"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "update: { api: acme/submit }"), more: "  onChange: ignore\n",
      code: "DH2022", marked: "update"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "vanished: void, void: { api: acme/submit }"), code: "DH2022",
      marked: "vanished"),
    Mistake(
      target: target, more: "  writeBack: { api: acme/find }\n", code: "DH2017", marked: "acme/find"),
    Mistake(
      target: target, more: "  writeBack: { connector: nobody, api: acme/submit }\n", code: "DH2009", marked: "nobody"),
    Mistake(
      target: target, more: "  group: { by: \"${ record.shop }\" }\n", code: "DH2022", marked: "group"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "batch: 5"),
      more: "  onChange: ignore\n  group: { by: \"${ record.shop }\" }\n", code: "DH2022", marked: "batch"),
    Mistake(
      target: target.replacing("checkFirst: true", with: "void: { api: acme/submit }"),
      more: "  onChange: ignore\n  group: { by: \"${ record.shop }\" }\n", code: "DH2022", marked: "void"),
  ]

  @Test("what does not fit together is found where it stands", arguments: mistakes)
  func findings(_ mistake: Mistake) throws {
    let (_, all) = try compile(mistake.target, hub: mistake.more) { text in
      mistake.apis.isEmpty ? text : text.replacing(mistake.apis[0], with: mistake.apis[1])
    }
    let findings = all.filter { $0.code != "DH2021" }
    #expect(findings.first?.code ?? "" == mistake.code, "\(findings)")
    let marked = findings.first?.marked ?? ""
    #expect(mistake.marked.isEmpty ? marked.isEmpty : marked.contains(mistake.marked), "\(findings)")
  }

  @Test("a record that becomes many documents has no calls that follow")
  func dividing() throws {
    let hub = try #require(SampleProject.files["hub.yaml"])
    let start = try #require(hub.firstRange(of: "mapping:")).lowerBound
    let text =
      hub[..<start] + """
        mapping: { each: "${ record.items }", as: line, emit: { code: "${ line.sku }" } }
          target: { connector: shop, api: acme/create, delivery: check-before-write }

        """
    let findings = try SampleProject.compile(["hub.yaml": String(text), "apis.yaml": Self.apis]).findings
    let own = findings.filter { $0.code == "DH2022" }
    #expect(own.map(\.help) == ["write then: null in the hub's target"], "\(findings)")
  }

  @Test(
    "lookups, groups and what is written back are checked with the types of the schemas",
    arguments: [
      ("  onChange: ignore\n  group: { by: \"${ record.shop }\" }\n", "records.map(r, r.nothing)", "DH3003", "nothing"),
      ("  onChange: ignore\n  group: { by: \"${ record.nothing }\" }\n", "size(records)", "DH3003", "nothing"),
      (
        "  onChange: ignore\n  group: { by: \"${ record.shop }\", lines: \"${ record.shop }\" }\n", "size(records)",
        "DH3004", "lines"
      ),
      ("  onChange: ignore\n  group: { by: \"${ record.shop }\" }\n", "size(records)", "", ""),
      ("  writeBack: { api: acme/submit, document: { id: \"${ record.nothing }\" } }\n", "1", "DH3003", "nothing"),
      ("", "size(records)", "DH3004", "records"),
    ])
  func types(_ more: String, _ amount: String, _ code: String, _ words: String) throws {
    let platform = try #require(SampleProject.files["platform.yaml"]).replacing(
      #"record: { key: "${ record.id }" }"#,
      with:
        #"record: { key: "${ record.id }", schema: { properties: { id: { type: string }, shop: { type: string } }, required: [id, shop] } }"#
    )
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: orders }
      spec:
        source: { connector: shop, api: acme/list }
        mapping: { code: "${ record.id }", amount: "${ \(amount) }" }
        target: { connector: shop, api: acme/create, delivery: check-before-write }

      """ + more
    let files = ["hub.yaml": hub, "apis.yaml": Self.apis, "platform.yaml": platform]
    let findings = try SampleProject.compile(files).findings.filter { $0.code != "DH2021" }
    #expect(findings.first?.code ?? "" == code, "\(findings)")
    #expect(words.isEmpty || findings.first.map { "\($0.message) \($0.marked)".contains(words) } == true, "\(findings)")
  }

  @Test("a document of many is compared with the schema as each of them")
  func fanOut() throws {
    let apis = Self.apis.replacing(
      "  batch: { maximum: 50,",
      with:
        "  document: { schema: { properties: { code: { type: string } }, required: [code] } }\n  batch: { maximum: 50,")
    let hub = """
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: orders }
      spec:
        source: { connector: shop, api: acme/list }
        mapping: { each: "${ record.items }", as: line, emit: { code: "x", size: 1 } }
        target: { connector: shop, api: acme/create, delivery: at-least-once, then: null }

      """
    let findings = try SampleProject.compile(["hub.yaml": hub, "apis.yaml": apis]).findings
      .filter { $0.code != "DH2021" }
    #expect(findings.map(\.marked) == ["size"], "\(findings)")
  }

  @Test("what the target knows of a record is known in calls that follow, and may be null in the write itself")
  func delivered() throws {
    let apis = Self.apis.replacing(
      "path: /orders, body: { orders: \"${ items }\" }",
      with: #"path: "/orders/${ delivered.id }", body: { orders: "${ items }" }"#)
    let findings = try compile(Self.target, apis: { _ in apis }).findings.filter { $0.code != "DH2021" }
    #expect(findings.map(\.code) == ["DH3010", "DH3010"], "\(findings)")
    #expect(findings.allSatisfy { $0.marked.hasPrefix("delivered") }, "\(findings)")
  }
}
