import HTTPClient
import Testing

/// How a test's server misbehaves after it has read a request, and what the client must make of it.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let code: HTTPFailure.Code
  let script: @Sendable (RawConnection) -> Void

  init(_ name: String, _ code: HTTPFailure.Code, _ script: @escaping @Sendable (RawConnection) -> Void) {
    (testDescription, self.code, self.script) = (name, code, script)
  }

  static let all = [
    Misbehaviour("says nothing", .timeoutWaiting) { $0.waitForClose() },
    Misbehaviour("closes without a word", .reset) { _ in },
    Misbehaviour("resets", .reset) { $0.resetOnClose() },
    Misbehaviour("closes within the status line", .reset) { $0.write("HTTP/1.1 20") },
    Misbehaviour("closes within the fields", .truncated) { $0.write("HTTP/1.1 200 OK\r\nContent-Le") },
    Misbehaviour("closes after a whole field", .truncated) { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n") },
    Misbehaviour("closes after an interim response", .reset) {
      $0.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
    },
    Misbehaviour("closes before the body", .truncated) { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n") },
    Misbehaviour("closes within the body", .truncated) { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") },
    Misbehaviour("closes within a chunk", .truncated) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
    },
    Misbehaviour("closes before the last chunk", .truncated) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
    },
    Misbehaviour("stops after the fields", .timeoutWaiting) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
      $0.waitForClose()
    },
    Misbehaviour("stops within the fields", .timeoutWaiting) {
      $0.write("HTTP/1.1 200 OK\r\nContent-")
      $0.waitForClose()
    },
    Misbehaviour("is not HTTP", .protocolError) { $0.write("220 mail.example ESMTP\r\n") },
    Misbehaviour("sends rubbish", .protocolError) { $0.write((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 131) }) },
    Misbehaviour("sends a bad chunk size", .protocolError) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    },
    Misbehaviour("declares too much", .responseTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx")
      $0.waitForClose()
    },
    Misbehaviour("sends 100 MB without a length", .responseTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\n\r\n")
      let megabyte = [UInt8](repeating: 0x20, count: 1 << 20)
      for _ in 0..<100 where !$0.write(megabyte) { return }
    },
    Misbehaviour("sends fields without end", .responseTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\n")
      let field = Array(("X-Field: " + String(repeating: "x", count: 1000) + "\r\n").utf8)
      for _ in 0..<100_000 where !$0.write(field) { return }
    },
    Misbehaviour("sends a decompression bomb", .responseTooLarge) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
      $0.write(gzippedZeros(atLeast: 256 << 20))
    },
    Misbehaviour("sends what it calls gzip", .decoding) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nthis is not gzip at ")
    },
  ]
}

/// Makes the beginning of a gzip stream of zero bytes, some 160 times smaller than they are.
private func gzippedZeros(atLeast size: Int) -> [UInt8] {
  var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
  var bits: UInt64 = 0
  var count: UInt64 = 0
  func put(_ value: UInt64, _ width: UInt64) {
    bits |= value << count
    count += width
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      count -= 8
    }
  }
  put(0b011, 3)  // The last block, with the fixed codes of RFC 1951, 3.2.6.
  put(0b0000_1100, 8)  // Literal 0 (code 00110000, its first bit first).
  for _ in 0...(size / 258) {
    put(0b1010_0011, 8)  // Length 258 (code 11000101).
    put(0, 5)  // Distance 1.
  }
  return bytes
}

@Suite("A failed exchange", .timeLimit(.minutes(1)))
struct FailureTests {
  @Test("after the request was sent, whatever goes wrong may have been sent", arguments: Misbehaviour.all)
  func misbehaviour(_ misbehaviour: Misbehaviour) async throws {
    try await withServer({ connection in
      connection.readRequest()
      misbehaviour.script(connection)
    }) { server, client in
      let isHanging = misbehaviour.code == .timeoutWaiting
      let failure = await failureSending(
        HTTPRequest(
          method: "POST", url: server.url, body: Array("order".utf8),
          totalTimeout: isHanging ? .milliseconds(200) : .seconds(30), maximumResponseBytes: 1 << 20),
        on: client)
      #expect(failure?.code == misbehaviour.code, "\(String(describing: failure))")
      #expect(failure?.phase == .maybeSent)
      #expect(failure?.message.isEmpty == false)
      #expect(server.requests.count == 1)
    }
  }

  @Test("a response of exactly the allowed size is whole, one byte more is too large")
  func limit() async throws {
    try await withServer({ connection in
      while connection.readRequest() != nil {
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n")
      }
    }) { server, client in
      let response = try await client.send(HTTPRequest(url: server.url, maximumResponseBytes: 8))
      #expect(response.body.count == 8)
      #expect(
        await failureSending(HTTPRequest(url: server.url, maximumResponseBytes: 7), on: client)?.code
          == .responseTooLarge)
    }
  }

  @Test("nothing is sent where nobody listens")
  func refused() async throws {
    let client = HTTPClient()
    let port = try closedPort()
    let failure = await failureSending(
      HTTPRequest(method: "POST", url: "http://127.0.0.1:\(port)", body: [1]), on: client)
    #expect(failure?.code == .connect)
    #expect(failure?.phase == .notSent)
    #expect(failure?.isTransient == true)
    await client.shutdown()
  }

  @Test("nothing is sent to a name without an address")
  func unknownName() async throws {
    let client = HTTPClient()
    let failure = await failureSending(HTTPRequest(method: "POST", url: "http://nobody.invalid/"), on: client)
    #expect(failure?.code == .resolve)
    #expect(failure?.phase == .notSent)
    await client.shutdown()
  }

  @Test("nothing is sent while a TLS handshake hangs")
  func hangingHandshake() async throws {
    try await withServer({ $0.waitForClose() }) { server, client in
      let failure = await failureSending(
        HTTPRequest(
          method: "POST", url: "https://127.0.0.1:\(server.port)/", body: [1], connectTimeout: .milliseconds(200)),
        on: client)
      #expect(failure?.code == .timeoutConnecting)
      #expect(failure?.phase == .notSent)
    }
  }

  @Test("nothing is sent when the proxy refuses the tunnel")
  func refusedTunnel() async throws {
    try await withServer({ connection in
      connection.readRequest()
      connection.answer("", status: "403 Forbidden")
    }) { server, client in
      let failure = await failureSending(
        HTTPRequest(method: "POST", url: "https://shop.invalid/", body: [1], proxy: server.url), on: client)
      #expect(failure?.code == .connect)
      #expect(failure?.phase == .notSent)
    }
  }

  @Test(
    "a write is sent once when its kept-alive connection dies",
    arguments: [("POST", 5), ("POST", 0), ("DELETE", nil), ("PUT", 100_000), ("PATCH", 1)] as [(String, Int?)],
    [false, true])
  func deadKeptAliveWrite(_ write: (method: String, size: Int?), resets: Bool) async throws {
    try await withServer(dyingAtTheSecondRequest(resets: resets)) { server, client in
      _ = try await client.send(HTTPRequest(url: server.url))
      let body = write.size.map { [UInt8](repeating: 0x61, count: $0) }
      let failure = await failureSending(HTTPRequest(method: write.method, url: server.url, body: body), on: client)
      #expect(failure?.code == .reset)
      #expect(failure?.phase == .maybeSent)
      #expect(server.requests.filter { $0.line.hasPrefix(write.method) }.count == 1)
    }
  }

  @Test("a read is repeated when its kept-alive connection dies", arguments: [false, true])
  func deadKeptAliveRead(resets: Bool) async throws {
    try await withServer(dyingAtTheSecondRequest(resets: resets)) { server, client in
      _ = try await client.send(HTTPRequest(url: server.url))
      let response = try await client.send(HTTPRequest(url: server.url + "/again"))
      #expect(response.status == 200)
      #expect(server.requests.filter { $0.line.hasPrefix("GET /again") }.count == 2)
    }
  }

  /// Answers the first request of the first connection, reads the second and dies; later connections are served.
  private func dyingAtTheSecondRequest(resets: Bool) -> @Sendable (RawConnection) -> Void {
    { connection in
      var served = 0
      while connection.readRequest() != nil {
        if connection.number == 1, served == 1 {
          if resets { connection.resetOnClose() }
          return
        }
        connection.answer("fine")
        served += 1
      }
    }
  }
}
