import Glibc

/// Reads secrets and values of the environment where they are referred to.
///
/// | reference | is |
/// |---|---|
/// | `env:NAME` | an environment variable |
/// | `file:/path` | a file that nobody but its owner may read; a line break at its end is not part of the secret |
/// | `credential:NAME` | a credential of the systemd unit (`LoadCredential=NAME:/path`), from `$CREDENTIALS_DIRECTORY` |
public struct SecretResolver: Sendable {
  /// How long a secret may be, in bytes: enough for a key file with its certificates.
  public static let maximumBytes = 64 << 10

  private let environment: [String: String]
  private let credentialsFolder: String?

  /// A resolver over an environment.
  ///
  /// - Parameter credentialsFolder: the value of `$CREDENTIALS_DIRECTORY`.
  public init(environment: [String: String], credentialsFolder: String?) {
    self.environment = environment
    self.credentialsFolder = credentialsFolder
  }

  /// The secret a reference stands for.
  ///
  /// - Throws: ``ConnectingError`` that says what to set.
  public func resolve(_ reference: String) throws(ConnectingError) -> Secret {
    let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 2, !parts[1].isEmpty else { throw SecretResolver.notAReference }
    switch parts[0] {
    case "env": return try variable(parts[1])
    case "file": return try file(parts[1])
    case "credential": return try credential(parts[1])
    default: throw SecretResolver.notAReference
    }
  }

  /// The value of an environment variable; nil where it is not set.
  public func environmentValue(_ name: String) -> String? { environment[name] }

  // What stands there may be a secret somebody wrote in place of a reference, so it is not shown.
  private static let notAReference = ConnectingError(
    .badReference,
    "a secret is referred to as env:NAME, file:/absolute/path or credential:NAME; what stands there is none of these")

  private func variable(_ name: String) throws(ConnectingError) -> Secret {
    guard let value = environment[name] else {
      throw ConnectingError(.missingSecret, "the environment variable '\(name)' is not set; set it where datahub runs")
    }
    guard !value.isEmpty else {
      throw ConnectingError(.missingSecret, "the environment variable '\(name)' is empty; set it where datahub runs")
    }
    return Secret(value)
  }

  private func file(_ path: String) throws(ConnectingError) -> Secret {
    guard path.hasPrefix("/") else {
      throw ConnectingError(.badReference, "a file with a secret is named by its absolute path, not '\(path)'")
    }
    return try SecretResolver.read(path, mustBePrivate: true) { "the file '\(path)' \($0)" }
  }

  private func credential(_ name: String) throws(ConnectingError) -> Secret {
    guard !name.contains("/"), name != ".", name != ".." else {
      throw ConnectingError(.badReference, "'\(name)' is not the name of a credential: it has no '/'")
    }
    guard let credentialsFolder else {
      throw ConnectingError(
        .missingSecret,
        "there is no credential '\(name)': $CREDENTIALS_DIRECTORY is not set; run datahub as a systemd unit with "
          + "LoadCredential=\(name):/path/of/the/secret")
    }
    // systemd guards the folder itself, and gives its files modes of its own.
    return try SecretResolver.read(credentialsFolder + "/" + name, mustBePrivate: false) {
      "the credential '\(name)' \($0); see LoadCredential= of the systemd unit"
    }
  }

  private static func read(
    _ path: String, mustBePrivate: Bool, _ message: (String) -> String
  ) throws(ConnectingError) -> Secret {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else {
      let number = errno
      let code: ConnectingError.Code = number == ENOENT ? .missingSecret : .unreadableSecret
      throw ConnectingError(code, message("cannot be opened: \(String(cString: strerror(number)))"))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ConnectingError(.unreadableSecret, message("is not a regular file"))
    }
    guard !mustBePrivate || status.st_mode & 0o077 == 0 else {
      throw ConnectingError(
        .unreadableSecret,
        message(
          "may be read by others than its owner (mode \(String(status.st_mode & 0o777, radix: 8))); run chmod 600"))
    }
    var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
    var count = 0
    while count < bytes.count {
      let taken = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
      }
      if taken == 0 { break }
      if taken < 0 {
        if errno == EINTR { continue }
        throw ConnectingError(.unreadableSecret, message("cannot be read: \(String(cString: strerror(errno)))"))
      }
      count += taken
    }
    guard count <= maximumBytes else {
      throw ConnectingError(.unreadableSecret, message("has more than \(maximumBytes) bytes"))
    }
    guard var text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw ConnectingError(.unreadableSecret, message("is not UTF-8 text"))
    }
    // "\r\n" is one character.
    if text.last == "\n" || text.last == "\r\n" { text.removeLast() }
    guard !text.isEmpty else { throw ConnectingError(.missingSecret, message("is empty")) }
    return Secret(text)
  }
}
