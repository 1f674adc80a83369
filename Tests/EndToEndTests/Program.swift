import Foundation
import Testing
import Values

/// The built program, run as a user runs it.
struct Program {
  /// What a run of the program came to.
  struct Outcome {
    let code: Int32
    let output: String
    let messages: String

    /// The output as JSON.
    func json() throws -> Value { try Value(json: output) }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Beside the tests, wherever they were built.
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["DATAHUB_BINARY"] { return path }
    return Bundle.main.bundleURL.appending(path: "datahub").path
  }()

  /// Another program of the package, which stands beside the tests as well.
  static func beside(_ name: String) -> String { Bundle.main.bundleURL.appending(path: name).path }

  var folder: URL
  var environment: [String: String] = [:]
  var program = Program.path

  /// A process of the program that goes on; end it with `kill`.
  func start(_ arguments: [String], output: FileHandle? = nil) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output ?? FileHandle.nullDevice
    process.standardError = output ?? FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs the program to its end.
  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Runs the program to its end.
  func run(_ arguments: [String]) throws -> Outcome {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "datahub-output-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }  // a leftover in the temporary folder hurts nobody
    let files = ["out", "err"].map { scratch.appending(path: $0) }
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
      output: try String(contentsOf: files[0], encoding: .utf8),
      messages: try String(contentsOf: files[1], encoding: .utf8))
  }
}

/// A port nobody listens on, for a moment.
func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
      bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
    }
  }
  try #require(result == 0)
  return UInt16(bigEndian: address.sin_port)
}

/// Asks again and again until something holds, for a while.
func eventually(_ what: String, within seconds: Double = 30, _ holds: () throws -> Bool) throws {
  let deadline = Date().addingTimeInterval(seconds)
  while try !holds() {
    try #require(Date() < deadline, "waited in vain until \(what)")
    usleep(20_000)  // there is no event to wait for in another process
  }
}
