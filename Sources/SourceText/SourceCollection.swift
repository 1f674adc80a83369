/// All files of one run, in the order they were added.
public struct SourceCollection: Sendable {
  /// The files; the index of a file is the one of its id.
  public private(set) var files: [SourceFile] = []

  /// Makes an empty collection.
  public init() {}

  /// Adds a file and returns it with its id.
  @discardableResult
  public mutating func add(path: String, bytes: [UInt8]) -> SourceFile {
    let file = SourceFile(id: FileID(index: files.count), path: path, bytes: bytes)
    files.append(file)
    return file
  }

  /// Returns the file with the given id.
  ///
  /// - Important: The id must come from this collection.
  public subscript(id: FileID) -> SourceFile {
    files[id.index]
  }
}
