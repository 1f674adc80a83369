/// The commit of a folder's files, where they are in a Git repository and none of them differs from it.
///
/// Files that a project is never read from do not count: those in hidden folders, as the store's.
func gitCommit(of folder: String, environment: [String: String]) -> String? {
  var environment = environment.filter { !$0.key.hasPrefix("GIT_") }
  environment["GIT_OPTIONAL_LOCKS"] = "0"
  environment["GIT_TERMINAL_PROMPT"] = "0"
  // Nothing a repository's own configuration names is run.
  let git = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", folder]
  guard let head = outputOf("git", git + ["rev-parse", "HEAD"], environment: environment),
    let status = outputOf("git", git + ["status", "--porcelain", "-z", "--no-renames"], environment: environment)
  else { return nil }
  let commit = head.trimmed
  guard (40...64).contains(commit.utf8.count), commit.utf8.allSatisfy({ isHexDigit($0) }) else { return nil }
  let isChanged = status.split(separator: "\0").contains { entry in
    let path = entry.dropFirst(3)
    return !path.split(separator: "/").contains { $0.hasPrefix(".") }
  }
  return isChanged ? nil : commit
}

private func isHexDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }

extension String {
  /// The text without line ends and spaces at its end.
  fileprivate var trimmed: String {
    var text = Substring(self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
