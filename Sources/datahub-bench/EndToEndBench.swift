import Values

/// How fast `datahub run` moves records from HTTP pages to HTTP writes, beside the same job in C.
enum EndToEndBench {
  /// One way of writing to the target.
  private struct Way {
    let name: String
    let call: String
    let inC: String
    let records: Int
  }

  private static let ways = [
    Way(name: "batches of 100", call: "batch", inC: "batch", records: 40_000),
    Way(name: "one write a record, 32 on the way", call: "one", inC: "single", records: 20_000),
  ]

  /// The rates, each contender in turns, `repetitions` times.
  static func rates(repetitions: Int) throws -> [Measurement] {
    let servers = try Servers()
    return try ways.flatMap { way in
      var inC: [Double] = []
      var ours: [Double] = []
      for repetition in 1...repetitions {
        report("  \(way.name), \(repetition) of \(repetitions)")
        inC.append(Double(way.records) / (try servers.runInC(way.inC, records: way.records)))
        ours.append(Double(way.records) / (try servers.runDatahub(way.call, records: way.records).seconds))
      }
      let pairs = zip(ours, inC).map { $0 / $1 }
      return [
        Measurement(name: "the job in C, \(way.name)", value: median(inC), unit: "records/s"),
        Measurement(
          name: "end to end, \(way.name)", value: median(ours), unit: "records/s", wanted: median(inC) / 2),
        Measurement(name: "share of the rate in C, \(way.name)", value: median(pairs), unit: "of C", wanted: 0.5),
      ]
    }
  }

  /// The most memory `datahub run` had while it moved few and many records.
  static func memory() throws -> [Measurement] {
    let servers = try Servers()
    return try [20_000, 200_000, 1_000_000].map { records in
      report("  \(records) records")
      let run = try servers.runDatahub("batch", records: records)
      return Measurement(
        name: "peak memory, \(records) records", value: Double(run.peakBytes) / 1_000_000, unit: "MB",
        wanted: 150,
        lessIsBetter: true)
    }
  }
}

/// The source and the target as a process of their own, and the contenders run against them.
private final class Servers {
  private let server: Program
  private let port: Int

  init() throws {
    server = try Program(Programs.bench, ["serve"])
    guard let port = Int(try server.readLine()) else { throw BenchError("the servers told no port") }
    self.port = port
  }

  /// Runs the C program and gives how many seconds it took.
  func runInC(_ way: String, records: Int) throws -> Double {
    let folder = try TemporaryFolder()
    _ = try server.ask("reset \(records)")
    let program = try run(Programs.benchInC, ["http://127.0.0.1:\(port)", "\(folder.path)/store", way])
    try expect(records, of: "the C program")
    return program.seconds
  }

  /// Deploys a project of one hub and runs it.
  func runDatahub(_ way: String, records: Int) throws -> FinishedProgram {
    let folder = try TemporaryFolder()
    try GeneratedProject.write(to: folder, port: port)
    try GeneratedProject.addHub("orders", way: way, to: folder)
    _ = try server.ask("reset \(records)")
    _ = try run(Programs.datahub, ["apply", "--yes", "-C", folder.path, "--output", "json"])
    let program = try run(Programs.datahub, ["run", "orders", "-C", folder.path, "--output", "json"])
    var parser = JSONParser()
    let summary = try parser.parse(Array(program.output.utf8))
    guard summary["done"]?.intValue == Int64(records) else {
      throw BenchError("datahub run says \(program.output)")
    }
    try expect(records, of: "datahub")
    return program
  }

  private func expect(_ records: Int, of contender: String) throws {
    let arrived = try server.ask("report")
    guard arrived.hasPrefix("\(records) \(records) ") else {
      throw BenchError(
        "\(records) orders were to arrive once each; of \(contender) arrived (all, different): \(arrived)")
    }
  }
}
