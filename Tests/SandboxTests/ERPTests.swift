import Glibc
import Sandbox
import Testing
import Values

/// An ERP and a client with a token.
final class ERPScene {
  let folder: TemporaryFolder
  let clock: TestClock
  let erp: ERPStandIn
  let client: Client
  var token = ""

  init(
    folder: TemporaryFolder? = nil, clock: TestClock = TestClock(), faults: StandInFaults = StandInFaults()
  ) throws {
    self.folder = try folder ?? TemporaryFolder()
    self.clock = clock
    erp = try ERPStandIn(stateFolder: self.folder.path, clock: clock.function)
    try erp.start()
    client = Client(port: erp.port)
    token = try logIn()
    erp.faults = faults
  }

  deinit { erp.stop() }

  func logIn() throws -> String {
    let credentials = ERPCredentials()
    let answer = try client.send(
      "POST", "/auth/token", body: #"{"appKey":"\#(credentials.appKey)","appSecret":"\#(credentials.appSecret)"}"#)
    return try #require(try answer?.json.at("data", "access_token")?.stringValue)
  }

  func send(_ method: String, _ target: String, body: String = "") throws -> Client.Answer? {
    try client.send(method, target, headers: [("Authorization", "Bearer \(token)")], body: body)
  }

  static func item(
    _ code: String, key: String? = nil, amount: String = "1.00", status: String = "Insert"
  ) -> String {
    let key = key.map { "\"\($0)\"" } ?? "null"
    return """
      {"_status":"\(status)","resubmitCheckKey":\(key),"order":{"code":"\(code)","customer":"C1","amount":\(amount),\
      "lines":[{"sku":"CD","qty":2}]}}
      """
  }

  func batch(_ items: [String]) throws -> Value {
    let answer = try #require(
      try send("POST", "/api/orders/batch", body: #"{"data":[\#(items.joined(separator: ","))]}"#))
    #expect(answer.status == 200)
    return try #require(try answer.json["data"])
  }

  /// The code of the answer to one item: `200`, or that of the refusal.
  func single(_ item: String) throws -> Value? {
    let answer = try #require(try send("POST", "/api/orders", body: item))
    #expect(answer.status == 200)
    return try answer.code
  }

  func summary() throws -> Value {
    try #require(try client.send("GET", "/_sandbox/summary")).json
  }
}

@Suite("Tokens of the ERP")
struct ERPTokenTests {
  @Test("wrong credentials get code 50001 and no token")
  func wrongCredentials() throws {
    let scene = try ERPScene()
    for body in [#"{"appKey":"sandbox-erp","appSecret":"x"}"#, #"{"appKey":"x","appSecret":"x"}"#, "{}", "[]"] {
      let answer = try #require(try scene.client.send("POST", "/auth/token", body: body))
      #expect(answer.status == 200)
      #expect(try answer.code == "50001")
      #expect(try answer.json["data"] == nil)
    }
  }

  @Test("a call without a token in force gets HTTP 401")
  func refused() throws {
    let scene = try ERPScene()
    for headers in [[], [("Authorization", "Bearer nonsense")], [("Authorization", scene.token)]] {
      let answer = try #require(try scene.client.send("GET", "/api/orders", headers: headers))
      #expect(answer.status == 401)
      #expect(try answer.code == "310036")
    }
  }

  @Test("a token ends when its life is over, and a new one works")
  func expiry() throws {
    let scene = try ERPScene()
    scene.clock.advance(seconds: 299)
    #expect(try scene.send("GET", "/api/orders")?.status == 200)
    scene.clock.advance(seconds: 1)
    #expect(try scene.send("GET", "/api/orders")?.status == 401)
    scene.token = try scene.logIn()
    #expect(try scene.send("GET", "/api/orders")?.status == 200)
    _ = try scene.client.send("POST", "/_sandbox/expire")
    #expect(try scene.send("GET", "/api/orders")?.status == 401)
  }
}

@Suite("Writing to the ERP")
struct ERPWritingTests {
  @Test("an order is inserted once; its key makes a repetition a success without effect")
  func insertAndReplay() throws {
    let scene = try ERPScene()
    #expect(try scene.single(ERPScene.item("A", key: "k1")) == "200")
    #expect(try scene.single(ERPScene.item("A", key: "k1")) == "200")
    #expect(try scene.single(ERPScene.item("A", key: "k2")) == "1001")
    #expect(try scene.single(ERPScene.item("A")) == "1001")
    let summary = try scene.summary()
    #expect(summary["orders"] == 1)
    #expect(summary["inserts"] == 1)
    #expect(summary["replays"] == 1)
    #expect(summary["refused"] == 2)
    #expect(summary["requests"] == 5)
  }

  @Test("an update needs its order, changes it, and is repeatable by its key")
  func update() throws {
    let scene = try ERPScene()
    #expect(try scene.single(ERPScene.item("A", key: "u", status: "Update")) == "1002")
    #expect(try scene.single(ERPScene.item("A", key: "k", amount: "5.50")) == "200")
    #expect(try scene.single(ERPScene.item("A", key: "u", amount: "6.00", status: "Update")) == "200")
    #expect(try scene.single(ERPScene.item("A", key: "u", amount: "6.00", status: "Update")) == "200")
    // The key of the insert made a state that is no more.
    #expect(try scene.single(ERPScene.item("A", key: "k", amount: "5.50")) == "1001")
    #expect(try scene.single(ERPScene.item("A", amount: "7.00", status: "Update")) == "200")
    let summary = try scene.summary()
    #expect(summary["updates"] == 2)
    #expect(summary["replays"] == 1)
    #expect(summary["amount"] == "7.00")
  }

  @Test(
    "an unsound field is named with errcode 1003",
    arguments: [
      ("order", #"{"_status":"Insert"}"#), ("order", "1"),
      ("code", #"{"_status":"Insert","order":{"code":1,"customer":"C","amount":1,"lines":[1]}}"#),
      ("code", #"{"_status":"Insert","order":{"code":"","customer":"C","amount":1,"lines":[1]}}"#),
      ("_status", #"{"_status":"Delete","order":{"code":"A","customer":"C","amount":1,"lines":[1]}}"#),
      ("customer", #"{"_status":"Insert","order":{"code":"A","amount":1,"lines":[1]}}"#),
      ("amount", #"{"_status":"Insert","order":{"code":"A","customer":"C","amount":"1","lines":[1]}}"#),
      ("amount", #"{"_status":"Insert","order":{"code":"A","customer":"C","amount":1e400,"lines":[1]}}"#),
      ("lines", #"{"_status":"Insert","order":{"code":"A","customer":"C","amount":1,"lines":[]}}"#),
      ("lines", #"{"_status":"Insert","order":{"code":"A","customer":"C","amount":1}}"#),
      (
        "resubmitCheckKey",
        #"{"_status":"Insert","resubmitCheckKey":"\#(String(repeating: "k", count: 33))","#
          + #""order":{"code":"A","customer":"C","amount":1,"lines":[1]}}"#
      ),
    ])
  func validation(field: String, item: String) throws {
    let scene = try ERPScene()
    let message = try #require(try scene.batch([item])["messages"]?.listValue?.first)
    #expect(message["errcode"] == "1003")
    #expect(message["message"]?.stringValue?.contains(field) == true)
    #expect(try scene.summary()["orders"] == 0)
  }

  @Test("a batch is answered item by item, in its order")
  func batch() throws {
    let scene = try ERPScene()
    let data = try scene.batch([
      ERPScene.item("A", key: "a"), ERPScene.item("A", key: "b"), ERPScene.item("B", key: "c"),
      ERPScene.item("Z", key: "d", status: "Update"), "{}", ERPScene.item("A", key: "a"),
    ])
    #expect(data["count"] == 6)
    #expect(data["sucessCount"] == 3)
    #expect(data["failCount"] == 3)
    let infos = data["infos"]?.listValue ?? []
    #expect(infos.map { $0["index"]?.intValue } == [0, 2, 5])
    #expect(infos.map { $0["id"]?.stringValue } == ["E00000001", "E00000002", "E00000001"])
    let messages = data["messages"]?.listValue ?? []
    #expect(messages.map { $0["index"]?.intValue } == [1, 3, 4])
    #expect(messages.map { $0["errcode"]?.stringValue } == ["1001", "1002", "1003"])
    #expect(messages.first?["code"] == "A")
    #expect(messages.last?["code"]?.isNull == true)
  }

  @Test("a batch of 100 is taken, one of 101 is refused as a whole, as is what is not a batch")
  func batchSize() throws {
    let scene = try ERPScene()
    #expect(try scene.batch((1...100).map { ERPScene.item("C\($0)") })["sucessCount"] == 100)
    let items = (1...101).map { ERPScene.item("D\($0)") }.joined(separator: ",")
    for body in [#"{"data":[\#(items)]}"#, #"{"data":[]}"#, #"{"data":{}}"#, "{", ""] {
      #expect(try scene.send("POST", "/api/orders/batch", body: body)?.status == 400)
    }
    #expect(try scene.summary()["orders"] == 100)
  }

  @Test("sums are exact and orders keep the digits they came with")
  func exactness() throws {
    let scene = try ERPScene()
    let amounts = ["0.1", "0.20", "12345678901234567.89", "-0.05", "3", "0.000000000001"]
    for (index, amount) in amounts.enumerated() {
      #expect(try scene.single(ERPScene.item("A\(index)", amount: amount)) == "200")
    }
    #expect(try scene.summary()["amount"] == "12345678901234571.140000000001")
    let text = try #require(try scene.send("GET", "/api/orders/A1")).text
    #expect(text.contains(#""amount":0.20,"#))
  }

  @Test("orders are read by page and by code")
  func reading() throws {
    let scene = try ERPScene()
    _ = try scene.batch((1...25).map { ERPScene.item("C\($0)") })
    let page = try #require(try scene.send("GET", "/api/orders?pageIndex=3&pageSize=10")?.json["data"])
    #expect(page["recordCount"] == 25)
    #expect(page["recordList"]?.listValue?.map { $0["code"]?.stringValue } == ["C21", "C22", "C23", "C24", "C25"])
    #expect(try scene.send("GET", "/api/orders?pageIndex=9")?.json.at("data", "recordList")?.listValue?.count == 0)
    for query in ["pageIndex=0", "pageIndex=x", "pageSize=501", "pageSize=0"] {
      #expect(try scene.send("GET", "/api/orders?\(query)")?.status == 400)
    }
    let order = try #require(try scene.send("GET", "/api/orders/C7")).json
    #expect(order.at("data", "id") == "E00000007")
    #expect(order.at("data", "customer") == "C1")
    #expect(try scene.send("GET", "/api/orders/C99")?.status == 404)
    #expect(try scene.send("DELETE", "/api/orders/C7")?.status == 405)
    #expect(try scene.send("GET", "/elsewhere")?.status == 404)
  }

  @Test("an id is the ERP's to give; a code with odd letters is found by its encoded form")
  func identity() throws {
    let scene = try ERPScene()
    let item =
      #"{"_status":"Insert","order":{"id":"mine","code":"订单/1 \"x\"","customer":"C","amount":1,"lines":[1]}}"#
    #expect(try scene.single(item) == "200")
    let order = try #require(try scene.send("GET", "/api/orders/%E8%AE%A2%E5%8D%95%2F1%20%22x%22")).json
    #expect(order.at("data", "id") == "E00000001")
    #expect(order.at("data", "code") == "订单/1 \"x\"")
  }
}

@Suite("What the ERP keeps")
struct ERPJournalTests {
  @Test("a restart keeps orders, keys and sums, and cuts off a line that was not finished")
  func restart() throws {
    let folder = try TemporaryFolder()
    do {
      let scene = try ERPScene(folder: folder)
      _ = try scene.batch([ERPScene.item("A", key: "a", amount: "1.10"), ERPScene.item("B", key: "b", amount: "2.20")])
      #expect(try scene.single(ERPScene.item("A", key: "c", amount: "3.30", status: "Update")) == "200")
    }
    try folder.append(#"{"effect":"insert","code":"C","id":"E0000"#, to: "erp.jsonl")
    let scene = try ERPScene(folder: folder)
    let summary = try scene.summary()
    #expect(summary["orders"] == 2)
    #expect(summary["inserts"] == 2)
    #expect(summary["updates"] == 1)
    #expect(summary["amount"] == "5.50")
    #expect(try scene.single(ERPScene.item("A", key: "c", status: "Update")) == "200")
    #expect(try scene.summary()["replays"] == 1)
    #expect(try scene.single(ERPScene.item("C")) == "200")
    #expect(try scene.send("GET", "/api/orders/C")?.json.at("data", "id") == "E00000003")
    #expect(try SandboxReport(journal: folder.path + "/erp.jsonl").orders == 3)
  }

  @Test("a damaged line is refused with its number", arguments: ["nonsense", "{}", #"{"effect":"delete"}"#])
  func damaged(line: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(line + "\n", to: "erp.jsonl")
    let error = #expect(throws: SandboxError.self) { try ERPStandIn(stateFolder: folder.path) }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("erp.jsonl, line 1") == true)
  }

  @Test("two at a time on one state are refused")
  func inUse() throws {
    let scene = try ERPScene()
    let error = #expect(throws: SandboxError.self) { try ERPStandIn(stateFolder: scene.folder.path) }
    #expect(error?.code == .inUse)
    #expect(error?.isTransient == true)
  }

  @Test("where the journal cannot be written, nothing was done")
  func unwritable() throws {
    let scene = try ERPScene()
    #expect(try scene.single(ERPScene.item("A", key: "a", amount: "1.00")) == "200")
    // The journal's descriptor becomes one that can only be read.
    let path = scene.folder.path + "/erp.jsonl"
    let journal = try #require((0..<65_536).first { linkTarget(of: $0) == path }.map { Int32($0) })
    let writable = dup(journal)
    let readable = open(path, O_RDONLY)
    dup2(readable, journal)
    let body = "{\"data\":[\(ERPScene.item("A", key: "b", amount: "9", status: "Update")),\(ERPScene.item("B"))]}"
    #expect(try scene.send("POST", "/api/orders/batch", body: body)?.status == 500)
    dup2(writable, journal)
    close(readable)
    close(writable)
    let summary = try scene.summary()
    #expect(summary["orders"] == 1)
    #expect(summary["updates"] == 0)
    #expect(summary["amount"] == "1.00")
    #expect(try scene.single(ERPScene.item("A", key: "a")) == "200")
    #expect(try scene.single(ERPScene.item("B")) == "200")
    #expect(try SandboxReport(journal: path).effects == ["A": 1, "B": 1])
  }

  private func linkTarget(of descriptor: Int) -> String? {
    var buffer = [CChar](repeating: 0, count: 1_024)
    let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  @Test("a report counts effects, finds what came twice, and sums exactly")
  func report() throws {
    let folder = try TemporaryFolder()
    let order = #"{"code":"A","customer":"C","amount":0.10,"lines":[1]}"#
    var journal = ""
    for (effect, code, key) in [
      ("insert", "A", #""k1""#), ("insert", "B", "null"), ("update", "A", #""k2""#), ("insert", "A", #""k1""#),
    ] {
      journal += #"{"effect":"\#(effect)","code":"\#(code)","id":"E1","key":\#(key),"order":\#(order)}"# + "\n"
    }
    let path = try folder.write(journal + #"{"effect":"ins"#, to: "erp.jsonl")
    let report = try SandboxReport(journal: path)
    #expect(report.orders == 2)
    #expect(report.inserts == 3)
    #expect(report.updates == 1)
    #expect(report.effects == ["A": 3, "B": 1])
    #expect(report.duplicates == ["A"])
    #expect(report.repeatedKeys == ["k1"])
    #expect(report.amount.description == "0.20")
    #expect(throws: SandboxError.self) { try SandboxReport(journal: folder.path + "/missing") }
  }
}
