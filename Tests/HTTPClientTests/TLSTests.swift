import HTTPClient
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
  /// Runs `openssl s_server` with the authority's certificate on a free port.
  private func withTLSServer(
    _ authority: Authority, _ options: [String] = [], _ body: (Int, HTTPClient) async throws -> Void
  ) async throws {
    let server = try ChildProcess(
      ["openssl", "s_server", "-www", "-accept", "127.0.0.1:0"]
        + ["-cert", authority.path("server.pem"), "-key", authority.path("server.key")] + options)
    let text = server.read(until: "ACCEPT")
    let line = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
    let client = HTTPClient()
    do {
      let port = try #require((line?.split(separator: ":").last).flatMap { Int($0) }, "\(text)")
      try await body(port, client)
    } catch {
      await client.shutdown()
      server.terminate()
      throw error
    }
    await client.shutdown()
    server.terminate()
  }

  @Test("a certificate of a trusted authority is accepted", arguments: ["localhost", "127.0.0.1"])
  func trusted(host: String) async throws {
    let authority = try Authority()
    try await withTLSServer(authority) { port, client in
      let response = try await client.send(
        HTTPRequest(
          url: "https://\(host):\(port)/", tls: TLSSettings(certificateAuthorityFile: authority.path("ca.pem"))))
      #expect(response.status == 200)
      #expect(!response.body.isEmpty)
    }
  }

  @Test("a certificate of an unknown authority is refused, and nothing is sent")
  func unknownAuthority() async throws {
    let authority = try Authority()
    let other = try Authority()
    try await withTLSServer(authority) { port, client in
      for settings in [nil, TLSSettings(certificateAuthorityFile: other.path("ca.pem"))] {
        let failure = await failureSending(
          HTTPRequest(method: "POST", url: "https://localhost:\(port)/", body: [1], tls: settings), on: client)
        #expect(failure?.code == .tls)
        #expect(failure?.phase == .notSent)
      }
    }
  }

  @Test("trust given to one request does not pass to another over a kept connection")
  func trustIsNotShared() async throws {
    let authority = try Authority()
    try await withTLSServer(authority) { port, client in
      let url = "https://localhost:\(port)/"
      let tls = TLSSettings(certificateAuthorityFile: authority.path("ca.pem"))
      let accepted = try await client.send(HTTPRequest(url: url, tls: tls))
      #expect(accepted.status == 200)
      #expect(await failureSending(HTTPRequest(url: url), on: client)?.code == .tls)
    }
  }

  @Test("a certificate for another name is refused, and nothing is sent")
  func wrongName() async throws {
    let authority = try Authority(serverNames: "DNS:elsewhere.example")
    try await withTLSServer(authority) { port, client in
      let tls = TLSSettings(certificateAuthorityFile: authority.path("ca.pem"))
      let failure = await failureSending(
        HTTPRequest(method: "POST", url: "https://localhost:\(port)/", body: [1], tls: tls), on: client)
      #expect(failure?.code == .tls)
      #expect(failure?.phase == .notSent)
    }
  }

  @Test("a server below TLS 1.2 is refused")
  func oldProtocol() async throws {
    let authority = try Authority()
    try await withTLSServer(authority, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) { port, client in
      let tls = TLSSettings(certificateAuthorityFile: authority.path("ca.pem"))
      let failure = await failureSending(HTTPRequest(url: "https://localhost:\(port)/", tls: tls), on: client)
      #expect(failure?.code == .tls)
      #expect(failure?.phase == .notSent)
    }
  }

  @Test("a client certificate is shown to a server that demands it", arguments: ["-tls1_2", "-tls1_3"])
  func clientCertificate(version: String) async throws {
    let authority = try Authority()
    let options = ["-Verify", "1", "-verify_return_error", "-CAfile", authority.path("ca.pem"), version]
    try await withTLSServer(authority, options) { port, client in
      let url = "https://localhost:\(port)/"
      var tls = TLSSettings(certificateAuthorityFile: authority.path("ca.pem"))
      let refused = await failureSending(HTTPRequest(method: "POST", url: url, body: [1], tls: tls), on: client)
      #expect(refused?.code == .tls, "\(String(describing: refused))")
      // With TLS 1.3 the client has sent its request before it learns of the refusal.
      if version == "-tls1_2" { #expect(refused?.phase == .notSent) }
      tls.clientCertificateFile = authority.path("client.pem")
      tls.clientKeyFile = authority.path("client.key")
      let accepted = try await client.send(HTTPRequest(url: url, tls: tls))
      #expect(accepted.status == 200)
    }
  }

  @Test("files that are missing fail before anything is sent")
  func missingFiles() async throws {
    let authority = try Authority()
    try await withTLSServer(authority) { port, client in
      for tls in [
        TLSSettings(certificateAuthorityFile: authority.path("none.pem")),
        TLSSettings(
          certificateAuthorityFile: authority.path("ca.pem"), clientCertificateFile: authority.path("none.pem")),
      ] {
        let failure = await failureSending(HTTPRequest(url: "https://localhost:\(port)/", tls: tls), on: client)
        #expect(failure?.code == .tls, "\(String(describing: failure))")
        #expect(failure?.phase == .notSent)
      }
    }
  }
}
