import HTTPServer
import Plans
import Synchronization
import Testing
import Values

@testable import Connecting

@Suite("Tokens")
struct TokenTests {
  /// Hands out one token after the other and takes the last one only.
  private final class Office: Sendable {
    struct State {
      var logins = 0
      var isRevoked = false
      var takesNone = false
      var failsLogins = false
    }

    let state = Mutex(State())

    var logins: Int { state.withLock { $0.logins } }

    func answer(_ request: ServerRequest) -> ServerResponse {
      state.withLock { state in
        if request.path == "/token" {
          state.logins += 1
          if state.failsLogins { return .json(Array(#"{"error":"busy"}"#.utf8), status: 500) }
          state.isRevoked = false
          // Long enough for the other callers to come and wait.
          var response = ServerResponse.json(Array(#"{"token":"token-\#(state.logins)","life":100}"#.utf8))
          response.delay = .milliseconds(50)
          return response
        }
        let isGood = request.header("X-Token") == "token-\(state.logins)" && !state.isRevoked && !state.takesNone
        return isGood ? .json(Array(#"{"records":[]}"#.utf8)) : .json(Array(#"{"error":"token"}"#.utf8), status: 401)
      }
    }
  }

  private func withOffice(_ body: (Bench, Office, FixedServer, QueryProgram) async throws -> Void) async throws {
    try await Bench.with { bench in
      let office = Office()
      let server = try FixedServer { office.answer($0) }
      defer { server.stop() }
      let plan = ConnectorPlan.plain(
        server.address,
        authentication: .token(
          TokenPlan(
            method: "POST", path: "/token", body: nil, success: nil, token: "${ response.body.token }",
            expiresIn: "${ response.body.life }", lifetimeMilliseconds: 1_000, headers: ["X-Token": "${ token }"],
            query: [:])))
      let query = try QueryProgram(api: .query(), connector: try bench.client(plan), with: [:])
      try await body(bench, office, server, query)
    }
  }

  private func call(_ query: QueryProgram, times: Int) async throws -> [CallOutcome] {
    let request = try query.render(window: nil, page: query.firstPage)
    return await withTaskGroup(of: CallOutcome.self) { group in
      for _ in 0..<times { group.addTask { await query.send(request) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }

  @Test("twenty callers at once log in once")
  func singleFlight() async throws {
    try await withOffice { _, office, _, query in
      let outcomes = try await call(query, times: 20)
      #expect(outcomes.allSatisfy { $0.answer != nil })
      #expect(office.logins == 1)
    }
  }

  @Test("a token the platform no longer takes is replaced once for all who were refused")
  func refusal() async throws {
    try await withOffice { _, office, _, query in
      _ = try await call(query, times: 1)
      office.state.withLock { $0.isRevoked = true }
      let outcomes = try await call(query, times: 20)
      #expect(outcomes.allSatisfy { $0.answer != nil })
      #expect(office.logins == 2)
    }
  }

  @Test("a platform that takes no token gets the request twice and no more")
  func never() async throws {
    try await withOffice { _, office, server, query in
      office.state.withLock { $0.takesNone = true }
      let outcome = try #require(try await call(query, times: 1).first)
      #expect(outcome.failure?.kind == .unauthenticated)
      #expect(office.logins == 2)
      #expect(server.requests.count { $0.path == "/records" } == 2)
    }
  }

  @Test("a token is used for nine tenths of its life")
  func renewal() async throws {
    try await withOffice { bench, office, _, query in
      _ = try await call(query, times: 1)
      bench.clock.advance(seconds: 89)
      _ = try await call(query, times: 1)
      #expect(office.logins == 1)
      bench.clock.advance(seconds: 1)
      _ = try await call(query, times: 1)
      #expect(office.logins == 2)
    }
  }

  @Test("a login that fails for now fails all who wait for it, as not sent, and the next caller tries again")
  func failing() async throws {
    try await withOffice { _, office, server, query in
      office.state.withLock { $0.failsLogins = true }
      let outcomes = try await call(query, times: 5)
      #expect(outcomes.allSatisfy { $0.failure?.kind == .notSent })
      #expect(outcomes.first?.failure?.message.hasPrefix("not sent, as the login failed: HTTP 500") == true)
      #expect(server.requests.allSatisfy { $0.path == "/token" })
      office.state.withLock { $0.failsLogins = false }
      #expect(try await call(query, times: 1).first?.answer != nil)
    }
  }

  @Test(
    "how long a token is used", arguments: [(100, 90_000), (30, 20_000), (12, 6_000), (1, 500), (7_200, 6_480_000)])
  func use(life: Int64, milliseconds: Int64) {
    #expect(TokenLogin.use(of: life) == TimeSpan(milliseconds: milliseconds))
  }
}
