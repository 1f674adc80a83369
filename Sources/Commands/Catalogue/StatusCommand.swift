import Keeping
import Plans
import ServiceRuntime
import Values

/// `datahub status`: how hubs stand.
struct StatusCommand: Command {
  static let form = CommandForm(
    name: "status", summary: "Show how the hubs of an environment stand, and what needs a person.",
    discussion:
      "With --watch it is drawn anew every two seconds until Ctrl-C; with --output json each time is a line of its own.",
    arguments: [.optional("HUB", "Only this hub.")],
    options: [
      .flag("watch", short: "w", "Go on showing it."),
      .value("every", "DURATION", "With --watch: how often.", default: "2s"),
    ],
    examples: [
      .init("datahub status", "All hubs of development."),
      .init("datahub -e production status orders --output json", "One hub, for programs."),
      .init("datahub status --watch", "On a terminal, until Ctrl-C."),
    ])

  private let hub: String?
  private let isWatching: Bool
  private let interval: TimeSpan

  init(_ arguments: Arguments) throws(UsageError) {
    hub = arguments.argument("HUB")
    isWatching = arguments.flag("watch")
    interval = max(try arguments.duration("every", default: TimeSpan(seconds: 2)), TimeSpan(milliseconds: 100))
    if arguments.flag("every"), !isWatching {
      throw UsageError("'--every' goes with '--watch'", help: "write --watch too")
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let console = context.console
    guard console.format == .json || !isWatching || console.showsResultsOnTerminal else {
      throw CommandFailure(.usage, "'--watch' draws on a terminal, and there is none", help: "write --output json too")
    }
    return try await OpenStore.with(context) { open in
      if let hub { try await open.requireHub(hub) }
      if isWatching {
        try await watch(open, context)
      } else {
        let (deployment, plan) = try await open.deployedPlan()
        let report = try await report(deployment, plan, open)
        if console.format == .json { try console.json(report) } else { console.output(text(report, context)) }
      }
      return .done
    }
  }

  private func report(_ deployment: Deployment, _ plan: ExecutionPlan, _ open: OpenStore) async throws -> StatusReport {
    var hubs: [HubStatus] = []
    for name in hub.map({ [$0] }) ?? plan.hubs.map(\.name) {
      hubs.append(try await open.store.status(hub: name, now: currentTime()))
    }
    var failing: [String: [ParentState]] = [:]
    for status in hubs where status.parents.map({ $0.failing > 0 }) == true {
      failing[status.hub] = try await open.store.parents(
        ParentFilter(hub: status.hub, onlyFailing: true, limit: hub == nil ? 3 : 100))
    }
    return StatusReport(
      environment: plan.environment, generation: deployment.generation, digest: deployment.digest,
      commit: deployment.commit, deployedBy: deployment.by, deployedAt: deployment.at, hubs: hubs,
      failingParents: failing.isEmpty ? nil : failing)
  }

  private func text(_ report: StatusReport, _ context: CommandContext) -> String {
    StatusView(
      report: report, now: currentTime(), width: context.console.width,
      environmentOption: context.globals.isEnvironmentGiven ? " -e \(context.globals.environment)" : ""
    ).text
  }

  // MARK: - Watching

  private func watch(_ open: OpenStore, _ context: CommandContext) async throws {
    let stop = StopSignal()
    try await endingOnSignals(stop, context.console, saying: "") {
      var (deployment, plan) = try await open.deployedPlan()
      let screen = context.console.format == .json ? nil : Screen(context.console)
      defer { screen?.leave() }
      while !stop.isStopping, !context.surroundings.output.isBroken {
        // A plan is large, and read again only where there is another.
        if try await open.store.deployments(limit: 1).first?.generation != deployment.generation {
          (deployment, plan) = try await open.deployedPlan()
        }
        let report = try await report(deployment, plan, open)
        if let screen { screen.draw(text(report, context)) } else { try context.console.json(report) }
        await stop.sleep(for: interval.duration)
      }
    }
  }
}

/// How an environment stands, for programs.
struct StatusReport: Encodable, Sendable {
  let environment: String
  let generation: Int
  let digest: String
  let commit: String?
  let deployedBy: String
  let deployedAt: String
  let hubs: [HubStatus]
  /// Of hubs that ask for each of some parents: the first of those whose latest query did not succeed, by hub.
  let failingParents: [String: [ParentState]]?
}
