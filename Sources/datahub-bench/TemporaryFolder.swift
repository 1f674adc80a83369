import Glibc

/// A new folder under `/tmp` that is removed, with all that is in it, when its owner is gone.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/datahub-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchError("cannot make a folder in /tmp: \(systemError())") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TemporaryFolder.removeAll(path) }

  private static func removeAll(_ path: String) {
    if let folder = opendir(path) {
      var names: [String] = []
      while let entry = readdir(folder) {
        names.append(
          withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
      }
      closedir(folder)
      for name in names where name != "." && name != ".." { removeAll("\(path)/\(name)") }
    }
    remove(path)
  }

  /// How many bytes the files in it have; folders in it are not looked into.
  func bytes() -> Int {
    guard let folder = opendir(path) else { return 0 }
    defer { closedir(folder) }
    var total = 0
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var about = stat()
      if stat("\(path)/\(name)", &about) == 0, about.st_mode & S_IFMT == S_IFREG { total += Int(about.st_size) }
    }
    return total
  }

  /// Writes a text file below the folder, with the folders it stands in.
  func write(_ text: String, to name: String) throws {
    var place = path
    for folder in name.split(separator: "/").dropLast() {
      place += "/\(folder)"
      guard mkdir(place, 0o700) == 0 || errno == EEXIST else {
        throw BenchError("cannot make \(place): \(systemError())")
      }
    }
    guard let file = fopen("\(path)/\(name)", "w") else {
      throw BenchError("cannot write \(path)/\(name): \(systemError())")
    }
    fputs(text, file)
    guard fclose(file) == 0 else { throw BenchError("cannot write \(path)/\(name): \(systemError())") }
  }
}

/// What the system says about the last call that failed.
func systemError() -> String { String(cString: strerror(errno)) }
