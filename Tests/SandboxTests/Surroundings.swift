import FoundationEssentials
import Sandbox
import Synchronization
import Values

/// A folder for one test, gone with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/datahub-sandbox-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // Nothing can be done about a folder that cannot be removed.
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ text: String, to name: String) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: file))
    return file
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path + "/" + name)), as: UTF8.self)
  }

  func append(_ text: String, to name: String) throws {
    _ = try write(try read(name) + text, to: name)
  }
}

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
  private let time: Mutex<Timestamp>

  init(seconds: Int64 = 1_790_000_000) { time = Mutex(Timestamp(seconds: seconds)) }

  var now: Timestamp { time.withLock { $0 } }
  var seconds: Int64 { now.seconds }
  var function: StandInClock { { self.now } }

  func advance(seconds: Int64) { time.withLock { $0 = $0 + TimeSpan(seconds: seconds) } }
}
