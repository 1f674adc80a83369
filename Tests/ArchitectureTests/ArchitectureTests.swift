import Foundation
import Testing

/// The floors of the house, from the ground up; an import may only point down.
///
/// `docs/architecture.md` walks through them.
private let floors: [[String]] = [
  ["CLibYAML", "CSQLite", "CLibCurl", "CLibCrypto", "CMicroHTTPD", "CLibMongoC"],
  ["SourceText", "Values"],
  ["ServiceRuntime", "Scheduling", "Diagnostics", "Digests", "SQLiteKit", "MongoKit", "HTTPClient", "HTTPServer"],
  ["YAMLSyntax", "Expressions"],
  ["Templates", "Schemas"],
  ["Declarations"],
  ["Resolving"],
  ["Checking", "Plans"],
  ["Lowering"],
  ["Keeping"],
  ["SQLiteStore", "MongoStore", "Connecting"],
  ["Running", "Deploying", "Sandbox"],
  ["Commands", "Fuzzing"],
  ["datahub", "datahub-bench", "datahub-bench-c", "datahub-fuzz"],
]

/// The one room each C library may be imported in.
private let wrappers = [
  "CLibYAML": "YAMLSyntax", "CSQLite": "SQLiteKit", "CLibCurl": "HTTPClient", "CLibCrypto": "Digests",
  "CMicroHTTPD": "HTTPServer", "CLibMongoC": "MongoKit",
]

/// The compiler's rooms: no clock, network, environment, random numbers or processes.
private let pureRooms = [
  "SourceText", "Diagnostics", "Scheduling", "YAMLSyntax", "Expressions", "Templates", "Schemas", "Declarations",
  "Resolving",
  "Checking",
  "Plans",
  "Lowering",
]

@Suite("Architecture")
struct ArchitectureTests {
  private struct SourceFile {
    let room: String
    let name: String
    let text: String

    var imports: [String] {
      text.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        guard let at = words.firstIndex(of: "import"), at <= 2, at + 1 < words.count else { return nil }
        return ["struct", "func", "class", "enum"].contains(words[at + 1]) && at + 2 < words.count
          ? words[at + 2].split(separator: ".").first.map(String.init) : words[at + 1]
      }
    }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func sources() throws -> [SourceFile] {
    let folder = root.appending(path: "Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      let room = String(path.split(separator: "/")[0])
      return SourceFile(
        room: room, name: path, text: try String(contentsOf: folder.appending(path: path), encoding: .utf8))
    }
  }

  private func floor(_ room: String) -> Int? { floors.firstIndex { $0.contains(room) } }

  @Test("every room stands on a floor")
  func everyRoomHasAFloor() throws {
    let folder = Self.root.appending(path: "Sources").path
    for room in try FileManager.default.contentsOfDirectory(atPath: folder) where !room.hasPrefix(".") {
      #expect(floor(room) != nil, "'\(room)' is on no floor")
    }
  }

  @Test("imports point down")
  func importsPointDown() throws {
    for file in try Self.sources() {
      let own = try #require(floor(file.room))
      for name in file.imports {
        guard let other = floor(name), name != file.room else { continue }
        #expect(other < own, "\(file.name) imports \(name), which is not below \(file.room)")
      }
    }
  }

  @Test("a C library is imported in its one room, and stays there")
  func cLibrariesStayInTheirRoom() throws {
    for file in try Self.sources() {
      for name in file.imports where wrappers[name] != nil {
        #expect(wrappers[name] == file.room, "\(file.name) imports \(name)")
        #expect(!file.text.contains("public import \(name)"), "\(file.name) lets \(name) out")
      }
    }
  }

  @Test("the compiler has no clock, network, environment, random numbers or processes")
  func compilerIsPure() throws {
    let forbidden = [
      "Date()", "clock_gettime", "ContinuousClock", "ProcessInfo", "getenv", ".random(", "URLSession", "socket(",
      "posix_spawn", "FileManager", "fopen(", "Process()",
    ]
    for file in try Self.sources() where pureRooms.contains(file.room) {
      for word in forbidden { #expect(!file.text.contains(word), "\(file.name) uses \(word)") }
    }
  }

  @Test("libraries print nothing and leave no error unread")
  func librariesAreQuiet() throws {
    for file in try Self.sources() where !["datahub", "datahub-bench", "datahub-fuzz", "Commands"].contains(file.room) {
      #expect(!file.text.contains("\nprint(") && !file.text.contains(" print("), "\(file.name) prints")
      #expect(!file.text.contains("catch {}"), "\(file.name) swallows an error")
    }
  }
}
