import Glibc
import Values

/// A file of lines that only grows: each line one thing that happened, one system call a group of lines.
///
/// The process may be killed at any moment. A last line without its end is one that was being written then; nobody was told
/// of it, so opening cuts it off.
final class Journal: Sendable {
  let path: String
  private let descriptor: Int32

  /// Opens or makes the file, and gives each of its lines, without the line feed, to `replay`.
  ///
  /// - Throws: ``SandboxError`` where another process has it open, and what `replay` throws.
  init(path: String, replay: (ArraySlice<UInt8>, _ number: Int) throws(SandboxError) -> Void) throws(SandboxError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Files.failure(.unwritable, path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw SandboxError(code: .inUse, message: "\(path): another process works with this state")
    }
    let bytes = try Files.read(descriptor, path: path)
    let sound = try Journal.forEachLine(of: bytes, replay)
    if sound < bytes.count, ftruncate(descriptor, off_t(sound)) != 0 { throw Files.failure(.unwritable, path) }
  }

  // Runs also where `init` throws.
  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes whole lines at the end, with one system call where the system takes them at once.
  ///
  /// - Throws: ``SandboxError`` where they could not be written; nothing of them is then left in the file.
  func append(_ lines: UnsafeBufferPointer<UInt8>) throws(SandboxError) {
    var written = 0
    while written < lines.count {
      let count = write(descriptor, lines.baseAddress?.advanced(by: written), lines.count - written)
      if count > 0 {
        written += count
      } else if errno != EINTR {
        let failure = Files.failure(.unwritable, path)
        var status = stat()
        if written > 0, fstat(descriptor, &status) == 0 { ftruncate(descriptor, status.st_size - off_t(written)) }
        throw failure
      }
    }
  }

  /// Calls `body` with each finished line, and tells where the last of them ends.
  @discardableResult
  static func forEachLine(
    of bytes: [UInt8], _ body: (ArraySlice<UInt8>, _ number: Int) throws(SandboxError) -> Void
  ) throws(SandboxError) -> Int {
    var start = 0
    var number = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      number += 1
      try body(bytes[start..<end], number)
      start = end + 1
    }
    return start
  }
}

extension Journal {
  /// Writes the lines of a buffer.
  func append(_ lines: inout ByteBuffer) throws(SandboxError) {
    let failure = lines.withBytes { bytes -> SandboxError? in
      do throws(SandboxError) {
        try append(bytes)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }
}
