import Digests
import Expressions
import Foundation
import Testing
import Values

/// The public conformance cases of the language, which live outside the package.
///
/// `DATAHUB_CEL_CASES` names a folder of them, or `DATAHUB_SHARED` one with `data/cel` in it; every JSON file there is run.
@Suite("The public CEL conformance cases")
struct ConformanceTests {
  private static let folder: String? = {
    let variables = ProcessInfo.processInfo.environment
    let named = [variables["DATAHUB_CEL_CASES"], variables["DATAHUB_SHARED"].map { $0 + "/data/cel" }]
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let nearby = ["../shared/data/cel", "../../shared/data/cel"].map { root.appendingPathComponent($0).path }
    return (named.compactMap { $0 } + nearby).first { FileManager.default.fileExists(atPath: $0) }
  }()

  private static let files: [String] = {
    // A folder that cannot be listed has no files, and the test says that the cases are not here.
    let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }()

  @Test(
    "every case has the result it must have",
    .enabled(
      if: !files.isEmpty,
      "the cases are not here: set DATAHUB_CEL_CASES to their folder, or DATAHUB_SHARED to one with data/cel in it"),
    arguments: files)
  func casesPass(file: String) throws {
    let folder = try #require(ConformanceTests.folder)
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
    let cases = try #require(try Value(jsonBytes: bytes).listValue)
    #expect(!cases.isEmpty)
    var passed = 0
    var failures: [String] = []
    for item in cases {
      let conformanceCase = try ConformanceCase(item)
      if let failure = conformanceCase.failure() {
        failures.append("\(file): \(conformanceCase.name): \(conformanceCase.source)\n    \(failure)")
      } else {
        passed += 1
      }
    }
    print("\(file): \(passed) conformance cases pass, \(failures.count) fail")
    for failure in failures { Issue.record("\(failure)") }
  }
}

/// A kind of value that the cases have and this test does not know.
private struct UnknownKind: Error {
  let name: String?
}

/// One case, as the files have it.
private struct ConformanceCase {
  let name: String
  let source: String
  private let container: String
  private let bindings: [(String, Value)]
  private let isChecked: Bool
  private let expected: Value?

  init(_ item: Value) throws {
    name = try #require(item.at("name")?.stringValue)
    source = try #require(item.at("expr")?.stringValue)
    container = item.at("container")?.stringValue ?? ""
    isChecked = item.at("disableCheck")?.boolValue != true
    bindings = try (item.at("bindings")?.mapValue?.entries ?? []).map { entry in
      let name = try #require(entry.key.value.stringValue)
      return (name, try ConformanceCase.value(entry.value))
    }
    expected = try item.at("value").map(ConformanceCase.value)
    try #require(expected != nil || item.at("error") != nil)
  }

  /// What is wrong with the result; nil where it is right.
  func failure() -> String? {
    let environment = ExpressionEnvironment(variables: bindings.map(\.0), container: container)
    do {
      let expression = try Expression(source, environment: environment, mayBeUnknown: !isChecked)
      var activation = Activation(environment: environment)
      for (name, value) in bindings { activation.set(name, value) }
      let value = try expression.evaluate(activation)
      guard let expected else { return "wanted an error, got \(value)" }
      return ConformanceCase.isSame(value, expected) ? nil : "wanted \(expected), got \(value)"
    } catch {
      return expected.map { "wanted \($0), got the error: \(error)" }
    }
  }

  /// Equal and of one kind, as the specification's tests compare; NaN is the same as NaN.
  private static func isSame(_ left: Value, _ right: Value) -> Bool {
    guard left.typeName == right.typeName else { return false }
    switch (left, right) {
    case (.double(let a), .double(let b)): return a == b && a.sign == b.sign || a.isNaN && b.isNaN
    case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy(isSame)
    case (.map(let a), .map(let b)):
      return a.count == b.count
        && a.entries.allSatisfy { entry in b[entry.key].map { isSame(entry.value, $0) } ?? false }
    default: return left == right
    }
  }

  private static func value(_ item: Value) throws -> Value {
    let map = try #require(item.mapValue)
    let entry = try #require(map.entries.first)
    let content = entry.value
    switch entry.key.value.stringValue {
    case "int": return .int(try #require(content.stringValue.flatMap { Int64($0) }))
    case "uint": return .uint(try #require(content.stringValue.flatMap { UInt64($0) }))
    case "double": return .double(try #require(content.stringValue.flatMap { Double($0) }))
    case "bytes": return .bytes(try #require(content.stringValue.flatMap { bytes(base64: $0) }))
    case "type": return .type(try #require(content.stringValue))
    case "null": return .null
    case "string", "bool": return content
    // An optional leaves an expression as its value, or as null.
    case "optional": return content.isNull ? .null : try value(content)
    case "list": return .list(try #require(content.listValue).map(value))
    case "map":
      return .map(
        ValueMap(
          try #require(content.listValue).map { pair in
            let pair = try #require(pair.listValue)
            return (try #require(MapKey(try value(pair[0]))), try value(pair[1]))
          }))
    case "timestamp", "duration":
      let parts = try #require(content.listValue).compactMap(\.intValue)
      return entry.key.value.stringValue == "timestamp"
        ? .timestamp(Timestamp(seconds: parts[0], nanoseconds: parts[1]))
        : .duration(TimeSpan(seconds: parts[0], nanoseconds: parts[1]))
    case let kind: throw UnknownKind(name: kind)
    }
  }
}
