import Checking
import Diagnostics
import Lowering
import Resolving
import SourceText

/// What the compiler promises for any project: findings with places, or a plan.
///
/// An input is several files after each other, each begun by a line `#### PATH`.
enum ProjectFuzz {
  private static let mark = Array("#### ".utf8)

  /// Several files as one input.
  static func join(_ files: [(path: String, bytes: [UInt8])]) -> [UInt8] {
    var joined: [UInt8] = []
    for file in files {
      joined += mark
      joined += Array(file.path.utf8)
      joined.append(0x0A)
      joined += file.bytes
      if joined.last != 0x0A { joined.append(0x0A) }
    }
    return joined
  }

  private static func split(_ input: [UInt8]) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var path = "datahub.yaml"
    for line in input.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: mark) {
        path = String(decoding: line.dropFirst(mark.count), as: UTF8.self)
      } else {
        files[path, default: []] += line + [0x0A]
      }
    }
    return files
  }

  static func run(_ input: [UInt8]) throws {
    let files = MemoryFiles(files: split(input))
    let loaded = Workspace.load(files)
    guard let workspace = loaded.value else { return }
    var findings = loaded.diagnostics
    findings.append(contentsOf: checkProject(workspace))
    if !findings.hasErrors {
      for environment in workspace.environments.prefix(2) {
        findings.append(contentsOf: try lower(workspace, environment: environment, commit: nil).diagnostics)
      }
    }
    let sorted = findings.sorted
    try YAMLFuzz.check(sorted, workspace.sources)
    guard findings.hasErrors || sorted.allSatisfy({ $0.severity != .error }) else {
      throw FuzzTarget.Failure("an error is not counted as one")
    }
    let fixes = SafeFixes(of: sorted) { _ in true }
    for file in fixes.files { _ = fixes.applied(to: workspace.sources[file]) }
  }

  private struct MemoryFiles: ProjectFiles {
    let files: [String: [UInt8]]

    struct Missing: Error, CustomStringConvertible {
      let description = "there is no such file"
    }

    func yamlFiles(in folder: String) throws -> [String] {
      let found = files.keys.filter { folder.isEmpty ? !$0.hasPrefix("..") : $0.hasPrefix(folder + "/") }
      if found.isEmpty, !folder.isEmpty { throw Missing() }
      return found.filter { $0.hasSuffix(".yaml") }.sorted()
    }

    func read(_ path: String, limit: Int) throws -> [UInt8] {
      guard let bytes = files[path], bytes.count <= limit else { throw Missing() }
      return bytes
    }
  }
}
