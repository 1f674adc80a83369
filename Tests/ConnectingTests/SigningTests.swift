import Connecting
import HTTPServer
import Plans
import Testing
import Values

/// Signatures that vendors or public clients publish, with the parameters and the result.
@Suite("Signing")
struct SigningTests {
  private struct Vector: CustomTestStringConvertible {
    let testDescription: String
    let secret: String
    let parameters: [(String, String)]
    let expression: String
    let expected: String
  }

  /// Each name with its value, sorted by name.
  private static let sorted =
    #"request.form.filter(k, k != "sign" && request.form[k] != "").sort().map(k, k + request.form[k]).join("")"#
  private static let wrapped =
    "${ hex(md5(connector.app_secret + \(sorted) + connector.app_secret)).upperAscii() }"

  private static let vectors: [Vector] = [
    Vector(
      testDescription: "Wangdian (V1)", secret: "12345",
      parameters: [
        ("appkey", "test2-xx"), ("end_time", "2016-08-01 13:00:00"), ("page_no", "0"), ("page_size", "40"),
        ("sid", "test2"), ("start_time", "2016-08-01 12:00:00"), ("timestamp", "1470042310"),
      ],
      expression: #"""
        ${ hex(md5(request.form.filter(k, k != "sign").sort().map(k, padStart(string(size(k)), 2, "0") + "-" + k + ":"
        + padStart(string(size(request.form[k])), 4, "0") + "-" + request.form[k]).join(";") + connector.app_secret)) }
        """#, expected: "ad4e6fe037ea6e3ba4768317be9d1309"),
    Vector(
      testDescription: "Taobao (V4)", secret: "helloworld",
      parameters: [
        ("app_key", "12345678"), ("fields", "num_iid,title,nick,price,num"), ("format", "json"),
        ("method", "taobao.item.seller.get"), ("num_iid", "11223344"), ("session", "test"), ("sign_method", "md5"),
        ("timestamp", "2016-01-01 12:00:00"), ("v", "2.0"),
      ], expression: wrapped, expected: "66987CB115214E59E6EC978214934FB8"),
    Vector(
      testDescription: "Pinduoduo (V6)", secret: "testSecret",
      parameters: [
        ("access_token", "asd78172s8ds9a921j9qqwda12312w1w21211"), ("client_id", "1"), ("data_type", "XML"),
        ("order_status", "1"), ("page", "1"), ("page_size", "10"), ("timestamp", "1480411125"),
        ("type", "pdd.order.number.list.get"),
      ], expression: wrapped, expected: "E4DE3ED21002510DED352819E7AE6775"),
    Vector(
      testDescription: "Doudian (V7)", secret: "749698a6-fcb3-4358-b241-ec1d93cf9c1f",
      parameters: [
        ("app_key", "6844048284663924231"), ("method", "product.list"), ("param_json", #"{"page":"0","size":"20"}"#),
        ("timestamp", "2020-07-05 22:33:59"), ("v", "2"), ("access_token", "not signed"),
      ],
      expression: #"""
        ${ hex(hmac("sha256", connector.app_secret, connector.app_secret
        + ["app_key", "method", "param_json", "timestamp", "v"].map(k, k + request.form[k]).join("")
        + connector.app_secret)) }
        """#, expected: "a84fc5747114e63196565192a19f80d9d78819b8c8f5940eeb282bf78260901d"),
    Vector(
      testDescription: "Jushuitan (D4)", secret: "testsecret",
      parameters: [
        ("version", "2"), ("access_token", "testtoken"), ("app_key", "testkey"), ("charset", "utf-8"), ("empty", ""),
        ("timestamp", "1700000000"), ("biz", #"{"page_index":1,"page_size":50}"#),
      ], expression: "preset", expected: "52ecfb6450b8948f36b2799195d80a0d"),
  ]

  @Test("a vendor's published signature comes out", arguments: vectors)
  private func vector(vector: Vector) async throws {
    let expression = vector.expression == "preset" ? try jushuitanSignature() : vector.expression
    let form = try await signed(
      request: RequestPlan(
        form: Dictionary(uniqueKeysWithValues: vector.parameters.map { ($0.0, Value.string($0.1)) }), encoding: .form),
      signing: [SigningStep(set: "form.sign", to: expression)], secret: vector.secret
    ).form()
    #expect(form.first { $0.name == "sign" }?.value == vector.expected)
  }

  private func signed(request: RequestPlan, signing: [SigningStep], secret: String) async throws -> ServerRequest {
    try await Bench.with { bench in
      let server = try FixedServer(.json(Array("{}".utf8)))
      defer { server.stop() }
      let plan = ConnectorPlan.plain(
        server.address,
        parameters: [ParameterPlan(name: "app_secret", value: #"${ secret("env:SECRET") }"#, isSecret: true)],
        request: request, signing: signing)
      let client = try bench.client(plan, environment: ["SECRET": secret])
      let outcome = await client.perform(
        RenderedRequest(method: "POST", path: "/x", body: request.encoding == .json ? Array(#"{"b":1}"#.utf8) : nil),
        response: try QueryProgram(api: .query(), connector: client, with: [:]).rules)
      #expect(outcome.answer != nil)
      return try #require(server.requests.first)
    }
  }

  @Test("a step sees what the steps before it made, and the body as it is sent")
  func steps() async throws {
    let arrived = try await signed(
      request: RequestPlan(headers: ["X-Time": "${ string(int(now)) }"]),
      signing: [
        SigningStep(set: "query.nonce", to: #"n${ request.headers["x-time"] }"#),
        SigningStep(
          set: "header.X-Sign",
          to: #"${ request.method }:${ request.path }:${ request.query.nonce }:${ request.body }"#),
      ], secret: "unused")
    #expect(arrived.target == "/x?nonce=n1790000000")
    #expect(arrived.header("X-Sign") == #"POST:/x:n1790000000:{"b":1}"#)
  }

  @Test(
    "a place that no signature can go to is refused when the connector is made",
    arguments: ["sign", "form.sign", "body.sign", "header.", "header.a b"])
  func places(place: String) async throws {
    try await Bench.with { bench in
      let plan = ConnectorPlan.plain(signing: [SigningStep(set: place, to: "x")])
      let error = #expect(throws: ConnectingError.self) { try bench.client(plan) }
      #expect(error?.message.hasPrefix("connector 'test': signing[0].set: ") == true)
    }
  }
}
