import Glibc
import Resolving

/// The files of a project on disk.
///
/// Paths are shown as they are written: relative to the current folder, or absolute. Hidden files and folders are left
/// out, with them `.git` and `.datahub`; folders that are symbolic links are not entered, and a file that is one must
/// stay in the project or in its own folder.
struct DiskFiles: ProjectFiles {
  /// How deep folders may lie in each other.
  private static let maximumDepth = 32
  /// How many files there may be.
  private static let maximumFiles = 100_000
  /// How many files and folders are looked through for a project in a folder without a datahub.yaml.
  private static let maximumSearch = 20_000

  private let currentFolder: String
  private let projectRoot: String

  /// The files below a project's folder.
  ///
  /// - Parameter currentFolder: the absolute folder that paths are relative to.
  init(currentFolder: String, project: String) {
    self.currentFolder = currentFolder
    let folder = project.hasPrefix("/") ? project : currentFolder + "/" + project
    projectRoot = FileAccess.realPath(folder) ?? folder
  }

  /// The YAML files below a folder, sorted.
  ///
  /// - Throws: ``PartialListing`` where folders below it cannot be read; ``ProjectNotFound`` where it is the project's and
  ///   has no document that says so, and too much lies below it.
  func yamlFiles(in folder: String) throws -> [String] {
    var walk = Walk(files: self, limit: isSearched(folder) ? Self.maximumSearch : .max)
    try walk.enter(folder, depth: 0)
    let found = walk.found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if !walk.problems.isEmpty { throw PartialListing(files: found, problems: walk.problems) }
    return found
  }

  /// Whether a folder is to be the project's and no document at its top says so.
  private func isSearched(_ folder: String) -> Bool {
    let place = absolute(folder)
    return FileAccess.realPath(place) == projectRoot
      && !["datahub.yaml", "datahub.yml"].contains { FileAccess.exists(place + "/" + $0) }
  }

  /// The bytes of a file.
  func read(_ path: String, limit: Int) throws -> [UInt8] {
    do {
      return try bytes(of: path, limit: limit)
    } catch let problem as FileProblem where problem.isTooLarge {
      throw FileTooLarge(limit: limit)
    }
  }

  private func bytes(of path: String, limit: Int) throws -> [UInt8] {
    let place = absolute(path)
    var status = stat()
    guard lstat(place, &status) == 0 else { throw FileProblem(path: path) }
    guard status.st_mode & S_IFMT == S_IFLNK else {
      return try FileAccess.read(place, limit: limit, followsLinks: false)
    }
    guard let target = FileAccess.realPath(place) else { throw FileProblem(path: path) }
    let folder = FileAccess.realPath(String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)])) ?? "/"
    guard target.hasPrefix(projectRoot + "/") || target.hasPrefix(folder + "/") else {
      throw FileProblem("it is a symbolic link to a file outside the project")
    }
    return try FileAccess.read(target, limit: limit, followsLinks: false)
  }

  private func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return path.isEmpty ? currentFolder : currentFolder + "/" + path
  }

  private struct Walk {
    let files: DiskFiles
    /// How many entries are looked at.
    let limit: Int
    var found: [String] = []
    /// The folders that cannot be read, and why.
    var problems: [String] = []
    private var entries = 0

    init(files: DiskFiles, limit: Int) {
      self.files = files
      self.limit = limit
    }

    mutating func enter(_ folder: String, depth: Int) throws {
      guard depth < maximumDepth else { throw FileProblem("\(folder): folders lie too deep in each other") }
      guard let stream = opendir(files.absolute(folder)) else {
        let reason = String(cString: strerror(errno))
        guard depth > 0 else { throw FileProblem(reason) }
        problems.append("the folder '\(folder)' cannot be read: \(reason)")
        return
      }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
        }
        guard let name else { throw FileProblem("\(folder): the name of a file is not UTF-8") }
        if name.hasPrefix(".") { continue }
        entries += 1
        guard entries <= limit else {
          throw ProjectNotFound(
            "there is no datahub.yaml in this folder, and more than \(limit) files below it: they are not looked through"
          )
        }
        let path = folder.isEmpty ? name : folder == "/" ? "/" + name : folder + "/" + name
        try take(path, type: entry.pointee.d_type, depth: depth)
      }
    }

    private mutating func take(_ path: String, type: UInt8, depth: Int) throws {
      if isFolder(path, type) { return try enter(path, depth: depth + 1) }
      guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { return }
      guard found.count < maximumFiles else { throw FileProblem("there are more than \(maximumFiles) YAML files") }
      found.append(path)
    }

    private func isFolder(_ path: String, _ type: UInt8) -> Bool {
      if Int(type) != DT_UNKNOWN { return Int(type) == DT_DIR }
      var status = stat()
      return lstat(files.absolute(path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
  }
}

/// Only the project's own document, for commands that need no more than where its store is.
struct ProjectDocumentFiles: ProjectFiles {
  let files: DiskFiles
  let root: String

  func yamlFiles(in folder: String) throws -> [String] {
    guard folder == root else { return [] }
    return try ["datahub.yaml", "datahub.yml"].map { root.isEmpty ? $0 : root + "/" + $0 }.filter {
      do {
        _ = try files.read($0, limit: 4 << 20)
        return true
      } catch is FileProblem {
        // Then the whole project is read, and says what is wrong with its files.
        return false
      }
    }
  }

  func read(_ path: String, limit: Int) throws -> [UInt8] {
    try files.read(path, limit: limit)
  }
}

/// A path as it is shown: relative to the current folder where it lies below it, without `.` and slashes at its end.
func shownPath(_ path: String, currentFolder: String) -> String {
  var text = path
  if text == currentFolder { return "" }
  if text.hasPrefix(currentFolder + "/") { text = String(text.dropFirst(currentFolder.count + 1)) }
  let parts = text.split(separator: "/").filter { $0 != "." }
  return (text.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
