import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Applies safe fixes to the files of a project until none is left, in memory first.
struct FixRun {
  /// A fix may bring up further findings: an entry is only read once its key is right.
  private static let maximumRounds = 20

  /// A fix that was made, and where its finding stood at that time.
  struct Fixed: Sendable {
    let place: String
    let message: String
  }

  /// The files with the fixes in them.
  private(set) var files: PatchedFiles
  private(set) var fixed: [Fixed] = []
  /// The files as they were read, by their paths.
  private(set) var originals: [String: [UInt8]] = [:]
  /// The files whose fixes would have made them unreadable.
  private(set) var refused: Set<String> = []

  init(_ files: any ProjectFiles) { self.files = PatchedFiles(files) }

  /// Runs until a check finds nothing more that can be fixed.
  ///
  /// - Parameters:
  ///   - mayEdit: whether the file of a path may be changed.
  ///   - check: what is found in the files.
  mutating func run(
    mayEdit: (String) -> Bool, check: (any ProjectFiles) throws -> (findings: [Diagnostic], sources: SourceCollection)
  ) rethrows {
    for _ in 0..<Self.maximumRounds {
      let (findings, sources) = try check(files)
      let fixes = SafeFixes(of: findings) { mayEdit(sources[$0].path) && !refused.contains(sources[$0].path) }
      if fixes.files.isEmpty { return }
      for id in fixes.files { apply(fixes, to: sources[id], sources) }
    }
  }

  private mutating func apply(_ fixes: SafeFixes, to file: SourceFile, _ sources: SourceCollection) {
    let bytes = fixes.applied(to: file)
    // A file that could be read must be readable afterwards; with an error more of its syntax the fixes were none.
    let before = parseYAML(file).diagnostics.count
    let after = parseYAML(SourceFile(id: file.id, path: file.path, bytes: bytes)).diagnostics
    guard after.count < before || (before == 0 && after.isEmpty) || isBetter(file, bytes, before) else {
      refused.insert(file.path)
      return
    }
    if originals[file.path] == nil { originals[file.path] = file.bytes }
    files[file.path] = bytes
    for finding in fixes.findings where finding.primary?.span.file == file.id {
      let position = finding.primary.map { file.position(at: $0.span.range.lowerBound) }
      let place = position.map { "\(file.path):\($0.line):\($0.column)" } ?? file.path
      fixed.append(Fixed(place: place, message: finding.fixIt?.message ?? ""))
    }
  }

  /// Whether more of the file can be read: libyaml stops at the first error, so that one error may make room for the next.
  private func isBetter(_ file: SourceFile, _ bytes: [UInt8], _ before: Int) -> Bool {
    /// How many bytes lie behind the first error.
    func unread(_ file: SourceFile) -> Int {
      let place = parseYAML(file).diagnostics.sorted.first?.primary?.span.range.lowerBound
      return file.bytes.count - (place ?? file.bytes.count)
    }
    return before > 0 && unread(SourceFile(id: file.id, path: file.path, bytes: bytes)) < unread(file)
  }

  /// Writes the files that changed.
  func write(absolute: (String) -> String) throws(FileProblem) {
    for (path, bytes) in files.changes.sorted(by: { $0.key < $1.key }) {
      try FileAccess.replace(absolute(path), originals[path] ?? [], by: bytes)
    }
  }
}
