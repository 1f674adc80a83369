import FoundationEssentials
import Glibc
import Synchronization

/// Where text goes.
package protocol TextSink: Sendable {
  /// Writes a text as it is.
  func write(_ text: String)
  /// True where not all of it could be written.
  var isBroken: Bool { get }
}

/// What a command finds around it: the environment, the current folder, where text goes.
package struct Surroundings: Sendable {
  /// The environment variables.
  package var environment: [String: String]
  /// The absolute path of the current folder.
  package var currentFolder: String
  /// Where results go.
  package var output: any TextSink
  /// Where everything else goes.
  package var messages: any TextSink
  /// Whether a person reads the results.
  package var isOutputTerminal = false
  /// Whether a person reads the messages.
  package var isMessageTerminal = false
  /// Whether a person can answer.
  package var isInputTerminal = false
  /// How many columns the terminal has.
  package var width = 100
  /// The next line a person types; nil at the end of the input.
  package var answer: @Sendable () -> String? = { nil }
  /// The whole input, up to one byte more than a limit.
  package var input: @Sendable (_ limit: Int) -> [UInt8] = { _ in [] }

  /// Surroundings without a terminal.
  package init(
    environment: [String: String], currentFolder: String, output: any TextSink, messages: any TextSink
  ) {
    self.environment = environment
    self.currentFolder = currentFolder
    self.output = output
    self.messages = messages
  }

  /// A path from the current folder as an absolute one.
  func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return path.isEmpty || path == "." ? currentFolder : currentFolder + "/" + path
  }
}

extension Surroundings {
  /// Those of this process.
  package static var process: Surroundings {
    var found = Surroundings(
      environment: ProcessInfo.processInfo.environment, currentFolder: workingFolder(),
      output: DescriptorSink(STDOUT_FILENO), messages: DescriptorSink(STDERR_FILENO))
    found.isOutputTerminal = isatty(STDOUT_FILENO) == 1
    found.isMessageTerminal = isatty(STDERR_FILENO) == 1
    found.isInputTerminal = isatty(STDIN_FILENO) == 1
    found.width = columns() ?? 100
    found.answer = { readLine(strippingNewline: true) }
    found.input = { readInput(limit: $0) }
    return found
  }

  private static func readInput(limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = Glibc.read(STDIN_FILENO, &buffer, min(buffer.count, limit + 1 - bytes.count))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func workingFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private static func columns() -> Int? {
    var size = winsize()
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 {
      if size.ws_col > 0 { return Int(size.ws_col) }
    }
    return nil
  }
}

/// Writes to a descriptor of the process.
private final class DescriptorSink: TextSink {
  private let descriptor: Int32
  private let broken = Atomic<Bool>(false)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  var isBroken: Bool { broken.load(ordering: .relaxed) }

  func write(_ text: String) {
    guard !isBroken else { return }
    var text = text
    let isWritten = text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
    if !isWritten { broken.store(true, ordering: .relaxed) }
  }
}
