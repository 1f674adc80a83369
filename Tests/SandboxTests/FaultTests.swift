import Sandbox
import Testing
import Values

@Suite("Faults on purpose")
struct FaultTests {
  @Test("a request dropped after saving is saved, and its repetition is recognized")
  func dropAfter() throws {
    let scene = try ERPScene(faults: StandInFaults(dropAfterSavingRate: 1))
    #expect(try scene.send("POST", "/api/orders", body: ERPScene.item("A", key: "k")) == nil)
    scene.erp.faults = StandInFaults()
    #expect(try scene.single(ERPScene.item("A", key: "k")) == "200")
    let summary = try scene.summary()
    #expect(summary["orders"] == 1)
    #expect(summary["replays"] == 1)
    #expect(summary.at("injected", "drops") == 1)
    #expect(try SandboxReport(journal: scene.folder.path + "/erp.jsonl").effects == ["A": 1])
  }

  @Test("an error after saving has saved, one before has not, and their answers are the same")
  func errors() throws {
    let scene = try ERPScene(faults: StandInFaults(errorBeforeSavingRate: 1))
    let before = try #require(try scene.send("POST", "/api/orders", body: ERPScene.item("A")))
    #expect(before.status == 500)
    #expect(try scene.summary()["orders"] == 0)
    scene.erp.faults = StandInFaults(errorAfterSavingRate: 1)
    let after = try #require(try scene.send("POST", "/api/orders", body: ERPScene.item("A")))
    #expect(after.status == 500)
    #expect(after.text == before.text)
    #expect(try scene.summary()["orders"] == 1)
  }

  @Test("requests over the limit get 429 and Retry-After, until a second has passed")
  func rateLimit() throws {
    let scene = try ERPScene(faults: StandInFaults(requestsPerSecond: 3))
    func statuses() throws -> [Int] { try (0..<5).compactMap { _ in try scene.send("GET", "/api/orders")?.status } }
    #expect(try statuses() == [200, 200, 200, 429, 429])
    #expect(try scene.send("GET", "/api/orders")?.head.contains("Retry-After: 1\r\n") == true)
    scene.clock.advance(seconds: 1)
    #expect(try statuses() == [200, 200, 200, 429, 429])
    scene.clock.advance(seconds: 60)
    #expect(try statuses() == [200, 200, 200, 429, 429])
  }

  @Test("with one seed the same requests meet the same faults, with another they do not")
  func seeds() throws {
    func run(seed: UInt64) throws -> [Int?] {
      let scene = try ERPScene(
        faults: StandInFaults(
          errorBeforeSavingRate: 0.3, errorAfterSavingRate: 0.2, dropAfterSavingRate: 0.2, seed: seed))
      return try (0..<60).map { _ in try scene.send("GET", "/api/orders")?.status }
    }
    let first = try run(seed: 7)
    #expect(try run(seed: 7) == first)
    #expect(try run(seed: 8) != first)
    #expect(first.contains(200) && first.contains(500) && first.contains(nil))
  }

  @Test("the calls of the sandbox itself meet no faults")
  func control() throws {
    let scene = try ERPScene(faults: StandInFaults(requestsPerSecond: 1, dropAfterSavingRate: 1))
    for _ in 0..<5 { #expect(try scene.client.send("GET", "/_sandbox/summary")?.status == 200) }
    #expect(try scene.client.send("GET", "/_sandbox/nothing")?.status == 404)
  }

  @Test("faults are set and shown while it runs; what a call leaves out stays")
  func setting() throws {
    let scene = try ERPScene(faults: StandInFaults(errorAfterSavingRate: 0.25))
    let body =
      #"{"latencyMilliseconds":1,"requestsPerSecond":50,"dropAfterSavingRate":0.5,"seed":18446744073709551615}"#
    #expect(try scene.client.send("POST", "/_sandbox/faults", body: body)?.status == 200)
    let expected = StandInFaults(
      latency: .milliseconds(1), requestsPerSecond: 50, errorAfterSavingRate: 0.25, dropAfterSavingRate: 0.5,
      seed: .max)
    #expect(scene.erp.faults == expected)
    let shown = try #require(try scene.client.send("GET", "/_sandbox/faults")).text
    #expect(try scene.client.send("POST", "/_sandbox/faults", body: shown)?.status == 200)
    #expect(scene.erp.faults == expected)
  }

  @Test(
    "faults that cannot be are refused, and none of them is taken over",
    arguments: [
      #"{"dropAfterSavingRate":0.5,"errorAfterSavingRate":1.5}"#, #"{"errorBeforeSavingRate":-0.1}"#,
      #"{"requestsPerSecond":0}"#, #"{"latencyMilliseconds":"1"}"#, #"{"seed":-1}"#, #"{"unknown":1}"#, "[]", "{",
    ])
  func refused(body: String) throws {
    let scene = try ERPScene()
    #expect(try scene.client.send("POST", "/_sandbox/faults", body: body)?.status == 400)
    #expect(scene.erp.faults == StandInFaults())
  }

  @Test("the shop has faults too")
  func shop() throws {
    let scene = try ShopScene(orders: 3)
    scene.shop.faults = StandInFaults(requestsPerSecond: 1)
    #expect(try scene.call(scene.fields("{}")).status == 200)
    #expect(try scene.call(scene.fields("{}")).status == 429)
  }
}
