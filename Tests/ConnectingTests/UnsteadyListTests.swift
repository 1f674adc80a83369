import HTTPServer
import Plans
import Synchronization
import Testing
import Values

@testable import Connecting

@Suite("Lists that change while they are read")
struct UnsteadyListTests {
  /// A list that is served by pages, newest first or last, and changes between requests.
  private struct Shelf {
    var items: [Int64]
    /// Done after each page.
    var change: (inout [Int64], _ request: Int) -> Void

    /// Reads the list as a worker does; nil where it would not stand still.
    mutating func read(_ query: QueryProgram) throws -> [Int64]? {
      var seen: [Int64] = []
      var page: PagePosition? = query.firstPage
      var requests = 0
      while let position = page {
        requests += 1
        try #require(requests < 1_000)
        let first: Int64 =
          query.reading.paging.kind == .offset ? position.number : (position.number - 1) * position.size
        let records = items.dropFirst(Int(first)).prefix(Int(position.size))
        let size = position.size
        let pages = (Int64(items.count) + size - 1) / size
        seen += records
        let answer = Answer(
          status: 200,
          response: [
            "body": [
              "records": .list(records.map { ["id": .int($0)] }), "total": .int(Int64(items.count)),
              "pages": .int(pages),
            ]
          ], bytes: 0, duration: .zero)
        do throws(ConnectingError) {
          page = try query.read(answer, page: position).next
        } catch {
          guard error.code == .unsteadyList else { throw error }
          return nil
        }
        change(&items, requests)
      }
      return seen
    }
  }

  private func query(_ paging: PagingPlan) async throws -> QueryProgram {
    try await Bench.with { bench in
      try QueryProgram(api: .query(paging: paging), connector: try bench.client(.plain()), with: [:])
    }
  }

  private static let forward = PagingPlan(
    kind: .page, start: 1, size: 10, more: "${ page.number < response.body.pages }", next: nil)
  private static let counted = PagingPlan(
    kind: .page, start: 1, size: 10, more: "${ page.number < response.body.pages }", next: nil,
    total: "${ response.body.total }")
  private static let reverse = PagingPlan(
    kind: .page, start: 1, size: 10, more: nil, next: nil, order: .reverse, pages: "${ response.body.pages }")
  private static let offset = PagingPlan(
    kind: .offset, start: 0, size: 10, more: nil, next: nil, total: "${ response.body.total }")

  /// The first of what is left leaves the list after the second page, as an order that is changed leaves its window.
  private static func leave(_ items: inout [Int64], _ request: Int) { if request == 2 { items.removeFirst() } }

  @Test("a record that leaves the list hides another from pages that are only read forward")
  func hidden() async throws {
    var shelf = Shelf(items: Array(1...45), change: UnsteadyListTests.leave)
    #expect(Set(try #require(try shelf.read(try await query(UnsteadyListTests.forward)))).count == 44)
  }

  @Test("a list whose number changes is read again, and nothing is hidden", arguments: [counted, offset])
  func counting(paging: PagingPlan) async throws {
    let query = try await query(paging)
    var shelf = Shelf(items: Array(1...45), change: UnsteadyListTests.leave)
    #expect(Set(try #require(try shelf.read(query))).isSuperset(of: Set(2...45)))
    var growing = Shelf(items: Array(1...45)) { items, request in if request == 3 { items.insert(99, at: 0) } }
    #expect(Set(try #require(try growing.read(query))) == Set(Array(1...45) + [99]))
    var still = Shelf(items: Array(1...45)) { _, _ in }
    #expect(try still.read(query) == Array(1...45))
    var empty = Shelf(items: []) { _, _ in }
    #expect(try empty.read(query) == [])
  }

  @Test("a list that changes each time it is read is given up, to be read anew by the next pull")
  func unsteady() async throws {
    let query = try await query(UnsteadyListTests.counted)
    var shelf = Shelf(items: Array(1...45)) { items, _ in items.removeFirst() }
    #expect(try shelf.read(query) == nil)
  }

  @Test(
    "more pages than are read end the pull with an error", arguments: [QueryProgram.maximumPages + 1, .max - 1, .max])
  func endless(pages: Int64) async throws {
    let query = try await query(UnsteadyListTests.reverse)
    let answer = Answer(
      status: 200, response: ["body": ["records": [["id": 1]], "pages": .int(pages)]], bytes: 0, duration: .zero)
    let error = #expect(throws: ConnectingError.self) { try query.read(answer, page: query.firstPage) }
    #expect(error?.message.contains("there are more than 1000000 pages; ask for a smaller window") == true)
  }

  @Test("as many pages as are read at most are begun with the last")
  func manyPages() async throws {
    let query = try await query(UnsteadyListTests.reverse)
    let answer = Answer(
      status: 200, response: ["body": ["records": [["id": 1]], "pages": .int(QueryProgram.maximumPages)]], bytes: 0,
      duration: .zero)
    #expect(try query.read(answer, page: query.firstPage).next?.number == QueryProgram.maximumPages)
  }

  @Test("pages read in reverse miss nothing, whatever leaves the list and whenever")
  func reversed() async throws {
    let query = try await query(UnsteadyListTests.reverse)
    for seed in UInt64(1)...60 {
      var state = seed
      var left: Set<Int64> = []
      var shelf = Shelf(items: Array(1...57)) { items, _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        guard state >> 62 > 0, !items.isEmpty else { return }
        left.insert(items.remove(at: Int(state >> 33) % items.count))
      }
      let seen = Set(try #require(try shelf.read(query)))
      #expect(seen.union(left) == Set(1...57), "seed \(seed)")
    }
    for count in [0, 1, 10, 11, 20] as [Int64] {
      var still = Shelf(items: count == 0 ? [] : Array(1...count)) { _, _ in }
      #expect(Set(try #require(try still.read(query))).count == Int(count))
    }
  }
}

@Suite("A second call for each record of a list")
struct DetailTests {
  private func detail(when: String? = nil, into: String? = nil) -> DetailPlan {
    DetailPlan(
      method: "GET", path: "/orders/${ record.id }", query: [:], headers: [:], body: nil, response: ResponsePlan(),
      record: "${ response.body.order }", into: into, when: when, concurrency: 3)
  }

  private func withShop(
    _ plan: DetailPlan, _ answer: @escaping @Sendable (String) -> ServerResponse,
    _ body: (DetailProgram) async throws -> Void
  ) async throws {
    try await Bench.with { bench in
      let server = try FixedServer { answer($0.path) }
      defer { server.stop() }
      var api = APIPlan.query()
      api.reading?.detail = plan
      let query = try QueryProgram(api: api, connector: try bench.client(.plain(server.address)), with: [:])
      try await body(try #require(query.detail))
    }
  }

  private static func order(_ path: String) -> ServerResponse {
    let id = path.split(separator: "/").last ?? ""
    return .json(Array(#"{"order":{"id":"\#(id)","lines":[1,2]}}"#.utf8))
  }

  @Test("the records come whole and in order, with what the list told where that is kept")
  func whole() async throws {
    try await withShop(detail(into: "listed"), DetailTests.order) { detail in
      let listed: [Value] = (1...20).map { ["id": .string("\($0)"), "state": "new"] }
      let outcomes = try await detail.complete(listed)
      let records = outcomes.compactMap { outcome -> Value? in
        if case .whole(let record) = outcome { record } else { nil }
      }
      #expect(records.map { $0["id"] } == listed.map { $0["id"] })
      #expect(records.allSatisfy { $0["lines"] == [1, 2] && $0.at("listed", "state") == "new" })
    }
  }

  @Test("only records that need it are asked for")
  func condition() async throws {
    let asked = Mutex<[String]>([])
    try await withShop(detail(when: "${ record.big }")) { path in
      asked.withLock { $0.append(path) }
      return DetailTests.order(path)
    } _: { detail in
      let calls = Atomic(0)
      _ = try await detail.complete([["id": "a", "big": false], ["id": "b", "big": true]]) {
        calls.add(1, ordering: .relaxed)
      }
      #expect(calls.load(ordering: .relaxed) == 1)
    }
    #expect(asked.withLock { $0 } == ["/orders/b"])
  }

  @Test("a record the platform will not tell is told apart, and the others come")
  func refused() async throws {
    try await withShop(detail()) { path in
      path.hasSuffix("/b") ? .json(Array(#"{"error":"gone"}"#.utf8), status: 404) : DetailTests.order(path)
    } _: { detail in
      let outcomes = try await detail.complete([["id": "a"], ["id": "b"], ["id": "c"]])
      #expect(outcomes.count == 3)
      guard case .refused(let record, let failure) = outcomes[1] else {
        Issue.record("the record of a 404 is not refused")
        return
      }
      #expect(record["id"] == "b" && failure.status == 404)
    }
  }

  @Test("a call that may go well another time makes the page be read again")
  func transient() async throws {
    try await withShop(detail()) { path in
      path.hasSuffix("/b") ? .json(Array("{}".utf8), status: 503) : DetailTests.order(path)
    } _: { detail in
      let calls = Atomic(0)
      let error = await #expect(throws: CallFailure.self) {
        try await detail.complete([["id": "a"], ["id": "b"]]) { calls.add(1, ordering: .relaxed) }
      }
      #expect(error?.kind == .uncertain)
      #expect(calls.load(ordering: .relaxed) == 2)
    }
  }

  @Test("a key can never change the path")
  func path() async throws {
    let asked = Mutex<[String]>([])
    try await withShop(detail()) { path in
      asked.withLock { $0.append(path) }
      return DetailTests.order(path)
    } _: { detail in
      _ = try await detail.complete([["id": "../x?y=1"]])
    }
    // The server has decoded it: it came as one part of the path, and nothing of it as a query.
    #expect(asked.withLock { $0 } == ["/orders/../x?y=1"])
  }
}
