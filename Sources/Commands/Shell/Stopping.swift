import Glibc
import ServiceRuntime

/// Runs a body that a first SIGINT or SIGTERM asks to come to an end, and a second one ends with the process at once.
func endingOnSignals<Result: Sendable>(
  _ stop: StopSignal, _ console: Console, saying message: String, _ body: () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      for await _ in signals([SIGINT, SIGTERM]) {
        if stop.isStopping { _exit(ExitCode.interrupted.rawValue) }
        stop.stop()
        if !message.isEmpty { console.note((console.showsProgress ? "\r\u{1B}[K" : "") + message) }
      }
    }
    defer { group.cancelAll() }
    return try await body()
  }
}
