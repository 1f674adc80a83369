import Connecting
import HTTPServer
import Plans
import Testing
import Values

@Suite("Making requests")
struct RequestTests {
  private func rendered(_ api: APIPlan, document: Value, key: String = "k") async throws -> RenderedRequest {
    try await Bench.with { bench in
      let write = try WriteProgram(api: api, connector: try bench.client(.plain()), with: ["part": "a/b"])
      return try write.render([OutgoingItem(document: document, idempotencyKey: key)])
    }
  }

  /// Sends one request through a connector and gives what arrived.
  private func received(
    _ plan: (String) -> ConnectorPlan, _ api: APIPlan, document: Value = [:], environment: [String: String] = [:]
  ) async throws -> ServerRequest {
    try await Bench.with { bench in
      let server = try FixedServer(.json(Array("{}".utf8)))
      defer { server.stop() }
      let client = try bench.client(plan(server.address), environment: environment)
      let write = try WriteProgram(api: api, connector: client, with: [:])
      let outcome = await write.send(try write.render([OutgoingItem(document: document, idempotencyKey: "k")]))
      if let failure = outcome.failure { throw failure }
      return try #require(server.requests.first)
    }
  }

  @Test(
    "a value in a path stays within its segment",
    arguments: [
      ("a/b", "/orders/a%2Fb/lines"), ("单 1", "/orders/%E5%8D%95%201/lines"), ("x?y#z", "/orders/x%3Fy%23z/lines"),
      ("100%", "/orders/100%25/lines"), ("..%2F", "/orders/..%252F/lines"), ("a.b-c_d~e", "/orders/a.b-c_d~e/lines"),
    ])
  func path(code: String, expected: String) async throws {
    let api = APIPlan.write(path: "/orders/${ document.code }/lines")
    let request = try await rendered(api, document: ["code": .string(code)])
    #expect(request.path == expected)
    let arrived = try await received({ .plain($0) }, api, document: ["code": .string(code)])
    #expect(arrived.target == expected)
  }

  @Test("a value that would change the path is refused", arguments: [".", "..", "", Value.null, ["a"]])
  func pathRefused(code: Value) async throws {
    let error = await #expect(throws: ConnectingError.self) {
      try await rendered(.write(path: "/orders/${ document.code }"), document: ["code": code])
    }
    #expect(error?.code == .badRequest)
    #expect(error?.message.hasPrefix("API 'test/write': path: ") == true)
  }

  @Test("a path without a slash does not become a part of the host's name")
  func pathSlash() async throws {
    #expect(try await rendered(.write(path: "@evil.example/x"), document: [:]).path == "/@evil.example/x")
  }

  @Test("a line break in a header is refused", arguments: ["a\r\nX-Evil: 1", "a\nb", "a\u{0}b"])
  func header(text: String) async throws {
    let api = APIPlan.write(headers: ["X-Code": "${ document.code }"])
    let error = await #expect(throws: ConnectingError.self) {
      try await rendered(api, document: ["code": .string(text)])
    }
    #expect(error?.message.contains("header 'X-Code'") == true)
  }

  @Test("query values are encoded, null is left out, lists are refused")
  func query() async throws {
    let api = APIPlan.write(query: ["q": "${ document.q }", "none": "${ document.none }", "n": 7], body: nil)
    let arrived = try await received({ .plain($0) }, api, document: ["q": "a&b=c 单", "none": .null])
    #expect(arrived.target == "/records?n=7&q=a%26b%3Dc%20%E5%8D%95")
    let error = await #expect(throws: ConnectingError.self) {
      try await rendered(api, document: ["q": ["a"], "none": .null])
    }
    #expect(error?.message.contains("json(...)") == true)
  }

  @Test("a JSON body keeps the digits and the order of the document")
  func jsonBody() async throws {
    let document = try Value(json: #"{"b":1.50,"a":12345678901234567890}"#)
    let arrived = try await received({ .plain($0) }, .write(), document: document)
    #expect(String(decoding: arrived.body, as: UTF8.self) == #"{"b":1.50,"a":12345678901234567890}"#)
    #expect(arrived.header("Content-Type") == "application/json")
  }

  @Test("the body of a form is the platform's fields, with the API's body in one of them")
  func formField() async throws {
    let arrived = try await received(
      {
        .plain(
          $0, request: RequestPlan(form: ["biz": "${ request.body }", "v": "2", "gone": "${ null }"], encoding: .form))
      }, .write(), document: ["a": "x y&z"])
    #expect(arrived.header("Content-Type") == "application/x-www-form-urlencoded")
    #expect(arrived.form().map { "\($0.name)=\($0.value)" } == [#"biz={"a":"x y&z"}"#, "v=2"])
  }

  @Test("where no field takes the body up, its entries are fields")
  func formEntries() async throws {
    let plan: (String) -> ConnectorPlan = { .plain($0, request: RequestPlan(form: ["v": "2"], encoding: .form)) }
    let arrived = try await received(plan, .write(), document: ["page": 1, "name": "n", "none": .null])
    #expect(arrived.form().map { "\($0.name)=\($0.value)" } == ["page=1", "name=n", "v=2"])
    let failure = await #expect(throws: CallFailure.self) { try await received(plan, .write(), document: ["a": ["b"]]) }
    #expect(failure?.kind == .notSent)
    #expect(failure?.message.contains("form field 'a'") == true)
  }

  @Test("what the API says goes before what the platform says")
  func precedence() async throws {
    let arrived = try await received(
      { .plain($0, request: RequestPlan(headers: ["X-A": "platform", "X-B": "platform"], query: ["q": "platform"])) },
      .write(query: ["q": "api"], headers: ["x-a": "api"]))
    #expect(arrived.header("X-A") == "api" && arrived.header("X-B") == "platform")
    #expect(arrived.target == "/records?q=api")
  }

  @Test("Basic authentication carries user and password")
  func basic() async throws {
    let arrived = try await received(
      {
        .plain(
          $0, parameters: [ParameterPlan(name: "word", value: #"${ secret("env:WORD") }"#, isSecret: true)],
          authentication: .basic(username: "Aladdin", password: "${ connector.word }"))
      }, .write(), environment: ["WORD": "open sesame"])
    #expect(arrived.header("Authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
  }

  @Test("an API's template cannot read a secret, and is told why")
  func noSecretInAPI() async throws {
    try await Bench.with { bench in
      let plan = ConnectorPlan.plain(parameters: [
        ParameterPlan(name: "key", value: #"${ secret("env:KEY") }"#, isSecret: false),
        ParameterPlan(name: "org", value: "100", isSecret: false),
      ])
      let client = try bench.client(plan, environment: ["KEY": "canary-7f3a"])
      let open = try WriteProgram(api: .write(path: "/${ connector.org }"), connector: client, with: [:])
      #expect(try open.render([OutgoingItem(document: [:], idempotencyKey: "k")]).path == "/100")
      let write = try WriteProgram(api: .write(path: "/${ connector.key }"), connector: client, with: [:])
      let error = #expect(throws: ConnectingError.self) {
        try write.render([OutgoingItem(document: [:], idempotencyKey: "k")])
      }
      #expect(error?.message.contains("the parameter 'key' is secret") == true)
    }
  }

  @Test("the key of several records together is made of theirs, in their order")
  func batchKey() async throws {
    try await Bench.with { bench in
      var plan = APIPlan.write(headers: ["Idempotency-Key": "${ idempotencyKey }"], body: "${ items }")
      plan.writing?.maximumItems = 3
      let write = try WriteProgram(api: plan, connector: try bench.client(.plain()), with: [:])
      func key(_ keys: [String]) throws -> String? {
        try write.render(keys.map { OutgoingItem(document: [:], idempotencyKey: $0) }).headers.first?.value
      }
      #expect(try key(["a"]) == "a")
      #expect(try key(["a", "b"]) == key(["a", "b"]))
      #expect(try key(["a", "b"]) != key(["b", "a"]))
      #expect(throws: ConnectingError.self) { try key(["a", "b", "c", "d"]) }
      #expect(throws: ConnectingError.self) { try key([]) }
    }
  }

  @Test(
    "a base URL that paths cannot be added to is refused",
    arguments: ["ftp://x", "http://", "example.com", "http://user@x", "http://x?a=1", "http://x#a", "http://x y"])
  func baseURL(text: String) async throws {
    try await Bench.with { bench in
      let error = #expect(throws: ConnectingError.self) { try bench.client(.plain(text)) }
      #expect(error?.message.hasPrefix("connector 'test': baseURL: ") == true)
    }
  }

  @Test(
    "a request comes back from its kept form byte for byte",
    arguments: [
      nil, [], Array(#"{"a": 1.50,  "b":"\u0041\n"}"#.utf8), Array("单\u{0}\u{1F}\"\\".utf8), [0xFF, 0x00, 0xFE],
    ] as [[UInt8]?])
  func kept(body: [UInt8]?) throws {
    let request = RenderedRequest(
      method: "PUT", path: "/a%2Fb", query: [NamedText("q", "1&2"), NamedText("q", "单")],
      headers: [NamedText("X-A", "\"b\"")], body: body)
    #expect(try RenderedRequest(bytes: request.bytes) == request)
  }

  @Test(
    "what is not a kept request is refused",
    arguments: [
      "", "[]", "{}", #"{"method":"GET"}"#, #"{"method":"GET","path":"x"}"#,
      #"{"method":"GET","path":"/x","query":[1]}"#,
      #"{"method":"GET","path":"/x","headers":{"a":"b"}}"#, #"{"method":"GET","path":"/x","body":{}}"#,
      #"{"method":"GET","path":"/x","bodyBase64":"!"}"#,
    ])
  func notKept(text: String) {
    #expect(throws: ConnectingError.self) { try RenderedRequest(bytes: Array(text.utf8)) }
  }
}
