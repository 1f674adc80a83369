import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// Reads the files that resources name: code tables, schemas, records of tests.
///
/// A path is relative to the file it is named in and stays inside the project or the catalogue that file belongs to: what is
/// compiled on a server must not read that server's other files.
struct Attachments {
  /// How many bytes a named file may have.
  static let maximumBytes = 64 << 20

  private let files: any ProjectFiles
  private let roots: [String]
  private(set) var contents: [String: [UInt8]] = [:]
  /// The files that hold schemas, in the order they are named.
  private(set) var schemaFiles: [String] = []
  private(set) var diagnostics = Diagnostics()
  private var reported: Set<SourceSpan> = []

  init(files: any ProjectFiles, roots: [String]) {
    self.files = files
    self.roots = roots
  }

  /// Reads what a resource names.
  mutating func read(_ resource: Declaration, _ sources: SourceCollection) {
    guard kindsWithFiles.contains(resource.kind) else { return }
    for (node, isSchema) in namedFiles(resource.spec, .object(resource.kind.spec)) {
      guard let name = node.scalar?.text, reported.insert(node.span).inserted else { continue }
      read(name, node, isSchema: isSchema, sources)
    }
  }

  private mutating func read(_ name: String, _ node: YAMLNode, isSchema: Bool, _ sources: SourceCollection) {
    let place = sources[node.span.file].path
    guard let path = attachmentPath(name, namedIn: place), isInside(path, place) else {
      report(
        "'\(name)' lies outside of the project", node,
        help: "name a file below the project's folder, relative to this file")
      return
    }
    if isSchema, !schemaFiles.contains(path) { schemaFiles.append(path) }
    guard contents[path] == nil else { return }
    do {
      contents[path] = try files.read(path, limit: Attachments.maximumBytes)
    } catch {
      report("'\(path)' cannot be read: \(error)", node, help: "paths are relative to the file they are named in")
    }
  }

  private mutating func report(_ message: String, _ node: YAMLNode, help: String) {
    diagnostics.append(Diagnostic(.unreadableFile, message, at: node.span, help: help))
  }

  /// Whether a path lies in the same root as the file that names it: the innermost root that holds it.
  private func isInside(_ path: String, _ naming: String) -> Bool {
    let holder = roots.filter { naming.isBelow($0) }.max { $0.utf8.count < $1.utf8.count }
    return holder.map { path.isBelow($0) } ?? false
  }
}

/// The path of a file as the program reads it; nil for an absolute one.
func attachmentPath(_ name: String, namedIn place: String) -> String? {
  if name.hasPrefix("/") || name.contains("://") || name.isEmpty { return nil }
  let isAbsolute = place.hasPrefix("/")
  let folder = place.split(separator: "/").dropLast().joined(separator: "/")
  return join((isAbsolute ? "/" : "") + folder, name)
}

extension String {
  fileprivate func isBelow(_ folder: String) -> Bool {
    folder.isEmpty || folder == "." ? !hasPrefix("/") && !hasPrefix("..") : hasPrefix(folder + "/")
  }
}

/// The kinds with a field that may name a file.
private let kindsWithFiles = Set(ResourceKind.allCases.filter { mayNameFile(.object($0.spec)) })

private func mayNameFile(_ type: FieldType) -> Bool {
  switch type {
  case .file, .schemaFile: true
  case .object(let spec): spec.fields.contains { mayNameFile($0.type) }
  case .map(let element), .list(let element): mayNameFile(element)
  default: false
  }
}

/// The nodes of a tree that name files, by the specification of its fields.
private func namedFiles(_ node: YAMLNode, _ type: FieldType) -> [(node: YAMLNode, isSchema: Bool)] {
  if node.isNull { return [] }
  switch type {
  case .file: return [(node, false)]
  case .schemaFile: return [(node, true)]
  case .object(let spec):
    return (node.entries ?? []).flatMap { entry in
      spec.field(entry.keyText).map { namedFiles(entry.value, $0.type) } ?? []
    }
  case .map(let element): return (node.entries ?? []).flatMap { namedFiles($0.value, element) }
  case .list(let element): return (node.items ?? []).flatMap { namedFiles($0, element) }
  default: return []
  }
}
