import Commands
import Foundation
import Synchronization
import Testing
import Values

@Suite("run, dispatch and work")
struct RunTests {
  @Test("a system that is not reached ends with 69, says why and when it goes on; a second run still knows")
  func unreachable() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    let first = await project.call("run", "orders", "--wait", "0s", "--output", "json")
    #expect(first.exit == .unreachable)
    let summary = try first.json()
    for name in ["read", "new", "changed", "unchanged", "filtered", "sent", "done", "failed", "waiting", "uncertain"] {
      #expect(summary[name] == 0, "\(name)")
    }
    #expect(summary["hub"] == "orders")
    #expect(summary["environment"] == "development")
    #expect(summary["retrying"] == 1)
    #expect(summary["seconds"] != nil)
    #expect(first.messages.contains("A system was not reached: "))
    #expect(first.messages.contains("Then go on with: datahub run orders"))
    let second = await project.call("run", "orders", "--wait", "0s")
    #expect(second.exit == .unreachable)
    #expect(second.messages.contains("A system was not reached: "))
    let task = try await project.call("task", "show", "1", "--output", "json").json()
    #expect(task["state"] == "retrying")
    #expect(task.at("error", "kind") == "notSent")
  }

  @Test("dispatching queues tasks, and a worker finds none due of another hub")
  func dispatching() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    let queued = try await project.call("dispatch", "orders", "--source", "--output", "json").json()
    #expect(queued["queries"] == 1)
    let again = await project.call("dispatch", "orders", "--source")
    #expect(again.output.hasPrefix("nothing queued: "))
    let writes = await project.call("dispatch", "orders", "--target")
    #expect(writes.output == "0 writes queued for 0 records\n")
    let none = await project.call("work", "--queue", "sales-*", "--stop-when-empty")
    #expect(none.exit == .usage)
    #expect(none.messages.contains("no hub 'sales-*' is deployed"))
    let worked = await project.call("work", "--queue", "ord*", "--stop-when-empty")
    #expect(worked.exit == .done)
    #expect(
      try await project.call("task", "list", "--state", "retrying", "--output", "json").json().listValue?.count == 1)
  }

  /// The program beside the tests, wherever they were built.
  private func builtProgram() throws -> URL {
    let folder = Bundle.main.bundleURL
    let places = [folder, folder.deletingLastPathComponent()].map { $0.appending(path: "datahub") }
    return try #require(places.first { FileManager.default.isExecutableFile(atPath: $0.path) })
  }

  @Test("a worker that is told to stop ends well", .timeLimit(.minutes(1)))
  func stopping() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    let process = Process()
    process.executableURL = try builtProgram()
    process.arguments = ["work", "--sleep", "1h"]
    process.currentDirectoryURL = project.folder
    process.standardInput = FileHandle.nullDevice
    let (messages, output) = (Pipe(), Pipe())
    process.standardError = messages
    process.standardOutput = output
    try process.run()
    let first = messages.fileHandleForReading.availableData
    #expect(String(decoding: first, as: UTF8.self) == "working for 1 hub, generation 1\n")
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == ExitCode.done.rawValue)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.hasPrefix("read 0, sent 0, done 0"))
  }
}
