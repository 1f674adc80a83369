import Glibc

/// Returns the system's text for an error number.
func systemMessage(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Creates what a new database file needs: its folders, and the file itself, readable by the owner alone.
///
/// An existing file is never opened here: closing any descriptor of a file drops all POSIX locks the process holds on
/// it, and SQLite's own locks are of that kind.
func createPrivately(_ path: String) throws(SQLiteError) {
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try createFolders(String(path[..<slash]))
  }
  try createFile(path, mustBeNew: false)
}

/// Creates an empty file with mode 0600; SQLite gives its `-wal` and `-shm` companions the same mode.
func createFile(_ path: String, mustBeNew: Bool) throws(SQLiteError) {
  let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else {
    let number = errno
    if number == EEXIST && !mustBeNew { return }
    throw .cannotOpen("\"\(path)\"", errno: number)
  }
  close(descriptor)
}

private func createFolders(_ path: String) throws(SQLiteError) {
  if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
  let number = errno
  guard number == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
    throw .cannotOpen("folder \"\(path)\"", errno: number)
  }
  try createFolders(String(path[..<slash]))
  guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .cannotOpen("folder \"\(path)\"", errno: errno) }
}
