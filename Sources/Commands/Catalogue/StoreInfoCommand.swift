import Keeping

/// `datahub store info`: what a store is, how large, and what it lacks.
struct StoreInfoCommand: Command {
  static let form = CommandForm(
    name: "info", summary: "Show where the store is, its version, how much it holds, and what it lacks.",
    examples: [
      .init("datahub store info", "The store of development."),
      .init("datahub -e production store info --output json", "For programs."),
    ])

  init(_ arguments: Arguments) {}

  func run(_ context: CommandContext) async throws -> ExitCode {
    let info = try await OpenStore.with(context) { try await $0.store.info() }
    if context.console.format == .json {
      try context.console.json(info)
    } else {
      show(info, context.console)
    }
    return info.missing.isEmpty ? .done : .findings
  }

  private func show(_ info: StoreInfo, _ console: Console) {
    console.line(printable("\(info.kind): \(info.place)"))
    console.line(printable("tenant \(info.tenant), version \(info.version), \(info.engine), \(size(info.bytes))"))
    var table = TextTable(["WHAT", "COUNT"])
    for count in info.counts { table.add(count.name, grouped(count.count)) }
    console.output(table.text())
    for fault in info.missing { console.line(printable("missing: \(fault)")) }
    if !info.missing.isEmpty { console.line("run datahub store migrate to make what is missing") }
  }

  private func size(_ bytes: Int64) -> String {
    bytes < 10 << 20 ? "\(grouped(Int(bytes >> 10))) KB" : "\(grouped(Int(bytes >> 20))) MB"
  }
}
