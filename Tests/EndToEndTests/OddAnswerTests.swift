import Foundation
import HTTPServer
import Synchronization
import Testing
import Values

/// Requests a server of a test has seen.
final class Seen: Sendable {
  private let bodies = Mutex<[[UInt8]]>([])
  func add(_ request: ServerRequest) { bodies.withLock { $0.append(request.body) } }
  var count: Int { bodies.withLock { $0.count } }
  func values() throws -> [Value] { try bodies.withLock { $0 }.map { try Value(jsonBytes: $0) } }
}

@Suite("Odd answers", .serialized, .timeLimit(.minutes(10)))
struct OddAnswerTests {
  private static func page(_ orders: String, next: String? = nil) -> ServerResponse {
    let next = next.map { ",\"next\":\"\($0)\"" } ?? ""
    return .json(Array("{\"orders\":[\(orders)]\(next)}".utf8))
  }

  private static func accept(_ request: ServerRequest) -> ServerResponse {
    let items = (try? Value(jsonBytes: request.body))?["items"]?.listValue ?? []
    let results = items.map { _ in #"{"ok":true}"# }.joined(separator: ",")
    return .json(Array("{\"results\":[\(results)]}".utf8))
  }

  private func project(
    targetLines: String = "batch: 10", source: @escaping @Sendable (ServerRequest) -> ServerResponse,
    target: @escaping @Sendable (ServerRequest) -> ServerResponse = accept,
    _ body: (SmallProject, Seen) throws -> Void
  ) throws {
    let seen = Seen()
    let sourceServer = try HTTPServer(handler: source)
    let targetServer = try HTTPServer(handler: { request in
      seen.add(request)
      return target(request)
    })
    defer {
      sourceServer.stop()
      targetServer.stop()
    }
    let project = try SmallProject(
      source: "http://127.0.0.1:\(sourceServer.port)", target: "http://127.0.0.1:\(targetServer.port)",
      targetLines: targetLines)
    try body(project, seen)
  }

  @Test("HTML instead of JSON is said, nothing is kept or sent, and the query waits to be tried again")
  func html() throws {
    try project(source: { _ in
      ServerResponse(
        status: 200, headers: [("Content-Type", "text/html")], body: Array("<html>Bad gateway</html>".utf8))
    }) { project, seen in
      let first = try project.run()
      #expect(first.code != 0)
      #expect(first.messages.contains("HTML"), "\(first.messages)")
      #expect(seen.count == 0)
      let tasks = try project.program.run("task", "list", "--hub", "orders", "--output", "json").json()
      #expect(tasks.listValue?.first?["state"] == "retrying")
    }
  }

  @Test("a record whose code no value mapping has waits, and is sent once the next plan has it")
  func waitsForCode() throws {
    try project(source: { _ in Self.page(#"{"id":"A1","amount":1.50},{"id":"A2","amount":2}"#) }) { project, seen in
      let file = project.folder.appending(path: "datahub.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
        .replacing("id: \"${ record.id }\"", with: "id: '${ value(\"codes\", record.id) }'")
      let table = """

        ---
        apiVersion: datahub/v1
        kind: ValueMapping
        metadata: { name: codes }
        spec: { entries: { A2: B2 } }

        """
      try (text + table).write(to: file, atomically: true, encoding: .utf8)
      #expect(try project.program.run("apply", "--yes").code == 0)
      let first = try project.run()
      #expect(first.summary["done"] == 1 && first.summary["waiting"] == 1 && first.summary["failed"] == 0, "\(first)")
      let listed = try project.program.run("record", "list", "orders", "--state", "waiting", "--output", "json").json()
      #expect(listed.listValue?.first?["error"]?["message"]?.stringValue?.contains("has no entry for 'A1'") == true)
      try (text + table.replacing("A2: B2", with: "A2: B2, A1: B1")).write(to: file, atomically: true, encoding: .utf8)
      #expect(try project.program.run("apply", "--yes").code == 0)
      let second = try project.run()
      #expect(second.summary["waiting"] == 0 && second.summary["sent"] == 1, "\(second)")
      let sent = try seen.values().flatMap { $0["items"]?.listValue ?? [] }.compactMap { $0["id"] }
      #expect(sent == ["B2", "B1"])
    }
  }

  @Test("a change of what was sent is kept and not sent where the hub ignores changes")
  func ignoresChanges() throws {
    let amount = Mutex("1.50")
    try project(source: { _ in Self.page(#"{"id":"A1","amount":\#(amount.withLock { $0 })}"#) }) { project, seen in
      let file = project.folder.appending(path: "datahub.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("mapping: { id", with: "onChange: ignore\n  mapping: { id")
        .write(to: file, atomically: true, encoding: .utf8)
      #expect(try project.program.run("apply", "--yes").code == 0)
      #expect(try project.run().summary["sent"] == 1)
      amount.withLock { $0 = "9.99" }
      let second = try project.run()
      #expect(second.summary["changed"] == 1 && second.summary["sent"] == 0, "\(second)")
      #expect(seen.count == 1)
      #expect(try project.program.run("record", "show", "orders", "A1").output.contains("9.99"))
    }
  }

  @Test("an answer that is cut off, and one of 100 MB, are refused with a clear message")
  func truncatedAndHuge() throws {
    try project(source: { _ in
      .json(Array(#"{"orders":[{"id":"A1","amount":1.50},{"id":"A2""#.utf8))
    }) { project, seen in
      let run = try project.run()
      #expect(run.code != 0)
      #expect(run.summary["new"] == 0)
      #expect(seen.count == 0)
      #expect(run.messages.contains("JSON"), "\(run.messages)")
    }
    let huge = [UInt8](repeating: 0x20, count: 100 << 20)
    try project(source: { _ in .json(huge) }) { project, _ in
      let run = try project.run()
      #expect(run.code != 0)
      #expect(run.messages.contains("1048576") || run.messages.contains("1 MiB"), "\(run.messages)")
    }
  }

  @Test("a record without its key is kept as failed; the others arrive")
  func noKey() throws {
    try project(source: { _ in
      Self.page(#"{"id":"A1","amount":1.50},{"amount":2.50},{"id":"A3","amount":3.50}"#)
    }) { project, seen in
      let run = try project.run()
      #expect(run.code == 1)
      #expect(run.summary["done"] == 2)
      #expect(run.summary["failed"] == 1)
      let failed = try project.program.run("record", "list", "orders", "--state", "failed", "--output", "json").json()
      #expect(failed.listValue?.count == 1)
      #expect(failed.listValue?.first?.at("error", "message")?.stringValue?.contains("id") == true)
      let sent = try seen.values()
      #expect(sent.first?["items"]?.json() == #"[{"id":"A1","amount":1.50},{"id":"A3","amount":3.50}]"#, "\(sent)")
    }
  }

  @Test("cursors are followed page by page to the end, and digits arrive as they were")
  func cursors() throws {
    try project(source: { request in
      switch request.parameter("cursor") {
      case "b": Self.page(#"{"id":"A2","amount":1E+2}"#, next: "c")
      case "c": Self.page(#"{"id":"A3","amount":12345678901234567890.10}"#)
      default: Self.page(#"{"id":"A1","amount":12.30}"#, next: "b")
      }
    }) { project, seen in
      let run = try project.run()
      #expect(run.code == 0, "\(run.messages)")
      #expect(run.summary["new"] == 3)
      let items = try seen.values().flatMap { $0["items"]?.listValue ?? [] }
      #expect(items.map { $0["amount"]?.json() } == ["12.30", "1E+2", "12345678901234567890.10"])
    }
  }

  @Test("a batch in which one record is refused: the others are done, that one has the target's words")
  func partialFailure() throws {
    try project(
      source: { _ in Self.page((1...4).map { #"{"id":"A\#($0)","amount":\#($0)}"# }.joined(separator: ",")) },
      target: { _ in
        .json(
          Array(
            #"{"results":[{"ok":true},{"ok":false,"why":"credit limit"},{"ok":true},{"ok":true}]}"#.utf8))
      }
    ) { project, _ in
      let run = try project.run()
      #expect(run.code == 1)
      #expect(run.summary["done"] == 3)
      let failed = try project.program.run("record", "show", "orders", "A2", "--output", "json")
      #expect(failed.output.contains("credit limit"))
    }
  }

  @Test("records that an answer never mentions are tried again by themselves on the ladder, and then left to a person")
  func unanswered() throws {
    try project(
      targetLines: "batch: 10",
      source: { _ in
        Self.page((1...3).map { #"{"id":"A\#($0)","amount":\#($0)}"# }.joined(separator: ","))
      },
      target: { request in
        let isFirst = (try? Value(jsonBytes: request.body))?["items"]?.listValue?.count == 3
        return .json(Array((isFirst ? #"{"results":[{"ok":true}]}"# : #"{"results":[]}"#).utf8))
      }
    ) { project, seen in
      let file = project.folder.appending(path: "datahub.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
        .replacing("delivery: at-most-once, retry: [1h]", with: "delivery: at-least-once, retry: [0s, 0s]")
      try text.write(to: file, atomically: true, encoding: .utf8)
      #expect(try project.program.run("apply", "--yes").code == 0)
      let outcome = try project.program.run("run", "orders", "--output", "json", "--wait", "5s")
      #expect(outcome.code != 0)
      let sent = try seen.values().map { $0["items"]?.listValue?.compactMap { $0["id"]?.stringValue } ?? [] }
      #expect(sent == [["A1", "A2", "A3"], ["A2", "A3"], ["A2", "A3"]])
      for (key, state) in [("A1", "done"), ("A2", "uncertain"), ("A3", "uncertain")] {
        let record = try project.program.run("record", "show", "orders", key, "--output", "json").json()
        #expect(record["state"]?.stringValue == state, "\(record)")
      }
    }
  }

  @Test("at-most-once: a write whose answer is lost is left to a person and never sent again")
  func atMostOnce() throws {
    try project(
      source: { _ in Self.page(#"{"id":"A1","amount":1}"#) },
      target: { _ in ServerResponse(delivery: .dropConnection) }
    ) { project, seen in
      let first = try project.run()
      #expect(first.code != 0)
      #expect(first.summary["uncertain"] == 1)
      _ = try project.run()
      #expect(seen.count == 1)
      let list = try project.program.run("record", "list", "orders", "--state", "uncertain", "--output", "json")
      #expect(try list.json().listValue?.count == 1)
    }
  }

  @Test("429 with Retry-After waits and burns no attempt")
  func rateLimited() throws {
    let remaining = Box(Mutex(2))
    try project(
      source: { _ in Self.page(#"{"id":"A1","amount":1}"#) },
      target: { request in
        let refuse = remaining.value.withLock { count in
          count -= 1
          return count >= 0
        }
        return refuse
          ? ServerResponse(status: 429, headers: [("Retry-After", "0")], body: []) : Self.accept(request)
      }
    ) { project, seen in
      let outcome = try project.program.run("run", "orders", "--output", "json", "--wait", "10s")
      #expect(outcome.code == 0, "\(outcome.messages)")
      #expect(try outcome.json()["done"] == 1)
      #expect(seen.count == 3)
      let task = try project.program.run("task", "list", "--side", "target", "--output", "json").json()
      #expect(task.listValue?.first?["attempts"]?.intValue ?? 0 <= 1)
    }
  }
}

/// A lock that closures may share.
final class Box<Content: ~Copyable & Sendable>: Sendable {
  let value: Content
  init(_ value: consuming Content) { self.value = value }
}
