import Glibc

/// The few calls on files that the stand-ins need.
enum Files {
  /// The bytes of a file.
  static func read(_ path: String) throws(SandboxError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(.unreadable, path) }
    defer { close(descriptor) }
    return try read(descriptor, path: path)
  }

  /// The bytes from a descriptor's place to the end of its file.
  static func read(_ descriptor: Int32, path: String) throws(SandboxError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(.unreadable, path) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(.unreadable, path) }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  /// Makes a folder and those above it, for this user only; one that is there is left as it is.
  static func makeFolder(_ path: String) throws(SandboxError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard mkdir(part, 0o700) == 0 || errno == EEXIST else { throw failure(.unwritable, part) }
    }
  }

  /// An error about a file from the system's last error.
  static func failure(_ code: SandboxError.Code, _ path: String) -> SandboxError {
    SandboxError(code: code, message: "\(path): \(String(cString: strerror(errno)))")
  }
}
