import Commands
import Foundation
import Testing
import Values

@Suite("validate --fix and the number of findings")
struct FixTests {
  private func text(_ path: String, _ project: TemporaryProject) throws -> String {
    try String(contentsOf: project.folder.appending(path: path), encoding: .utf8)
  }

  /// The small project with one of its lines replaced.
  private func project(_ path: String, _ old: String, _ new: String) throws -> TemporaryProject {
    let project = try TemporaryProject(smallProject)
    let file = smallProject[path, default: ""]
    #expect(file.contains(old))
    try project.write(path, file.replacing(old, with: new))
    return project
  }

  @Test(
    "what can only have been meant in one way is put right, and nothing else is changed",
    arguments: [
      ("hubs/orders.yaml", "source:", "sorce:"), ("hubs/orders.yaml", "delivery: upsert", "delivery: Upsert"),
      ("hubs/orders.yaml", "delivery: upsert", "delivery: upser"),
      ("hubs/orders.yaml", "connector: shop, api: web/orders", "connector: shopp, api: web/orders"),
      ("hubs/orders.yaml", "kind: Hub", "kind: hub"), ("hubs/orders.yaml", "api: web/save", "api: web/saev"),
      ("hubs/orders.yaml", "apiVersion: datahub/v1\n", ""),
      ("hubs/orders.yaml", "  mapping:\n", "  mappnig:\n"), ("systems.yaml", "base_url:", "base_url:"),
    ].filter { $0.1 != $0.2 })
  func fixes(path: String, right: String, wrong: String) async throws {
    let project = try project(path, right, wrong)
    #expect(await project.call("validate").exit == .findings)
    let call = await project.call("validate", "--fix")
    #expect(call.exit == .done, "\(call.output)")
    #expect(call.output.hasPrefix("1 finding fixed; no findings: 6 resources in 3 files\n"))
    #expect(call.messages.hasPrefix("fixed \(path):"))
    #expect(try text(path, project) == smallProject[path])
  }

  @Test(
    "what may have been meant in another way is left alone",
    arguments: [
      ("systems.yaml", "name: shop }", "name: shop-1 }"), ("hubs/orders.yaml", "source:", "sauce:"),
      ("hubs/orders.yaml", "api: web/orders }", "api: web/ordres2 }"),
    ])
  func unsure(path: String, right: String, wrong: String) async throws {
    let project = try project(path, right, wrong)
    let before = try text(path, project)
    let call = await project.call("validate", "--fix")
    #expect(call.exit == .findings)
    #expect(try text(path, project) == before)
    #expect(!call.output.contains("fixed") && call.messages == "")
  }

  @Test("a file that is read-only is named, and left as it is")
  func readOnly() async throws {
    let project = try project("hubs/orders.yaml", "mapping:", "maping:")
    let path = project.folder.appending(path: "hubs/orders.yaml").path
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    let before = try text("hubs/orders.yaml", project)
    let call = await project.call("validate", "--fix")
    #expect(call.exit == .findings && call.messages.contains("hubs/orders.yaml is read-only"), "\(call.messages)")
    #expect(try text("hubs/orders.yaml", project) == before)
  }

  @Test("only what --fix does is called a fix")
  func ideas() async throws {
    let project = try TemporaryProject(smallProject)
    try project.write(
      "more.yaml",
      """
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: two }
      spec: { platform: wbe, parameters: { baseURL: "http://a.example" } }

      """)
    let call = await project.call("validate")
    #expect(call.output.contains("= help: did you mean 'web'?") && !call.output.contains("= fix:"), "\(call.output)")
  }

  @Test("digits are no misspelling: another number is another account")
  func digits() async throws {
    let project = try project("systems.yaml", "name: shop }", "name: shop-1 }")
    let hub = smallProject["hubs/orders.yaml", default: ""].replacing("connector: shop,", with: "connector: shop-2,")
    try project.write("hubs/orders.yaml", hub)
    let call = await project.call("validate", "--fix")
    #expect(call.exit == .findings && call.output.contains("did you mean 'shop-1'?"))
    #expect(try text("hubs/orders.yaml", project) == hub)
  }

  @Test("one fix may bring up the next, and what is left is reported")
  func chain() async throws {
    let project = try project(
      "hubs/orders.yaml", "source: { connector: shop,", "sourc: { connectr: shpo, schedule: never,")
    let call = await project.call("validate", "--fix", "--format", "json")
    #expect(call.exit == .findings)
    let result = try call.json()
    #expect(result["total"] == 1 && result["errors"] == 1)
    #expect(result["findings"]?.listValue?.first?["code"] == "DH2015")
    #expect(
      result["fixed"]?.listValue?.map { $0["message"]?.stringValue } == [
        "write 'source'", "write 'connector'", "write 'shop'",
      ])
    #expect(try text("hubs/orders.yaml", project).contains("source: { connector: shop, schedule: never,"))
  }

  @Test("a file that was no YAML is mended before the rest is checked")
  func syntax() async throws {
    let project = try TemporaryProject(smallProject)
    try project.write(
      "hubs/orders.yaml",
      """
      kind: Hub
      metadata: { name: orders, title: ${ x } }
      spec:
        source: { connector: shop, api: web/orders }
        mapping:
          flag: ${ record.no == "1" ? "a" : "b" }
          list: { a: ${ record.no }, b: x-${ record.no + "}" } }
          user: @anna
          any: *
        target: { connector: shop, api: web/save, delivery: upsert, delivry: upsert }
        select: ${ true }
        select: ${ true }

      """)
    let call = await project.call("validate", "--fix")
    #expect(
      try text("hubs/orders.yaml", project).contains(
        """
            flag: '${ record.no == "1" ? "a" : "b" }'
            list: { a: "${ record.no }", b: 'x-${ record.no + "}" }' }
            user: "@anna"
            any: "*"
        """))
    #expect(
      try text("hubs/orders.yaml", project).hasPrefix(
        "apiVersion: datahub/v1\nkind: Hub\nmetadata: { name: orders, title: \"${ x }\" }\n"))
    #expect(try text("hubs/orders.yaml", project).hasSuffix("delivry: upsert }\n  select: ${ true }\n"))
    // The key beside the one it would become stays for the user to decide.
    #expect(call.exit == .findings && call.output.contains("unknown key 'delivry'"))
  }

  @Test("tabs become spaces where all that is indented is indented with tabs")
  func tabs() async throws {
    let project = try TemporaryProject(smallProject)
    let file = smallProject["datahub.yaml", default: ""]
    try project.write("datahub.yaml", file.replacing("  tenant", with: "\ttenant"))
    #expect(await project.call("validate", "--fix").exit == .done)
    #expect(try text("datahub.yaml", project) == file)
    try project.write("datahub.yaml", file.replacing("  tenant", with: "  timeZone: UTC\n\ttenant"))
    #expect(await project.call("validate", "--fix").exit == .findings)
  }

  @Test("catalogues outside the project are not touched, nor files that were not asked for")
  func elsewhere() async throws {
    let project = try TemporaryProject(
      Dictionary(uniqueKeysWithValues: smallProject.map { ("own/\($0.key)", $0.value) }))
    let catalogue = "apiVersion: datahub/v1\nkind: platform\nmetadata: { name: other }\nspec: { baseURL: x }\n"
    try project.write("shared/platform.yaml", catalogue)
    try project.write("own/datahub.yaml", smallProject["datahub.yaml", default: ""] + "  catalogues: [../shared]\n")
    let call = await project.call("-C", "own", "validate", "--fix")
    #expect(call.exit == .findings)
    #expect(try text("shared/platform.yaml", project) == catalogue)
    try project.write("own/more.yaml", catalogue)
    #expect(await project.call("-C", "own", "validate", "--fix", "hubs").exit == .done)
    #expect(try text("own/more.yaml", project) == catalogue)
  }

  @Test("programs are told of a fix with its edits and how far it may be trusted")
  func forPrograms() async throws {
    let project = try project("hubs/orders.yaml", "source:", "sorce:")
    let findings = try #require(try await project.call("validate", "--format", "json").json()["findings"]?.listValue)
    let fix = try #require(findings.first { $0["code"] == "DH2001" }?["fix"])
    #expect(fix["applicability"] == "safe" && fix["message"] == "write 'source'")
    let edit = try #require(fix["edits"]?.listValue?.first)
    #expect(edit["replacement"] == "source" && edit["line"] == 5 && edit["column"] == 3 && edit["length"] == 5)
    let sarif = try await project.call("validate", "--format", "sarif").json()
    let results = try #require(sarif["runs"]?.listValue?.first?["results"]?.listValue)
    let change = results.first { $0["ruleId"] == "DH2001" }?["fixes"]?.listValue?.first?["artifactChanges"]?.listValue?
      .first
    #expect(change?["replacements"]?.listValue?.first?["insertedContent"]?["text"] == "source")
    #expect(await project.call("validate").messages == "1 finding can be fixed by datahub validate --fix\n")
  }

  @Test("of many findings the first are shown and the others counted, in every format")
  func many() async throws {
    let project = try TemporaryProject(smallProject)
    try project.write(
      "datahub.yaml", smallProject["datahub.yaml", default: ""] + (0..<150).map { "  no\($0): 1\n" }.joined())
    let text = await project.call("validate")
    #expect(text.exit == .findings)
    #expect(text.output.components(separatedBy: "error[").count == 101)
    #expect(text.output.hasSuffix("\n... and 50 more: 50 errors\n\n150 errors in 1 file\n"))
    #expect(await project.call("validate", "--max-findings", "0").output.components(separatedBy: "error[").count == 151)
    #expect(await project.call("validate", "--max-findings", "2").output.components(separatedBy: "error[").count == 3)
    let json = try await project.call("validate", "--format", "json").json()
    #expect(json["total"] == 150 && json["errors"] == 150 && json["findings"]?.listValue?.count == 100)
    let run = try await project.call("validate", "--format", "sarif").json()["runs"]?.listValue?.first
    #expect(run?["results"]?.listValue?.count == 100 && run?["properties"]?["total"] == 150)
    let github = await project.call("validate", "--format", "github", "--max-findings", "10")
    #expect(github.output.hasSuffix("::notice title=datahub validate::and 140 more: 140 errors\n"))
    let junit = await project.call("validate", "--format", "junit", "--max-findings", "10")
    #expect(junit.output.contains("and 140 more: 140 errors") && junit.output.contains("(and 149 more)"))
  }

  @Test("errors behind many warnings are not hidden")
  func hiddenErrors() async throws {
    let project = try TemporaryProject(smallProject)
    let platforms = (0..<120).map {
      "apiVersion: datahub/v1\nkind: Connector\nmetadata: { name: a\($0) }\nspec: { platform: web, parameters: { baseURL: x } }\n"
    }
    try project.write("a.yaml", platforms.joined(separator: "---\n"))
    try project.write(
      "z.yaml",
      "apiVersion: datahub/v1\nkind: ValueMapping\nmetadata: { name: z }\nspec: { etnries: {}, entries: {} }\n")
    let call = await project.call("validate")
    #expect(call.exit == .findings)
    #expect(call.output.contains("more: 1 error, "))
    #expect(call.output.contains("\n1 error, 120 warnings in 2 files\n"))
  }
}
