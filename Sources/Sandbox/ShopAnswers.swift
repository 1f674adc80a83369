import HTTPServer
import Values

/// What the stand-in shop answers to each of its calls.
struct ShopAnswers: Sendable {
  let book: ShopBook
  let credentials: ShopCredentials
  let clock: StandInClock

  /// How far the time of a request may be off, in seconds.
  static let maximumSkew: Int64 = 300

  /// Answers a call of the vendor's interface.
  func answer(_ request: ServerRequest) -> ServerResponse {
    guard request.method == "POST" else { return ShopAnswers.refusal(20, "只支持 POST") }
    let form = request.form()
    if let refusal = refuse(form) { return refusal }
    guard request.path == "/open/orders/single/query" else { return ShopAnswers.refusal(190, "没有该接口的权限") }
    guard let biz = form.first(where: { $0.name == "biz" })?.value else {
      return ShopAnswers.refusal(20, "缺少公共参数 biz")
    }
    do throws(ShopQuery.Refusal) {
      return answer(try ShopQuery(biz: biz))
    } catch {
      return ShopAnswers.refusal(30, error.message)
    }
  }

  /// Checks who calls; nil where all is in order.
  private func refuse(_ form: [(name: String, value: String)]) -> ServerResponse? {
    func parameter(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
    // A name given twice would be signed one way and read another.
    guard Set(form.map(\.name)).count == form.count else { return ShopAnswers.refusal(20, "公共参数重复") }
    guard equalTexts(parameter("app_key"), credentials.appKey) else { return ShopAnswers.refusal(11, "app_key 不存在") }
    guard let time = Int64(parameter("timestamp")), (0...4_000_000_000).contains(time),
      abs(time - clock().seconds) <= ShopAnswers.maximumSkew
    else { return ShopAnswers.refusal(13, "timestamp 与服务器时间相差超过五分钟") }
    guard equalTexts(parameter("sign"), ShopSignature.sign(form, secret: credentials.appSecret)) else {
      return ShopAnswers.refusal(10, "签名错误")
    }
    guard equalTexts(parameter("access_token"), credentials.accessToken) else {
      return ShopAnswers.refusal(12, "access_token 无效或已过期")
    }
    guard parameter("charset").lowercased() == "utf-8", parameter("version") == "2" else {
      return ShopAnswers.refusal(20, "charset 必须是 utf-8, version 必须是 2")
    }
    return nil
  }

  private func answer(_ query: ShopQuery) -> ServerResponse {
    var list = ByteBuffer(capacity: 320 * query.size)
    let total = book.append(page: query.page, of: query.size, matching: query, to: &list)
    let pages = (total + query.size - 1) / query.size
    var text = ByteBuffer(capacity: list.count + 256)
    text.append(#"{"code":0,"msg":"执行成功","data":{"page_index":"#)
    text.appendInteger(Int64(query.page))
    text.append(#","page_size":"#)
    text.appendInteger(Int64(query.size))
    text.append(#","data_count":"#)
    text.appendInteger(Int64(total))
    text.append(#","page_count":"#)
    text.appendInteger(Int64(pages))
    text.append(query.page < pages ? #","has_next":true,"orders":"# : #","has_next":false,"orders":"#)
    list.withBytes { bytes in if let start = bytes.baseAddress { text.append(start, bytes.count) } }
    text.append("}}")
    return .json(text.takeBytes())
  }

  /// Answers `/_sandbox/` calls.
  func control(_ request: ServerRequest, _ gate: FaultGate) -> ServerResponse? {
    switch (request.method, request.path) {
    case ("POST", "/_sandbox/change"): return change(request)
    case ("GET", "/_sandbox/summary"):
      do throws(DecimalError) {
        let (orders, changes, amount) = try book.summary()
        let counts = gate.counts
        return .json([
          "orders": .int(Int64(orders)), "changes": .int(Int64(changes)), "amount": .string(amount.description),
          "requests": .int(Int64(counts.requests)), "injected": counts.injected,
        ])
      } catch {
        return .json(["error": .string(error.description)], status: 500)
      }
    default: return nil
    }
  }

  private func change(_ request: ServerRequest) -> ServerResponse {
    guard let count = Int(request.parameter("orders") ?? "1"), (1...100_000).contains(count) else {
      return .json(["error": "orders: a number from 1 to 100000 is expected"], status: 400)
    }
    do throws(SandboxError) {
      return .json(["orders": .list(try book.change(count, now: clock()).map { .string($0) })])
    } catch {
      return .json(["error": .string(error.message)], status: 500)
    }
  }

  private static func refusal(_ code: Int64, _ message: String) -> ServerResponse {
    .json(["code": .int(code), "msg": .string(message), "data": .null])
  }
}
