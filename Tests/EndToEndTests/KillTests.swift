import Foundation
import TestServers
import Testing

@Suite("Workers that are killed", .timeLimit(.minutes(10)))
struct KillTests {
  @Test("four workers, killed and stopped at random, lose nothing, double nothing and keep the order")
  func chaos() throws {
    let bench = Program(
      folder: FileManager.default.temporaryDirectory, program: Program.beside("datahub-bench"))
    let outcome = try bench.run("chaos", "--tasks", "3000", "--seed", "7")
    #expect(outcome.code == 0, "\(outcome.messages)")
    #expect(outcome.output.matches(of: /none lost, none doubled/).count == 3, "\(outcome.output)")
  }

  @Test(
    "the same on a MongoDB server",
    .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
  func chaosOnMongoDB() throws {
    let bench = Program(
      folder: FileManager.default.temporaryDirectory, program: Program.beside("datahub-bench"))
    let outcome = try bench.run("chaos", "--tasks", "150", "--seed", "7", "--store", MongoServer.shared().url)
    #expect(outcome.code == 0, "\(outcome.messages)")
    // So few that no hundred is left for the hub with one write at a time.
    #expect(outcome.output.matches(of: /none lost, none doubled/).count == 2, "\(outcome.output)")
  }
}
