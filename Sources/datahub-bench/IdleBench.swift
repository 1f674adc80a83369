import Glibc

/// What `datahub up` costs while there is nothing to do: 200 hubs with schedules that are not due.
enum IdleBench {
  private static let hubs = 200
  private static let seconds = 60

  static func run() throws -> [Measurement] {
    report("  up, \(hubs) hubs, \(seconds) s")
    let folder = try TemporaryFolder()
    try GeneratedProject.write(to: folder, port: 9)
    for number in 1...hubs { try GeneratedProject.addIdleHub("idle-\(number)", number, to: folder) }
    _ = try datahub_bench.run(Programs.datahub, ["-C", folder.path, "apply", "--yes"])
    let service = try Program(Programs.datahub, ["-C", folder.path, "up"])
    // What starting costs is another question.
    sleep(10)
    let before = try service.processorSeconds()
    sleep(UInt32(seconds))
    let share = (try service.processorSeconds() - before) / Double(seconds)
    guard share > 0 else { throw BenchError("'datahub up' used no time at all: did it run?") }
    return [
      Measurement(
        name: "up with \(hubs) scheduled hubs and nothing to do", value: share * 100, unit: "% of a core", wanted: 1,
        lessIsBetter: true)
    ]
  }
}
