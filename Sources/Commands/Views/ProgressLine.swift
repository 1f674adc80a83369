import Keeping
import Running

/// One line on a terminal that tells how far a run has come, rewritten a few times a second.
struct ProgressLine: Sendable {
  private let console: Console

  init(_ console: Console) { self.console = console }

  /// Runs a body and shows what is counted meanwhile, where a person sees it.
  func showing<Result: Sendable>(
    _ counters: RunCounters, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    guard console.showsProgress else { return try await body() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await rewrite(counters) }
      defer {
        group.cancelAll()
        console.message("\r\u{1B}[K")
      }
      return try await body()
    }
  }

  private func rewrite(_ counters: RunCounters) async {
    let start = ContinuousClock.now
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: .milliseconds(250))
      } catch {
        return
      }
      let seconds = Double((ContinuousClock.now - start).components.seconds) + 0.25
      console.message("\r\u{1B}[K" + cut(line(counters.counts, seconds), to: console.width - 1))
    }
  }

  private func line(_ counts: RunCounts, _ seconds: Double) -> String {
    let rate = Int(Double(counts.done) / seconds)
    return "read \(grouped(counts.pages.read))  new \(grouped(counts.pages.new))  sent \(grouped(counts.sent))  "
      + "done \(grouped(counts.done))  failed \(grouped(counts.failed))  \(grouped(rate))/s"
  }
}
