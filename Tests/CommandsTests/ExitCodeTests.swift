import Commands
import Connecting
import Keeping
import Plans
import Running
import Testing

@Suite("Exit codes")
struct ExitCodeTests {
  @Test("the codes are those of the documentation")
  func table() {
    let table = Dictionary(uniqueKeysWithValues: ExitCode.allCases.map { ("\($0)", $0.rawValue) })
    #expect(
      table == [
        "done": 0, "findings": 1, "changes": 2, "stale": 3, "usage": 64, "unreachable": 69, "defect": 70,
        "interrupted": 130,
      ])
  }

  private struct Surprise: Error {}

  @Test("every kind of error has its code")
  func errors() {
    let errors: [(any Error, ExitCode)] = [
      (StoreError(.stale, ""), .stale), (StoreError(.leaseLost, ""), .stale),
      (StoreError(.unavailable, ""), .unreachable), (StoreError(.damaged, ""), .findings),
      (StoreError(.otherTenant, ""), .findings), (StoreError(.otherVersion, ""), .findings),
      (RunError(.unknownHub, ""), .usage), (RunError(.nothingDeployed, ""), .findings),
      (RunError(.damagedPlan, ""), .findings), (PlanError.changed, .findings),
      (ConnectingError(.missingSecret, ""), .usage), (ConnectingError(.badReference, ""), .usage),
      (ConnectingError(.unreadableSecret, ""), .usage), (ConnectingError(.badParameter, ""), .findings),
      (CancellationError(), .interrupted), (Surprise(), .defect),
    ]
    for (error, exit) in errors { #expect(CommandFailure.explaining(error).exit == exit, "\(error)") }
  }
}
