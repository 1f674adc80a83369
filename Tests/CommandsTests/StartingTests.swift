import Commands
import Foundation
import Testing
import Values

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("init, new, graph, schema and completion")
struct StartingTests {
  private static let kinds = [
    "Project", "Platform", "StandardAPI", "Connector", "Hub", "FieldMapping", "ValueMapping", "HubTest",
  ]

  @Test("a new project validates without a finding, its test looks at every field, and nothing is replaced")
  func initialize() async throws {
    let project = try TemporaryProject()
    #expect(await project.call("init").exit == .done)
    let validated = await project.call("validate", "--deny-warnings")
    #expect(validated.exit == .done, "\(validated.output)")
    #expect(await project.call("test", "--coverage", "--minimum", "100", "--minimum-branches", "100").exit == .done)
    #expect(await project.call("-e", "production", "compile").exit == .done)
    let again = await project.call("init")
    #expect(again.exit == .findings)
    #expect(again.messages.contains("datahub.yaml"))
    #expect(await project.call("init", "--force").exit == .done)
    #expect(await project.call("init", "other").output.contains("other/hubs/orders.yaml\n"))
  }

  @Test("a new resource of any kind is of the right form; what it still lacks is said", arguments: kinds)
  func newResource(_ kind: String) async throws {
    let project = try TemporaryProject(kind == "Project" ? [:] : smallProject)
    let call = await project.call("new", kind, "mine", "-o", "mine.yaml")
    #expect(call.exit == .done, "\(call.messages)")
    #expect(call.output == "mine.yaml\n")
    let findings = try #require(try await project.call("validate", "--format", "json").json()["findings"]?.listValue)
    let allowed: Set<String> = ["DH2003", "DH2009", "DH2014", "DH2021", "DH2031"]
    for finding in findings {
      #expect(allowed.contains(finding["code"]?.stringValue ?? ""), "\(finding)")
    }
    #expect(await project.call("new", kind, "mine", "-o", "mine.yaml").exit == .findings)
    #expect(await project.call("new", kind, "not a name").exit == .usage)
  }

  @Test("a graph is the same each time, in each format, and its texts are escaped")
  func graph() async throws {
    let project = try TemporaryProject(smallProject)
    let hub = try #require(smallProject["hubs/orders.yaml"])
    try project.write("hubs/orders.yaml", hub.replacing("name: orders", with: "name: orders, title: 'a \"<b>\" & 订单'"))
    let mermaid = await project.call("graph")
    #expect(mermaid.exit == .done)
    #expect(mermaid.output.contains("h0[\"a #quot;#lt;b#gt;#quot; & 订单\"]"))
    #expect(await project.call("graph").output == mermaid.output)
    let dot = await project.call("graph", "--format", "dot").output
    #expect(dot.contains("label=\"a \\\"<b>\\\" & 订单\""))
    let svg = await project.call("graph", "orders", "--format", "svg").output
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(await project.call("graph", "nobody").exit == .findings)
  }

  @Test("schemas are written for one kind and for all")
  func schema() async throws {
    let project = try TemporaryProject()
    #expect(try await project.call("schema", "hub").json()["title"] == "Hub")
    #expect(await project.call("schema", "-o", "schemas").exit == .done)
    let file = try String(contentsOf: project.folder.appending(path: "schemas/datahub.json"), encoding: .utf8)
    #expect(try Value(json: file)["title"] == "datahub")
    #expect(await project.call("schema", "hubb").exit == .usage)
  }

  @Test("words are completed with commands, options, their values and the project's names")
  func complete() async throws {
    let project = try TemporaryProject(smallProject)
    func complete(_ words: String...) async -> [String] {
      await project.callAll(["complete", "--"] + words).output.split(separator: "\n").map(String.init)
    }
    #expect(await complete("ru") == ["run"])
    #expect(await complete("record", "") == ["list", "show", "retry", "release", "hold", "resolve", "purge", "export"])
    #expect(await complete("run", "o") == ["orders"])
    #expect(await complete("validate", "--format", "s") == ["sarif"])
    #expect(await complete("validate", "--deny").contains("--deny-warnings"))
    #expect(await complete("show", "connector", "") == ["shop"])
    #expect(await complete("show", "Ho").isEmpty)
  }

  /// Runs the completion script of a shell in that shell, with a program that knows one word.
  private func complete(in shell: String, _ path: String, _ command: String) async throws -> String {
    let project = try TemporaryProject(smallProject)
    try project.write("script", await project.call("completion", shell).output)
    try project.write("bin/datahub", "#!/bin/sh\n[ \"$*\" = 'complete -- validate --format s' ] && echo sarif\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: project.folder.appending(path: "bin/datahub").path)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: path)
    process.currentDirectoryURL = project.folder
    process.environment = ["PATH": "\(project.folder.path)/bin:/usr/bin:/bin", "HOME": project.folder.path]
    process.arguments = (shell == "zsh" ? ["-f"] : []) + ["-c", command]
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  @Test("the script for bash is one that bash runs")
  func bash() async throws {
    let found = try await complete(
      in: "bash", "/bin/bash",
      ". ./script; COMP_WORDS=(datahub validate --format s); COMP_CWORD=3; _datahub; echo \"${COMPREPLY[@]}\"")
    #expect(found == "sarif\n")
    #expect(try await TemporaryProject(smallProject).call("completion", "tcsh").exit == .usage)
  }

  @Test("the script for zsh is one that zsh runs", .enabled(if: isThere("/usr/bin/zsh"), "zsh: see .ci/setup tests"))
  func zsh() async throws {
    // What the line editor would be given is printed instead.
    let found = try await complete(
      in: "zsh", "/usr/bin/zsh",
      """
      autoload -U compinit && compinit -u -D && . ./script
      compadd() { print -r -- "${(@P)argv[-1]}" }
      words=(datahub validate --format s) CURRENT=4
      print -r -- $_comps[datahub] && $_comps[datahub]
      """)
    #expect(found == "_datahub\nsarif\n")
  }

  @Test(
    "the script for fish is one that fish runs", .enabled(if: isThere("/usr/bin/fish"), "fish: see .ci/setup tests"))
  func fish() async throws {
    let found = try await complete(
      in: "fish", "/usr/bin/fish", "source ./script; complete -C 'datahub validate --format s'")
    // fish offers files besides, as paths are arguments too.
    #expect(found.split(separator: "\n").contains("sarif"))
  }
}

/// Whether a program is installed.
private func isThere(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
