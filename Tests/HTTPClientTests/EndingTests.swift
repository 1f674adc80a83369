import HTTPClient
import Testing

@Suite("Ending an exchange early", .timeLimit(.minutes(1)))
struct EndingTests {
  @Test("cancelling a running request ends it and its connection")
  func cancelRunning() async throws {
    let (received, closed) = (Event(), Event())
    try await withServer({ connection in
      connection.readRequest()
      received.raise()
      connection.waitForClose()
      closed.raise()
    }) { server, client in
      let url = server.url
      let task = Task { await failureSending(HTTPRequest(method: "POST", url: url, body: [1]), on: client) }
      await received.wait()
      task.cancel()
      let failure = await task.value
      #expect(failure?.code == .cancelled)
      #expect(failure?.phase == .maybeSent)
      await closed.wait()
    }
  }

  @Test("cancelling before the request sends nothing")
  func cancelBefore() async throws {
    try await withServer({ $0.readRequest() }) { server, client in
      let url = server.url
      let start = Event()
      let task = Task {
        await start.wait()
        return await failureSending(HTTPRequest(method: "POST", url: url, body: [1]), on: client)
      }
      task.cancel()
      start.raise()
      let failure = await task.value
      #expect(failure?.code == .cancelled)
      #expect(failure?.phase == .notSent)
      #expect(server.acceptedConnections == 0)
    }
  }

  @Test("a request that waits for a free connection can run out of time or be cancelled, and nothing was sent")
  func waiting() async throws {
    let (received, release) = (Event(), Event())
    try await withServer(
      configuration: .init(maximumConnections: 1),
      { connection in
        while connection.readRequest() != nil {
          received.raise()
          connection.waitForClose()
        }
        release.raise()
      }
    ) { server, client in
      let url = server.url
      let first = Task { await failureSending(HTTPRequest(url: url), on: client) }
      await received.wait()
      let cancelled = Task { await failureSending(HTTPRequest(method: "POST", url: url), on: client) }
      let late = await failureSending(
        HTTPRequest(method: "POST", url: url, totalTimeout: .milliseconds(100)), on: client)
      #expect(late?.code == .timeoutConnecting)
      #expect(late?.phase == .notSent)
      cancelled.cancel()
      let waiting = await cancelled.value
      #expect(waiting?.code == .cancelled)
      #expect(waiting?.phase == .notSent)
      first.cancel()
      #expect(await first.value?.code == .cancelled)
      await release.wait()
      #expect(server.requests.count == 1)
    }
  }

  @Test("a place that becomes free goes to who waits")
  func placeIsPassedOn() async throws {
    let received = Event()
    try await withServer(
      configuration: .init(maximumConnections: 1),
      { connection in
        while let request = connection.readRequest() {
          if request.line.hasPrefix("GET /hang") {
            received.raise()
            connection.waitForClose()
            return
          }
          connection.answer("served")
        }
      }
    ) { server, client in
      let url = server.url
      let hanging = Task { await failureSending(HTTPRequest(url: url + "/hang"), on: client) }
      await received.wait()
      async let next = client.send(HTTPRequest(url: url))
      hanging.cancel()
      #expect(await hanging.value?.code == .cancelled)
      let response = try await next
      #expect(response.body == Array("served".utf8))
    }
  }

  @Test("shutting down ends what runs and refuses what comes")
  func shutdown() async throws {
    let received = Event()
    try await withServer({ connection in
      connection.readRequest()
      received.raise()
      connection.waitForClose()
    }) { server, client in
      let url = server.url
      let task = Task { await failureSending(HTTPRequest(url: url), on: client) }
      await received.wait()
      await client.shutdown()
      let running = await task.value
      #expect(running?.code == .shutDown)
      #expect(running?.phase == .maybeSent)
      let late = await failureSending(HTTPRequest(url: url), on: client)
      #expect(late?.code == .shutDown)
      #expect(late?.phase == .notSent)
    }
  }

  @Test("shutting down with a grace lets what runs finish")
  func graceful() async throws {
    let received = Event()
    let mayAnswer = Gate()
    try await withServer({ connection in
      connection.readRequest()
      received.raise()
      mayAnswer.pass()
      connection.answer("done")
    }) { server, client in
      let url = server.url
      let task = Task { try await client.send(HTTPRequest(url: url)) }
      await received.wait()
      async let shutdown: Void = client.shutdown(grace: .seconds(30))
      // Once a request is refused, the shutdown has begun.
      while await failureSending(HTTPRequest(url: "http://127.0.0.1:1"), on: client)?.code != .shutDown {}
      mayAnswer.open()
      await shutdown
      let response = try await task.value
      #expect(response.body == Array("done".utf8))
    }
  }

  @Test("a client nobody holds any more ends by itself")
  func dropped() async throws {
    try await withServer({ connection in
      while connection.readRequest() != nil { connection.answer("x") }
    }) { server, _ in
      for _ in 0..<20 {
        let response = try await HTTPClient().send(HTTPRequest(url: server.url))
        #expect(response.status == 200)
      }
    }
  }
}
