import Glibc

/// A file or folder that cannot be used, in words that name it.
struct FileProblem: Error, Sendable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What the system's last error says of a path.
  init(path: String, number: Int32 = errno) { self.init("\(path): \(String(cString: strerror(number)))") }
}

/// The few calls on files that commands need.
enum FileAccess {
  /// The bytes of a regular file.
  ///
  /// - Parameter limit: how large it may be.
  static func read(_ path: String, limit: Int, followsLinks: Bool = true) throws(FileProblem) -> [UInt8] {
    // Without O_NONBLOCK a named pipe would wait for somebody to write.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw FileProblem(path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileProblem(path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem("\(path) is not a regular file") }
    guard status.st_size <= limit else { throw FileProblem("\(path) has more than \(limit >> 20) MiB") }
    var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size) + 1, limit + 1))
    var count = 0
    while true {
      if count == bytes.count {
        guard count <= limit else { throw FileProblem("\(path) has more than \(limit >> 20) MiB") }
        bytes += [UInt8](repeating: 0, count: min(count, limit + 1 - count))
      }
      let taken = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if taken < 0, errno == EINTR { continue }
      guard taken >= 0 else { throw FileProblem(path: path) }
      if taken == 0 { break }
      count += taken
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Writes a file whole or not at all: beside its place first, then into it.
  static func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
    let draft = "\(path).\(getpid()).tmp"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileProblem(path: path) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    let number = errno
    close(descriptor)
    guard isWritten else {
      unlink(draft)
      throw FileProblem(path: path, number: number)
    }
    guard rename(draft, path) == 0 else {
      let number = errno
      unlink(draft)
      throw FileProblem(path: path, number: number)
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Makes a folder and those above it, for this user only; what is there is left as it is.
  static func makeFolder(_ path: String) throws(FileProblem) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard mkdir(part, 0o700) == 0 || errno == EEXIST else { throw FileProblem(path: part) }
    }
  }

  /// True where there is something at a path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A path without symbolic links, `.` and `..`; nil where there is nothing.
  static func realPath(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }
}
