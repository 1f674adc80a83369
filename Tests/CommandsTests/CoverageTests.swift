import Commands
import Foundation
import Testing
import Values

@Suite("What hub tests cover")
struct CoverageTests {
  private static let hub = """
    apiVersion: datahub/v1
    kind: Project
    metadata: { name: t }
    ---
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
    kind: ValueMapping
    metadata: { name: shops }
    spec: { entries: { "7": S7 } }
    ---
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: flow }
    spec:
      source: { connector: c, api: p/list }
      select: ${ record.ok && record.n > 0 }
      mapping:
        size: '${ record.n > 5 ? "big" : "small" }'
        note: 'a ${ record.?note.orValue("none") } b'
        shop: ${ value("shops", record.shop, "?") }
        boss: '${ find("flow", {"id": record.boss}, {"id": "-"}).id }'
        lines:
          each: ${ record.lines }
          as: line
          when: ${ line > 1 }
          emit: "${ line > 2 || record.n == 9 ? line : 0 }"
      target: { connector: c, api: p/save }

    """

  /// Every way there is, in the order of the file.
  private static let ways = [
    "when false: record.ok", "when false: record.ok && record.n > 0", "when true: record.ok && record.n > 0",
    "when false: record.n > 0", #"when true: "big""#, #"when false: "small""#, "when it has a value: record.?note",
    #"as fallback: "none""#, #"when there is one: value("shops", record.shop, "?")"#, #"as fallback: "?""#,
    #"when there is one: find("flow", {"id": record.boss}, {"id": "-"})"#, #"as fallback: {"id": "-"}"#,
    "with elements: record.lines", "without elements: record.lines", "when false: line > 1", "when true: line > 1",
    "when false: line > 2 || record.n == 9", "when true: line > 2", "when true: record.n == 9", "when true: line",
    "when false: 0",
  ]

  private func project(_ tests: String...) throws -> TemporaryProject {
    let documents = tests.enumerated().map { index, test in
      "apiVersion: datahub/v1\nkind: HubTest\nmetadata: { name: t\(index) }\nspec:\n  hub: flow\n\(test)\n"
    }
    return try TemporaryProject(["datahub.yaml": Self.hub, "tests.yaml": documents.joined(separator: "---\n")])
  }

  /// The branches no test takes, each of which must stand where the report says.
  private func missing(_ project: TemporaryProject) async throws -> [String] {
    let json = try await project.call("test", "--coverage", "--format", "json").json()
    let coverage = try #require(json["coverage"]?.listValue?.first)
    let file = try String(contentsOf: project.folder.appending(path: "datahub.yaml"), encoding: .utf8)
    let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
    return try (coverage["missingBranches"]?.listValue ?? []).map { branch in
      #expect(branch["file"] == "datahub.yaml")
      let text = try #require(branch["text"]?.stringValue)
      let line = lines[Int(try #require(branch["line"]?.intValue)) - 1]
      #expect(line.dropFirst(Int(try #require(branch["column"]?.intValue)) - 1).hasPrefix(text))
      return "\(branch["way"]?.stringValue ?? ""): \(text)"
    }
  }

  private static let many = """
      find: { flow: [{ record: { id: b0 } }] }
      records:
        - { id: a, ok: true, n: 9, note: hi, shop: 7, boss: b0, lines: [1, 2, 3] }
        - { id: b, ok: true, n: 2, shop: 8, boss: b1, lines: [2] }
        - { id: c, ok: true, n: 2, shop: 8, boss: null, lines: [] }
        - { id: d, ok: false }
        - { id: e, ok: true, n: 0 }
      expect:
        documents:
          - { size: big, note: a hi b, shop: S7, boss: b0, lines: [2, 3] }
          - { size: small, note: a none b, shop: "?", boss: "-", lines: [0] }
          - { size: small, note: a none b, shop: "?", boss: "-", lines: [] }
        filtered: [d, e]
    """

  @Test("without a test no branch is taken, and each is named with its place")
  func none() async throws {
    let project = try TemporaryProject(["datahub.yaml": Self.hub])
    #expect(try await missing(project) == Self.ways)
    let text = await project.call("test", "--coverage")
    #expect(text.output.contains("0 of 21 branches taken, 0 %"), "\(text.output)")
    #expect(text.output.contains(": never when true: \"big\""))
  }

  @Test("tests that take every way cover all, and --minimum-branches holds")
  func all() async throws {
    let project = try project(Self.many)
    let call = await project.call("test", "--coverage", "--minimum", "100", "--minimum-branches", "100")
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
    #expect(call.output.contains("21 of 21 branches taken, 100 %"))
  }

  @Test("a branch counts where a test looks at what comes of it, also where that is a failure")
  func lookedAt() async throws {
    let records = "  records: [{ id: a, ok: true, n: 9, note: hi, shop: 7, boss: null, lines: [] }]\n"
    let subset = try project(records + "  expect: { match: subset, documents: [{ size: big }] }")
    let left = try await missing(subset)
    #expect(!left.contains(#"when true: "big""#) && left.contains(#"when false: "small""#))
    #expect(left.contains("when it has a value: record.?note"))
    let list = try project(records + "  expect: { match: subset, documents: [{ lines: [] }] }")
    #expect(try await !missing(list).contains("without elements: record.lines"))
    let failing = try project(
      "  records: [{ id: a, ok: true, n: 9, note: [1], shop: 7, boss: null, lines: [] }]\n"
        + "  expect: { errors: [{ key: a, field: note }] }")
    let rest = try await missing(failing)
    #expect(!rest.contains("when it has a value: record.?note") && rest.contains(#"when true: "big""#))
  }

  @Test("less than the minimum ends with 1 and is said; the JUnit report has a case for it")
  func tooLittle() async throws {
    let project = try project("  records: [{ id: d, ok: false }]\n  expect: { filtered: [d] }")
    let call = await project.call("test", "--coverage", "--minimum-branches", "10")
    #expect(call.exit == .findings)
    #expect(call.messages.contains("less than 10 % of the branches are taken: flow"))
    let report = await project.call("test", "--coverage", "--minimum-branches", "10", "--format", "junit").output
    #expect(report.contains("coverage of branches") && report.contains("2 of 21 branches taken, 9 %"))
    #expect(report.contains("tests=\"3\"") && report.contains("failures=\"1\""), "\(report)")
    #expect(await project.call("test", "--coverage", "--minimum-branches", "9").exit == .done)
    #expect(await project.call("test", "--minimum-branches", "9").exit == .usage)
  }

  @Test("what was only tried before an answer of find() was known is not taken")
  func triedOnly() async throws {
    let project = try project(
      """
        find: { flow: [{ record: { id: b0 } }] }
        records: [{ id: a, ok: true }]
        expect: { documents: [{ x: true }] }
      """)
    let start = try #require(Self.hub.range(of: "  select:"))
    let end = try #require(Self.hub.range(of: "  target: { connector: c, api: p/save }"))
    try project.write(
      "datahub.yaml",
      Self.hub.replacingCharacters(
        in: start.lowerBound..<end.lowerBound,
        with: "  mapping: { x: '${ find(\"flow\", {\"id\": \"b0\"}).id == \"b0\" || record.ok }' }\n"))
    #expect(
      try await missing(project) == [
        #"when false: find("flow", {"id": "b0"}).id == "b0" || record.ok"#, "when true: record.ok",
      ])
  }
}
