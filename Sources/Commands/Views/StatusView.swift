import Keeping
import Values

/// How hubs stand, for people: a row for each, then what needs a person and how to see to it.
struct StatusView: Sendable {
  let report: StatusReport
  let now: Timestamp
  let width: Int
  /// What a command of the same environment needs: ` -e production`.
  let environmentOption: String

  /// The whole text.
  var text: String {
    let commit = report.commit.map { ", commit \($0.prefix(12))" } ?? ""
    let head = printable(
      "'\(report.environment)' is at generation \(report.generation)\(commit), deployed \(report.deployedAt) by \(report.deployedBy)"
    )
    if report.hubs.isEmpty { return head + "\nno hubs are deployed\n" }
    var table = TextTable(["HUB", "READ UNTIL", "RECORDS", "QUEUE", "NEXT", "LAST ERROR"])
    for status in report.hubs {
      table.add(
        status.hub, status.watermark ?? (status.pull == nil ? "never" : "reading"),
        counts(status.records, RecordState.allCases.map(\.name)),
        counts(
          status.tasks, Side.allCases.flatMap { side in TaskState.allCases.map { "\(side.name).\($0.name)" } },
          leavingOut: ["source.done", "target.done", "source.cancelled", "target.cancelled"]), next(status),
        lastError(status))
    }
    let advice = report.hubs.flatMap { hints($0) }
    return head + "\n" + table.text(width: width) + (advice.isEmpty ? "" : "\n" + advice.joined(separator: "\n") + "\n")
  }

  /// `12 pending, 3 failed`, in the order of the states.
  private func counts(_ numbers: [String: Int], _ order: [String], leavingOut finished: Set<String> = []) -> String {
    let parts = order.compactMap { name -> String? in
      guard let number = numbers[name], number > 0, !finished.contains(name) else { return nil }
      return "\(grouped(number)) \(name)"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  private func next(_ status: HubStatus) -> String {
    if let oldest = status.oldestReadyAt.flatMap({ Timestamp($0) }) { return "ready for \(span(now - oldest))" }
    if let due = status.nextDue.flatMap({ Timestamp($0) }) { return due <= now ? "due" : "in \(span(due - now))" }
    return ""
  }

  private func lastError(_ status: HubStatus) -> String {
    guard let error = status.lastError else { return "" }
    let ago = error.at.map { " (\(span(now - $0)) ago)" } ?? ""
    return "\(error.kind)\(ago): \(error.message)"
  }

  /// `40s`, `12m`, `3h`, `5d`.
  private func span(_ span: TimeSpan) -> String {
    let seconds = max(span.seconds, 0)
    return switch seconds {
    case ..<120: "\(seconds)s"
    case ..<7_200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  /// What needs a person, and the command that shows it.
  private func hints(_ status: HubStatus) -> [String] {
    let program = "datahub\(environmentOption)"
    var hints: [String] = []
    func add(_ count: Int, _ what: String, _ command: String) {
      if count > 0 { hints.append(printable("\(grouped(count)) \(what) of '\(status.hub)': \(program) \(command)")) }
    }
    func tasks(_ state: String) -> Int {
      status.tasks["source.\(state)", default: 0] + status.tasks["target.\(state)", default: 0]
    }
    if let parents = status.parents {
      let parts = [(parents.listed, "listed"), (parents.failing, "failing"), (parents.gone, "gone")]
        .filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
      hints.append(printable("parents of '\(status.hub)': \(parts.joined(separator: ", "))"))
      for parent in report.failingParents?[status.hub] ?? [] {
        let since = parent.readUntil.map { "read until \($0)" } ?? "never read"
        hints.append(printable("  \(parent.key): \(parent.failure?.message ?? "it failed"); \(since)"))
      }
    }
    add(tasks("uncertain"), "uncertain", "task list --hub \(status.hub) --state uncertain")
    add(tasks("dead"), "dead", "task list --hub \(status.hub) --state dead")
    for (state, what) in [("failed", "failed"), ("held", "held"), ("waiting", "waiting")] {
      add(status.records[state, default: 0], what, "record list \(status.hub) --state \(state)")
    }
    return hints
  }
}
