/// All that is measured, part by part.
enum Bench {
  /// The parts, in the order of the table.
  private static let parts = [
    "json", "mapping", "cel", "store", "run", "memory", "commands", "idle", "queue", "growth",
  ]

  /// Measures the named parts, or all, and prints the table.
  static func run(parts wanted: [String]) async throws {
    if let unknown = wanted.first(where: { !parts.contains($0) }) {
      throw BenchError("there is no part '\(unknown)'; there are \(parts.joined(separator: ", "))")
    }
    var measurements: [String: [Measurement]] = [:]
    // Programs first: a child's peak of memory starts from what its parent had when it was started, so this process must
    // still be small.
    for part in ["memory", "run", "commands", "idle", "queue", "json", "mapping", "cel", "store", "growth"]
    where wanted.contains(part) || wanted.isEmpty && part != "growth" {
      report("measuring: \(part)")
      measurements[part] = try await measure(part)
    }
    print(machine())
    print()
    print(table(parts.flatMap { measurements[$0] ?? [] }))
  }

  private static func measure(_ part: String) async throws -> [Measurement] {
    switch part {
    case "memory": try EndToEndBench.memory()
    case "run": try EndToEndBench.rates(repetitions: 5)
    case "commands": try CommandBench.run(repetitions: 5)
    case "idle": try IdleBench.run()
    case "growth": try await GrowthBench.run()
    case "queue": try QueueBench.run(tasks: 20_000)
    case "json": try JSONBench.run(seconds: 2)
    case "mapping": try MappingBench.run(seconds: 2)
    case "cel": try CELBench.run()
    default: try await StoreBench.run(records: 50_000)
    }
  }
}
