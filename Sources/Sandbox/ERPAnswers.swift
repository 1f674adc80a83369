import HTTPServer
import Values

/// What the stand-in ERP answers to each of its calls.
struct ERPAnswers: Sendable {
  let book: ERPBook
  let tokens: ERPTokens
  let credentials: ERPCredentials
  let vouchers: ERPVoucherAnswers

  static let maximumBatch = 100
  static let maximumPage = 500

  /// Answers a call of the vendor's interface.
  func answer(_ request: ServerRequest) -> ServerResponse {
    if request.path == "/auth/token" {
      return request.method == "POST" ? answerToken(request) : ERPAnswers.wrongMethod
    }
    guard tokens.accepts(request.header("Authorization")) else {
      return .json(["code": "310036", "message": "access_token 无效或已过期"], status: 401)
    }
    if let answer = vouchers.answer(request) { return answer }
    switch (request.method, request.path) {
    case ("POST", "/api/orders/batch"): return withBody(of: request, answerBatch)
    case ("POST", "/api/orders"): return withBody(of: request, answerSingle)
    case ("GET", "/api/orders"): return answerPage(request)
    case ("GET", let path) where path.hasPrefix("/api/orders/"):
      return answerOrder(String(path.dropFirst("/api/orders/".count)))
    case (_, let path) where path.hasPrefix("/api/orders"): return ERPAnswers.wrongMethod
    default: return ERPAnswers.problem("404", "there is no such call", status: 404)
    }
  }

  // MARK: - Tokens

  private func answerToken(_ request: ServerRequest) -> ServerResponse {
    withBody(of: request) { body in
      let isKey = equalTexts(body["appKey"]?.stringValue ?? "", credentials.appKey)
      let isSecret = equalTexts(body["appSecret"]?.stringValue ?? "", credentials.appSecret)
      guard isKey && isSecret else { return ERPAnswers.problem("50001", "appKey 或 appSecret 错误", status: 200) }
      let data: Value = ["access_token": .string(tokens.issue()), "expire": .int(tokens.lifeInSeconds)]
      return .json(["code": "00000", "message": "成功", "data": data])
    }
  }

  // MARK: - Writing

  private func answerBatch(_ body: Value) -> ServerResponse {
    guard let items = body["data"]?.listValue, !items.isEmpty else {
      return ERPAnswers.problem("999", "data: an array with an element is expected", status: 400)
    }
    guard items.count <= Self.maximumBatch else {
      return ERPAnswers.problem("999", "data: at most \(Self.maximumBatch) elements are taken at a time", status: 400)
    }
    return withOutcomes(of: items) { outcomes in
      var text = ByteBuffer(capacity: 64 * items.count + 256)
      ERPAnswers.append(outcomes, to: &text)
      return .json(text.takeBytes())
    }
  }

  private func answerSingle(_ body: Value) -> ServerResponse {
    withOutcomes(of: [body["data"] ?? body]) { outcomes in
      switch outcomes.first {
      case .saved(let id, let code):
        .json(["code": "200", "message": "操作成功", "data": ["id": .string(id), "code": .string(code)]])
      case .refused(_, let refusal): ERPAnswers.problem(refusal.code, refusal.message, status: 200)
      case nil: ERPAnswers.problem("999", "nothing to do", status: 400)
      }
    }
  }

  private func withOutcomes(of items: [Value], _ body: ([ERPBook.Outcome]) -> ServerResponse) -> ServerResponse {
    do throws(SandboxError) {
      return body(try book.write(items.map { ERPWrite($0) }))
    } catch {
      return ERPAnswers.problem("500", error.message, status: 500)
    }
  }

  /// Writes the answer to a batch; `sucessCount` is the vendor's spelling.
  private static func append(_ outcomes: [ERPBook.Outcome], to text: inout ByteBuffer) {
    var infos = ByteBuffer(capacity: 64 * outcomes.count)
    var messages = ByteBuffer()
    var failures: Int64 = 0
    for (index, outcome) in outcomes.enumerated() {
      switch outcome {
      case .saved(let id, let code):
        infos.append(infos.count == 0 ? #"{"index":"# : #",{"index":"#)
        infos.appendInteger(Int64(index))
        infos.append(#","id":"#)
        infos.appendJSONString(id)
        infos.append(#","code":"#)
        infos.appendJSONString(code)
        infos.append(0x7D)
      case .refused(let code, let refusal):
        failures += 1
        if messages.count > 0 { messages.append(0x2C) }
        let code = code.map { Value.string($0) } ?? .null
        messages.appendJSON([
          "index": .int(Int64(index)), "code": code, "errcode": .string(refusal.code),
          "message": .string(refusal.message),
        ])
      }
    }
    text.append(#"{"code":"200","message":"操作成功","data":{"count":"#)
    text.appendInteger(Int64(outcomes.count))
    text.append(#","sucessCount":"#)
    text.appendInteger(Int64(outcomes.count) - failures)
    text.append(#","failCount":"#)
    text.appendInteger(failures)
    text.append(#","infos":["#)
    infos.withBytes { bytes in if let start = bytes.baseAddress { text.append(start, bytes.count) } }
    text.append(#"],"messages":["#)
    messages.withBytes { bytes in if let start = bytes.baseAddress { text.append(start, bytes.count) } }
    text.append("]}}")
  }

  // MARK: - Reading

  private func answerPage(_ request: ServerRequest) -> ServerResponse {
    func number(_ name: String, _ fallback: Int) -> Int? { request.parameter(name).map { Int($0) } ?? fallback }
    guard let index = number("pageIndex", 1), (1...1_000_000).contains(index) else {
      return ERPAnswers.problem("999", "pageIndex: a number from 1 is expected", status: 400)
    }
    guard let size = number("pageSize", 100), (1...Self.maximumPage).contains(size) else {
      return ERPAnswers.problem("999", "pageSize: a number from 1 to \(Self.maximumPage) is expected", status: 400)
    }
    var list = ByteBuffer(capacity: 256 * size)
    let total = book.append(page: index, of: size, to: &list)
    var text = ByteBuffer(capacity: list.count + 256)
    text.append(#"{"code":"200","message":"操作成功","data":{"pageIndex":"#)
    text.appendInteger(Int64(index))
    text.append(#","pageSize":"#)
    text.appendInteger(Int64(size))
    text.append(#","recordCount":"#)
    text.appendInteger(Int64(total))
    text.append(#","recordList":"#)
    list.withBytes { bytes in if let start = bytes.baseAddress { text.append(start, bytes.count) } }
    text.append("}}")
    return .json(text.takeBytes())
  }

  private func answerOrder(_ code: String) -> ServerResponse {
    var text = ByteBuffer(capacity: 1_024)
    text.append(#"{"code":"200","message":"操作成功","data":"#)
    guard book.append(orderOf: code, to: &text) else {
      return ERPAnswers.problem(ERPRefusal.missing.code, ERPRefusal.missing.message, status: 404)
    }
    text.append(0x7D)
    return .json(text.takeBytes())
  }

  // MARK: - Parts

  private func withBody(of request: ServerRequest, _ body: (Value) -> ServerResponse) -> ServerResponse {
    let value: Value
    do throws(JSONError) {
      value = try Value(jsonBytes: request.body, limits: JSONLimits(maximumBytes: 16 << 20, maximumDepth: 64))
    } catch {
      return ERPAnswers.problem("999", error.description, status: 400)
    }
    return body(value)
  }

  private static let wrongMethod = problem("405", "the call wants another method", status: 405)

  static func problem(_ code: String, _ message: String, status: Int) -> ServerResponse {
    .json(["code": .string(code), "message": .string(message)], status: status)
  }
}
