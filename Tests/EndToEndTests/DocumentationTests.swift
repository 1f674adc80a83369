import Foundation
import Testing
import Values

@Suite("Commands in the documentation", .serialized, .timeLimit(.minutes(10)))
struct DocumentationTests {
  /// The lines of a document's shell blocks, without comments.
  private func commands(in document: String) throws -> [String] {
    let text = try String(contentsOf: Program.root.appending(path: document), encoding: .utf8)
    var commands: [String] = []
    var isShell = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isShell = line == "```sh"
      } else if isShell {
        let command = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let trimmed = command.trimmingCharacters(in: .whitespaces)
        if !trimmed.isEmpty { commands.append(trimmed) }
      }
    }
    return commands
  }

  /// Runs a command line as a shell does, with the program on its path.
  private func shell(_ command: String, _ quickstart: Quickstart) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-c", command]
    process.currentDirectoryURL = quickstart.project
    let bin = URL(filePath: Program.path).deletingLastPathComponent().path
    process.environment = ProcessInfo.processInfo.environment
      .merging(quickstart.program.environment) { $1 }
      .merging(["PATH": bin + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")]) { $1 }
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  @Test("every command of the README's tour and of the operations guide does what it says")
  func tour() throws {
    let quickstart = try Quickstart(startSandbox: false)
    var ran = 0
    for document in ["README.md", "docs/operations.md"] {
      if document == "docs/operations.md" { try addValueMapping(quickstart) }
      for command in try commands(in: document) {
        switch command {
        case let line where line.hasPrefix("make "): break  // the test itself was started by make
        case let line where line.hasPrefix("export "):
          for assignment in line.dropFirst("export ".count).split(separator: " ") {
            let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
            quickstart.set(parts[0], to: parts[1])
          }
        case "datahub sandbox &": try quickstart.startSandbox()
        default:
          let result = try shell(command, quickstart)
          #expect(result.code == 0, "\(document): \(command)\n\(result.text)")
          ran += 1
        }
      }
    }
    #expect(ran > 35, "the documents have lost their commands")
    for command in try inlineCommands(in: "docs/operations.md") {
      // What it names may not be there, but it is a command, and complete.
      let result = try shell(command, quickstart)
      #expect(result.code == 0 || result.code == 1, "\(command)\n\(result.text)")
    }
  }

  /// What the guide's commands of value mappings are about.
  private func addValueMapping(_ quickstart: Quickstart) throws {
    try """
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: customers }
    spec: { entries: { "10001": C000 } }

    """.write(to: quickstart.project.appending(path: "values.yaml"), atomically: true, encoding: .utf8)
    try "a_value,a_label,b_value,b_label\n10002,Second shop,C002,\n"
      .write(to: quickstart.project.appending(path: "customers.csv"), atomically: true, encoding: .utf8)
  }

  /// The operators' commands that stand whole within a document's sentences and tables, with what they name filled in.
  private func inlineCommands(in document: String) throws -> [String] {
    let text = try String(contentsOf: Program.root.appending(path: document), encoding: .utf8)
    let commands = text.matches(of: /`(datahub (?:task|record|value|audit) [a-z]+ [^`]+)`/).map { match in
      String(match.1).replacing("KEY", with: "CD000001").replacing(" ID", with: " 1")
    }
    try #require(commands.count >= 5, "the document has lost its commands")
    return commands
  }

  @Test("the README shows what eval answers")
  func evaluated() throws {
    let quickstart = try Quickstart(startSandbox: false)
    let first = try quickstart.program.run("eval", #"decimal("29.30") * 3"#)
    #expect(first.output == "87.90\n")
    let second = try quickstart.program.run(
      "eval", "record.items.map(i, i.sku)", "--bind", #"record={"items":[{"sku":"a"},{"sku":"b"}]}"#)
    #expect(second.output == "[\"a\",\"b\"]\n")
  }
}
