import Plans
import Testing

@Suite("stopAfter in files")
struct StopAfterFileTests {
  private func compile(_ text: String) throws -> (plan: ExecutionPlan?, findings: [Finding]) {
    let hub = try #require(SampleProject.files["hub.yaml"])
    return try SampleProject.compile(["hub.yaml": hub + "\n  stopAfter: \(text)\n"])
  }

  @Test(
    "a number or a share is in the plan",
    arguments: [
      ("10", StopAfterPlan(records: 10)), ("0", StopAfterPlan(records: 0)), ("'7'", StopAfterPlan(records: 7)),
      ("1%", StopAfterPlan(shareInTenThousandths: 100)), ("0.25%", StopAfterPlan(shareInTenThousandths: 25)),
      ("12.5%", StopAfterPlan(shareInTenThousandths: 1_250)), ("99.99%", StopAfterPlan(shareInTenThousandths: 9_999)),
    ])
  func plan(_ text: String, _ expected: StopAfterPlan) throws {
    let (plan, findings) = try compile(text)
    #expect(findings.isEmpty, "\(findings)")
    #expect(plan?.hub("orders")?.stopAfter == expected)
  }

  @Test(
    "anything else is told with what it takes",
    arguments: ["many", "-1", "100%", "0%", "0.00%", "1.234%", "1 %", "1.%", ".5%", "1e2", "9999999999"])
  func mistakes(_ text: String) throws {
    let (plan, findings) = try compile(text)
    #expect(plan == nil)
    #expect(findings.map(\.code) == ["DH2015"], "\(findings)")
    #expect(findings.first?.message.contains("1% or 0.25%") == true && findings.first?.marked == text)
  }

  @Test("a hub that sets no bound has none in its plan, and one that does has changed")
  func difference() throws {
    let before = try #require(try SampleProject.compile().plan)
    let after = try #require(try compile("1%").plan)
    #expect(!String(decoding: try before.canonicalBytes(), as: UTF8.self).contains("stopAfter"))
    let change = try PlanDifference(from: before, to: after).hubs.first
    #expect(change?.action == .change && change?.paths == ["stopAfter"], "\(String(describing: change))")
  }
}
