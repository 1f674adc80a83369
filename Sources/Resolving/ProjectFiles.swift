/// The files a project is read from; the compiler never touches a disk itself.
public protocol ProjectFiles: Sendable {
  /// The YAML files below a folder, sorted, with paths as they are to be shown; hidden folders are left out.
  ///
  /// - Throws: where the folder is not there or cannot be read.
  func yamlFiles(in folder: String) throws -> [String]
  /// The bytes of a file.
  ///
  /// - Throws: where it is not there, cannot be read, or has more bytes than `limit`.
  func read(_ path: String, limit: Int) throws -> [UInt8]
}

/// A file with more bytes than may be read of it.
public struct FileTooLarge: Error, CustomStringConvertible {
  /// How many there may be.
  public let limit: Int
  /// What is wrong, in words.
  public var description: String { "it has more than \(limit >> 20) MiB" }

  /// A file beyond a limit.
  public init(limit: Int) { self.limit = limit }
}

/// The files that were found where some of the folders cannot be read.
public struct PartialListing: Error, CustomStringConvertible {
  /// The files that were found, as ``ProjectFiles/yamlFiles(in:)`` gives them.
  public let files: [String]
  /// What could not be read and why, a sentence each; never empty.
  public let problems: [String]
  /// What is wrong, in words.
  public var description: String { problems.joined(separator: "; ") }

  /// A listing with its gaps.
  public init(files: [String], problems: [String]) {
    self.files = files
    self.problems = problems
  }
}

/// No project was found as far as it was looked for: more files lie below the folder than a search goes through.
public struct ProjectNotFound: Error, CustomStringConvertible {
  /// What was looked for and where, in words.
  public let description: String

  /// A search in vain.
  public init(_ description: String) { self.description = description }
}

/// Files in memory, by their paths.
public struct FilesInMemory: ProjectFiles {
  private let files: [String: [UInt8]]

  /// Files of texts.
  public init(_ files: [String: String]) { self.files = files.mapValues { Array($0.utf8) } }

  /// A file that is not there.
  public struct NoSuchFile: Error, CustomStringConvertible {
    /// The path that is not there.
    public let path: String
    /// What is wrong, in words.
    public var description: String { "there is no '\(path)'" }
  }

  /// The YAML files whose paths begin with the folder's; the root is the empty text.
  public func yamlFiles(in folder: String) throws -> [String] {
    let found = files.keys.filter { folder.isEmpty ? !$0.hasPrefix("..") : $0.hasPrefix(folder + "/") }
    if found.isEmpty, !folder.isEmpty { throw NoSuchFile(path: folder) }
    return found.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
  }

  /// The bytes of a file.
  public func read(_ path: String, limit: Int) throws -> [UInt8] {
    guard let bytes = files[path] else { throw NoSuchFile(path: path) }
    guard bytes.count <= limit else { throw FileTooLarge(limit: limit) }
    return bytes
  }
}
