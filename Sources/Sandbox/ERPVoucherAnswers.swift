import HTTPServer
import Values

/// What the stand-in ERP answers to calls about vouchers.
struct ERPVoucherAnswers: Sendable {
  let vouchers: ERPVouchers
  /// How long a new voucher is not found by a search.
  let searchLag: @Sendable () -> Duration

  /// Answers a call; nil where there is none of that path.
  func answer(_ request: ServerRequest) -> ServerResponse? {
    switch (request.method, request.path) {
    case ("POST", "/api/vouchers"): withBody(of: request, create)
    case ("GET", "/api/vouchers"): search(request)
    case ("POST", "/api/vouchers/submit"): withBody(of: request, submit)
    case ("POST", "/api/vouchers/audit"):
      withBody(of: request) { body throws(SandboxError) in try move(body, to: .audited) }
    case ("POST", "/api/vouchers/void"):
      withBody(of: request) { body throws(SandboxError) in try move(body, to: .voided) }
    case ("PUT", let path) where path.hasPrefix("/api/vouchers/"):
      withBody(of: request) { body throws(SandboxError) in
        try change(String(path.dropFirst("/api/vouchers/".count)), body)
      }
    default: nil
    }
  }

  private func create(_ body: Value) throws(SandboxError) -> ServerResponse {
    guard let items = body["data"]?.listValue, (1...ERPAnswers.maximumBatch).contains(items.count) else {
      return ERPAnswers.problem(
        "999", "data: an array of 1 to \(ERPAnswers.maximumBatch) elements is expected", status: 400)
    }
    switch try vouchers.create(items) {
    case .failure(let refusal): return ERPAnswers.problem(refusal.code, refusal.message, status: 400)
    case .success(let ids):
      let infos = ids.enumerated().map { index, id -> Value in ["index": .int(Int64(index)), "id": .string(id)] }
      return done(["infos": .list(infos)])
    }
  }

  private func submit(_ body: Value) throws(SandboxError) -> ServerResponse {
    var infos: [Value] = []
    for (index, id) in (body["ids"]?.listValue ?? []).enumerated() {
      let refusal = try vouchers.move(id.stringValue ?? "", to: .submitted)
      infos.append([
        "index": .int(Int64(index)), "code": .string(refusal?.code ?? "200"),
        "message": .string(refusal?.message ?? ""),
      ])
    }
    if infos.isEmpty { return ERPAnswers.problem("999", "ids: an array with an element is expected", status: 400) }
    return done(["infos": .list(infos)])
  }

  private func move(_ body: Value, to state: ERPVouchers.State) throws(SandboxError) -> ServerResponse {
    if let refusal = try vouchers.move(body["id"]?.stringValue ?? "", to: state) {
      return ERPAnswers.problem(refusal.code, refusal.message, status: 200)
    }
    return done(["id": body["id"] ?? .null])
  }

  private func change(_ id: String, _ body: Value) throws(SandboxError) -> ServerResponse {
    if let refusal = try vouchers.move(id, to: .draft, content: body) {
      return ERPAnswers.problem(refusal.code, refusal.message, status: 404)
    }
    return done(["id": .string(id)])
  }

  private func search(_ request: ServerRequest) -> ServerResponse {
    let numbers = Set((request.parameter("numbers") ?? "").split(separator: ",").map(String.init))
    return done(["recordList": .list(vouchers.search(numbers, lag: searchLag()))])
  }

  private func done(_ data: Value) -> ServerResponse {
    .json(["code": "200", "message": "操作成功", "data": data])
  }

  private func withBody(
    of request: ServerRequest, _ body: (Value) throws(SandboxError) -> ServerResponse
  ) -> ServerResponse {
    do {
      return try body(try Value(jsonBytes: request.body, limits: JSONLimits(maximumBytes: 16 << 20, maximumDepth: 64)))
    } catch let error as SandboxError {
      return ERPAnswers.problem("500", error.message, status: 500)
    } catch {
      return ERPAnswers.problem("999", "\(error)", status: 400)
    }
  }
}
