import Digests
import HTTPServer
import Plans
import Testing
import Values

@testable import Connecting

@Suite("Keeping secrets out of messages")
struct MaskTests {
  private static let canary = #"ca"nary /7f+é"#

  @Test("every form a secret may stand in is masked")
  func forms() {
    let mask = SecretMask([MaskTests.canary])
    let raw = MaskTests.canary
    let json = Value.string(raw).json()
    let code = base64(Array(raw.utf8))
    for form in [raw, json, PercentEncoding.encode(raw), code, PercentEncoding.encode(code)] {
      let masked = mask.mask("before \(form) after")
      #expect(masked.contains("***") && masked.hasPrefix("before ") && masked.hasSuffix(" after"), "\(masked)")
      #expect(!masked.contains("nary") && !masked.contains(code))
    }
    #expect(mask.mask("nothing here") == "nothing here")
  }

  @Test("of secrets that are parts of each other nothing is left; very short ones are left alone")
  func parts() {
    #expect(SecretMask(["abcd", "abcdefgh"]).mask("x abcdefgh y abcd z") == "x *** y *** z")
    #expect(SecretMask(["abc", ""]).mask("abc") == "abc")
  }

  @Test("a secret that lies across the cut is masked whole")
  func cut() {
    let secret = String(repeating: "s", count: 40)
    let text = String(repeating: "x", count: 190) + secret + String(repeating: "y", count: 100)
    #expect(!excerpt(of: text, limit: 200, without: SecretMask([secret])).contains("s"))
    #expect(!kept(Array(text.utf8), limit: 200, without: SecretMask([secret])).contains("s"))
  }

  @Test(
    "no outcome of any kind repeats a secret or a token the platform gives back", arguments: [200, 400, 401, 429, 500])
  func outcomes(status: Int) async throws {
    try await Bench.with { bench in
      // It answers with all it was sent.
      let server = try FixedServer { request in
        if request.path == "/token" { return .json(Array(#"{"token":"token-canary-9"}"#.utf8)) }
        let echo: Value = [
          "ok": false, "msg": .string(request.form().map(\.value).joined(separator: " ")),
          "headers": .string(request.headers.map(\.value).joined(separator: " ")),
          "body": .string(String(decoding: request.body, as: UTF8.self)),
        ]
        return .json(echo.jsonBytes(), status: status)
      }
      defer { server.stop() }
      let plan = ConnectorPlan.plain(
        server.address,
        parameters: [ParameterPlan(name: "key", value: #"${ secret("env:KEY") }"#, isSecret: true)],
        request: RequestPlan(
          headers: ["X-Key": "${ urlEncode(connector.key) }"], form: ["key": "${ connector.key }"], encoding: .form),
        signing: [SigningStep(set: "header.X-Code", to: "${ base64.encode(connector.key) }")],
        authentication: .token(
          TokenPlan(
            method: "POST", path: "/token", body: nil, success: nil, token: "${ response.body.token }", expiresIn: nil,
            lifetimeMilliseconds: 60_000, headers: ["Authorization": "Bearer ${ token }"], query: [:])),
        response: ResponsePlan(success: "${ response.body.ok }", message: "${ response.body.msg }"))
      let client = try bench.client(plan, environment: ["KEY": MaskTests.canary])
      let query = try QueryProgram(api: .query(method: "POST"), connector: client, with: [:])
      let failure = try #require(await query.send(try query.render(window: nil, page: query.firstPage)).failure)
      let shown = "\(failure) \(failure.answerText ?? "")"
      #expect(shown.contains("***"))
      #expect(!shown.contains("nary") && !shown.contains(base64(Array(MaskTests.canary.utf8))), "\(shown)")
    }
  }

  @Test("a template that fails over a secret does not show it")
  func templates() async throws {
    try await Bench.with { bench in
      let plan = ConnectorPlan.plain(
        parameters: [ParameterPlan(name: "key", value: #"${ secret("env:KEY") }"#, isSecret: true)],
        signing: [SigningStep(set: "header.X", to: "${ timestamp(connector.key) }")])
      let client = try bench.client(plan, environment: ["KEY": "canary-7f3a"])
      let query = try QueryProgram(api: .query(), connector: client, with: [:])
      let failure = try #require(await query.send(try query.render(window: nil, page: query.firstPage)).failure)
      #expect(failure.kind == .notSent)
      #expect(failure.message.contains("signature 'header.X'"))
      #expect(!failure.message.contains("canary"))
    }
  }

  @Test("a parameter that fails over a secret does not show it")
  func parameters() async throws {
    try await Bench.with { bench in
      for value in [#"${ timestamp(secret("env:KEY")) }"#, #"${ int(secret("env:KEY")) }"#] {
        let plan = ConnectorPlan.plain(parameters: [ParameterPlan(name: "key", value: .string(value), isSecret: true)])
        let error = #expect(throws: ConnectingError.self) {
          try bench.client(plan, environment: ["KEY": "canary-7f3a"])
        }
        #expect(error?.code == .badParameter)
        #expect(error?.message.contains("canary") == false)
      }
    }
  }
}
