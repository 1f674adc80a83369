import Glibc

/// A file or folder that cannot be used, in words that name it.
struct FileProblem: Error, Sendable, CustomStringConvertible {
  let description: String
  /// Whether it has more bytes than may be read.
  let isTooLarge: Bool

  init(_ description: String, isTooLarge: Bool = false) {
    self.description = description
    self.isTooLarge = isTooLarge
  }

  /// A file with more bytes than may be read of it.
  init(tooLarge path: String, _ limit: Int) {
    self.init("\(path) has more than \(limit >> 20) MiB", isTooLarge: true)
  }

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
    guard status.st_size <= limit else { throw FileProblem(tooLarge: path, limit) }
    var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size) + 1, limit + 1))
    var count = 0
    while true {
      if count == bytes.count {
        guard count <= limit else { throw FileProblem(tooLarge: path, limit) }
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
    try write(bytes, to: path, draft: "\(path).\(getpid()).tmp", like: nil)
  }

  /// Replaces a file whole or not at all; owner and permissions stay, and a symbolic link stays one.
  ///
  /// - Throws: where the file does not hold `old` any more, too.
  static func replace(_ path: String, _ old: [UInt8], by new: [UInt8]) throws(FileProblem) {
    guard let place = realPath(path) else { throw FileProblem(path: path) }
    var status = stat()
    guard stat(place, &status) == 0 else { throw FileProblem(path: path) }
    // What somebody has made read-only is not replaced, though its folder would allow it.
    guard status.st_mode & 0o222 != 0, access(place, W_OK) == 0 else { throw FileProblem("\(path) is read-only") }
    guard try read(place, limit: old.count) == old else { throw FileProblem("\(path) was changed meanwhile") }
    // A name that begins with a period is left out where files are looked for.
    let folder = place[..<(place.lastIndex(of: "/") ?? place.startIndex)]
    try write(new, to: place, draft: "\(folder)/.datahub.\(getpid()).tmp", like: status)
  }

  private static func write(
    _ bytes: [UInt8], to path: String, draft: String, like status: stat?
  ) throws(FileProblem) {
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status == nil ? 0o644 : 0o600)
    guard descriptor >= 0 else { throw FileProblem(path: path) }
    var isWritten = writeAll(bytes, to: descriptor)
    if isWritten, let status {
      // Only root may give a file to another; who could write it before may still after.
      if status.st_uid != geteuid() || status.st_gid != getegid() {
        _ = fchown(descriptor, status.st_uid, status.st_gid)
      }
      isWritten = fchmod(descriptor, status.st_mode & 0o7777) == 0
    }
    isWritten = isWritten && fsync(descriptor) == 0
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

  /// True where a path leads to a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A path without symbolic links, `.` and `..`; nil where there is nothing.
  static func realPath(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }
}
