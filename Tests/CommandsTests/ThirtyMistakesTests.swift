import Commands
import Foundation
import Testing
import Values

@Suite("Thirty mistakes at once")
struct ThirtyMistakesTests {
  private static func hub(
    _ name: String, source: String = "connector: shop, api: web/orders", mapping: String = "a: \"${ record.no }\"",
    target: String = "connector: shop, api: web/save, delivery: upsert", more: String = ""
  ) -> String {
    """
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: \(name) }
    \(more)spec:
      source: { \(source) }
      mapping: { \(mapping) }
      target: { \(target) }

    """
  }

  /// One file for each mistake, which stands between the marks, and the code it is to have.
  private static let mistakes: [(code: String, text: String)] = [
    ("DH2001", hub("h1", source: "connector: shop, api: web/orders, «ky»: 1")),
    ("DH2002", hub("h2", target: "connector: shop, api: web/save, delivery: upsert, batch: «many»")),
    ("DH2003", hub("«h3»").replacing("  mapping: { a: \"${ record.no }\" }\n", with: "")),
    ("DH2004", hub("h4", target: "connector: shop, api: web/save, delivery: «upsertt»")),
    ("DH2005", hub("h5").replacing("kind: Hub", with: "kind: «Hubb»")),
    ("DH2006", hub("h6").replacing("datahub/v1", with: "«datahub/v9»")),
    ("DH2007", hub("«h 7»")),
    ("DH2008", hub("«orders»")),
    ("DH2009", hub("h9", source: "connector: shop, api: «web/order»")),
    ("DH2009", hub("h10", source: "connector: «shopp», api: web/orders")),
    ("DH2009", hub("h11", more: "extends: «nobody»\n")),
    ("DH2010", hub("h12", more: "extends: «h12»\n")),
    (
      "DH2012",
      "apiVersion: datahub/v1\nkind: Connector\nmetadata: { name: c13 }\nspec: { platform: web, parameters: { baseURL: \"http://x\", token: «s3cret» } }\n"
    ),
    ("DH2013", hub("h14", source: "connector: shop, api: web/orders, with: { «x»: 1 }")),
    ("DH2014", "apiVersion: datahub/v1\nkind: Connector\nmetadata: { name: «c15» }\nspec: { platform: web }\n"),
    ("DH2015", hub("h16", source: "connector: shop, api: web/orders, schedule: «sometimes»")),
    ("DH2015", hub("h17", source: "connector: shop, api: web/orders, retry: [1m, «soon»]")),
    (
      "DH2016",
      "apiVersion: datahub/v1\nkind: ValueMapping\nmetadata: { name: v18 }\nspec: { csv: { file: «no.csv», from: a, to: b } }\n"
    ),
    ("DH2017", hub("h19", source: "connector: shop, api: «web/save»")),
    ("DH2018", hub("h20", target: "connector: shop, api: web/save, delivery: «idempotency-key»")),
    ("DH2019", hub("h21", target: "connector: shop, api: web/save, delivery: upsert, batch: «9»")),
    ("DH2020", hub("h22", source: "connector: shop, api: web/orders, environment: «tets»")),
    ("DH2022", hub("h23", source: "connector: shop, api: web/orders, «window»: { overlap: 1m }")),
    ("DH3001", hub("h24", mapping: "中文: \"é ${ «recrd».no }\"")),
    ("DH3001", hub("h25", mapping: "a: \"${ «uper(record.no)» }\"")),
    ("DH3001", hub("h26", mapping: "a: '${ «size(1, 2)» }'")),
    ("DH3002", hub("h27", mapping: "a: { each: «yes», emit: 1 }")),
    ("DH2009", hub("h28", mapping: "a: '${ value(«\"none\"», record.no) }'")),
    ("DH1004", hub("h29", mapping: "a: 1, «a»: 2")),
    ("DH1009", hub("h30", mapping: "a: «*nobody»")),
  ]

  private struct Place: Hashable, CustomStringConvertible {
    let code: String
    let file: String
    let numbers: [Int64]

    var description: String { "\(code) \(file):\(numbers)" }
  }

  /// A position as findings count it: lines and characters from 1.
  private static func position(_ text: Substring) -> [Int64] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return [Int64(lines.count), Int64((lines.last?.count ?? 0) + 1)]
  }

  private static func project() throws -> (TemporaryProject, Set<Place>) {
    let project = try TemporaryProject(smallProject)
    var expected: Set<Place> = []
    for (index, mistake) in mistakes.enumerated() {
      let file = "m\(index + 1).yaml"
      let parts = mistake.text.split(separator: "«", maxSplits: 1)
      let rest = try #require(parts.last).split(separator: "»", maxSplits: 1)
      let before = parts[0]
      let plain = before + rest[0]
      expected.insert(Place(code: mistake.code, file: file, numbers: position(before) + position(plain[...])))
      try project.write(file, String(plain + rest[1]))
    }
    return (project, expected)
  }

  private func compare(_ found: [Place], _ expected: Set<Place>) {
    #expect(found.count == expected.count)
    for place in expected.subtracting(found) { Issue.record("not found: \(place)") }
    for place in Set(found).subtracting(expected) { Issue.record("not expected: \(place)") }
  }

  @Test("all thirty are reported in one run, each once, at its place, in every format")
  func everyFormat() async throws {
    let (project, expected) = try Self.project()
    #expect(expected.count == 30)
    let json = await project.call("validate", "--format", "json")
    #expect(json.exit == .findings)
    func numbers(_ value: Value, _ names: [String]) -> [Int64] { names.compactMap { value[$0]?.intValue } }
    compare(
      try #require(try json.json()["findings"]?.listValue).map { finding in
        Place(
          code: finding["code"]?.stringValue ?? "", file: finding["file"]?.stringValue ?? "",
          numbers: numbers(finding, ["line", "column", "endLine", "endColumn"]))
      }, expected)
    let sarif = try await project.call("validate", "--format", "sarif").json()
    compare(
      try #require(sarif["runs"]?.listValue?.first?["results"]?.listValue).map { result in
        let place = result["locations"]?.listValue?.first?["physicalLocation"] ?? .null
        return Place(
          code: result["ruleId"]?.stringValue ?? "", file: place["artifactLocation"]?["uri"]?.stringValue ?? "",
          numbers: numbers(place["region"] ?? .null, ["startLine", "startColumn", "endLine", "endColumn"]))
      }, expected)
    let text = await project.call("validate").output
    let github = await project.call("validate", "--format", "github").output
    let junit = await project.call("validate", "--format", "junit").output
    #expect(text.components(separatedBy: "error[").count == 31)
    #expect(github.components(separatedBy: "::error ").count == 31)
    #expect(junit.components(separatedBy: "<failure ").count == 31)
    for place in expected {
      #expect(text.contains("--> \(place.file):\(place.numbers[0]):\(place.numbers[1])\n"), "\(place)")
      #expect(
        github.contains("file=\(place.file),line=\(place.numbers[0]),col=\(place.numbers[1]),"), "\(place)")
      #expect(junit.contains("\(place.file):\(place.numbers[0]):\(place.numbers[1])\n"), "\(place)")
    }
  }
}
