import Connecting
import HTTPServer
import Plans
import Sandbox
import Synchronization
import Testing
import Values

@Suite("Writing to the stand-in ERP")
struct ERPTests {
  private func withERP(
    environment: [String: String] = erpEnvironment, _ body: (Bench, WriteProgram, ERPStandIn) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    try await Bench.with { bench in
      let erp = try ERPStandIn(stateFolder: folder.path, clock: bench.clock.function)
      try erp.start()
      defer { erp.stop() }
      let client = try bench.client(erpPlan(baseURL: "http://127.0.0.1:\(erp.port)"), environment: environment)
      try await body(bench, try WriteProgram(api: ordersSave, connector: client, with: [:]), erp)
    }
  }

  private func item(_ code: String, key: String, customer: String = "c", revision: Int64? = nil) -> OutgoingItem {
    OutgoingItem(
      document: ["code": .string(code), "customer": .string(customer), "amount": 1, "lines": [["item": "x"]]],
      idempotencyKey: key, delivered: revision.map { OutgoingItem.Delivered(revision: $0, id: nil) })
  }

  @Test("a batch is settled item by item, in the order it was sent")
  func batch() async throws {
    try await withERP { _, write, _ in
      let first = try write.render([item("A", key: "k1")])
      let answer = try #require(await write.send(first).answer)
      #expect(try write.read(answer, count: 1) == [.taken(id: "E00000001")])
      let unsound = OutgoingItem(document: ["code": "C"], idempotencyKey: "k4")
      let second = try write.render([
        item("B", key: "k2"), item("A", key: "k3"), unsound, item("A", key: "k5", revision: 1),
      ])
      let verdicts = try write.read(try #require(await write.send(second).answer), count: 4)
      #expect(verdicts[0] == .taken(id: "E00000002"))
      #expect(verdicts[1] == .exists(id: nil, message: "单据编号已存在"))
      guard case .refused(let words) = verdicts[2] else { throw Unexpected() }
      #expect(words.contains("customer"))
      #expect(verdicts[3] == .taken(id: "E00000001"))
    }
  }

  @Test("the same bytes sent again have no further effect")
  func replay() async throws {
    try await withERP { _, write, _ in
      let request = try write.render([item("A", key: "k1")])
      let kept = try RenderedRequest(bytes: request.bytes)
      for sent in [request, kept] {
        let answer = try #require(await write.send(sent).answer)
        #expect(try write.read(answer, count: 1) == [.taken(id: "E00000001")])
      }
    }
  }

  @Test("tokens that end are replaced once, and the call goes through")
  func expiry() async throws {
    try await withERP { bench, write, _ in
      _ = try #require(await write.send(try write.render([item("A", key: "k1")])).answer)
      bench.clock.advance(seconds: 299)
      #expect(await write.send(try write.render([item("B", key: "k2")])).answer != nil)
    }
  }

  @Test("wrong credentials are unauthenticated, in the platform's words and without the secret")
  func refusedLogin() async throws {
    try await withERP(environment: ["ERP_SECRET": "canary-7f3a"]) { _, write, _ in
      let failure = try #require(await write.send(try write.render([item("A", key: "k1")])).failure)
      #expect(failure.kind == .unauthenticated)
      #expect(failure.message == "the login was refused: appKey 或 appSecret 错误")
      #expect(!"\(failure)\(failure.answerText ?? "")".contains("canary"))
    }
  }

  @Test("a connection that drops after the work was done is uncertain")
  func dropped() async throws {
    try await withERP { _, write, erp in
      _ = await write.send(try write.render([item("A", key: "k1")]))
      erp.faults = StandInFaults(dropAfterSavingRate: 1)
      let failure = try #require(await write.send(try write.render([item("B", key: "k2")])).failure)
      #expect(failure.kind == .uncertain)
      erp.faults = StandInFaults(errorAfterSavingRate: 1)
      let other = try #require(await write.send(try write.render([item("C", key: "k3")])).failure)
      #expect(other.kind == .uncertain)
      #expect(other.message == "internal error (HTTP 500)")
    }
  }
}

struct Unexpected: Error {}
