import Glibc

/// A text that a person edits with a program of theirs.
struct EditorSession {
  /// The words that start the program: `VISUAL`, else `EDITOR`.
  let words: [String]
  private let environment: [String: String]
  private let folder: String

  /// - Throws: where no program is named and nobody is there to meet the usual one.
  init(_ surroundings: Surroundings) throws {
    environment = surroundings.environment
    let named = ["VISUAL", "EDITOR"].lazy.compactMap { surroundings.environment[$0] }.first { !$0.isEmpty }
    guard let program = named ?? (surroundings.isInputTerminal ? "vi" : nil) else {
      throw CommandFailure(
        .usage, "no editor is named and there is no terminal", help: "set EDITOR, or write --set PATH=VALUE")
    }
    words = program.split(separator: " ").map { String($0) }
    let scratch = surroundings.environment["TMPDIR"] ?? ""
    folder = scratch.hasPrefix("/") ? scratch : "/tmp"
  }

  /// What a person made of a text, and where it stands; that file is to be removed when it is not needed.
  func edit(_ text: String, suffix: String) throws -> (text: String, path: String) {
    var template = Array("\(folder)/datahub-XXXXXX\(suffix)".utf8CString)
    let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
    guard descriptor >= 0 else { throw unusable("a file in \(folder) cannot be made", errno) }
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do {
      try overwrite(path, text)
      guard try run(path) == 0 else {
        throw CommandFailure(.findings, "'\(words.joined(separator: " "))' did not end well; nothing was changed")
      }
      let bytes = try FileAccess.read(path, limit: 64 << 20)
      guard let edited = String(validating: bytes, as: UTF8.self) else {
        throw CommandFailure(.findings, "what was written is not UTF-8; nothing was changed")
      }
      return (edited, path)
    } catch {
      unlink(path)
      if let problem = error as? FileProblem { throw CommandFailure(.findings, "\(problem)") }
      throw error
    }
  }

  private func overwrite(_ path: String, _ text: String) throws {
    guard let file = fopen(path, "w") else { throw unusable(path, errno) }
    let count = fputs(text, file)
    guard fclose(file) == 0, count >= 0 else { throw unusable(path, errno) }
  }

  /// Runs the program with the terminal of this process.
  private func run(_ path: String) throws -> Int32 {
    guard let program = words.first else { throw CommandFailure(.usage, "EDITOR is empty", help: "name a program") }
    var arguments: [UnsafeMutablePointer<CChar>?] = (words + [path]).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var child: pid_t = 0
    let number = posix_spawnp(&child, program, nil, nil, &arguments, &variables)
    guard number == 0 else { throw unusable("'\(program)' cannot be started", number) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private func unusable(_ what: String, _ number: Int32) -> CommandFailure {
    CommandFailure(.findings, "\(what): \(String(cString: strerror(number)))", help: "or write --set PATH=VALUE")
  }
}
