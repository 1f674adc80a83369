import Commands
import Foundation
import Testing
import Values

@Suite("validate")
struct ValidateTests {
  private func broken() throws -> TemporaryProject {
    let project = try TemporaryProject(smallProject)
    let hub = smallProject["hubs/orders.yaml", default: ""]
    try project.write(
      "hubs/orders.yaml", hub.replacing("api: web/orders", with: "api: web/orders, schedul: \"@daily\""))
    return project
  }

  @Test("a sound project has no findings")
  func sound() async throws {
    let call = try await TemporaryProject(smallProject).call("validate")
    #expect(call.messages == "")
    #expect(call.output.hasPrefix("no findings: 6 resources in 3 files\n"))
    #expect(call.exit == .done)
  }

  @Test("a finding is shown with its line, a mark and a summary")
  func text() async throws {
    let call = try await broken().call("validate")
    #expect(call.exit == .findings)
    #expect(call.messages == "1 finding can be fixed by datahub validate --fix\n")
    // Which keys there are besides is the language's own matter.
    let lines = call.output.split(separator: "\n", omittingEmptySubsequences: false).filter {
      !$0.hasPrefix("  = note: ")
    }
    #expect(
      lines.joined(separator: "\n") == """
        error[DH2001]: unknown key 'schedul' in source
         --> hubs/orders.yaml:5:47
          |
        5 |   source: { connector: shop, api: web/orders, schedul: "@daily" }
          |                                               ^^^^^^^
          |
          = help: did you mean 'schedule'?
          = fix: write 'schedule'

        1 error in 1 file

        """)
  }

  @Test("findings for programs have code, place and help")
  func json() async throws {
    let project = try broken()
    let call = await project.call("validate", "--format", "json")
    #expect(call.exit == .findings)
    let finding = try #require(try call.json()["findings"]?.listValue?.first)
    #expect(finding["code"] == "DH2001")
    #expect(finding["severity"] == "error")
    #expect(finding["file"] == "hubs/orders.yaml")
    #expect(finding["line"] == 5 && finding["column"] == 47)
    #expect(finding["endLine"] == 5 && finding["endColumn"] == 54)
    #expect(finding["help"] == "did you mean 'schedule'?")
    #expect((await project.call("validate", "--output", "json")).output == call.output)
  }

  @Test("findings for GitHub are workflow commands")
  func github() async throws {
    let call = try await broken().call("validate", "--format", "github")
    #expect(call.exit == .findings)
    #expect(
      call.output.hasPrefix(
        "::error file=hubs/orders.yaml,line=5,col=47,endLine=5,endColumn=54,title=DH2001 "))
    #expect(call.output.hasSuffix("::unknown key 'schedul' in source%0Ahelp: did you mean 'schedule'?\n"))
  }

  @Test("a path limits what is shown, and must be one of the project's")
  func paths() async throws {
    let project = try broken()
    #expect((await project.call("validate", "systems.yaml")).exit == .done)
    #expect((await project.call("validate", "./hubs/")).exit == .findings)
    #expect((await project.call("validate", project.folder.appending(path: "hubs").path)).exit == .findings)
    let elsewhere = await project.call("validate", "hub")
    #expect(elsewhere.exit == .usage)
    #expect(elsewhere.messages.hasPrefix("error: no file of the project is at 'hub'\n"))
  }

  @Test("another folder's project is checked with -C, its paths shown from here")
  func otherFolder() async throws {
    let project = try TemporaryProject(
      Dictionary(uniqueKeysWithValues: smallProject.map { ("sub/one/\($0.key)", $0.value + "nonsense: 1\n") }))
    for folder in ["sub/one", "./sub//one/", project.folder.appending(path: "sub/one").path] {
      let findings =
        try await project.call("-C", folder, "validate", "--format", "json").json()["findings"]?.listValue ?? []
      #expect(findings.contains { $0["file"] == "sub/one/hubs/orders.yaml" })
    }
    let nowhere = await project.call("-C", "nowhere", "validate")
    #expect(nowhere.exit == .findings)
    #expect(nowhere.output.contains("No such file or directory"))
  }

  @Test("an environment is checked where it is named, and must be one of the project's")
  func environments() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("validate", "-e", "production")).exit == .done)
    let call = await project.call("validate", "-e", "prodution")
    #expect(call.exit == .usage)
    #expect(call.messages.contains("did you mean 'production'?"))
  }

  @Test("a warning ends with 1 only where warnings are denied")
  func warnings() async throws {
    let project = try TemporaryProject(smallProject)
    let systems = smallProject["systems.yaml", default: ""]
    try project.write(
      "systems.yaml",
      systems + """
        ---
        apiVersion: datahub/v1
        kind: Connector
        metadata: { name: spare }
        spec: { platform: web, parameters: { baseURL: "http://127.0.0.1:2" } }

        """)
    let call = await project.call("validate")
    #expect(call.output.contains("1 warning"))
    #expect(call.exit == .done)
    #expect((await project.call("validate", "--deny-warnings")).exit == .findings)
  }
}

@Suite("Files of a project")
struct DiskFileTests {
  @Test("hidden folders are left out, links that leave the project are refused, links within are read")
  func links() async throws {
    let outside = try TemporaryProject(["secret.yaml": "kind: Hub\n"])
    let project = try TemporaryProject(smallProject)
    try project.write(".hidden/broken.yaml", "a: [\n")
    let files = FileManager.default
    try files.createSymbolicLink(
      at: project.folder.appending(path: "hubs/out.yaml"),
      withDestinationURL: outside.folder.appending(path: "secret.yaml"))
    try files.createSymbolicLink(
      at: project.folder.appending(path: "loop"), withDestinationURL: project.folder)
    let call = await project.call("validate")
    #expect(call.exit == .findings)
    #expect(call.output.contains("'hubs/out.yaml' cannot be read: it is a symbolic link to a file outside the project"))
    #expect(call.output.hasSuffix("\n1 error\n"))
  }

  @Test("a file above the limit and a pipe are refused, and the others still read")
  func limits() async throws {
    let project = try TemporaryProject(smallProject)
    try project.write("big.yaml", String(repeating: "# nothing\n", count: 450_000))
    #expect(mkfifo(project.folder.appending(path: "pipe.yaml").path, 0o600) == 0)
    let call = await project.call("validate")
    #expect(call.exit == .findings)
    #expect(call.output.contains("has more than 4 MiB"))
    #expect(call.output.contains("is not a regular file"))
    #expect(call.output.hasSuffix("\n2 errors\n"))
  }
}
