import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub dispatch`: makes the queue tasks of one side of a hub.
struct DispatchCommand: Command {
  static let form = CommandForm(
    name: "dispatch", summary: "Make the queue tasks of one side of a hub now; workers run them.",
    discussion: "A scheduler calls this. Nothing is asked of a source or sent to a target here.",
    arguments: [.required("HUB", "The hub.")],
    options: [
      .flag("source", "Queue the queries for what is new since the last pull."),
      .flag("target", "Queue the writes of all pending records."),
    ],
    examples: [
      .init("datahub dispatch orders --source", "Queue queries for new orders."),
      .init("datahub dispatch orders --target", "Queue writes of what came."),
    ])

  /// What was queued for the target.
  private struct Queued: Sendable {
    var records = 0
    var writes = 0
    var failed = 0
    var waiting = 0
  }

  private let hub: String
  private let side: Side

  init(_ arguments: Arguments) throws(UsageError) {
    hub = try arguments.required("HUB")
    guard arguments.flag("source") != arguments.flag("target") else {
      throw UsageError("one side of the hub is to be said", help: "write --source or --target")
    }
    side = arguments.flag("source") ? .source : .target
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let (_, plan) = try await open.deployedPlan()
      guard let hubPlan = plan.hub(hub) else { throw OpenStore.unknownHub(hub, plan) }
      let run = RunContext(store: open.store, owner: "dispatch", now: { currentTime() }, stop: StopSignal())
      return try await FlowMaker([hubPlan], of: plan, open.store, run.stop, context).withFlows { flows in
        switch side {
        case .source: showQueries(try await SourceDispatcher(run).dispatch(flows[0]), context.console)
        case .target: showWrites(try await queueWrites(flows[0], run), context.console)
        }
        return .done
      }
    }
  }

  /// Queues all that is pending, a chunk at a time.
  private func queueWrites(_ flow: Flow, _ run: RunContext) async throws -> Queued {
    let dispatcher = TargetDispatcher(run)
    let chunk = max(1_000, flow.plan.target.batch)
    var total = Queued()
    try await dispatcher.wake(flow)
    while true {
      let result = try await dispatcher.dispatch(flow, limit: chunk)
      if result.records == 0 { return total }
      total.records += result.records
      total.writes += result.writes
      total.failed += result.failed
      total.waiting += result.waiting
    }
  }

  // MARK: - View

  private func showQueries(_ pull: Pull?, _ console: Console) {
    let from = pull.map { Timestamp(milliseconds: $0.fromMilliseconds).description }
    let to = pull.map { Timestamp(milliseconds: $0.toMilliseconds).description }
    if console.format == .json {
      let fields: [(String, Value)] = [
        ("hub", .string(hub)), ("side", .string(side.name)), ("queries", .int(Int64(pull?.openQueries ?? 0))),
        ("from", from.map { .string($0) } ?? .null), ("to", to.map { .string($0) } ?? .null),
      ]
      return console.line(Value.map(ValueMap(fields)).json())
    }
    guard let pull, let from, let to else {
      return console.line("nothing queued: a pull of '\(hub)' is under way, or there is nothing to read yet")
    }
    console.line("\(counted(pull.openQueries, "query", "queries")) queued for \(from) to \(to)")
  }

  private func showWrites(_ result: Queued, _ console: Console) {
    if console.format == .json {
      let fields: [(String, Value)] = [
        ("hub", .string(hub)), ("side", .string(side.name)), ("records", .int(Int64(result.records))),
        ("writes", .int(Int64(result.writes))), ("failed", .int(Int64(result.failed))),
        ("waiting", .int(Int64(result.waiting))),
      ]
      return console.line(Value.map(ValueMap(fields)).json())
    }
    console.line("\(counted(result.writes, "write")) queued for \(counted(result.records, "record"))")
    if result.failed > 0 {
      console.line("\(counted(result.failed, "record")) cannot be sent: datahub record list \(hub) --state failed")
    }
    if result.waiting > 0 {
      console.line(
        "\(counted(result.waiting, "record")) wait for what they lack: datahub record list \(hub) --state waiting")
    }
  }
}
