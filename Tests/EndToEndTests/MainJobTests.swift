import Foundation
import Testing
import Values

@Suite("The main job", .serialized, .timeLimit(.minutes(10)))
struct MainJobTests {
  @Test("every order arrives once, to the cent; a second run sends nothing; ten changes send ten")
  func wholeWay() throws {
    let quickstart = try Quickstart()
    try quickstart.apply()
    let expected = try quickstart.expected()

    let first = try quickstart.run()
    #expect(first.code == 0, "\(first.messages)")
    #expect(first.summary["hub"] == "orders")
    #expect(first.summary["read"]?.intValue ?? 0 >= expected.orders)
    #expect(first.summary["new"]?.intValue == expected.orders)
    #expect(first.summary["done"]?.intValue == expected.orders)
    for name in ["failed", "waiting", "uncertain", "filtered"] { #expect(first.summary[name] == 0) }
    #expect(first.summary["seconds"] != nil)
    try expectOnce(quickstart, updates: 0)

    // What was read is what the preset says it is, as far as these orders go.
    let learnt = try quickstart.program.run("infer", "orders", "--from-keeper", "--output", "json").json()
    #expect(learnt["samples"]?.intValue == expected.orders)
    #expect(learnt.at("schema", "properties", "pay_amount", "type") == "number")
    #expect(learnt.at("schema", "properties", "items", "items", "properties", "qty", "type") == "integer")

    let second = try quickstart.run()
    #expect(second.code == 0)
    #expect(second.summary["sent"] == 0)
    #expect(second.summary["new"] == 0)

    #expect(try quickstart.program.run("sandbox", "change", "10").code == 0)
    let third = try quickstart.run()
    #expect(third.summary["changed"] == 10)
    #expect(third.summary["sent"] == 10)
    let report = try quickstart.report()
    #expect(report["orders"]?.intValue == expected.orders)
    #expect(report["inserts"]?.intValue == expected.orders)
    #expect(report["updates"] == 10)
  }

  @Test("killed at twenty moments, with answers lost after saving: every order still arrives, each once")
  func killed() throws {
    let quickstart = try Quickstart(faults: ["--drop-after", "0.03", "--seed", "7", "--latency", "2"])
    try quickstart.edit("hubs/orders.yaml", "batch: 100", "batch: 20")
    try quickstart.apply()
    var random = SeededGenerator(seed: 20_261_124)
    var ended = 0
    for _ in 0..<20 {
      let process = try quickstart.program.start(["run", "orders"])
      usleep(UInt32.random(in: 50_000...700_000, using: &random))  // the moment of the kill is the point of the test
      if !process.isRunning { ended += 1 }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try #require(ended < 20, "every run ended before it was killed")
    try eventually("a run ends with nothing left", within: 180) { try quickstart.run().code == 0 }
    try expectOnce(quickstart, updates: 0)
    let states = try quickstart.program.run("status", "orders", "--output", "json")
    #expect(states.code == 0)
  }

  private func expectOnce(_ quickstart: Quickstart, updates: Int64) throws {
    let expected = try quickstart.expected()
    let report = try quickstart.report()
    #expect(report["orders"]?.intValue == expected.orders)
    #expect(report["inserts"]?.intValue == expected.orders)
    #expect(report["updates"]?.intValue == updates)
    #expect(report["amount"]?.stringValue.flatMap { Amount($0) } == expected.amount)
  }

  @Test("the demo runs from its first step to its last")
  func demo() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", Program.root.appending(path: ".ci/demo").path, Program.path]
    let log = FileManager.default.temporaryDirectory.appending(path: "datahub-demo-\(UUID().uuidString).log")
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }  // a leftover in the temporary folder hurts nobody
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: log)
    process.standardError = try FileHandle(forWritingTo: log)
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: log, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains("Done: 6,919 orders"))
  }
}

/// A small seeded generator, splitmix64 of Sebastiano Vigna.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
