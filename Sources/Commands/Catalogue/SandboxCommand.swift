import HTTPServer
import Sandbox
import ServiceRuntime
import Values

/// `datahub sandbox`: local stand-ins for a project's platforms.
struct SandboxCommand: Command {
  static let form = CommandForm(
    name: "sandbox", summary: "Start local stand-ins for the systems of the project, until told to stop.",
    discussion:
      "The project document says which connectors have a stand-in; each listens on the port of its connector's base URL, "
      + "which must be on this machine, and takes the connector's own credentials. What a stand-in was sent is kept in "
      + "files, so that it can be counted afterwards. Faults are drawn from a seeded generator: the same seed, the same faults.",
    options: [
      stateOption,
      .value("latency", "MS", "Hold back each answer for so many milliseconds.", default: "0"),
      .value("rate", "N", "Answer 429 to more requests in a second."),
      .value("error-before", "P", "How often, 0 to 1, a request fails before anything is saved."),
      .value("error-after", "P", "How often a request fails after it was saved."),
      .value("drop-after", "P", "How often the connection is closed without an answer after a request was saved."),
      .value("seed", "N", "Where the random numbers start.", default: "1"),
    ],
    examples: [
      .init("datahub sandbox", "Start all stand-ins of the project."),
      .init("datahub sandbox --drop-after 0.05 --seed 7", "Lose every twentieth answer."),
    ])

  static let stateOption = OptionForm.value(
    "state", "DIR", "Where the stand-ins keep what they were sent.", default: ".datahub/sandbox")

  private let state: String
  private let faults: StandInFaults

  init(_ arguments: Arguments) throws(UsageError) {
    state = arguments.value("state") ?? ".datahub/sandbox"
    let rate = try arguments.integer("rate", in: 0...1_000_000, default: 0)
    faults = StandInFaults(
      latency: .milliseconds(try arguments.integer("latency", in: 0...600_000, default: 0)),
      requestsPerSecond: rate == 0 ? nil : rate, errorBeforeSavingRate: try arguments.rate("error-before"),
      errorAfterSavingRate: try arguments.rate("error-after"), dropAfterSavingRate: try arguments.rate("drop-after"),
      seed: UInt64(try arguments.integer("seed", in: 0...Int.max, default: 1)))
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let plans = try StandInPlan.all(context, readsSecrets: true)
    let folder = context.stateFolder(state)
    try makeFolder(folder)
    let stop = StopSignal()
    return try await endingOnSignals(stop, context.console, saying: "") {
      var running: [RunningStandIn] = []
      defer { for standIn in running { standIn.stop() } }
      for plan in plans { running.append(try start(plan, folder: plan.folder(in: folder, of: plans))) }
      show(plans, context.console)
      await stop.wait()
      return .done
    }
  }

  private func makeFolder(_ folder: String) throws {
    do throws(FileProblem) {
      try FileAccess.makeFolder(folder)
    } catch {
      throw CommandFailure(.findings, "the stand-ins' folder cannot be made: \(error)")
    }
  }

  private func start(_ plan: StandInPlan, folder: String) throws -> RunningStandIn {
    let standIn: RunningStandIn
    switch plan.kind {
    case .shop:
      let credentials = ShopCredentials(
        appKey: try plan.parameter("app_key", "appKey"), appSecret: try plan.parameter("app_secret", "appSecret"),
        accessToken: try plan.parameter("access_token", "accessToken"))
      standIn = .shop(
        try ShopStandIn(
          ordersCSV: plan.orders ?? "", stateFolder: folder, credentials: credentials, port: plan.port, faults: faults))
    case .erp:
      let credentials = ERPCredentials(
        appKey: try plan.parameter("appKey", "app_key"), appSecret: try plan.parameter("appSecret", "app_secret"))
      standIn = .erp(try ERPStandIn(stateFolder: folder, credentials: credentials, port: plan.port, faults: faults))
    }
    do throws(HTTPServerError) {
      try standIn.start()
    } catch {
      throw CommandFailure(
        .unreachable, "the stand-in of connector '\(plan.connector)' cannot listen on port \(plan.port): \(error)",
        help: "end what listens there, or give the connector another port")
    }
    return standIn
  }

  // MARK: - View

  private func show(_ plans: [StandInPlan], _ console: Console) {
    for plan in plans {
      if console.format == .json {
        let fields: [(String, Value)] = [
          ("connector", .string(plan.connector)), ("standIn", .string(plan.kind.rawValue)),
          ("url", .string(plan.baseURL)),
        ]
        console.line(Value.map(ValueMap(fields)).json())
      } else {
        console.line(printable("\(plan.connector): stand-in '\(plan.kind.rawValue)' at \(plan.baseURL)"))
      }
    }
  }
}

/// A stand-in that listens.
private enum RunningStandIn {
  case shop(ShopStandIn)
  case erp(ERPStandIn)

  func start() throws(HTTPServerError) {
    switch self {
    case .shop(let shop): try shop.start()
    case .erp(let erp): try erp.start()
    }
  }

  func stop() {
    switch self {
    case .shop(let shop): shop.stop()
    case .erp(let erp): erp.stop()
    }
  }
}

extension StandInPlan {
  /// The folder of this stand-in: the common one, unless there are several of its kind, whose files have the same names.
  func folder(in common: String, of all: [StandInPlan]) -> String {
    all.count { $0.kind == kind } > 1 ? "\(common)/\(connector)" : common
  }
}

extension CommandContext {
  /// The stand-ins' folder, absolute; a relative one lies in the project.
  func stateFolder(_ state: String) -> String { state.hasPrefix("/") ? state : projectFolder + "/" + state }
}
