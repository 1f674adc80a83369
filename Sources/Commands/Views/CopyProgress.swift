import Keeping
import Synchronization

/// One line on a terminal that tells how far a copy has come, rewritten a few times a second.
final class CopyProgress: Sendable {
  private let console: Console
  private let start = ContinuousClock.now
  private let shown: Mutex<ContinuousClock.Instant?> = Mutex(nil)

  init(_ console: Console) { self.console = console }

  /// Shows how far it has come, where a person sees it and the last time is a while ago.
  func show(_ progress: StoreCopy.Progress) {
    guard console.showsProgress else { return }
    let now = ContinuousClock.now
    let isDue = shown.withLock { last in
      if let last, now - last < .milliseconds(250) { return false }
      last = now
      return true
    }
    guard isDue else { return }
    console.message("\r\u{1B}[K" + line(progress, max(Double((now - start).components.seconds), 1)))
  }

  /// Clears the line.
  func end() {
    if shown.withLock({ $0 != nil }) { console.message("\r\u{1B}[K") }
  }

  private func line(_ progress: StoreCopy.Progress, _ seconds: Double) -> String {
    switch progress {
    case .written(let rows, let records):
      "copied \(grouped(records)) records, \(grouped(rows)) rows  \(grouped(Int(Double(rows) / seconds)))/s"
    case .compared(let rows): "compared \(grouped(rows)) rows"
    }
  }
}
