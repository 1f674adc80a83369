import Foundation
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
}
