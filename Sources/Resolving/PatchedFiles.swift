/// Files of which some are as they would be after a change.
public struct PatchedFiles: ProjectFiles {
  private let base: any ProjectFiles
  private var changed: [String: [UInt8]] = [:]

  /// The files as they are.
  public init(_ base: any ProjectFiles) { self.base = base }

  /// The new bytes of every file that was changed, by its path.
  public var changes: [String: [UInt8]] { changed }

  /// Changes a file, or takes the change of one back.
  public subscript(path: String) -> [UInt8]? {
    get { changed[path] }
    set { changed[path] = newValue }
  }

  /// The YAML files below a folder.
  public func yamlFiles(in folder: String) throws -> [String] { try base.yamlFiles(in: folder) }

  /// The bytes of a file: the new ones where it was changed.
  public func read(_ path: String, limit: Int) throws -> [UInt8] { try changed[path] ?? base.read(path, limit: limit) }
}
