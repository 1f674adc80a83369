import Keeping
import Plans
import Testing
import Values

extension Desk {
  /// What there is for the values of some fields, given as JSON.
  func find(_ values: KeyValuePairs<String, Value>) async throws -> LookupAnswer {
    try #require(try await find([values]).first)
  }

  func find(_ questions: [KeyValuePairs<String, Value>]) async throws -> [LookupAnswer] {
    try await store.find(
      questions.map { values in
        let lookup = LookupPlan(hub: hub, fields: values.map(\.key))
        let texts = lookup.fields.compactMap { field in
          values.first { $0.key == field }.flatMap { lookupText(of: $0.value) }
        }
        try #require(texts.count == lookup.fields.count)
        return LookupQuestion(lookup, texts)
      })
  }

  func keep(_ lookups: [String]..., onlyThese: Bool = false) async throws {
    try await store.keepLookups(lookups.map { LookupPlan(hub: hub, fields: $0) }, onlyThese: onlyThese)
  }
}

extension LookupAnswer {
  /// The key of the one record there is.
  var key: String? { if case .one(let record) = self { record.key } else { nil } }
  var isNone: Bool { if case .none = self { true } else { false } }
}

extension Desk {
  /// A hub beside this desk's.
  func beside(_ hub: String) -> Desk {
    var other = self
    other.hub = hub
    return other
  }

  /// Lets all pending records wait.
  func wait(for awaits: [Awaited], at seconds: Int64 = 0) async throws {
    let records = try await pending().map {
      UnsendableRecord(
        item: WriteItem(record: $0.id, revision: $0.revision), failure: failure("waiting"), isWaiting: true,
        awaits: awaits)
    }
    _ = try await store.enqueueWrites(hub: hub, [], unsendable: records, now: at(seconds))
  }

  func question(_ field: String, _ value: String) -> LookupQuestion {
    LookupQuestion(LookupPlan(hub: hub, fields: [field]), [value])
  }
}

/// What `find()` asks of a store.
let lookupRules: [Rule] = [
  Rule("a record is found by its fields, with its newest content, its state and what the target knows of it") { desk in
    try await desk.keep(["code"], ["code", "shop"])
    try await desk.bring([
      desk.record("1", #"{"code":"C1","shop":"S1","name":"Ann"}"#),
      desk.record("2", #"{"code":"C2","shop":"S1"}"#, .filtered),
      desk.record("3", #"{"code":"C3"}"#, .failed, failure: desk.failure()),
    ])
    guard case .one(let pending) = try await desk.find(["code": "C1"]) else { Issue.record("not found"); return }
    #expect(pending.key == "1" && pending.state == .pending && pending.delivered == nil)
    #expect(pending.content.json() == #"{"code":"C1","shop":"S1","name":"Ann"}"#)
    #expect(try await desk.find(["shop": "S1", "code": "C2"]).key == "2")
    #expect(try await desk.find(["code": "C2", "shop": "S2"]).isNone)
    #expect(try await desk.find(["code": "C3"]).key == "3")
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: "T-1")])
    guard case .one(let done) = try await desk.find(["code": "C1"]) else { Issue.record("not found"); return }
    #expect(done.state == .done && done.delivered == Delivered(revision: 1, id: "T-1"))
  },
  Rule("several questions are answered in their order, and each for itself") { desk in
    try await desk.keep(["code"], ["name"])
    try await desk.bring([desk.record("1", #"{"code":"A"}"#), desk.record("2", #"{"name":"A"}"#)])
    let answers = try await desk.find([["name": "A"], ["code": "B"], ["code": "A"]])
    #expect(answers.map(\.key) == ["2", nil, "1"])
    #expect(try await desk.store.find([]).isEmpty)
  },
  Rule("values are compared by their text, numbers by their amount") { desk in
    try await desk.keep(["n"])
    try await desk.bring([
      desk.record("seven", #"{"n":7}"#), desk.record("price", #"{"n":12.30}"#), desk.record("text", #"{"n":"007"}"#),
      desk.record("flag", #"{"n":true}"#), desk.record("large", #"{"n":123456789012345678901234567890.10}"#),
      desk.record("hundred", #"{"n":1E+2}"#), desk.record("zero", #"{"n":-0.0}"#), desk.record("empty", #"{"n":""}"#),
      desk.record("e", #"{"n":"\u00e9"}"#),
    ])
    let wanted: [(Value, String?)] = [
      (7, "seven"), ("7", "seven"), (.decimal(Decimal(coefficient: 700, scale: 2)), "seven"), (.double(7), "seven"),
      (.uint(7), "seven"), ("7.0", nil), ("007", "text"), (.double(12.3), "price"), ("12.3", "price"), ("12.30", nil),
      (true, "flag"), ("true", "flag"), (100, "hundred"), (0, "zero"), ("", "empty"), ("é", "e"), ("e\u{301}", nil),
      (.decimal(Decimal("123456789012345678901234567890.1") ?? Decimal(Int64(0))), "large"),
    ]
    for (value, key) in wanted { #expect(try await desk.find(["n": value]).key == key, "\(value)") }
  },
  Rule("a field may be in a map within the record; what is missing, null, a list or a map is not found") { desk in
    try await desk.keep(["buyer.code"], ["x"])
    try await desk.bring([
      desk.record("1", #"{"buyer":{"code":"B1"}}"#), desk.record("2", #"{"buyer":null,"x":null}"#),
      desk.record("3", #"{"buyer":[{"code":"B3"}],"x":["B3"]}"#), desk.record("4", "{}"), desk.record("5", "no json"),
      desk.record("6", #"{"x":{"a":1}}"#), desk.record("7", "[1]"),
    ])
    #expect(try await desk.find(["buyer.code": "B1"]).key == "1")
    for text in ["B3", "", "null", "{}", "[1]"] {
      #expect(try await desk.find(["buyer.code": .string(text)]).isNone)
      #expect(try await desk.find(["x": .string(text)]).isNone)
    }
  },
  Rule("a record whose content changes is found by the new values alone, also while it is queued") { desk in
    try await desk.keep(["code"])
    try await desk.bring([desk.record("1", #"{"code":"A","n":1}"#)])
    try await desk.bring([desk.record("1", #"{"code":"A","n":2}"#)])
    #expect(try await desk.find(["code": "A"]).key == "1")
    try await desk.queue()
    try await desk.bring([desk.record("1", #"{"code":"B"}"#)])
    #expect(try await desk.find(["code": "A"]).isNone)
    #expect(try await desk.find(["code": "B"]).key == "1")
    try await desk.bring([desk.record("1", #"{"name":"nobody"}"#)])
    #expect(try await desk.find(["code": "B"]).isNone)
  },
  Rule("several records are counted, and the first of them named") { desk in
    try await desk.keep(["shop"])
    try await desk.bring((1...12).map { desk.record("k\($0)", #"{"shop":1}"#) })
    guard case .several(let count, let keys) = try await desk.find(["shop": 1]) else {
      Issue.record("not several"); return
    }
    #expect(count == 12 && keys == ["k1", "k2", "k3", "k4", "k5"])
  },
  Rule("records that were there before anybody asked are found too") { desk in
    try await desk.bring((1...1_700).map { desk.record("\($0)", #"{"code":"C\#($0)"}"#) })
    try await desk.keep(["code"])
    for number in [1, 500, 501, 1_700] {
      #expect(try await desk.find(["code": .string("C\(number)")]).key == "\(number)")
    }
    try await desk.keep(["code"])
    try await desk.bring([desk.record("new", #"{"code":"new"}"#)])
    #expect(try await desk.find(["code": "new"]).key == "new")
  },
  Rule("a lookup that is not kept cannot be asked; of a hub that was never used nothing is found") { desk in
    let error = await #expect(throws: StoreError.self) { try await desk.find(["code": "A"]) }
    #expect(error?.code == .lookupNotKept)
    try await desk.keep(["code"])
    #expect(try await desk.find(["code": "A"]).isNone)
    let other = await #expect(throws: StoreError.self) { try await desk.find(["name": "A"]) }
    #expect(other?.code == .lookupNotKept)
  },
  Rule("lookups nobody wants any more are forgotten, and made anew when they are wanted again") { desk in
    try await desk.keep(["code"], ["name"])
    try await desk.bring([desk.record("1", #"{"code":"A","name":"N"}"#)])
    try await desk.keep(["name"], onlyThese: true)
    let error = await #expect(throws: StoreError.self) { try await desk.find(["code": "A"]) }
    #expect(error?.code == .lookupNotKept)
    try await desk.bring([desk.record("1", #"{"code":"B","name":"N"}"#)])
    try await desk.keep(["code"])
    #expect(try await desk.find([["code": "A"], ["code": "B"], ["name": "N"]]).map(\.key) == [nil, "1", "1"])
    try await desk.store.keepLookups([], onlyThese: true)
    let last = await #expect(throws: StoreError.self) { try await desk.find(["name": "N"]) }
    #expect(last?.code == .lookupNotKept)
  },
  Rule("values are taken as they are: long, with quotes, zeros and other scripts, and none is taken for two") { desk in
    try await desk.keep(["a", "b"])
    let long = String(repeating: "k", count: 5_000)
    let pairs = [
      ("x", "yz"), ("xy", "z"), (long, ""), (long + "k", ""), ("'; DROP TABLE lookups; --", "订单"), ("\0", ""),
    ]
    try await desk.bring(
      pairs.enumerated().map { index, pair in
        desk.record("\(index)", Value.map(ValueMap([("a", .string(pair.0)), ("b", .string(pair.1))])).json())
      })
    for (index, pair) in pairs.enumerated() {
      #expect(try await desk.find(["a": .string(pair.0), "b": .string(pair.1)]).key == "\(index)")
    }
  },
  Rule("a record that waits for another is pending in its old place once that comes, or becomes what is waited for") {
    desk in
    try await desk.keep(["code"])
    let orders = desk.beside("sales")
    try await orders.bring(["1", "2", "3"].map { orders.record($0) })
    let first = try await orders.pending()
    let awaits = [Awaited.record(desk.question("code", "A")), .record(desk.question("code", "B"))]
    try await orders.wait(for: awaits)
    #expect(try await orders.status().records == ["waiting": 3])
    try await orders.bring([orders.record("4")])
    try await desk.bring([desk.record("c", #"{"code":"C"}"#)])
    #expect(try await orders.state("1") == "waiting")
    try await desk.bring([desk.record("c", #"{"code":"B"}"#)], at: 7)
    #expect(try await orders.pending().map(\.key) == ["1", "2", "3", "4"])
    #expect(try await orders.pending().prefix(3).map(\.position) == first.map(\.position))
    let woken = try await orders.detail("1").summary
    #expect(woken.error == nil && woken.updatedAt == desk.at(7).description && woken.revision == 1)
    // Nothing is left to wake: what is failed by now stays so.
    let items = try await orders.pending().map { WriteItem(record: $0.id, revision: $0.revision) }
    _ = try await orders.store.enqueueWrites(
      hub: orders.hub, [], unsendable: items.map { UnsendableRecord(item: $0, failure: desk.failure()) },
      now: desk.at(8))
    try await desk.bring([desk.record("a", #"{"code":"A"}"#)])
    #expect(try await orders.status().records == ["failed": 4])
  },
  Rule("a record that waits for a delivery is pending once that is made, not before") { desk in
    let orders = desk.beside("sales")
    try await desk.bring([desk.record("1", "1"), desk.record("2", "1")])
    try await orders.bring([orders.record("o")])
    try await orders.wait(for: [.delivery(hub: desk.hub, key: "1")])
    try await desk.queue()
    let tasks = try await desk.claim(.target, limit: 2)
    try await desk.settle(tasks[1], [.done(id: "T-2")])
    try await desk.settle(tasks[0], [.failed(desk.failure())])
    #expect(try await orders.state("o") == "waiting")
    // Delivered at a revision that is no longer the newest is delivered.
    try await desk.bring([desk.record("1", "2")])
    try await desk.queue()
    let task = try await desk.claimOne(.target)
    try await desk.bring([desk.record("1", "3")])
    try await desk.settle(task, [.done(id: "T-1")])
    #expect(try await orders.state("o") == "pending")
  },
  Rule("a record does not wait for what came since it was looked for") { desk in
    try await desk.keep(["code"])
    let orders = desk.beside("sales")
    try await orders.bring([orders.record("1")])
    try await desk.bring([desk.record("a", #"{"code":"A"}"#)])
    try await orders.wait(for: [.record(desk.question("code", "A"))])
    #expect(try await orders.state("1") == "pending")
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    try await orders.wait(for: [.delivery(hub: desk.hub, key: "a")])
    #expect(try await orders.state("1") == "pending")
    try await orders.wait(for: [.delivery(hub: "never used", key: "a"), .record(desk.question("name", "A"))])
    #expect(try await orders.state("1") == "waiting")
    #expect(try await orders.store.wakeWaiting(hub: orders.hub, now: desk.at(1)) == 1)
    #expect(try await orders.state("1") == "pending")
  },
  Rule("a record may wait for one of its own hub, and for one that comes in the same page") { desk in
    try await desk.keep(["id"])
    try await desk.bring([desk.record("child", #"{"id":"c"}"#)])
    try await desk.wait(for: [.record(desk.question("id", "p"))])
    try await desk.bring([desk.record("other", #"{"id":"o"}"#), desk.record("parent", #"{"id":"p"}"#)])
    #expect(try await desk.pending().map(\.key) == ["child", "other", "parent"])
    #expect(try await desk.status().records == ["pending": 3])
  },
]
