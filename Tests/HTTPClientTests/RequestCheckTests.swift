import HTTPClient
import Testing

@Suite("Requests that are not sent")
struct RequestCheckTests {
  @Test(
    "an invalid request is refused before anything is sent",
    arguments: [
      HTTPRequest(url: ""), HTTPRequest(url: "/orders"), HTTPRequest(url: "http://"), HTTPRequest(url: "http:///x"),
      HTTPRequest(url: "ftp://127.0.0.1/secret"), HTTPRequest(url: "file:///etc/secret"),
      HTTPRequest(url: "http://127.0.0.1/\r\nX-Secret: 1"), HTTPRequest(url: "http://127.0.0.1/a secret"),
      HTTPRequest(url: "http://127.0.0.1/订单secret"), HTTPRequest(url: "http://user:secret@127.0.0.1/"),
      HTTPRequest(url: "http://127.0.0.1\\secret/"), HTTPRequest(url: "http://127.0.0.1:99999/"),
      HTTPRequest(method: "", url: "http://127.0.0.1/"), HTTPRequest(method: "GE T", url: "http://127.0.0.1/"),
      HTTPRequest(method: "GET\r\n", url: "http://127.0.0.1/"),
      HTTPRequest(method: "HEAD", url: "http://127.0.0.1/", body: [1]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("X", "secret\r\nY: 1")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("X", "secret\n")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("X", "secret\0")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("", "secret")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("X: Y", "secret")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("content-length", "5")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("Transfer-Encoding", "chunked")]),
      HTTPRequest(url: "http://127.0.0.1/", headers: [.init("Expect", "100-continue")]),
      HTTPRequest(url: "http://127.0.0.1/", maximumResponseBytes: -1),
      HTTPRequest(url: "http://127.0.0.1/", tls: TLSSettings(certificateAuthorityFile: "")),
      HTTPRequest(url: "http://127.0.0.1/", proxy: "socks5://127.0.0.1:1"),
      HTTPRequest(url: "http://127.0.0.1/", proxy: ""),
    ])
  func refused(request: HTTPRequest) async throws {
    let client = HTTPClient()
    let failure = await failureSending(request, on: client)
    #expect(failure?.code == .invalidRequest, "\(String(describing: failure))")
    #expect(failure?.phase == .notSent)
    #expect(failure?.message.contains("secret") == false)
    await client.shutdown()
  }
}
