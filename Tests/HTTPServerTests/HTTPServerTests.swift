import Glibc
import HTTPServer
import Synchronization
import Testing

@Suite("Serving requests")
struct ServingTests {
  @Test("a request arrives in its parts, decoded")
  func parts() throws {
    let seen = Mutex<ServerRequest?>(nil)
    let server = try HTTPServer { request in
      seen.withLock { $0 = request }
      return .text("ok")
    }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send(
      "POST /a%20b/%E4%B8%AD?x=1+2&y=%26&flag&x=3 HTTP/1.1\r\nHost: h\r\nX-Mark: m\r\n"
        + "Content-Length: 27\r\n\r\nbiz=%7B%22a%22%3A1%7D&b=%2B")
    #expect(try connection.receiveAnswer().body == "ok")
    let request = try #require(seen.withLock { $0 })
    #expect(request.method == "POST")
    #expect(request.target == "/a%20b/%E4%B8%AD?x=1+2&y=%26&flag&x=3")
    #expect(request.path == "/a b/中")
    #expect(request.query.map(\.name) == ["x", "y", "flag", "x"])
    #expect(request.query.map(\.value) == ["1 2", "&", "", "3"])
    #expect(request.parameter("x") == "1 2")
    #expect(request.header("x-mark") == "m")
    #expect(request.header("missing") == nil)
    #expect(request.form().map(\.name) == ["biz", "b"])
    #expect(request.form().map(\.value) == [#"{"a":1}"#, "+"])
  }

  @Test("broken percent-encoding stands for itself", arguments: ["%", "%4", "%zz", "100%"])
  func brokenEncoding(text: String) {
    #expect(ServerRequest(method: "GET", target: "/\(text)").path == "/\(text)")
    #expect(ServerRequest(method: "GET", target: "/?a=\(text)").parameter("a") == text)
  }

  @Test("one connection carries many requests")
  func keepAlive() throws {
    let server = try HTTPServer { .text($0.path) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    for number in 0..<50 {
      connection.send("GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
      #expect(try connection.receiveAnswer().body == "/\(number)")
    }
    connection.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try connection.receiveAnswer().body == "/x")
    #expect(try connection.receiveAnswer().body == "/y")
  }

  @Test("status, headers and body are sent as the handler gave them, and no body for HEAD")
  func answer() throws {
    let server = try HTTPServer { _ in
      ServerResponse(status: 429, headers: [("Retry-After", "1")], body: Array("slow".utf8))
    }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    let answer = try connection.receiveAnswer()
    #expect(answer.status == 429)
    #expect(answer.head.contains("Retry-After: 1"))
    #expect(answer.body == "slow")
    connection.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(try connection.receiveToEnd().hasSuffix("\r\n\r\n"))
  }

  @Test("a body in chunks arrives whole")
  func chunked() throws {
    let server = try HTTPServer { .text(String(decoding: $0.body, as: UTF8.self)) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    #expect(try connection.receiveAnswer().body == "hello world")
  }

  @Test("who expects 100 is told to continue")
  func expectContinue() throws {
    let server = try HTTPServer { .text(String(decoding: $0.body, as: UTF8.self)) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    #expect(try connection.receiveHead().hasPrefix("HTTP/1.1 100"))
    connection.send("body")
    #expect(try connection.receiveAnswer().body == "body")
  }

  @Test("handlers of different connections run at the same time")
  func parallel() throws {
    let count = 8
    let arrived = Mutex(0)
    let server = try HTTPServer { _ in
      arrived.withLock { $0 += 1 }
      // Each waits for all the others; one after the other would never end.
      while arrived.withLock({ $0 }) < count { sched_yield() }
      return .text("all")
    }
    defer { server.stop() }
    let connections = try (0..<count).map { _ in try RawConnection(port: server.port) }
    for connection in connections { connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n") }
    for connection in connections { #expect(try connection.receiveAnswer().body == "all") }
  }
}

@Suite("Limits and bad input")
struct ServerLimitTests {
  static let limit = 1_000

  func echo() throws -> HTTPServer {
    try HTTPServer(maximumBodyBytes: Self.limit) { .text("\($0.body.count)") }
  }

  @Test("a body at the limit is taken, one byte more is refused with 413")
  func bodyLimit() throws {
    let server = try echo()
    defer { server.stop() }
    for (count, status) in [(Self.limit, 200), (Self.limit + 1, 413), (3_000_000, 413)] {
      let connection = try RawConnection(port: server.port)
      connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\n\r\n")
      connection.send([UInt8](repeating: 0x61, count: count))
      #expect(try connection.receiveAnswer().status == status)
    }
  }

  @Test("a body in chunks is refused once it is over the limit")
  func chunkedLimit() throws {
    let server = try echo()
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<11 { connection.send("64\r\n" + String(repeating: "a", count: 100) + "\r\n") }
    connection.send("0\r\n\r\n")
    #expect(try connection.receiveAnswer().status == 413)
  }

  @Test("a sender far over the limit is cut off")
  func endlessBody() throws {
    let server = try echo()
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = "100000\r\n" + String(repeating: "a", count: 1 << 20) + "\r\n"
    var sent = 0
    while sent < 256, connection.send(chunk) { sent += 1 }
    #expect(sent < 256)
  }

  @Test("who asks before sending too much is refused at once")
  func expectTooMuch() throws {
    let server = try echo()
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n")
    #expect(try connection.receiveAnswer().status == 413)
  }

  /// Requests nobody may send, named, since some are too long to be a test's name.
  enum BadRequest: String, CaseIterable {
    case controlCharacters, noTarget, unknownVersion, negativeLength, hugeLength, hugeHeader, hugeTarget

    var text: String {
      switch self {
      case .controlCharacters: "\u{1}\u{2}\u{3}\r\n\r\n"
      case .noTarget: "GET\r\n\r\n"
      case .unknownVersion: "GET / HTTP/9.9\r\n\r\n"
      case .negativeLength: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n"
      case .hugeLength: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999999\r\n\r\n"
      case .hugeHeader: "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n"
      case .hugeTarget: "GET /\(String(repeating: "y", count: 200_000)) HTTP/1.1\r\nHost: h\r\n\r\n"
      }
    }
  }

  @Test("what is not HTTP, or too large a head, ends its connection and no other", arguments: BadRequest.allCases)
  func garbage(request: BadRequest) throws {
    let server = try echo()
    defer { server.stop() }
    let bad = try RawConnection(port: server.port)
    bad.send(request.text)
    let answer = try bad.receiveToEnd()
    #expect(!answer.contains(" 200 "))
    let good = try RawConnection(port: server.port)
    good.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try good.receiveAnswer().status == 200)
  }

  @Test("a header with a line break is never sent")
  func headerInjection() throws {
    let server = try HTTPServer { _ in ServerResponse(headers: [("X-A", "1\r\nX-Evil: 2")], body: [0x61]) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    let answer = try connection.receiveAnswer()
    #expect(answer.status == 500)
    #expect(!answer.head.contains("Evil"))
  }

  @Test("connections over the limit are closed")
  func connectionLimit() throws {
    let server = try HTTPServer(maximumConnections: 2) { _ in .text("in") }
    defer { server.stop() }
    let held = try (0..<2).map { _ in try RawConnection(port: server.port) }
    for connection in held {
      connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      #expect(try connection.receiveAnswer().status == 200)
    }
    let third = try RawConnection(port: server.port)
    third.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    // Refused at once, or answered only once a place is free: never a third beside the two.
    held[0].send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(try held[0].receiveAnswer().status == 200)
    let answer = try third.receiveToEnd()
    #expect(answer.isEmpty || answer.contains(" 200 "))
    held[1].send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try held[1].receiveAnswer().status == 200)
  }
}

@Suite("Starting, dropping and stopping")
struct ServerLifeTests {
  @Test("a dropped request was read whole and gets not one byte")
  func drop() throws {
    let body = Mutex("")
    let server = try HTTPServer { request in
      body.withLock { $0 = String(decoding: request.body, as: UTF8.self) }
      return ServerResponse(status: 200, body: Array("lost".utf8), delivery: .dropConnection)
    }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nsaved")
    #expect(try connection.receiveToEnd() == "")
    #expect(body.withLock { $0 } == "saved")
  }

  @Test("stopping cuts a delay short and leaves its request unanswered")
  func stopDuringDelay() throws {
    let server = try HTTPServer { _ in ServerResponse(delay: .seconds(3_600)) }
    let connection = try RawConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server.stop()
    server.stop()
    #expect(try connection.receiveToEnd() == "")
  }

  @Test("a delayed answer comes after its delay")
  func delay() throws {
    let server = try HTTPServer { _ in ServerResponse(delay: .milliseconds(20)) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    let start = ContinuousClock().now
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try connection.receiveAnswer().status == 200)
    #expect(ContinuousClock().now - start >= .milliseconds(20))
  }

  @Test("a port in use is named in the error, and is free again after stop")
  func portInUse() throws {
    let first = try HTTPServer { _ in .text("1") }
    let error = #expect(throws: HTTPServerError.self) { try HTTPServer(port: first.port) { _ in .text("2") } }
    #expect(error?.code == .addressInUse)
    #expect(error?.message.contains("127.0.0.1:\(first.port)") == true)
    let port = first.port
    let connection = try RawConnection(port: port)
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try connection.receiveAnswer().body == "1")
    first.stop()
    #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
    let second = try HTTPServer(port: port) { _ in .text("2") }
    second.stop()
  }
}
