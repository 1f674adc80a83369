import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub run`: one flow now, from source to target.
struct RunCommand: Command {
  static let form = CommandForm(
    name: "run", summary: "Run one hub now: read what is new, send what is pending.",
    discussion:
      "A run that was stopped or killed goes on where it was. The first SIGINT or SIGTERM lets what is under way come to its "
      + "end, the second ends at once. Ends with 0 where everything due was done, 1 where a record failed or something is "
      + "left to do, 69 where it is left because a system was not reached.",
    arguments: [.required("HUB", "The hub.")],
    options: [
      .flag("full", "Read from the very start; what is unchanged is not sent again."),
      .value("wait", "DURATION", "How long to wait for attempts that are due later.", default: "30s"),
    ],
    examples: [
      .init("datahub run orders", "Run the hub 'orders' with what is deployed in development."),
      .init("datahub -e production run orders --output json", "End with one JSON object on the output."),
    ])

  private let hub: String
  private var options = HubRunner.Options()

  init(_ arguments: Arguments) throws(UsageError) {
    hub = try arguments.required("HUB")
    options.full = arguments.flag("full")
    options.patience = try arguments.duration("wait", default: options.patience)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let (deployment, plan) = try await open.deployedPlan()
      guard let hubPlan = plan.hub(hub) else { throw OpenStore.unknownHub(hub, plan) }
      let before = try await open.store.status(hub: hub, now: currentTime())
      let start = ContinuousClock.now
      let stop = StopSignal()
      var ending = try await FlowMaker([hubPlan], of: plan, open.store, stop, context).withFlows { flows in
        try await run(flows[0], open.store, stop, context.console)
      }
      if ending.lastFailure == nil {
        // What is left may be left since an earlier run; its reason is kept with it.
        let left = try await open.store.tasks(TaskFilter(hub: hub, states: [.retrying], limit: 1))
        ending.lastFailure = left.first?.error
      }
      let outcome = RunOutcome(
        hub: hub, environment: plan.environment, generation: deployment.generation, ending: ending, before: before,
        isStopped: stop.isStopping, duration: ContinuousClock.now - start)
      try RunView(outcome: outcome, console: context.console).show(now: currentTime())
      return outcome.exit
    }
  }

  private func run(
    _ flow: Flow, _ store: any Store, _ stop: StopSignal, _ console: Console
  ) async throws -> HubRunner.Ending {
    let session = try await store.openSession()
    let runner = HubRunner(
      RunContext(store: store, owner: session.owner, now: { currentTime() }, stop: stop), flow, options: options)
    do {
      let ending = try await endingOnSignals(
        stop, console, saying: "stopping: what is under way comes to its end; again to stop at once"
      ) {
        try await ProgressLine(console).showing(runner.counters) { try await runner.run() }
      }
      await session.close()
      return ending
    } catch {
      await session.close()
      throw error
    }
  }
}
