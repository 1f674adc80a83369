import Commands
import Foundation
import Testing
import Values

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Calls check-jsonschema, which checks files against JSON Schemas; installed with the other servers and tools of the tests.
enum SchemaChecker {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let program = root.appending(path: ".build/test-tools/venv/bin/check-jsonschema")

  static var isMissing: Bool { !FileManager.default.isExecutableFile(atPath: program.path) }

  /// What the checker complains of; empty where all is well.
  static func check(_ files: [URL], against schema: URL) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = ["--schemafile", schema.path] + files.map(\.path)
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : String(decoding: output, as: UTF8.self)
  }
}

/// Counts elements of an XML text; nothing where it is not well formed.
private final class ElementCounter: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]

  static func count(_ text: String) -> [String: Int]? {
    let counter = ElementCounter()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = counter
    return parser.parse() ? counter.counts : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
  }
}

@Suite("Reports for other programs")
struct ReportTests {
  private func faultyProject() throws -> TemporaryProject {
    let project = try TemporaryProject(smallProject)
    let hub = try #require(smallProject["hubs/orders.yaml"])
    try project.write("hubs/orders.yaml", hub + "\n  wróng <&> \"key\": 1\n")
    try project.write("名前 %.yaml", "a: \"\\u0007\"\nb: [\n")
    return project
  }

  @Test("a SARIF log is valid against the standard's schema", .enabled(if: !SchemaChecker.isMissing))
  func sarif() async throws {
    let project = try faultyProject()
    let call = await project.call("validate", "--format", "sarif")
    #expect(call.exit == .findings)
    let log = try call.json()
    let run = try #require(log["runs"]?.listValue?.first)
    let results = try #require(run["results"]?.listValue)
    #expect(results.count >= 2)
    let rules = try #require(run["tool"]?["driver"]?["rules"]?.listValue)
    for result in results {
      let index = try #require(result["ruleIndex"]?.intValue)
      #expect(rules[Int(index)]["id"] == result["ruleId"])
    }
    try project.write("log.sarif", call.output)
    let schema = SchemaChecker.root.appending(path: "Tests/Fixtures/sarif-schema-2.1.0.json")
    #expect(try SchemaChecker.check([project.folder.appending(path: "log.sarif")], against: schema) == "")
  }

  @Test("a JUnit report is well-formed XML with a case for each file, failed where it has an error")
  func junit() async throws {
    let call = await (try faultyProject()).call("validate", "--format", "junit")
    #expect(call.exit == .findings)
    let counts = try #require(ElementCounter.count(call.output))
    #expect(counts["testcase"] == smallProject.count + 1)
    #expect(counts["failure"] == 2)
    let good = await (try TemporaryProject(smallProject)).call("validate", "--format", "junit")
    #expect(good.exit == .done)
    #expect(try #require(ElementCounter.count(good.output))["failure"] == nil)
  }

  @Test("every YAML file of the project fits the schemas for editors", .enabled(if: !SchemaChecker.isMissing))
  func schemas() throws {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "datahub-schemas-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }  // a leftover in the temporary folder hurts nobody
    var files: [URL] = []
    for folder in ["examples", "pipelines"] {
      let place = SchemaChecker.root.appending(path: folder)
      for path in try FileManager.default.subpathsOfDirectory(atPath: place.path)
      where path.hasSuffix(".yaml") && !path.contains(".datahub") {
        // The checker reads one document a file.
        let text = try String(contentsOf: place.appending(path: path), encoding: .utf8)
        for document in text.components(separatedBy: "\n---\n") {
          let file = scratch.appending(path: "\(files.count).yaml")
          try document.write(to: file, atomically: true, encoding: .utf8)
          files.append(file)
        }
      }
    }
    #expect(files.count >= 14)
    let schema = SchemaChecker.root.appending(path: "schemas/v1/datahub.json")
    #expect(try SchemaChecker.check(files, against: schema) == "")
    let wrong = scratch.appending(path: "wrong.yaml")
    try "apiVersion: datahub/v1\nkind: Hub\nmetadata: { name: x }\nspec: { sauce: 1 }\n".write(
      to: wrong, atomically: true, encoding: .utf8)
    #expect(try SchemaChecker.check([wrong], against: schema).contains("sauce"))
  }
}
