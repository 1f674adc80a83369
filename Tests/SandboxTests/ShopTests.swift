import Sandbox
import Testing
import Values

/// A shop with made-up orders over a year and a half, and a client that signs.
final class ShopScene {
  static let day: Int64 = 86_400

  let folder: TemporaryFolder
  let clock = TestClock()
  let shop: ShopStandIn
  let client: Client
  /// The amounts as written in the file, by order.
  let amounts: [String: String]

  init(orders: Int = 700) throws {
    folder = try TemporaryFolder()
    let (csv, amounts) = ShopScene.file(orders: orders)
    self.amounts = amounts
    let path = try folder.write(csv, to: "orders.csv")
    shop = try ShopStandIn(ordersCSV: path, stateFolder: folder.path + "/state/shop", clock: clock.function)
    try shop.start()
    client = Client(port: shop.port)
  }

  deinit { shop.stop() }

  /// Orders of 1997 and 1998, as the real file has them: not sorted, with amounts of nothing and of very much.
  static func file(orders: Int) -> (csv: String, amounts: [String: String]) {
    var csv = "order_no,customer_id,order_date,units,amount\n"
    var amounts: [String: String] = [:]
    for number in 1...orders {
      let name = "CD" + String(repeating: "0", count: 6 - String(number).count) + String(number)
      let day = (number * 37) % 540
      let (year, rest) = (1997 + day / 360, day % 360)
      let date = "\(year)-\(two(rest / 30 + 1))-\(two(min(rest % 30 + 1, 28)))"
      let amount =
        switch number % 5 {
        case 0: "0.00"
        case 1: "12345678901234567.89"
        case 2: "0.10"
        case 3: "29.3"
        default: "\(number).99"
        }
      let units = number == 1 ? "9000000000000000000" : "\(number % 99 + 1)"
      csv += "\(name),\(number % 50),\(date),\(units),\(amount)\n"
      amounts[name] = amount
    }
    return (csv, amounts)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The signed fields of a call.
  func fields(_ biz: String, at time: Int64? = nil) -> [(name: String, value: String)] {
    let credentials = ShopCredentials()
    return [
      ("app_key", credentials.appKey), ("access_token", credentials.accessToken),
      ("timestamp", "\(time ?? clock.seconds)"), ("charset", "utf-8"), ("version", "2"), ("biz", biz),
    ]
  }

  func call(
    _ fields: [(name: String, value: String)], sign: String? = nil, path: String = "/open/orders/single/query"
  ) throws -> Client.Answer {
    let sign = sign ?? ShopSignature.sign(fields, secret: ShopCredentials().appSecret)
    let body = (fields + [("sign", sign)]).map { "\($0.name)=\(ShopScene.encoded($0.value))" }.joined(separator: "&")
    return try #require(try client.send("POST", path, body: body))
  }

  func query(_ biz: String) throws -> Value { try call(fields(biz)).json }

  func query(from begin: Int64, to end: Int64, page: Int = 1) throws -> Value {
    try query(
      """
      {"modified_begin":"\(ShopScene.beijing(begin))","modified_end":"\(ShopScene.beijing(end))",\
      "page_index":\(page),"page_size":50}
      """)
  }

  static func beijing(_ seconds: Int64) -> String {
    String(Timestamp(seconds: seconds + 8 * 3_600).description.replacing("T", with: " ").dropLast())
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }.joined()
  }

  /// Everything a walk over windows and pages finds, in its order.
  func walk(from begin: Int64, to end: Int64) throws -> [Value] {
    var found: [Value] = []
    var start = begin
    while start <= end {
      let stop = min(start + 7 * ShopScene.day - 1, end)
      var page = 1
      while true {
        let data = try #require(try query(from: start, to: stop, page: page)["data"])
        found += try #require(data["orders"]?.listValue)
        if data["has_next"] != true { break }
        page += 1
      }
      start = stop + 1
    }
    return found
  }
}

@Suite("Reading orders from the shop")
struct ShopReadingTests {
  @Test("the signature is MD5 over the secret and the sorted parameters")
  func signature() {
    let parameters: [(name: String, value: String)] = [
      ("version", "2"), ("biz", #"{"page_index":1,"page_size":50}"#), ("app_key", "testkey"), ("empty", ""),
      ("access_token", "testtoken"), ("timestamp", "1700000000"), ("charset", "utf-8"), ("sign", "ignored"),
    ]
    #expect(ShopSignature.sign(parameters, secret: "testsecret") == "52ecfb6450b8948f36b2799195d80a0d")
  }

  @Test("windows of seven days find each order once, in order, with the digits of the file")
  func walk() throws {
    let scene = try ShopScene()
    let found = try scene.walk(from: scene.clock.seconds - 600 * ShopScene.day, to: scene.clock.seconds)
    let names = try found.map { try #require($0["so_id"]?.stringValue) }
    #expect(names.count == scene.amounts.count)
    #expect(Set(names) == Set(scene.amounts.keys))
    for order in found {
      let amount = scene.amounts[order["so_id"]?.stringValue ?? ""]
      #expect(order["pay_amount"]?.json() == amount)
      #expect(order["items"]?.listValue?.first?["amount"]?.json() == amount)
    }
    let times = try found.map { try #require($0["modified"]?.stringValue) }
    #expect(times == times.sorted())
    #expect(times.last == ShopScene.beijing(scene.clock.seconds - 3_600))
  }

  @Test("an order has the fields of the vendor's")
  func shape() throws {
    let scene = try ShopScene()
    let data = try #require(try scene.query(#"{"so_ids":["CD000001"]}"#)["data"])
    #expect(data["data_count"] == 1)
    #expect(data["page_size"] == 30)
    let order = try #require(data["orders"]?.listValue?.first)
    #expect(order["o_id"] == 1)
    #expect(order["shop_id"] == 10_001)
    #expect(order["shop_buyer_id"] == "1")
    #expect(order["status"] == "Confirmed")
    #expect(order["order_date"] == "1997-02-08 00:00:00")
    #expect(order["currency"] == "USD")
    #expect(order["items"]?.listValue?.first?["qty"]?.json() == "9000000000000000000")
  }

  @Test("both ends of a window belong to it")
  func closedWindow() throws {
    let scene = try ShopScene()
    let last = scene.clock.seconds - 3_600
    #expect(try scene.query(from: last, to: last)["data"]?["data_count"] == 1)
    #expect(try scene.query(from: last - 5, to: last)["data"]?["data_count"] == 1)
    #expect(try scene.query(from: last, to: last + 5)["data"]?["data_count"] == 1)
    #expect(try scene.query(from: last + 1, to: last + 5)["data"]?["data_count"] == 0)
  }

  @Test("pages tell how much there is, and one behind the last is empty")
  func pages() throws {
    let scene = try ShopScene()
    let first = try #require(try scene.query(#"{"page_size":50}"#)["data"])
    #expect(first["data_count"] == 700)
    #expect(first["page_count"] == 14)
    #expect(first["has_next"] == true)
    let last = try #require(try scene.query(#"{"page_size":50,"page_index":14}"#)["data"])
    #expect(last["has_next"] == false)
    #expect(last["orders"]?.listValue?.count == 50)
    let behind = try #require(try scene.query(#"{"page_size":50,"page_index":15}"#)["data"])
    #expect(behind["orders"]?.listValue?.count == 0)
    #expect(behind["has_next"] == false)
  }

  @Test("numbers and status choose orders")
  func choosing() throws {
    let scene = try ShopScene()
    #expect(try scene.query(#"{"so_ids":["CD000002","CD000009","none"]}"#)["data"]?["data_count"] == 2)
    #expect(try scene.query(#"{"status":"Cancelled"}"#)["data"]?["data_count"] == 0)
    #expect(try scene.query(#"{"status":"Confirmed"}"#)["data"]?["data_count"] == 700)
  }
}

@Suite("What the shop refuses")
struct ShopRefusalTests {
  @Test(
    "a query outside the vendor's limits has code 30",
    arguments: [
      #"{"page_size":51}"#, #"{"page_size":0}"#, #"{"page_index":0}"#, #"{"page_index":1.5}"#, #"{"page_index":"x"}"#,
      #"{"modified_begin":"2026-01-01 00:00:00"}"#, #"{"modified_end":"2026-01-01 00:00:00"}"#,
      #"{"modified_begin":"2026-01-01 00:00:00","modified_end":"2026-01-08 00:00:01"}"#,
      #"{"modified_begin":"2026-01-02 00:00:00","modified_end":"2026-01-01 00:00:00"}"#,
      #"{"modified_begin":"2026-02-30 00:00:00","modified_end":"2026-03-01 00:00:00"}"#,
      #"{"modified_begin":"2026-01-01","modified_end":"2026-01-02"}"#, #"{"so_ids":[]}"#, #"{"so_ids":[1]}"#,
      #"{"so_ids":["\#((1...21).map { "\($0)" }.joined(separator: #"",""#))"]}"#, #"{"status":1}"#, "[]", "{", "",
    ])
  func limits(biz: String) throws {
    let scene = try ShopScene(orders: 3)
    let answer = try scene.call(scene.fields(biz))
    #expect(answer.status == 200)
    let code = try answer.code
    #expect(code == 30)
    #expect(try answer.json["data"]?.isNull == true)
  }

  @Test("a window of exactly seven days is taken")
  func sevenDays() throws {
    let scene = try ShopScene(orders: 3)
    #expect(try scene.query(from: scene.clock.seconds - 7 * ShopScene.day, to: scene.clock.seconds)["code"] == 0)
  }

  /// Calls that are wrong in one public parameter.
  enum Flaw: Int64, CaseIterable {
    case signature = 10
    case key = 11
    case token = 12
    case time = 13
    case version = 20
    case interface = 190
  }

  @Test("a wrong public parameter has its own code", arguments: Flaw.allCases)
  func publicParameters(flaw: Flaw) throws {
    let scene = try ShopScene(orders: 3)
    var fields = scene.fields("{}")
    func set(_ name: String, _ value: String) {
      for index in fields.indices where fields[index].name == name { fields[index].value = value }
    }
    switch flaw {
    case .signature: break
    case .key: set("app_key", "another")
    case .token: set("access_token", "another")
    case .time: set("timestamp", "\(scene.clock.seconds - 301)")
    case .version: set("version", "1")
    case .interface: break
    }
    let answer = try scene.call(
      fields, sign: flaw == .signature ? "52ecfb6450b8948f36b2799195d80a0d" : nil,
      path: flaw == .interface ? "/open/inventory/query" : "/open/orders/single/query")
    #expect(answer.status == 200)
    #expect(try answer.code == .int(flaw.rawValue))
  }

  @Test("a request may be five minutes old or early", arguments: [-300, 300])
  func skew(seconds: Int64) throws {
    let scene = try ShopScene(orders: 3)
    #expect(try scene.call(scene.fields("{}", at: scene.clock.seconds + seconds)).code == 0)
  }

  @Test("a parameter given twice is refused")
  func twice() throws {
    let scene = try ShopScene(orders: 3)
    #expect(try scene.call(scene.fields("{}") + [(name: "biz", value: "{}")]).code == 20)
  }

  @Test(
    "a file that is not one of orders is refused with its line",
    arguments: [
      ("a,b\n", 1), ("order_no,customer_id,order_date,units,amount\n", 1),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-01-01,1,1.00\nB,1,1997-01-01,1\n", 3),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-13-01,1,1.00\n", 2),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-01-01,x,1.00\n", 2),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-01-01,1,1,00\n", 2),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-01-01,1,NaN\n", 2),
      ("order_no,customer_id,order_date,units,amount\nA,1,1997-01-01,1,1.00\nA,1,1997-01-01,1,1.00\n", 3),
    ])
  func malformedFile(text: String, line: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "orders.csv")
    let error = #expect(throws: SandboxError.self) { try ShopStandIn(ordersCSV: path, stateFolder: folder.path) }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("line \(line):") == true)
  }
}

@Suite("Changing orders and starting again")
struct ShopChangeTests {
  @Test("a change adds exactly 1.00, is found at its time, and goes through the orders in turn")
  func change() throws {
    let scene = try ShopScene(orders: 12)
    scene.clock.advance(seconds: 100)
    let first = try #require(try scene.client.send("POST", "/_sandbox/change?orders=2")).json
    #expect(first["orders"] == ["CD000001", "CD000002"])
    let second = try #require(try scene.client.send("POST", "/_sandbox/change?orders=1")).json
    #expect(second["orders"] == ["CD000003"])
    let found = try scene.query(from: scene.clock.seconds, to: scene.clock.seconds)["data"]?["orders"]?.listValue ?? []
    #expect(found.map { $0["so_id"]?.stringValue } == ["CD000001", "CD000002", "CD000003"])
    #expect(found.map { $0["pay_amount"]?.json() } == ["12345678901234568.89", "1.10", "30.30"])
    #expect(try scene.query("{}")["data"]?["data_count"] == 12)
  }

  @Test("times and changes outlive a restart, whenever it is")
  func restart() throws {
    let scene = try ShopScene(orders: 60)
    _ = try scene.client.send("POST", "/_sandbox/change?orders=7")
    let before = try scene.walk(from: scene.clock.seconds - 600 * ShopScene.day, to: scene.clock.seconds)
    let path = scene.folder.path
    scene.shop.stop()
    let moved = TestClock(seconds: scene.clock.seconds + 1_000_000)
    // The first one still holds the state.
    let refused = #expect(throws: SandboxError.self) {
      try ShopStandIn(ordersCSV: path + "/orders.csv", stateFolder: path + "/state/shop")
    }
    #expect(refused?.code == .inUse)
    let after = try restarted(scene, clock: moved)
    #expect(after.count == 60)
    #expect(after == before)
  }

  /// Walks a second stand-in over a copy of the state of the first.
  private func restarted(_ scene: ShopScene, clock: TestClock) throws -> [Value] {
    let folder = try TemporaryFolder()
    _ = try folder.write(try scene.folder.read("state/shop/shop.jsonl") + #"{"order":3,"am"#, to: "shop.jsonl")
    let shop = try ShopStandIn(
      ordersCSV: scene.folder.path + "/orders.csv", stateFolder: folder.path, clock: clock.function)
    try shop.start()
    defer { shop.stop() }
    let client = Client(port: shop.port)
    let summary = try #require(try client.send("GET", "/_sandbox/summary")).json
    #expect(summary["changes"] == 7)
    let fields = scene.fields(#"{"page_size":50}"#, at: clock.seconds)
    var found: [Value] = []
    for page in 1...2 {
      var fields = fields
      fields[5].value = #"{"page_size":50,"page_index":\#(page)}"#
      let second = ShopCaller(client: client, fields: fields)
      found += try second.call()["data"]?["orders"]?.listValue ?? []
    }
    return found
  }

  /// A signed call to a shop that is not the scene's.
  private struct ShopCaller {
    let client: Client
    let fields: [(name: String, value: String)]

    func call() throws -> Value {
      let sign = ShopSignature.sign(fields, secret: ShopCredentials().appSecret)
      let body = (fields + [("sign", sign)]).map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      return try #require(try client.send("POST", "/open/orders/single/query", body: body)).json
    }
  }

  @Test("state made from other orders is refused")
  func otherOrders() throws {
    let folder = try TemporaryFolder()
    let one = try folder.write(ShopScene.file(orders: 3).csv, to: "one.csv")
    let two = try folder.write(ShopScene.file(orders: 4).csv, to: "two.csv")
    _ = try ShopStandIn(ordersCSV: one, stateFolder: folder.path)
    let error = #expect(throws: SandboxError.self) { try ShopStandIn(ordersCSV: two, stateFolder: folder.path) }
    #expect(error?.code == .otherOrders)
  }
}
