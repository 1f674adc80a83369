import Glibc

/// A program that has ended.
struct FinishedProgram {
  /// What it wrote to its output.
  let output: String
  /// From before it was started until it had ended.
  let seconds: Double
  /// The most memory it had at a time, in bytes.
  let peakBytes: Int
}

/// Runs a program to its end.
///
/// - Throws: ``BenchError`` where it cannot be started or fails, with what it wrote.
func run(_ program: String, _ arguments: [String]) throws -> FinishedProgram {
  let start = ContinuousClock.now
  let child = try Program(program, arguments)
  child.endInput()
  let output = child.readAll()
  let (status, peakBytes) = child.wait()
  let seconds = start.duration(to: .now).inSeconds
  guard status == 0 else {
    throw BenchError(
      "\(program) \(arguments.joined(separator: " ")) ended with \(status):\n\(output)\(child.readMessages())")
  }
  return FinishedProgram(output: output, seconds: seconds, peakBytes: peakBytes)
}

/// A program that was started, with pipes to its input and from its output.
///
/// What it writes to its error output is kept in a file without a name and shown where it fails.
final class Program {
  /// The environment variables it gets.
  private static let surroundings = ["PATH=/usr/bin:/bin", "HOME=/tmp"]

  private let id: pid_t
  private var input: Int32
  private let output: Int32
  private let messages: Int32
  private var hasEnded = false
  private var ended: Int32?

  init(_ program: String, _ arguments: [String]) throws {
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw BenchError("cannot make a pipe: \(systemError())")
    }
    // Closed in programs started later: one of them would hold this one's input open.
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var template = Array("/tmp/datahub-bench-XXXXXX".utf8CString)
    messages = mkstemp(&template)
    unlink(template)
    _ = fcntl(messages, F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = Program.surroundings.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var id: pid_t = 0
    let result = posix_spawn(&id, program, &actions, nil, &words, &variables)
    close(toChild[0])
    close(fromChild[1])
    input = toChild[1]
    output = fromChild[0]
    self.id = id
    guard result == 0 else {
      hasEnded = true
      throw BenchError("cannot start \(program): \(String(cString: strerror(result)))")
    }
  }

  deinit {
    endInput()
    if !hasEnded {
      kill(id, SIGTERM)
      _ = wait()
    }
    close(output)
    close(messages)
  }

  /// Closes its input.
  func endInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Writes a line to its input and reads a line of its output.
  func ask(_ line: String) throws -> String {
    let bytes = Array((line + "\n").utf8)
    guard Glibc.write(input, bytes, bytes.count) == bytes.count else {
      throw BenchError("cannot write to a program: \(systemError())")
    }
    return try readLine()
  }

  /// The next line of its output.
  func readLine() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    throw BenchError("a program ended before it answered")
  }

  /// All of its output, once it has closed it.
  func readAll() -> String { Program.readAll(output) }

  /// What it has written to its error output.
  func readMessages() -> String {
    lseek(messages, 0, SEEK_SET)
    return Program.readAll(messages)
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How much time of processors it has used, as `/proc/PID/stat` tells.
  func processorSeconds() throws -> Double {
    guard let file = fopen("/proc/\(id)/stat", "r") else {
      throw BenchError("the program has ended: \(readMessages())")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    // The second field is the name in brackets; user and system time are the 14th and 15th.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
      throw BenchError("/proc/\(id)/stat has another form: \(text)")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Sends it a signal.
  func signal(_ number: Int32) { kill(id, number) }

  /// Its exit code where it has ended, as ``wait()`` gives it; nil while it runs.
  func status() -> Int32? {
    if let ended { return ended }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return nil }
    hasEnded = true
    ended = Program.code(status)
    return ended
  }

  private static func code(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// Waits for its end; gives its exit code, 128 and the signal's number where it was killed, and its peak of memory.
  func wait() -> (status: Int32, peakBytes: Int) {
    if let ended { return (ended, 0) }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(id, &status, 0, &usage) < 0, errno == EINTR {}
    hasEnded = true
    let code = Program.code(status)
    ended = code
    return (code, usage.ru_maxrss * 1024)
  }
}

/// The programs that are measured; they stand beside this one.
enum Programs {
  static let folder: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
  }()
  static let datahub = folder + "/datahub"
  static let bench = folder + "/datahub-bench"
  static let benchInC = folder + "/datahub-bench-c"
}

/// What the benches measure against, as `.ci/setup bench` installs it.
enum BenchTools {
  /// The Python that has the packages.
  static func python() throws -> String {
    // Beside the folder of the builds, which is the program's own or, where that is a link, the one it leads to.
    let places = ["/../bench-tools", "/../../bench-tools"].map { Programs.folder + $0 + "/venv/bin/python" }
    guard let python = places.first(where: { access($0, X_OK) == 0 }) else {
      throw BenchError("the Python packages to measure against are not installed: run '.ci/setup bench' first")
    }
    return python
  }
}
