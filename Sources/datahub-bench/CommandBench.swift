/// How long commands take that people wait for.
enum CommandBench {
  static func run(repetitions: Int) throws -> [Measurement] {
    var measurements: [Measurement] = []
    for hubs in [10, 100, 1_000, 5_000] {
      report("  validate, \(hubs) hubs")
      let folder = try TemporaryFolder()
      try GeneratedProject.write(to: folder, port: 8080)
      for number in 1...hubs {
        try GeneratedProject.addHub("orders-\(number)", way: number % 2 == 0 ? "batch" : "one", to: folder)
      }
      let runs = try (1...repetitions).map { _ in
        try datahub_bench.run(Programs.datahub, ["validate", "-C", folder.path])
      }
      measurements.append(
        Measurement(
          name: "validate, \(hubs) hubs", value: datahub_bench.median(runs.map(\.seconds)) * 1_000, unit: "ms",
          wanted: hubs == 1_000 ? 1_000 : nil, lessIsBetter: true))
      measurements.append(
        Measurement(
          name: "peak memory of that, \(hubs) hubs", value: (runs.map { Double($0.peakBytes) }.max() ?? 0) / 1_000_000,
          unit: "MB", wanted: nil, lessIsBetter: true))
    }
    report("  version")
    let seconds = try median(repetitions * 4) { ["version"] }
    measurements.append(
      Measurement(name: "version", value: seconds * 1_000, unit: "ms", wanted: 30, lessIsBetter: true))
    return measurements
  }

  private static func median(_ repetitions: Int, _ arguments: () -> [String]) throws -> Double {
    try datahub_bench.median(
      (1...repetitions).map { _ in try datahub_bench.run(Programs.datahub, arguments()).seconds })
  }
}
