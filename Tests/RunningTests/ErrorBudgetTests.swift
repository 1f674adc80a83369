import Keeping
import Plans
import Testing
import Values

@testable import Running

@Suite("What may fail of a run")
struct ErrorBudgetTests {
  private func budget(_ allowed: String, _ body: (ErrorBudget, RunCounters) throws -> Void) async throws {
    let hub = """
      stopAfter: \(allowed)
      source: { connector: shop, api: acme/list, window: { start: 1h } }
      mapping: { code: "${ record.id }" }
      target: { connector: erp, api: acme/save, delivery: idempotency-key }
      """
    try await FlowProject.with(["orders": hub]) { project in
      let counters = RunCounters()
      try body(try #require(ErrorBudget(project.flows[0], counters)), counters)
    }
  }

  @Test("a record whose write is refused is one record: half of them are half of those that were put into writes")
  func refused() async throws {
    try await budget("50%") { budget, counters in
      counters.add { $0.queued = 200 }
      counters.add { ($0.failed, $0.refused) = (100, 100) }
      #expect(!budget.isSpent)
      counters.add { ($0.failed, $0.refused) = (101, 101) }
      #expect(budget.isSpent)
    }
  }

  @Test("what is read well counts before it is put into writes")
  func read() async throws {
    try await budget("1%") { budget, counters in
      counters.add {
        $0.pages.new = 1_000_000
        ($0.pages.failed, $0.failed) = (99, 99)
      }
      var page = RunCounts()
      (page.pages.new, page.failed) = (100, 1)
      #expect(!budget.isSpent(with: page))
      #expect(!budget.isSpent)
      // A page of its own, of which too many cannot be kept as they are.
      (page.pages.new, page.failed) = (10_000, 10_100)
      #expect(budget.isSpent(with: page))
    }
  }

  @Test("what an earlier run has read counts as it is looked at")
  func lookedAt() async throws {
    try await budget("10%") { budget, _ in
      #expect(!budget.isSpent(lookingAt: 1_000, failing: 100))
      #expect(budget.isSpent(lookingAt: 1_000, failing: 101))
      #expect(!budget.isSpent(lookingAt: 99, failing: 99))
    }
  }
}
