import Declarations
import Diagnostics
import Expressions
import Foundation
import Lowering
import Resolving
import SourceText
import Templates
import Testing
import Values

@Suite("What is generated from the compiler's tables")
struct GeneratedFileTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Compares the committed files of a folder with what is generated; writes them with `DATAHUB_UPDATE_DOCS=1`.
  private func compare(_ folder: String, _ files: [(name: String, text: String)]) throws {
    let place = Self.root.appending(path: folder)
    if ProcessInfo.processInfo.environment["DATAHUB_UPDATE_DOCS"] == "1" {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for file in files { try file.text.write(to: place.appending(path: file.name), atomically: true, encoding: .utf8) }
    }
    for file in files {
      let committed = try? String(contentsOf: place.appending(path: file.name), encoding: .utf8)
      #expect(
        committed == file.text,
        "\(folder)/\(file.name) is out of date: DATAHUB_UPDATE_DOCS=1 swift test --filter Generated")
    }
    let names = Set(files.map(\.name))
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path) where folder != "docs/language" {
      #expect(names.contains(name), "\(folder)/\(name) is not generated any more")
    }
  }

  @Test("the reference of the kinds is up to date")
  func reference() throws { try compare("docs/language", ReferencePage.pages()) }

  @Test("the reference of the functions is up to date, and every example has a value")
  func functions() throws {
    for entry in try FunctionReference.entries() {
      #expect(entry.problem == nil, "\(entry.function.name): \(entry.problem ?? "") in \(entry.function.example)")
      #expect(!entry.function.signatures.isEmpty && !entry.function.summary.isEmpty, "\(entry.function.name)")
    }
    try compare("docs/language", [("functions.md", try FunctionReference.page())])
  }

  @Test("the pages of the codes are up to date")
  func errors() throws { try compare("docs/errors", ErrorPages.pages()) }

  @Test("the schemas for editors are up to date")
  func schemas() throws {
    try compare("schemas/v1", SchemaGenerator.files().map { ($0.name, indented($0.schema) + "\n") })
  }

  private func indented(_ value: Value, _ margin: String = "") -> String {
    let inner = margin + "  "
    switch value {
    case .map(let map) where map.count > 0:
      let lines = map.entries.map { entry in "\(inner)\(entry.key.value.json()): \(indented(entry.value, inner))" }
      return "{\n\(lines.joined(separator: ",\n"))\n\(margin)}"
    case .list(let items) where !items.isEmpty:
      return "[\n\(items.map { inner + indented($0, inner) }.joined(separator: ",\n"))\n\(margin)]"
    default: return value.json()
    }
  }

  private func findings(_ files: [String: String]) throws -> [Diagnostic] {
    let loaded = Workspace.load(FilesInMemory(files))
    let workspace = try #require(loaded.value)
    var all = loaded.diagnostics
    if !all.hasErrors {
      all.append(contentsOf: try lower(workspace, environment: "development", commit: nil).diagnostics)
    }
    return all.sorted
  }

  private static let codesWithExamples = DiagnosticCode.all.filter { $0.rawValue >= "DH2" && $0.badExample != nil }.map(
    \.rawValue)

  @Test(
    "the bad example of a code gives that code alone, at the marked place; the good one gives none",
    arguments: codesWithExamples)
  func examples(_ name: String) throws {
    let code = try #require(DiagnosticCode.named(name))
    let bad = ExampleProject.files(with: try #require(code.badExample))
    let found = try findings(bad.files)
    #expect(found.map(\.code.rawValue) == [name], "\(found.map(\.message))")
    #expect(found.first?.primary?.span.range == bad.mark, "\(found.first?.message ?? "")")
    if let good = code.goodExample {
      let left = try findings(ExampleProject.files(with: good).files)
      #expect(left.isEmpty, "\(left.map { "\($0.code.rawValue) \($0.message)" })")
    }
  }

  @Test("a code without an example says why there is none")
  func withoutExample() {
    let missing = DiagnosticCode.all.filter { $0.rawValue >= "DH2" && $0.badExample == nil }.map(\.rawValue)
    // No project at all, a table whose fault stands in a CSV file, and what is only shown where it is asked for.
    #expect(missing == ["DH2011", "DH2026", "DH3018"])
  }
}
