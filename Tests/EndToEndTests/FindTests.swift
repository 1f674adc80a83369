import Foundation
import HTTPServer
import Synchronization
import Testing
import Values

/// Two hubs from one shop to one ERP: customers, and orders that ask for them.
private final class TwoHubs {
  /// What the shop has, by path.
  let shop: Box<Mutex<[String: String]>>
  let seen = Seen()
  let project: SmallProject
  private let servers: [HTTPServer]

  /// - Parameter order: the mapping of orders, one line each.
  init(shop: [String: String], order: [String]) throws {
    let pages = Box(Mutex(shop))
    let seen = self.seen
    let source = try HTTPServer(handler: { request in
      let records = pages.value.withLock { $0[String(request.path.prefix { $0 != "?" })] ?? "" }
      return .json(Array(#"{"orders":[\#(records)]}"#.utf8))
    })
    let target = try HTTPServer(handler: { request in
      seen.add(request)
      let items = (try? Value(jsonBytes: request.body))?["items"]?.listValue ?? []
      // Every record gets an id of the ERP's own.
      let results = items.map { item in
        let id = item["id"].map { $0.stringValue ?? $0.json() } ?? ""
        return #"{"ok":true,"id":"T-\#(id)"}"#
      }
      return .json(Array(#"{"results":[\#(results.joined(separator: ","))]}"#.utf8))
    })
    self.shop = pages
    servers = [source, target]
    project = try SmallProject(
      source: "http://127.0.0.1:\(source.port)", target: "http://127.0.0.1:\(target.port)")
    try write(order: order)
  }

  deinit { for server in servers { server.stop() } }

  func write(order: [String]) throws {
    let file = project.folder.appending(path: "datahub.yaml")
    var text = try String(contentsOf: file, encoding: .utf8)
    if let end = text.range(of: "\n---\napiVersion: datahub/v1\nkind: StandardAPI\nmetadata: { name: bare/customers }")
    {
      text = String(text[..<end.lowerBound])
    } else {
      let end = try #require(text.range(of: "\n---\napiVersion: datahub/v1\nkind: Hub"))
      text = String(text[..<end.lowerBound]).replacing(
        "message: \"${ result.why }\"", with: "message: \"${ result.why }\", id: \"${ result.id }\"")
    }
    text += """

      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: bare/customers }
      spec:
        platform: bare
        effect: query
        request: { method: GET, path: /customers }
        records: ${ response.body.orders }
        record: { key: "${ record.no }" }
      ---
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: customers }
      spec:
        source: { connector: source, api: bare/customers, retry: [1h] }
        select: ${ record.active }
        mapping: { id: "${ record.code }", name: "${ record.name }" }
        target: { connector: target, api: bare/save, delivery: at-most-once, retry: [1h], batch: 10 }
      ---
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: orders }
      spec:
        source: { connector: source, api: bare/list, retry: [1h] }
        mapping:
          id: ${ record.id }
      \(order.map { "    \($0)" }.joined(separator: "\n"))
        target: { connector: target, api: bare/save, delivery: at-most-once, retry: [1h], batch: 10 }

      """
    try text.write(to: file, atomically: true, encoding: .utf8)
    let applied = try project.program.run("apply", "--yes")
    try #require(applied.code == 0, "\(applied.messages)")
  }

  func run(_ hub: String) throws -> Value {
    try project.program.run("run", hub, "--output", "json", "--wait", "0s").json()
  }

  func record(_ hub: String, _ key: String) throws -> Value {
    try project.program.run("record", "show", hub, key, "--output", "json").json()
  }

  /// Every document the ERP was sent, by its id.
  func documents() throws -> [String: Value] {
    let items = try seen.values().flatMap { $0["items"]?.listValue ?? [] }
    return Dictionary(items.map { ($0["id"]?.stringValue ?? "", $0) }, uniquingKeysWith: { $1 })
  }
}

@Suite("What one hub finds in another", .serialized, .timeLimit(.minutes(10)))
struct FindTests {
  private static let order = [
    #"customer: '${ find("customers", {"code": record.customer}).name }'"#,
    #"customerID: '${ findDelivered("customers", {"code": record.customer}).id }'"#,
  ]

  private static let shop = [
    "/customers": """
    {"no":1,"code":"C1","name":"Ann","active":true},{"no":2,"code":2,"name":"Bob","active":true},\
    {"no":3,"code":"C3","name":"Cid","active":false}
    """,
    "/orders": """
    {"id":"O1","customer":"C1"},{"id":"O2","customer":"2"},{"id":"O3","customer":"C3"},{"id":"O9","customer":"C9"}
    """,
  ]

  @Test("orders wait for their customers and are sent once those are there and delivered, each with the ERP's id")
  func waitsForRecords() throws {
    let hubs = try TwoHubs(shop: Self.shop, order: Self.order)
    let first = try hubs.run("orders")
    #expect(first["waiting"] == 4 && first["failed"] == 0 && first["done"] == 0, "\(first)")
    let reason = try hubs.record("orders", "O1")["error"]
    #expect(
      reason?["message"]?.stringValue?.contains("hub 'customers' keeps no record with code 'C1'") == true,
      "\(reason ?? .null)")
    #expect(reason?["field"] == "customer" && reason?["kind"] == "waiting")

    #expect(try hubs.run("customers")["done"] == 2)
    // What they wait for wakes them where it is kept, before the hub of the orders is run again.
    #expect(try hubs.record("orders", "O1")["state"] == "pending")
    #expect(try hubs.record("orders", "O9")["state"] == "waiting")
    let second = try hubs.run("orders")
    #expect(second["done"] == 2 && second["waiting"] == 2, "\(second)")
    let documents = try hubs.documents()
    #expect(documents["O1"]?.json() == #"{"id":"O1","customer":"Ann","customerID":"T-C1"}"#)
    #expect(documents["O2"]?["customer"] == "Bob")
    // The third customer is kept and never sent: there is a content and no delivery.
    let left = try hubs.record("orders", "O3").at("error", "message")?.stringValue
    #expect(
      left?.contains("the record '3' of hub 'customers' has not been delivered yet: it is filtered") == true,
      "\(left ?? "")")

    // A customer's code changes: the old one finds nothing, the new one does.
    hubs.shop.value.withLock {
      $0["/customers"] = #"{"no":1,"code":"C9","name":"Ann","active":true}"#
      $0["/orders"] = #"{"id":"O4","customer":"C1"}"#
    }
    #expect(try hubs.run("customers")["done"] == 1)
    let third = try hubs.run("orders")
    #expect(third["done"] == 1 && third["waiting"] == 2, "\(third)")
    #expect(try hubs.documents()["O9"]?.json() == #"{"id":"O9","customer":"Ann","customerID":"T-C9"}"#)
    #expect(try hubs.record("orders", "O4")["state"] == "waiting")
  }

  @Test("records kept before anybody asked for them are found, by dispatch and work as well")
  func keptBefore() throws {
    let hubs = try TwoHubs(shop: Self.shop, order: ["note: none"])
    #expect(try hubs.run("customers")["done"] == 2)
    try hubs.write(order: Self.order)
    let program = hubs.project.program
    #expect(try program.run("dispatch", "orders", "--source").code == 0)
    #expect(try program.run("work", "--stop-when-empty", "--sleep", "50ms").code == 0)
    let queued = try program.run("dispatch", "orders", "--target", "--output", "json").json()
    #expect(queued["writes"] == 1 && queued["waiting"] == 2 && queued["failed"] == 0, "\(queued)")
    #expect(try program.run("work", "--stop-when-empty", "--sleep", "50ms").code == 0)
    let sent = try hubs.documents()
    #expect(sent["O2"]?["customerID"] == "T-2", "\(sent)")
    // What waits is tried again by the next dispatch.
    hubs.shop.value.withLock { $0["/customers"] = #"{"no":9,"code":"C9","name":"Zoe","active":true}"# }
    #expect(try hubs.run("customers")["done"] == 1)
    let again = try program.run("dispatch", "orders", "--target", "--output", "json").json()
    #expect(again["records"] == 2 && again["writes"] == 1 && again["waiting"] == 1, "\(again)")
    #expect(try program.run("work", "--stop-when-empty", "--sleep", "50ms").code == 0)
    #expect(try hubs.documents()["O9"]?["customer"] == "Zoe")
  }

  @Test("several records fail a record and are named; a fallback is taken where there is none")
  func severalAndFallback() throws {
    var shop = Self.shop
    shop["/customers"] = """
      {"no":1,"code":"C1","name":"Ann","active":true},{"no":2,"code":"C1","name":"Bob","active":true}
      """
    shop["/orders"] = #"{"id":"O1","customer":"C1"},{"id":"O2","customer":"C2"},{"id":"O3","customer":null}"#
    let hubs = try TwoHubs(
      shop: shop, order: [#"customer: '${ find("customers", {"code": record.customer}, {"name": "nobody"}).name }'"#])
    #expect(try hubs.run("customers")["done"] == 2)
    let run = try hubs.run("orders")
    #expect(run["done"] == 2 && run["failed"] == 1 && run["waiting"] == 0, "\(run)")
    #expect(try hubs.documents()["O2"]?["customer"] == "nobody")
    #expect(try hubs.documents()["O3"]?["customer"] == "nobody")
    let message = try hubs.record("orders", "O1").at("error", "message")?.stringValue
    #expect(message?.contains("hub 'customers' keeps 2 records with code 'C1': '1', '2'") == true, "\(message ?? "")")
  }

  @Test("a record that waits for another of its own hub is sent in the same run")
  func ownHub() throws {
    let parent = #"parent: '${ record.parent == null ? null : findDelivered("orders", {"id": record.parent}).id }'"#
    let hubs = try TwoHubs(
      shop: [
        "/orders": #"{"id":"C","parent":"B"},{"id":"B","parent":"A"},{"id":"A","parent":null},{"id":"X","parent":"X"}"#
      ], order: [parent])
    let run = try hubs.run("orders")
    #expect(run["done"] == 3 && run["waiting"] == 1, "\(run)")
    let documents = try hubs.documents()
    #expect(
      documents["A"]?["parent"] == .null && documents["B"]?["parent"] == "T-A" && documents["C"]?["parent"] == "T-B")
    #expect(try hubs.record("orders", "X")["state"] == "waiting")
  }
}
