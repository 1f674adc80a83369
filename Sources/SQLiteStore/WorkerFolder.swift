import Glibc
import Keeping
import Synchronization

/// The folder in which each worker of this machine holds a locked file of its name.
///
/// The kernel frees the lock when the process ends, however it ends: a name whose file nobody has locked, or that has no
/// file, is the name of a worker that is gone. That is known at once, without waiting for a lease to run out.
struct WorkerFolder: Sendable {
  let path: String

  /// Makes a file of a new name and locks it.
  func enter() throws -> WorkerLock {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw unavailable("make the folder", errno) }
    for _ in 0..<10 {
      let owner = WorkerFolder.newName()
      let file = "\(path)/\(owner).lock"
      let descriptor = open(file, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        throw unavailable("make a file in", errno)
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isLinked(descriptor) {
        return WorkerLock(owner: owner, path: file, descriptor: descriptor)
      }
      // Somebody who looks for workers that are gone took the file for one before it was locked.
      close(descriptor)
    }
    throw StoreError(.unavailable, "cannot lock a file in \"\(path)\"; does its file system support locks?")
  }

  /// True where a worker of the name lives; a file that nobody holds is removed.
  func isAlive(_ owner: String) -> Bool {
    // The name comes from the store; whatever it is, no other folder is touched.
    guard !owner.isEmpty, owner.utf8.count <= 200, !owner.utf8.contains(where: { $0 == 0x2F || $0 == 0 }) else {
      return false
    }
    return isHeld("\(path)/\(owner).lock")
  }

  /// Removes the files of workers that are gone; gives the names of the others.
  @discardableResult
  func sweep() -> [String] {
    // A folder that is not there has nothing to sweep.
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var living: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".lock"), isHeld("\(path)/\(name)") { living.append(String(name.dropLast(5))) }
    }
    return living
  }

  private func isHeld(_ file: String) -> Bool {
    let descriptor = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    // Where a file that is there cannot be opened, nobody knows; then its worker's leases decide.
    guard descriptor >= 0 else { return errno != ENOENT }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
    unlink(file)
    return false
  }

  private func isLinked(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  private func unavailable(_ what: String, _ number: Int32) -> StoreError {
    StoreError(.unavailable, "cannot \(what) \"\(path)\": \(String(cString: strerror(number)))")
  }

  /// `<host>-<process>-<random>`: who reads it in a list knows where to look, and it is never given twice.
  private static func newName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let hasName = gethostname(&buffer, buffer.count - 1) == 0
    let host = buffer.prefix { $0 != 0 }.prefix(60).map { byte in
      let byte = UInt8(bitPattern: byte)
      let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2E
      return isPlain ? byte : 0x5F
    }
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    return "\(hasName && !host.isEmpty ? String(decoding: host, as: UTF8.self) : "host")-\(getpid())-\(random)"
  }
}

/// A worker's locked file.
///
/// Where the lock goes out of use without being closed, the worker counts as gone too.
final class WorkerLock: WorkerSession {
  let owner: String
  private let path: String
  private let descriptor: Mutex<Int32?>

  init(owner: String, path: String, descriptor: Int32) {
    self.owner = owner
    self.path = path
    self.descriptor = Mutex(descriptor)
  }

  deinit {
    // Without removing the file: this is the end of a worker that did not say good-bye, and is found like a crash.
    if let descriptor = take() { Glibc.close(descriptor) }
  }

  func close() async {
    guard let descriptor = take() else { return }
    unlink(path)
    Glibc.close(descriptor)
  }

  private func take() -> Int32? {
    descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
  }
}
