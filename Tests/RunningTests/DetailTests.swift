import HTTPServer
import Keeping
import SQLiteStore
import Synchronization
import Testing
import Values

@testable import Running

@Suite("Lists whose records are asked for one by one", .timeLimit(.minutes(5)))
struct DetailTests {
  /// A list of three orders, of which two have more to tell, one only as long as it is there.
  private final class Shop: Sendable {
    let isGone = Atomic(false)
    let asked = Mutex<[String]>([])

    func answer(_ request: ServerRequest) -> ServerResponse {
      asked.withLock { $0.append(request.path) }
      switch request.path {
      case "/orders":
        return .json(
          Array(#"{"orders":[{"id":"a","big":true},{"id":"b","big":true},{"id":"c","big":false}]}"#.utf8))
      case "/orders/a" where isGone.load(ordering: .relaxed):
        return .json(Array(#"{"error":"gone"}"#.utf8), status: 404)
      default:
        let id = request.path.split(separator: "/").last ?? ""
        return .json(Array(#"{"order":{"id":"\#(id)","big":true,"lines":[1,2]}}"#.utf8))
      }
    }
  }

  private static let hub = """
    source: { connector: shop, api: acme/whole, window: { start: 1h } }
    mapping: { code: "${ record.id }" }
    target: { connector: erp, api: acme/save, delivery: idempotency-key }
    """

  @Test("a record that can no longer be had whole keeps what is known of it, and the calls that are made are counted")
  func refused() async throws {
    let shop = Shop()
    let server = try HTTPServer(handler: { shop.answer($0) })
    defer { server.stop() }
    try await FlowProject.with(["orders": Self.hub], baseURL: "http://127.0.0.1:\(server.port)") { project in
      let session = try await project.store.openSession()
      let context = project.context(session.owner)
      func pull() async throws -> RunCounts {
        _ = try await SourceDispatcher(context).dispatch(project.flows[0])
        var options = Worker.Options()
        options.stopWhenEmpty = true
        let worker = Worker(context, project.flows, options: options)
        try await worker.run()
        return worker.counters.counts
      }
      let first = try await pull()
      #expect(first.pages.new == 3 && first.requests == 3)
      #expect(shop.asked.withLock { $0.sorted() } == ["/orders", "/orders/a", "/orders/b"])
      shop.isGone.store(true, ordering: .relaxed)
      try project.set("2026-03-02T10:00:00Z")
      let second = try await pull()
      #expect(second.pages.changed == 0 && second.pages.unchanged == 3 && second.failed == 1)
      let record = try #require(try await project.store.record(hub: "orders", key: "a"))
      #expect(record.content["lines"] == [1, 2] && record.summary.revision == 1)
      #expect(record.summary.error?.kind == Failure.detailKind && record.summary.error?.status == 404)
      shop.isGone.store(false, ordering: .relaxed)
      try project.set("2026-03-02T11:00:00Z")
      #expect(try await pull().pages.unchanged == 3)
      let mended = try #require(try await project.store.record(hub: "orders", key: "a"))
      #expect(mended.summary.error == nil && mended.summary.state == "pending")
    }
  }
}
