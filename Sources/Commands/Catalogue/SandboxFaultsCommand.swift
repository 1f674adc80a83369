import Diagnostics
import Values

/// `datahub sandbox faults`: changes what goes wrong at running stand-ins.
struct SandboxFaultsCommand: Command {
  static let form = CommandForm(
    name: "faults", summary: "Change what goes wrong at the running stand-ins.",
    discussion: "What is not named stays as it is. The random numbers start anew.",
    arguments: [
      .rest(
        "KEY=VALUE",
        "latency (ms), rate (or none), error-before, error-after, drop-after, drop-next, error-next, search-lag (ms), seed.",
        isRequired: true)
    ],
    options: [.value("connector", "NAME", "Only the stand-in of this connector.")],
    examples: [
      .init("datahub sandbox faults latency=50 drop-after=0.1", "Slow, and every tenth answer is lost."),
      .init("datahub sandbox faults error-before=1 --connector erp", "The ERP refuses everything."),
      .init(
        "datahub sandbox faults drop-next=1 search-lag=2000", "One answer is lost; what was saved is found 2 s later."),
    ])

  private static let names = [
    "latency": "latencyMilliseconds", "rate": "requestsPerSecond", "error-before": "errorBeforeSavingRate",
    "error-after": "errorAfterSavingRate", "drop-after": "dropAfterSavingRate", "drop-next": "dropNextWrites",
    "error-next": "errorNextWrites", "search-lag": "searchLagMilliseconds", "seed": "seed",
  ]

  private let faults: Value
  private let connector: String?

  init(_ arguments: Arguments) throws(UsageError) {
    var entries: [(String, Value)] = []
    for text in arguments.arguments("KEY=VALUE") { entries.append(try SandboxFaultsCommand.entry(text)) }
    faults = .map(ValueMap(entries))
    connector = arguments.value("connector")
  }

  private static func entry(_ text: String) throws(UsageError) -> (String, Value) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard let name = names[parts[0]] else {
      let known = names.keys.sorted()
      throw UsageError(
        "there is no fault '\(parts[0])'",
        help: didYouMean(parts[0], among: known).map { "did you mean '\($0)'?" }
          ?? "there is \(known.joined(separator: ", "))")
    }
    guard parts.count == 2 else { throw UsageError("'\(text)' has no value", help: "write \(text)=VALUE") }
    if parts[1] == "none", parts[0] == "rate" { return (name, .null) }
    guard let number = Decimal(parts[1]) else {
      throw UsageError("'\(parts[1])' is not a value of '\(parts[0])'", help: "write a number: \(parts[0])=1")
    }
    return (name, number.int64.map { .int($0) } ?? .decimal(number))
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let all = try StandInPlan.all(context, readsSecrets: false)
    let standIns = all.filter { connector == nil || $0.connector == connector }
    guard !standIns.isEmpty else {
      throw UsageError(
        "connector '\(connector ?? "")' has no stand-in",
        help: "there is \(all.map(\.connector).joined(separator: ", "))")
    }
    let calls = StandInCalls()
    var answers: [(String, Value)] = []
    for standIn in standIns {
      answers.append((standIn.connector, try await calls.post("/_sandbox/faults", faults, to: standIn)))
    }
    await calls.close()
    show(answers, context.console)
    return .done
  }

  // MARK: - View

  private func show(_ answers: [(String, Value)], _ console: Console) {
    if console.format == .json { return console.line(Value.map(ValueMap(answers)).json()) }
    for (name, faults) in answers { console.line(printable("\(name): \(faults.json())")) }
  }
}
