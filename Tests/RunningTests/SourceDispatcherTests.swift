import Keeping
import SQLiteStore
import Testing
import Values

@testable import Running

@Suite("What of a source is read next")
struct SourceDispatcherTests {
  @Test("a full pull goes back to where the first one would start, and leaves out nothing that was never read")
  func full() async throws {
    let hub = """
      source: { connector: shop, api: acme/list, window: { start: 1h } }
      mapping: { code: "${ record.id }" }
      target: { connector: erp, api: acme/save, delivery: idempotency-key }
      """
    try await FlowProject.with(["orders": hub]) { project in
      let session = try await project.store.openSession()
      let dispatcher = SourceDispatcher(project.context(session.owner))
      _ = try await dispatcher.dispatch(project.flows[0])
      try await project.endPull(of: "orders", owner: session.owner)
      try project.set("2026-03-02T09:30:00Z")
      let near = try await dispatcher.newPull(project.flows[0], full: true)
      #expect(near?.from == Timestamp("2026-03-02T08:30:00Z"))
      try project.set("2026-03-02T11:30:00Z")
      let far = try await dispatcher.newPull(project.flows[0], full: true)
      #expect(far?.from == Timestamp("2026-03-02T09:00:00Z"))
    }
  }
}
