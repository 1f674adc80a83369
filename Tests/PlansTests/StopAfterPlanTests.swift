import Plans
import Testing

@Suite("How many may fail")
struct StopAfterPlanTests {
  @Test(
    "a number is exceeded by one more, whatever is dealt with",
    arguments: [(0, 0, false), (0, 1, true), (10, 10, false), (10, 11, true)])
  func number(_ allowed: Int, _ failed: Int, _ isExceeded: Bool) {
    for records in [failed, 1_000_000] {
      #expect(StopAfterPlan(records: allowed).isExceeded(by: failed, of: records) == isExceeded)
    }
  }

  @Test(
    "a share is judged from the hundredth record on, and exactly",
    arguments: [
      (100, 99, 99, false), (100, 1, 100, false), (100, 2, 100, true), (100, 2, 199, true), (100, 2, 200, false),
      (25, 1, 399, true), (25, 1, 400, false), (1, 100, 1_000_000, false), (1, 101, 1_000_000, true),
      (9_999, .max, .max, false), (1, .max, 1_000, true),
    ])
  func share(_ share: Int, _ failed: Int, _ records: Int, _ isExceeded: Bool) {
    #expect(StopAfterPlan(shareInTenThousandths: share).isExceeded(by: failed, of: records) == isExceeded)
  }

  @Test(
    "it is said as it was written",
    arguments: [(100, "1%"), (25, "0.25%"), (150, "1.5%"), (5, "0.05%"), (10, "0.1%"), (9_999, "99.99%")])
  func words(_ share: Int, _ words: String) {
    #expect(StopAfterPlan(shareInTenThousandths: share).words == "\(words) of its records")
    #expect(StopAfterPlan(records: 1).words == "1 record" && StopAfterPlan(records: 2).words == "2 records")
  }
}
