import Commands
import Foundation
import Testing
import Values

@Suite("fmt")
struct FmtTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private let untidy = """
    # The orders.
    kind: Hub
    apiVersion:   "datahub/v1"
    metadata: {name: orders}
    spec:
        target: { connector: shop, api: web/save, delivery: upsert }
        mapping:
            # The number.
            code: ${ record.no }
            amount: '${ record.amount }'   # in cents
        source: {api: web/orders, connector: shop}

    """
  private let tidy = """
    # The orders.
    apiVersion: datahub/v1
    kind: Hub
    metadata: { name: orders }
    spec:
      source: { connector: shop, api: web/orders }
      mapping:
        # The number.
        code: ${ record.no }
        amount: ${ record.amount } # in cents
      target: { connector: shop, api: web/save, delivery: upsert }

    """

  private func project() throws -> TemporaryProject {
    let project = try TemporaryProject(smallProject)
    try project.write("hubs/orders.yaml", untidy)
    return project
  }

  private func text(_ path: String, _ project: TemporaryProject) throws -> String {
    try String(contentsOf: project.folder.appending(path: path), encoding: .utf8)
  }

  @Test("files come into canonical form, and stay in it")
  func formats() async throws {
    let project = try project()
    let call = await project.call("fmt")
    #expect(call.exit == .done && call.output == "hubs/orders.yaml\n")
    #expect(call.messages == "1 file formatted, 2 files in canonical form already\n")
    #expect(try text("hubs/orders.yaml", project) == tidy)
    let again = await project.call("fmt")
    #expect(again.exit == .done && again.output == "" && again.messages == "3 files in canonical form\n")
    #expect(await project.call("validate").exit == .done)
  }

  @Test("--check and --diff write nothing, and end with 1 where something would change")
  func checks() async throws {
    let project = try project()
    let check = await project.call("fmt", "--check")
    #expect(check.exit == .findings && check.output == "hubs/orders.yaml\n")
    let diff = await project.call("fmt", "--diff", "hubs")
    #expect(diff.exit == .findings)
    #expect(
      diff.output.hasPrefix(
        "--- a/hubs/orders.yaml\n+++ b/hubs/orders.yaml\n@@ -1,11 +1,11 @@\n # The orders.\n+apiVersion: datahub/v1\n kind: Hub\n"
      ))
    #expect(try text("hubs/orders.yaml", project) == untidy)
    #expect(await project.call("fmt", "--check", "systems.yaml").exit == .done)
  }

  @Test("a diff is one that patch can apply")
  func patch() async throws {
    let project = try project()
    try project.write("hubs/orders.yaml", String(untidy.dropLast()))
    let diff = await project.call("fmt", "--diff").output
    try project.write("change.diff", diff)
    let patch = Process()
    patch.executableURL = URL(filePath: "/usr/bin/env")
    patch.arguments = ["git", "apply", "change.diff"]
    patch.currentDirectoryURL = project.folder
    try patch.run()
    patch.waitUntilExit()
    #expect(patch.terminationStatus == 0, "\(diff)")
    #expect(try text("hubs/orders.yaml", project) == tidy)
  }

  @Test("a file with an error is reported as validate does and left as it is; the others are formatted")
  func broken() async throws {
    let project = try project()
    try project.write("broken.yaml", "a:   [1\n")
    let call = await project.call("fmt")
    #expect(call.exit == .findings)
    #expect(call.messages.hasPrefix("error[DH1017]: the list is not closed\n --> broken.yaml:1:6\n"))
    #expect(
      call.messages.hasSuffix(
        "1 file formatted, 1 file with errors left as they are, 2 files in canonical form already\n"))
    #expect(try text("broken.yaml", project) == "a:   [1\n")
    #expect(try text("hubs/orders.yaml", project) == tidy)
    let missing = await project.call("fmt", "nowhere.yaml")
    #expect(missing.exit == .findings && missing.messages.hasPrefix("error: nowhere.yaml: No such file or directory\n"))
  }

  @Test(
    "what holds anything but resources is left as it is",
    arguments: [
      "One line\nand another.\n", "- a\n-   b\n", "apiVersion: v1\nkind:   Pod\n", "kind: Hub\nmetadata:   {name: a}\n",
      "apiVersion: datahub/v1\nkind: Hub\nmetadata:   {name: a}\n---\nnotes:   x\n",
    ])
  func strangers(text: String) async throws {
    let project = try project()
    try project.write("notes.yaml", text)
    let call = await project.call("fmt")
    #expect(call.exit == .findings && call.messages.contains("--> notes.yaml:"), "\(call.messages)")
    #expect(try self.text("notes.yaml", project) == text)
    #expect(try self.text("hubs/orders.yaml", project) == tidy)
    let input = await project.call(input: text, "fmt", "-")
    #expect(input.exit == .findings && input.output == "")
  }

  @Test("a file of another name, and one outside the project, are refused before any is changed")
  func refused() async throws {
    let project = try project()
    let other = try TemporaryProject(["other.yaml": untidy])
    try project.write("notes.txt", untidy)
    for path in ["notes.txt", other.folder.appending(path: "other.yaml").path, other.folder.path] {
      let call = await project.call("fmt", "hubs", path)
      #expect(call.exit == .usage && call.messages.contains("nothing was changed"), "\(call.messages)")
    }
    #expect(try text("notes.txt", project) == untidy)
    #expect(try text("other.yaml", other) == untidy)
    #expect(try text("hubs/orders.yaml", project) == untidy)
  }

  @Test("permissions stay, a symbolic link stays one, and nothing is left beside the file")
  func atomic() async throws {
    let project = try project()
    let files = FileManager.default
    let hub = project.folder.appending(path: "hubs/orders.yaml")
    try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: hub.path)
    let link = project.folder.appending(path: "hubs/linked.yaml")
    try files.createSymbolicLink(at: link, withDestinationURL: hub)
    #expect(await project.call("fmt", "hubs/linked.yaml").exit == .done)
    #expect(try text("hubs/orders.yaml", project) == tidy)
    #expect(try files.attributesOfItem(atPath: hub.path)[.posixPermissions] as? Int == 0o640)
    #expect(try files.attributesOfItem(atPath: link.path)[.type] as? FileAttributeType == .typeSymbolicLink)
    #expect(
      try files.contentsOfDirectory(atPath: project.folder.appending(path: "hubs").path).sorted() == [
        "linked.yaml", "orders.yaml",
      ])
  }

  @Test("the input is formatted to the output")
  func input() async throws {
    let project = try project()
    let call = await project.call(input: untidy, "fmt", "-")
    #expect(call.exit == .done && call.output == tidy && call.messages == "")
    #expect(await project.call(input: tidy, "fmt", "-").output == tidy)
    #expect(await project.call(input: untidy, "fmt", "--check", "-").exit == .findings)
    #expect(await project.call(input: untidy, "fmt", "--diff", "-").output.hasPrefix("--- a/input\n"))
    let broken = await project.call(input: "a: [", "fmt", "-")
    #expect(broken.exit == .findings && broken.output == "")
    #expect(await project.call("fmt", "-", "hubs").exit == .usage)
  }

  @Test("programs are told what became of each file")
  func json() async throws {
    let project = try project()
    try project.write("broken.yaml", "a: [1\n")
    let result = try await project.call("fmt", "--check", "--output", "json").json()
    let outcomes = try #require(result["files"]?.listValue).map { $0["outcome"]?.stringValue ?? "" }
    #expect(outcomes == ["unreadable", "unchanged", "different", "unchanged"])
  }

  @Test("every file of the project's examples and catalogues is in canonical form")
  func ownFiles() async throws {
    let project = try TemporaryProject()
    for folder in ["examples", "pipelines"] {
      let call = await project.call(
        "-C", Self.repository.path, "fmt", "--check", Self.repository.appending(path: folder).path)
      #expect(call.exit == .done, "run: datahub fmt \(folder)\n\(call.output)\(call.messages)")
    }
  }

  @Test("what init and new write is in canonical form")
  func written() async throws {
    let project = try TemporaryProject()
    #expect(await project.call("init").exit == .done)
    for kind in ["Platform", "StandardAPI", "Connector", "Hub", "FieldMapping", "ValueMapping", "HubTest"] {
      #expect(await project.call("new", kind, "mine", "-o", "\(kind).yaml").exit == .done)
    }
    let call = await project.call("fmt", "--diff")
    #expect(call.exit == .done, "\(call.output)\(call.messages)")
  }
}
