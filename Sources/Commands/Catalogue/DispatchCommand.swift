import Keeping
import Plans
import Running
import ServiceRuntime
import Values

/// `datahub dispatch`: makes the queue tasks of one side of a hub.
struct DispatchCommand: Command {
  static let form = CommandForm(
    name: "dispatch", summary: "Make the queue tasks of one side of a hub now; workers run them.",
    discussion: "A scheduler does the same at the hub's times. Nothing is asked of a source or sent to a target here.",
    arguments: [.required("HUB", "The hub.")],
    options: [
      .flag("source", "Queue the queries for what is new since the last pull."),
      .flag("target", "Queue the writes of all pending records."),
      .flag("remedy", "Queue the queries of the hub's remedy: they only add records that are missing."),
    ],
    examples: [
      .init("datahub dispatch orders --source", "Queue queries for new orders."),
      .init("datahub dispatch orders --target", "Queue writes of what came."),
    ])

  private let hub: String
  private let side: Side
  private let isRemedy: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    hub = try arguments.required("HUB")
    isRemedy = arguments.flag("remedy")
    guard [arguments.flag("source"), arguments.flag("target"), isRemedy].count(where: \.self) == 1 else {
      throw UsageError("one side of the hub is to be said", help: "write --source, --target or --remedy")
    }
    side = arguments.flag("target") ? .target : .source
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let (_, plan) = try await open.deployedPlan()
      guard let hubPlan = plan.hub(hub) else { throw OpenStore.unknownHub(hub, plan) }
      let run = RunContext(store: open.store, owner: "dispatch", now: { currentTime() }, stop: StopSignal())
      return try await FlowMaker([hubPlan], of: plan, open.store, run.stop, context).withFlows { flows in
        switch side {
        case .source where isRemedy:
          guard hubPlan.source.remedy != nil else {
            throw CommandFailure(
              .usage, "hub '\(hub)' declares no remedy",
              help: "write source.remedy: { schedule, lookBack } and apply it")
          }
          showQueries(try await SourceDispatcher(run).dispatchRemedy(flows[0]), context.console)
        case .source: showQueries(try await SourceDispatcher(run).dispatch(flows[0]), context.console)
        case .target:
          let result = try await TargetDispatcher(run).dispatchAll(flows[0])
          showWrites(result, context.console)
          if result.isOverBudget { return .findings }
        }
        return .done
      }
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

  private func showWrites(_ result: TargetDispatcher.Result, _ console: Console) {
    if console.format == .json {
      let fields: [(String, Value)] = [
        ("hub", .string(hub)), ("side", .string(side.name)), ("records", .int(Int64(result.records))),
        ("writes", .int(Int64(result.writes))), ("failed", .int(Int64(result.failed))),
        ("waiting", .int(Int64(result.waiting))), ("overBudget", .bool(result.isOverBudget)),
        ("open", .int(Int64(result.open.records))),
        ("openUntil", result.open.until.map { .string($0.description) } ?? .null),
      ]
      return console.line(Value.map(ValueMap(fields)).json())
    }
    console.line("\(counted(result.writes, "write")) queued for \(counted(result.records, "record"))")
    if result.failed > 0 {
      console.line("\(counted(result.failed, "record")) cannot be sent: datahub record list \(hub) --state failed")
    }
    if result.isOverBudget {
      console.line(
        "more than the hub allows with 'stopAfter': the others stay pending until that is mended and applied")
    }
    if result.open.records > 0, let until = result.open.until {
      console.line("\(counted(result.open.records, "record")) left for more of their group, until \(until) at first")
    }
    if result.waiting > 0 {
      console.line(
        "\(counted(result.waiting, "record")) wait for what they lack: datahub record list \(hub) --state waiting")
    }
  }
}
