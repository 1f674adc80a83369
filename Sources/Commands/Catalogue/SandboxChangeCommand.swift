import Values

/// `datahub sandbox change`: changes orders of the running shop.
struct SandboxChangeCommand: Command {
  static let form = CommandForm(
    name: "change", summary: "Change some orders of the running stand-in shop, as customers would.",
    arguments: [.required("N", "How many orders.")],
    options: [SandboxCommand.stateOption],
    examples: [.init("datahub sandbox change 10", "Add 1.00 to the amounts of the next ten orders.")])

  private let count: Int

  init(_ arguments: Arguments) throws(UsageError) {
    count = try arguments.integer(try arguments.required("N"), "N", in: 1...100_000)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let shops = try StandInPlan.all(context, readsSecrets: false).filter { $0.kind == .shop }
    guard !shops.isEmpty else { throw CommandFailure(.findings, "the project declares no shop among its stand-ins") }
    let calls = StandInCalls()
    var changed: [Value] = []
    for shop in shops {
      let answer = try await calls.post("/_sandbox/change?orders=\(count)", nil, to: shop)
      changed += answer["orders"]?.listValue ?? []
    }
    await calls.close()
    show(changed, context.console)
    return .done
  }

  // MARK: - View

  private func show(_ changed: [Value], _ console: Console) {
    if console.format == .json {
      return console.line(Value.map(ValueMap([("orders", .list(changed))])).json())
    }
    let names = changed.compactMap(\.stringValue)
    let shown = names.prefix(10).joined(separator: ", ")
    let rest = names.count > 10 ? " and \(names.count - 10) more" : ""
    console.line(printable("\(counted(names.count, "order")) changed: \(shown)\(rest)"))
  }
}
