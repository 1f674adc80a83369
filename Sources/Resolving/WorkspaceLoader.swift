import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// Reads the files of a project and of its catalogues into declarations.
struct WorkspaceLoader {
  /// How many bytes a YAML file may have.
  private static let maximumBytes = 4 << 20

  let files: any ProjectFiles
  let root: String
  private(set) var sources = SourceCollection()
  private(set) var declarations: [Declaration] = []
  private(set) var diagnostics = Diagnostics()
  /// The folders that have been read: the project's, then those of its catalogues.
  private(set) var roots: [String] = []
  /// The names of what could not be read: references to them are not wrong.
  private(set) var unreadNames = UnreadNames()
  private var isProjectUnread = false
  private var loaded: Set<String> = []
  private var places: [Declaration.Address: SourceSpan] = [:]

  init(files: any ProjectFiles, root: String) {
    self.files = files
    self.root = root
  }

  mutating func loadProject() {
    load(folder: root, isCatalogue: false, mention: nil)
    let projects = declarations.filter { $0.kind == .project }
    guard let project = projects.first else {
      // Where its document could not be read, that has been said.
      if isProjectUnread { return }
      diagnostics.append(
        Diagnostic(
          code: .noProject, message: "no document of kind Project in '\(shown(root))'",
          help: "write a datahub.yaml with kind: Project, or name the project's folder with -C"))
      return
    }
    for other in projects.dropFirst() {
      diagnostics.append(
        Diagnostic(
          .duplicateResource, "a second project", at: other.nameSpan,
          secondary: [Label(project.nameSpan, "the first one")], help: "a project has one document of kind Project"))
    }
    for folder in project.spec.child("catalogues")?.items ?? [] {
      guard let path = folder.scalar?.text else { continue }
      load(folder: join(root, path), isCatalogue: true, mention: folder.span)
    }
  }

  private mutating func load(folder: String, isCatalogue: Bool, mention: SourceSpan?) {
    roots.append(folder)
    var paths: [String] = []
    do {
      paths = try files.yamlFiles(in: folder)
    } catch let partial as PartialListing {
      paths = partial.files
      for problem in partial.problems { report(problem, mention) }
      if !isCatalogue { isProjectUnread = true }
    } catch let search as ProjectNotFound {
      diagnostics.append(
        Diagnostic(code: .noProject, message: search.description, help: "name the project's folder with -C"))
      isProjectUnread = true
    } catch {
      report(
        "the folder '\(shown(folder))' cannot be read: \(error)", mention,
        help: mention.map { _ in "a catalogue's path is seen from the folder of the project's datahub.yaml" })
      if !isCatalogue { isProjectUnread = true }
    }
    var files: [SourceFile] = []
    for path in paths where loaded.insert(path).inserted {
      do {
        files.append(sources.add(path: path, bytes: try self.files.read(path, limit: Self.maximumBytes)))
      } catch let tooLarge as FileTooLarge {
        report("'\(path)' is too large: \(tooLarge)", mention, .fileTooLarge)
        if isProjectFile(path) { isProjectUnread = true }
      } catch {
        report("'\(path)' cannot be read: \(error)", mention)
        if isProjectFile(path) { isProjectUnread = true }
      }
    }
    for reading in concurrentMap(files, { FileReading($0, isCatalogue: isCatalogue) }) { add(reading) }
  }

  private func shown(_ folder: String) -> String { folder.isEmpty ? "." : folder }

  /// Whether a path is where a project's document stands.
  private func isProjectFile(_ path: String) -> Bool {
    path == join(root, "datahub.yaml") || path == join(root, "datahub.yml")
  }

  private mutating func add(_ reading: FileReading) {
    let (file, parsed, read) = (reading.file, reading.parsed, reading.read)
    diagnostics.append(contentsOf: parsed.diagnostics)
    if parsed.diagnostics.hasErrors {
      unreadNames.add(namesWritten(in: file))
      if isProjectFile(file.path) { isProjectUnread = true }
    }
    diagnostics.append(contentsOf: read.diagnostics)
    if let documents = parsed.value, documents.count(where: { $0.root != nil }) != read.value?.declarations.count {
      unreadNames.add(read.value?.unreadNames ?? [])
      if isProjectFile(file.path) { isProjectUnread = true }
    }
    for declaration in read.value?.declarations ?? [] {
      if let first = places[declaration.address] {
        diagnostics.append(
          Diagnostic(
            .duplicateResource, "\(declaration.address) is declared twice", at: declaration.nameSpan,
            secondary: [Label(first, "first declared here")], help: "rename one of the two, or remove it"))
      } else {
        places[declaration.address] = declaration.nameSpan
        declarations.append(declaration)
      }
    }
  }

  private mutating func report(
    _ message: String, _ span: SourceSpan?, _ code: DiagnosticCode = .unreadableFile, help: String? = nil
  ) {
    unreadNames.addUnknown()
    diagnostics.append(
      Diagnostic(code: code, message: message, primary: span.map { Label($0) }, help: help))
  }
}

/// What one file says, taken by itself.
private struct FileReading: Sendable {
  let file: SourceFile
  let parsed: Checked<[YAMLDocument]>
  let read: Checked<DeclarationReader.Reading>

  init(_ file: SourceFile, isCatalogue: Bool) {
    self.file = file
    parsed = parseYAML(file)
    read = DeclarationReader.read(parsed.value ?? [], isCatalogue: isCatalogue)
  }
}

/// A path below a folder, `.` and `..` resolved as far as that goes.
func join(_ folder: String, _ path: String) -> String {
  if path.hasPrefix("/") { return path }
  var parts: [Substring] = folder.split(separator: "/")
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
  }
  return (folder.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}

/// What stands after `name:` in a file that is no YAML: good enough to keep quiet about references to it.
private func namesWritten(in file: SourceFile) -> Set<String> {
  let text = file.text(file.bytes.indices)
  return Set(
    text.split(separator: "name:").dropFirst().compactMap { rest in
      rest.drop { $0 == " " || $0 == "\"" || $0 == "'" }.prefix { !$0.isWhitespace && !",}\"'".contains($0) }
    }.map(String.init))
}
