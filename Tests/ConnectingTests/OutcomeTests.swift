import Connecting
import HTTPServer
import Plans
import Testing
import Values

@Suite("Judging answers")
struct OutcomeTests {
  private func outcome(
    _ response: ServerResponse, api rules: ResponsePlan = ResponsePlan(), platform: ResponsePlan = ResponsePlan(),
    limit: Int64 = 1 << 20
  ) async throws -> CallOutcome {
    try await Bench.with { bench in
      let server = try FixedServer(response)
      defer { server.stop() }
      let client = try bench.client(.plain(server.address, response: platform, maximumResponseBytes: limit))
      let query = try QueryProgram(api: .query(response: rules), connector: client, with: [:])
      return await query.send(try query.render(window: nil, page: query.firstPage))
    }
  }

  private func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> ServerResponse {
    var response = ServerResponse.json(Array(text.utf8), status: status)
    response.headers += headers.map { (name: $0.0, value: $0.1) }
    return response
  }

  private static let byStatus: [(Int, FailureClass)] = [
    (301, .rejected), (400, .rejected), (401, .unauthenticated), (403, .rejected), (404, .rejected), (408, .uncertain),
    (409, .rejected), (412, .rejected), (422, .rejected), (425, .uncertain), (429, .rateLimited), (500, .uncertain),
    (502, .uncertain), (503, .uncertain), (504, .uncertain), (599, .uncertain),
  ]

  @Test("without rules the status decides", arguments: byStatus)
  func status(status: Int, kind: FailureClass) async throws {
    let failure = try #require(try await outcome(json(#"{"error":"x"}"#, status: status)).failure)
    #expect(failure.kind == kind)
    #expect(failure.status == status)
    #expect(failure.message.contains("HTTP \(status)"))
  }

  @Test("a 2xx is a success, and its answer is what expressions see")
  func success() async throws {
    let answer = try #require(try await outcome(json(#"{"records":[1]}"#, headers: [("X-Left", "7")])).answer)
    #expect(answer.response.at("body", "records") == [1])
    #expect(answer.response.at("headers", "x-left") == "7")
    #expect(answer.response["text"]?.isNull == true)
    #expect(answer.bytes == 15)
  }

  @Test("Retry-After is heard in seconds and as a date, and makes a 503 rate limited")
  func retryAfter() async throws {
    let seconds = try #require(try await outcome(json("{}", status: 503, headers: [("Retry-After", "120")])).failure)
    #expect(seconds.kind == .rateLimited)
    #expect(seconds.retryAfter == TimeSpan(seconds: 120))
    // The clock stands at 2026-09-21T14:13:20Z.
    let date = "Mon, 21 Sep 2026 14:14:20 GMT"
    let dated = try #require(try await outcome(json("{}", status: 429, headers: [("Retry-After", date)])).failure)
    #expect(dated.retryAfter == TimeSpan(seconds: 60))
    let odd = try #require(try await outcome(json("{}", status: 429, headers: [("Retry-After", "soon")])).failure)
    #expect(odd.kind == .rateLimited && odd.retryAfter == nil)
  }

  @Test("the API's rules go before the platform's, in order, and before the status", arguments: FailureClass.allCases)
  func rules(kind: FailureClass) async throws {
    let api = ResponsePlan(errors: [
      ErrorRule(when: "${ response.body.code == 8 }", outcome: .rejected),
      ErrorRule(when: "${ response.body.code == 7 }", outcome: kind, wait: "${ response.body.wait }"),
    ])
    let platform = ResponsePlan(
      success: "${ response.body.code == 0 }", message: "${ response.body.msg }",
      errors: [ErrorRule(when: "${ response.body.code == 7 }", outcome: .rejected)])
    let failure = try #require(
      try await outcome(json(#"{"code":7,"msg":"太快了","wait":1.5}"#), api: api, platform: platform).failure)
    #expect(failure.kind == kind)
    #expect(failure.message == "太快了")
    #expect(failure.retryAfter == TimeSpan(milliseconds: 1_500))
  }

  @Test("a 2xx without success is rejected in the platform's words")
  func rejected() async throws {
    let rules = ResponsePlan(success: "${ response.body.ok }", message: "${ response.body.why }")
    let told = try #require(try await outcome(json(#"{"ok":false,"why":"no stock"}"#), api: rules).failure)
    #expect(told.kind == .rejected && told.message == "no stock")
    let silent = try #require(try await outcome(json(#"{"ok":false}"#), api: rules).failure)
    #expect(silent.message == #"the platform did not report success (HTTP 200): {"ok":false}"#)
  }

  @Test("a 2xx that the rules cannot be asked of is uncertain, and says which expression")
  func unexpected() async throws {
    let rules = ResponsePlan(success: #"${ response.body.result.ok == true }"#)
    let failure = try #require(try await outcome(json(#"{"other":1}"#), api: rules).failure)
    #expect(failure.kind == .uncertain)
    #expect(failure.message.contains("${ response.body.result.ok == true }"))
    #expect(failure.message.contains("result"))
  }

  @Test("a page of HTML with a 2xx is uncertain, and shown")
  func html() async throws {
    let page = ServerResponse(
      headers: [("Content-Type", "text/html")], body: Array("<!DOCTYPE html>\n<html><title>Log in</title></html>".utf8))
    let failure = try #require(try await outcome(page).failure)
    #expect(failure.kind == .uncertain)
    #expect(
      failure.message
        == "HTML instead of JSON; it begins: <!DOCTYPE html> <html><title>Log in</title></html> (HTTP 200)")
  }

  @Test("a proxy's page with an error status is judged by the status")
  func proxyPage() async throws {
    let page = ServerResponse(status: 502, body: Array("<html>Bad Gateway</html>".utf8))
    let rules = ResponsePlan(errors: [ErrorRule(when: "${ response.body.code == 1 }", outcome: .rejected)])
    let failure = try #require(try await outcome(page, api: rules).failure)
    #expect(failure.kind == .uncertain)
    #expect(failure.message == "HTTP 502: <html>Bad Gateway</html>")
  }

  @Test("JSON that is cut off is uncertain")
  func cutOff() async throws {
    let failure = try #require(try await outcome(json(#"{"records":[{"id":"#)).failure)
    #expect(failure.kind == .uncertain)
    #expect(failure.message.contains("only a part of it"))
  }

  @Test("an empty answer is uncertain where the body is read")
  func empty() async throws {
    let failure = try #require(try await outcome(ServerResponse(body: [])).failure)
    #expect(failure.kind == .uncertain)
    #expect(failure.message.contains("an empty answer instead of JSON"))
  }

  @Test("a rule over the text knows an answer that is not JSON")
  func text() async throws {
    let rules = ResponsePlan(
      success: #"${ response.text == "ok" }"#,
      errors: [ErrorRule(when: #"${ response.text.contains("too fast") }"#, outcome: .rateLimited)])
    #expect(try await outcome(.text("ok"), api: rules).answer?.response["text"] == "ok")
    #expect(try await outcome(.text("too fast, friend"), api: rules).failure?.kind == .rateLimited)
    #expect(try await outcome(.text("no"), api: rules).failure?.kind == .rejected)
  }

  @Test("an answer larger than allowed is uncertain, with the limit")
  func tooLarge() async throws {
    let body = [UInt8](repeating: 0x20, count: 100 << 20)
    let failure = try #require(try await outcome(ServerResponse(body: body)).failure)
    #expect(failure.kind == .uncertain)
    #expect(failure.message.contains("1048576 bytes"))
  }

  @Test("where nobody listens the request is not sent")
  func noServer() async throws {
    try await Bench.with { bench in
      let server = try FixedServer(.text(""))
      let address = server.address
      server.stop()
      let query = try QueryProgram(api: .query(), connector: try bench.client(.plain(address)), with: [:])
      let failure = try #require(await query.send(try query.render(window: nil, page: query.firstPage)).failure)
      #expect(failure.kind == .notSent)
      #expect(failure.status == nil)
    }
  }

  @Test("an answer that does not come in time is uncertain")
  func late() async throws {
    try await Bench.with { bench in
      let server = try FixedServer(ServerResponse(delay: .seconds(30)))
      defer { server.stop() }
      let client = try bench.client(.plain(server.address, timeoutMilliseconds: 200))
      let query = try QueryProgram(api: .query(), connector: client, with: [:])
      let failure = try #require(await query.send(try query.render(window: nil, page: query.firstPage)).failure)
      #expect(failure.kind == .uncertain)
      #expect(failure.message.contains("timeoutWaiting"))
    }
  }

  @Test("a long answer is kept in part, whole characters only")
  func cut() async throws {
    let failure = try #require(
      try await outcome(json("\"" + String(repeating: "单", count: 2_000) + "\"", status: 400)).failure)
    let text = try #require(failure.answerText)
    #expect(text.utf8.count <= CallFailure.maximumAnswerText && text.utf8.count > CallFailure.maximumAnswerText - 4)
    #expect(!text.contains("\u{FFFD}"))
  }
}
