import Connecting
import Plans
import Testing
import Values

@Suite("Reading answers")
struct ProgramTests {
  private func answer(_ body: String) throws -> Answer {
    Answer(
      status: 200, response: ["status": 200, "headers": [:], "body": try Value(json: body), "text": .null],
      bytes: body.utf8.count, duration: .zero)
  }

  private func query(_ api: APIPlan) async throws -> QueryProgram {
    try await Bench.with { bench in try QueryProgram(api: api, connector: try bench.client(.plain()), with: [:]) }
  }

  private func write(_ edit: (inout WritingPlan) -> Void) async throws -> WriteProgram {
    var writing = WritingPlan(
      maximumItems: 10, item: nil, honoursIdempotencyKey: false, results: "${ response.body.results }", index: nil,
      success: "${ result.ok }", id: "${ result.id }", message: "${ result.msg }", exists: "${ has(result.dup) }")
    edit(&writing)
    let plan = APIPlan.write(writing: writing)
    return try await Bench.with { bench in try WriteProgram(api: plan, connector: try bench.client(.plain()), with: [:])
    }
  }

  @Test("records must be a list", arguments: [#"{"records":{}}"#, #"{"records":null}"#, #"{}"#, "[]"])
  func records(body: String) async throws {
    let query = try await query(.query())
    let error = #expect(throws: ConnectingError.self) { try query.read(try answer(body), page: query.firstPage) }
    #expect(error?.code == .badAnswer)
    #expect(error?.isTransient == true)
    #expect(error?.message.contains("${ response.body.records }") == true)
  }

  @Test("page numbers go on while there is more; without a rule until a page is empty")
  func pages() async throws {
    let open = try await query(.query(paging: PagingPlan(kind: .page, start: 0, size: 2, more: nil, next: nil)))
    #expect(open.firstPage == PagePosition(number: 0, size: 2))
    #expect(
      try open.read(try answer(#"{"records":[1]}"#), page: open.firstPage).next == PagePosition(number: 1, size: 2))
    #expect(try open.read(try answer(#"{"records":[]}"#), page: open.firstPage).next == nil)
    let told = try await query(
      .query(
        paging: PagingPlan(kind: .page, start: 1, size: 2, more: "${ page.number < response.body.pages }", next: nil)))
    #expect(try told.read(try answer(#"{"records":[1],"pages":2}"#), page: told.firstPage).next?.number == 2)
    #expect(try told.read(try answer(#"{"records":[1],"pages":1}"#), page: told.firstPage).next == nil)
    #expect(throws: ConnectingError.self) { try told.read(try answer(#"{"records":[]}"#), page: told.firstPage) }
  }

  @Test("a cursor leads on until it is null or empty, and not round in circles")
  func cursors() async throws {
    let query = try await query(
      .query(paging: PagingPlan(kind: .cursor, start: 1, size: 2, more: nil, next: "${ response.body.next }")))
    let second = try #require(try query.read(try answer(#"{"records":[],"next":17}"#), page: query.firstPage).next)
    #expect(second == PagePosition(number: 2, size: 2, cursor: "17"))
    for end in ["null", "\"\""] {
      #expect(try query.read(try answer(#"{"records":[],"next":\#(end)}"#), page: second).next == nil)
    }
    let error = #expect(throws: ConnectingError.self) {
      try query.read(try answer(#"{"records":[],"next":"17"}"#), page: second)
    }
    #expect(error?.message.contains("would not end") == true)
  }

  @Test("a key is a text or a number; anything else is no key")
  func keys() async throws {
    let query = try await query(.query(number: "${ record.no }"))
    #expect(try query.key(of: ["id": "a"]) == "a")
    #expect(try query.key(of: ["id": 7]) == "7")
    for record in [["id": ""], ["id": .null], ["id": ["a"]], [:]] as [Value] {
      let error = #expect(throws: ConnectingError.self) { try query.key(of: record) }
      #expect(error?.code == .badRecord)
    }
    #expect(query.number(of: ["no": "N1"]) == "N1")
    #expect(query.number(of: [:]) == nil)
  }

  @Test("results are matched by their place, and a record without one is unanswered")
  func places() async throws {
    let write = try await write { _ in }
    let verdicts = try write.read(
      try answer(
        #"{"results":[{"ok":true,"id":5},{"ok":false,"msg":"bad"},{"ok":false,"dup":1,"msg":"again","id":"x"}]}"#),
      count: 4)
    #expect(verdicts[0] == .taken(id: "5"))
    #expect(verdicts[1] == .refused(message: "bad"))
    #expect(verdicts[2] == .exists(id: "x", message: "again"))
    #expect(verdicts[3] == .unanswered(message: "the answer has no result for this record"))
  }

  @Test("results are matched by the index they name, also where it is a text")
  func indices() async throws {
    let write = try await write { $0.index = "${ result.at }" }
    let verdicts = try write.read(
      try answer(#"{"results":[{"at":1,"ok":true},{"at":"0","ok":false,"msg":"a"},{"at":0,"ok":false,"msg":"b"}]}"#),
      count: 2)
    #expect(verdicts == [.refused(message: "a; b"), .taken(id: nil)])
    for at in ["2", "-1", "null", "\"x\""] {
      #expect(throws: ConnectingError.self, "\(at)") {
        try write.read(try answer(#"{"results":[{"at":\#(at),"ok":true}]}"#), count: 2)
      }
    }
  }

  @Test("results that contradict each other or cannot be read leave the record unanswered")
  func contradictions() async throws {
    let write = try await write { $0.index = "${ 0 }" }
    let both = try write.read(try answer(#"{"results":[{"ok":true},{"ok":false,"msg":"m"}]}"#), count: 1)
    #expect(both == [.unanswered(message: "the answer has results for this record that contradict each other")])
    let odd = try write.read(try answer(#"{"results":[{"fine":true}]}"#), count: 1)
    guard case .unanswered(let message) = odd[0] else { throw Unexpected() }
    #expect(message.contains("${ result.ok }"))
  }

  @Test("an answer without single results stands for all; a name that is missing does not make it less")
  func whole() async throws {
    let write = try await write { writing in
      writing.results = nil
      writing.success = nil
      writing.message = nil
      writing.exists = nil
      writing.id = "${ response.body.id }"
    }
    #expect(try write.read(try answer(#"{"id":"A1"}"#), count: 1) == [.taken(id: "A1")])
    #expect(try write.read(try answer(#"{}"#), count: 1) == [.taken(id: nil)])
    #expect(try write.read(try answer(#"{"id":"A1"}"#), count: 2) == [.taken(id: nil), .taken(id: nil)])
  }

  @Test("an expression that cannot be read is told with the API and the place")
  func lowering() async throws {
    let error = await #expect(throws: ConnectingError.self) { try await query(.query(records: "${ respons.body }")) }
    #expect(error?.code == .badTemplate)
    #expect(error?.message.hasPrefix("API 'test/query': records: ") == true)
    await #expect(throws: ConnectingError.self) { try await query(.write()) }
    await #expect(throws: ConnectingError.self) { try await write { $0.success = nil } }
  }
}
