import HTTPClient
import Testing

/// Answers every request of a connection with what it was asked.
@Sendable private func echo(_ connection: RawConnection) {
  while let request = connection.readRequest() {
    connection.answer(String(decoding: request.body, as: UTF8.self), headers: "X-Line: \(request.line)\r\n")
  }
}

@Suite("A whole exchange", .timeLimit(.minutes(1)))
struct ExchangeTests {
  @Test("a response has its status, fields, body and version")
  func plainResponse() async throws {
    try await withServer({ connection in
      connection.readRequest()
      connection.write("HTTP/1.1 404 Not Found\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 5\r\n\r\nnope\n")
    }) { server, client in
      let response = try await client.send(HTTPRequest(url: server.url + "/a"))
      #expect(response.status == 404)
      #expect(response.headers == [.init("X-One", "1"), .init("x-one", "2"), .init("Content-Length", "5")])
      #expect(response.header("X-ONE") == "1")
      #expect(response.header("X-Two") == nil)
      #expect(response.body == Array("nope\n".utf8))
      #expect(response.httpVersion == "1.1")
      #expect(response.duration > .zero)
    }
  }

  @Test(
    "a body arrives whole, with its length and nothing invented",
    arguments: [
      ("POST", 0), ("POST", 7), ("PUT", 70_000), ("PATCH", 10), ("DELETE", 3), ("GET", 12), ("POST", 3_000_000),
    ])
  func bodyArrives(method: String, size: Int) async throws {
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) & 0x7F }
    try await withServer(echo) { server, client in
      let response = try await client.send(HTTPRequest(method: method, url: server.url, body: body))
      #expect(response.body == body)
      let request = try #require(server.requests.first)
      #expect(request.line == "\(method) / HTTP/1.1")
      #expect(request.body == body)
      #expect(request.header("Content-Length") == "\(size)")
      #expect(request.header("Expect") == nil)
      #expect(request.header("Content-Type") == nil)
      #expect(request.header("Transfer-Encoding") == nil)
    }
  }

  @Test(
    "a request without a body says so only where the method needs it", arguments: ["POST", "PUT", "DELETE", "LIST"])
  func noBody(method: String) async throws {
    try await withServer(echo) { server, client in
      _ = try await client.send(HTTPRequest(method: method, url: server.url))
      let request = try #require(server.requests.first)
      #expect(request.line == "\(method) / HTTP/1.1")
      #expect(request.header("Content-Length") == (["POST", "PUT"].contains(method) ? "0" : nil))
    }
  }

  @Test("fields and path are sent as they are")
  func fieldsAsTheyAre() async throws {
    try await withServer(echo) { server, client in
      let headers = [
        HTTPHeader("Authorization", "Bearer x"), HTTPHeader("X-Empty", ""), HTTPHeader("X-Text", "Größe 订单"),
        HTTPHeader("content-type", "application/json"), HTTPHeader("User-Agent", "mine"), HTTPHeader("Host", "shop"),
      ]
      _ = try await client.send(
        HTTPRequest(method: "POST", url: server.url + "/a/../b/./c?q=%2F&r=1#part", headers: headers, body: [1]))
      let request = try #require(server.requests.first)
      #expect(request.line == "POST /a/../b/./c?q=%2F&r=1 HTTP/1.1")
      for header in headers { #expect(request.header(header.name) == header.value, "\(header.name)") }
    }
  }

  @Test("HEAD ends with the header fields, however long the body would be")
  func head() async throws {
    try await withServer({ connection in
      while connection.readRequest() != nil {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
      }
    }) { server, client in
      for _ in 0..<2 {
        let response = try await client.send(HTTPRequest(method: "HEAD", url: server.url))
        #expect(response.body.isEmpty)
        #expect(response.header("Content-Length") == "99999999999")
      }
      #expect(server.acceptedConnections == 1)
    }
  }

  @Test("a redirect is returned, not followed", arguments: [301, 302, 307, 308])
  func redirect(status: Int) async throws {
    try await withServer({ connection in
      while connection.readRequest() != nil {
        connection.answer("", status: "\(status) Moved", headers: "Location: /elsewhere\r\n")
      }
    }) { server, client in
      let response = try await client.send(HTTPRequest(method: "POST", url: server.url, body: [1]))
      #expect(response.status == status)
      #expect(response.header("location") == "/elsewhere")
      #expect(server.requests.count == 1)
    }
  }

  @Test("no cookie is remembered")
  func noCookie() async throws {
    try await withServer({ connection in
      while connection.readRequest() != nil { connection.answer("", headers: "Set-Cookie: a=1\r\n") }
    }) { server, client in
      for _ in 0..<2 { _ = try await client.send(HTTPRequest(url: server.url)) }
      #expect(server.requests.map { $0.header("Cookie") } == [nil, nil])
    }
  }

  @Test("chunks are joined, interim responses skipped and trailers left out")
  func chunked() async throws {
    try await withServer({ connection in
      connection.readRequest()
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      connection.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n")
    }) { server, client in
      let response = try await client.send(HTTPRequest(url: server.url))
      #expect(response.body == Array("abcde".utf8))
      #expect(response.headers == [.init("Transfer-Encoding", "chunked")])
    }
  }

  @Test("a compressed body is decompressed")
  func gzip() async throws {
    // {"hello":"world"} as gzip writes it.
    let packed: [UInt8] = [
      0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xab, 0x56, 0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xb2, 0x52, 0x2a, 0xcf, 0x2f,
      0xca, 0x49, 0x51, 0xaa, 0x05, 0x00, 0xd1, 0x41, 0x09, 0xd8, 0x11, 0, 0, 0,
    ]
    try await withServer({ connection in
      connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
      connection.write(packed)
    }) { server, client in
      let response = try await client.send(HTTPRequest(url: server.url))
      #expect(String(decoding: response.body, as: UTF8.self) == #"{"hello":"world"}"#)
      #expect(server.requests.first?.header("Accept-Encoding") == "gzip, deflate")
    }
  }

  @Test("a proxy is asked with the absolute URL")
  func proxy() async throws {
    try await withServer(echo) { server, client in
      let response = try await client.send(HTTPRequest(url: "http://nowhere.invalid/a", proxy: server.url))
      #expect(response.header("X-Line") == "GET http://nowhere.invalid/a HTTP/1.1")
    }
  }

  @Test("a connection is used again, and many requests stay within the limit")
  func pool() async throws {
    try await withServer(configuration: .init(maximumConnectionsPerHost: 4), echo) { server, client in
      let url = server.url
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<400 {
          group.addTask {
            let body = Array("\(number)".utf8)
            return try await client.send(HTTPRequest(method: "POST", url: url, body: body)).body == body
          }
        }
        for try await isSame in group { #expect(isSame) }
      }
      #expect(server.requests.count == 400)
      #expect(server.mostConnectionsAtOnce <= 4)
      #expect(server.acceptedConnections <= 4)
    }
  }
}
