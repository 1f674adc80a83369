import Connecting
import Plans
import Sandbox
import Testing
import Values

@Suite("Reading from the stand-in shop")
struct ShopTests {
  private static let orders = """
    order_no,customer_id,order_date,units,amount
    CD000001,0001,1997-01-01,1,29.33
    CD000002,0002,1997-01-03,2,0.10
    CD000003,0003,1997-01-05,3,12.00

    """

  private func withShop(_ body: (Bench, QueryProgram, ShopStandIn) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let csv = try folder.write(ShopTests.orders, to: "orders.csv")
    try await Bench.with { bench in
      let shop = try ShopStandIn(ordersCSV: csv, stateFolder: folder.path, clock: bench.clock.function)
      try shop.start()
      defer { shop.stop() }
      let plan = shopPlan(baseURL: "http://127.0.0.1:\(shop.port)", signature: try jushuitanSignature())
      let client = try bench.client(plan, environment: shopEnvironment)
      try await body(bench, try QueryProgram(api: ordersQuery, connector: client, with: ["status": ""]), shop)
    }
  }

  @Test("the preset's signature is accepted, and pages give each order once with its digits")
  func pages() async throws {
    try await withShop { bench, query, _ in
      let window = (from: bench.clock.now - TimeSpan(seconds: 6 * 86_400), to: bench.clock.now)
      var page: PagePosition? = PagePosition(number: 1, size: 2)
      var keys: [String] = []
      var amounts: [String] = []
      while let position = page {
        let request = try query.render(window: window, page: position)
        let answer = try #require(await query.send(request).answer)
        let result = try query.read(answer, page: position)
        for record in result.records {
          keys.append(try query.key(of: record))
          amounts.append(try #require(record["pay_amount"]).json())
          #expect(query.number(of: record) == keys.last)
        }
        page = result.next
      }
      #expect(keys.sorted() == ["CD000001", "CD000002", "CD000003"])
      #expect(amounts.sorted() == ["0.10", "12.00", "29.33"])
    }
  }

  @Test("a refusal is told in the shop's own words")
  func refusal() async throws {
    try await withShop { bench, query, _ in
      let window = (from: bench.clock.now - TimeSpan(seconds: 8 * 86_400), to: bench.clock.now)
      let outcome = await query.send(try query.render(window: window, page: query.firstPage))
      let failure = try #require(outcome.failure)
      #expect(failure.kind == .rejected)
      #expect(failure.message.contains("间隔不能超过七天"))
      #expect(failure.answerText?.contains("\"code\":30") == true)
    }
  }

  @Test("the shop's limit of requests is rate limited with its wait")
  func rateLimited() async throws {
    try await withShop { bench, query, shop in
      shop.faults = StandInFaults(requestsPerSecond: 1)
      let window = (from: bench.clock.now - TimeSpan(seconds: 60), to: bench.clock.now)
      let request = try query.render(window: window, page: query.firstPage)
      var failures: [CallFailure] = []
      for _ in 0..<3 { if let failure = await query.send(request).failure { failures.append(failure) } }
      let failure = try #require(failures.last)
      #expect(failure.kind == .rateLimited)
      #expect(failure.status == 429)
      #expect(failure.retryAfter == TimeSpan(seconds: 1))
    }
  }

  @Test("a request that is kept and read back is the same, and holds no secret")
  func kept() async throws {
    try await withShop { bench, query, _ in
      let request = try query.render(window: (from: bench.clock.now, to: bench.clock.now), page: query.firstPage)
      #expect(try RenderedRequest(bytes: request.bytes) == request)
      let text = String(decoding: request.bytes, as: UTF8.self)
      #expect(!text.contains("sandbox-shop-secret") && !text.contains("sandbox-shop-token"))
    }
  }
}
