import Keeping
import Plans
import ServiceRuntime
import Values

/// `datahub status`: how hubs stand.
struct StatusCommand: Command {
  static let form = CommandForm(
    name: "status", summary: "Show how the hubs of an environment stand.",
    arguments: [.optional("HUB", "Only this hub.")],
    examples: [
      .init("datahub status", "All hubs of development."),
      .init("datahub -e production status orders --output json", "One hub, for programs."),
    ])

  /// How an environment stands, for programs.
  private struct Report: Encodable {
    let environment: String
    let generation: Int
    let digest: String
    let commit: String?
    let deployedBy: String
    let deployedAt: String
    let hubs: [HubStatus]
  }

  private let hub: String?

  init(_ arguments: Arguments) { hub = arguments.argument("HUB") }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let report = try await OpenStore.with(context) { open in
      let (deployment, plan) = try await open.deployedPlan()
      if let hub { try await open.requireHub(hub) }
      var hubs: [HubStatus] = []
      for name in hub.map({ [$0] }) ?? plan.hubs.map(\.name) {
        hubs.append(try await open.store.status(hub: name, now: currentTime()))
      }
      return Report(
        environment: plan.environment, generation: deployment.generation, digest: deployment.digest,
        commit: deployment.commit, deployedBy: deployment.by, deployedAt: deployment.at, hubs: hubs)
    }
    if context.console.format == .json {
      try context.console.json(report)
    } else {
      show(report, context.console)
    }
    return .done
  }

  // MARK: - View

  private func show(_ report: Report, _ console: Console) {
    let commit = report.commit.map { ", commit \($0.prefix(12))" } ?? ""
    console.line(
      printable(
        "'\(report.environment)' is at generation \(report.generation)\(commit), deployed \(report.deployedAt) by \(report.deployedBy)"
      ))
    if report.hubs.isEmpty { return console.line("no hubs are deployed") }
    var table = TextTable(["HUB", "READ UNTIL", "RECORDS", "QUEUE"])
    for status in report.hubs {
      table.add(
        status.hub, status.watermark ?? (status.pull == nil ? "never" : "reading"),
        counts(status.records, RecordState.allCases.map(\.name)),
        counts(
          status.tasks, Side.allCases.flatMap { side in TaskState.allCases.map { "\(side.name).\($0.name)" } },
          leavingOut: ["source.done", "target.done"]))
    }
    console.output(table.text())
  }

  /// `12 pending, 3 failed`, in the order of the states.
  private func counts(_ numbers: [String: Int], _ order: [String], leavingOut finished: Set<String> = []) -> String {
    let parts = order.compactMap { name -> String? in
      guard let number = numbers[name], number > 0, !finished.contains(name) else { return nil }
      return "\(grouped(number)) \(name)"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}
