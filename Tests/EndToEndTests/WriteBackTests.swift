import Foundation
import HTTPServer
import Sandbox
import Synchronization
import Testing
import Values

@Suite("Writing back", .serialized, .timeLimit(.minutes(10)))
struct WriteBackTests {
  /// The system that is written back to: a bare server that remembers what came.
  private static func more(_ port: UInt16) -> String {
    """
    ---
    apiVersion: datahub/v1
    kind: Connector
    metadata: { name: office }
    spec: { platform: bare, parameters: { baseURL: "http://127.0.0.1:\(port)" } }
    ---
    apiVersion: datahub/v1
    kind: StandardAPI
    metadata: { name: bare/mark }
    spec:
      platform: bare
      effect: execute
      parameters: { by: { required: true } }
      request:
        path: /marks
        body: { order: "${ document.order }", voucher: "${ delivered.id }", by: "${ with.by }" }

    """
  }

  private static let hub = """
    mapping: { number: "${ record.id }", amount: "${ record.amount }" }
    target: { connector: erp, api: yard/vouchers-save, batch: 10, delivery: at-most-once, retry: [0s, 0s] }
    writeBack: { connector: office, api: bare/mark, with: { by: hub }, document: { order: "no ${ record.id }" } }
    """

  private func withOffice(
    _ answer: @escaping @Sendable (Int) -> ServerResponse, then: String = "",
    _ body: (VoucherProject, () throws -> [String]) throws -> Void
  ) throws {
    let marks = Box(Mutex<[[UInt8]]>([]))
    let office = try HTTPServer(handler: { request in
      let count = marks.value.withLock { marks -> Int in
        marks.append(request.body)
        return marks.count
      }
      return answer(count)
    })
    defer { office.stop() }
    let project = try VoucherProject(
      VoucherProject.orders(1...3), hub: Self.hub, api: then, more: Self.more(office.port))
    try body(project) { marks.value.withLock { $0 }.map { String(decoding: $0, as: UTF8.self) } }
  }

  private static let good: @Sendable (Int) -> ServerResponse = { _ in .json(Array("{}".utf8)) }

  @Test("each record's name at the target is written back once, after all that follows its write is done")
  func once() throws {
    try withOffice(Self.good, then: "then: [{ name: submit, api: yard/vouchers-submit }]") { project, marks in
      let run = try project.run()
      #expect(run.code == 0, "\(run.messages)")
      #expect(
        try marks() == (1...3).map { #"{"order":"no A\#($0)","voucher":"V0000000\#($0)","by":"hub"}"# })
      let record = try project.record("A2")
      #expect(record["state"] == "done")
      #expect(record["steps"]?.listValue?.compactMap { $0["name"] } == ["submit", "write-back"], "\(record)")
      _ = try project.run()
      #expect(try marks().count == 3)
    }
  }

  @Test("one that fails for now is tried again by itself, one that is refused is a dead task; the records are done")
  func failing() throws {
    let answer: @Sendable (Int) -> ServerResponse = { count in
      switch count {
      case 1: ServerResponse(status: 500, headers: [], body: [])
      case 2: ServerResponse(status: 400, headers: [], body: Array("no such order".utf8))
      default: .json(Array("{}".utf8))
      }
    }
    try withOffice(answer) { project, marks in
      let run = try project.run()
      #expect(run.summary["done"] == 3 && run.summary["failed"] == 0, "\(run.summary)")
      #expect(try marks().count == 4)
      for key in ["A1", "A2", "A3"] { #expect(try project.record(key)["state"] == "done") }
      let dead = try project.tasks().filter { $0["state"] == "dead" }
      #expect(
        dead.count == 1 && dead[0]["error"]?["message"]?.stringValue?.hasPrefix("write-back: ") == true, "\(dead)")
      #expect(try project.record("A2")["steps"]?.listValue?.isEmpty ?? true)
      #expect(try project.record("A1")["steps"]?.listValue?.count == 1)
      #expect(project.count("creates") == 3)
    }
  }

  @Test("a worker that is killed while things are written back leaves none of it undone and no record written twice")
  func killed() throws {
    try withOffice({ _ in
      var response = ServerResponse.json(Array("{}".utf8))
      response.delay = .milliseconds(200)
      return response
    }) { project, marks in
      let process = try project.program.start(["run", "orders"])
      try eventually("one is being written back") { try marks().count == 1 }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let run = try project.run()
      #expect(run.code == 0, "\(run.messages)")
      #expect(Set(try marks()).count == 3 && project.count("creates") == 3)
      for key in ["A1", "A2", "A3"] { #expect(try project.record(key)["steps"]?.listValue?.count == 1) }
    }
  }
}
