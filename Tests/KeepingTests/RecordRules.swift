import Keeping
import Testing
import Values

/// What a page of records does to the records there are.
let recordRules: [Rule] = [
  Rule("a new record is kept whole, in the state it came with") { desk in
    let counts = try await desk.bring([
      desk.record("1", "{\"a\":1.50}", number: "SO-1"), desk.record("2", "{}", .filtered),
      desk.record("3", "{}", .failed, failure: desk.failure("noKey")),
    ])
    #expect(counts.read == 3 && counts.new == 3 && counts.filtered == 1 && counts.failed == 1)
    #expect(counts.changed == 0 && counts.unchanged == 0)
    let first = try await desk.detail("1")
    #expect(first.summary.number == "SO-1" && first.summary.revision == 1 && first.summary.state == "pending")
    #expect(first.content.json() == "{\"a\":1.50}")
    #expect(first.deliveredRevision == nil && first.sourceTask != nil && first.targetTask == nil)
    #expect(first.firstSeenAt == desk.at(0).description)
    #expect(try await desk.detail("3").summary.error == desk.failure("noKey"))
    #expect(try await desk.status().records == ["pending": 1, "filtered": 1, "failed": 1])
  },
  Rule("records are pending in the order they came") { desk in
    try await desk.bring(["c", "a", "b"].map { desk.record($0) })
    let records = try await desk.pending()
    #expect(records.map(\.key) == ["c", "a", "b"])
    #expect(try await desk.pending(limit: 2).map(\.key) == ["c", "a"])
    #expect(try await desk.pending(after: records[0].position).map(\.key) == ["a", "b"])
    #expect(try await desk.pending(limit: 0).isEmpty)
    #expect(try await desk.store.pendingRecords(hub: "never used", after: 0, limit: 1).isEmpty)
  },
  Rule("what is pending tells when it was seen first; a change does not make it younger") { desk in
    try await desk.bring([desk.record("1")], at: 10)
    try await desk.bring([desk.record("1", "{\"a\":1}"), desk.record("2")], at: 500)
    let seen = try await desk.pending().map { "\($0.key) \($0.firstSeenAt)" }
    #expect(seen.sorted() == ["1 \(desk.at(10))", "2 \(desk.at(500))"])
  },
  Rule("the same record is unchanged, and so is one with other keys' order or digits that mean the same") { desk in
    try await desk.bring([desk.record("1", "{\"a\":12.30,\"b\":[1,2]}")])
    for content in ["{\"a\":12.30,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":12.3}", "{ \"a\": 1.23e1, \"b\": [1, 2.0] }"] {
      let counts = try await desk.bring([desk.record("1", content)], at: 5)
      #expect(counts.unchanged == 1 && counts.changed == 0)
    }
    let record = try await desk.detail("1")
    #expect(record.summary.revision == 1 && record.summary.updatedAt == desk.at(0).description)
  },
  Rule("a changed record gets a new revision, its new content and a place behind the others") { desk in
    try await desk.bring([desk.record("1", "{\"a\":1}"), desk.record("2")])
    #expect(try await desk.bring([desk.record("1", "{\"a\":2}", number: "n")], at: 5).changed == 1)
    let pending = try await desk.pending()
    #expect(pending.map(\.key) == ["2", "1"] && pending[1].revision == 2)
    #expect(pending[1].content == Array("{\"a\":2}".utf8))
    #expect(try await desk.detail("1").summary.number == "n")
    // What is not JSON is compared by its bytes.
    #expect(try await desk.bring([desk.record("1", "no json")]).changed == 1)
  },
  Rule("the same key twice in a page is taken in order") { desk in
    let counts = try await desk.bring([
      desk.record("1", "{\"a\":1}"), desk.record("1", "{\"a\":2}"), desk.record("1", "{\"a\":2}"),
    ])
    #expect(counts.new == 1 && counts.changed == 1 && counts.unchanged == 1)
    #expect(try await desk.pending().map(\.revision) == [2])
  },
  Rule("a failed record that comes unchanged stays failed, and a changed one is tried again") { desk in
    try await desk.bring([desk.record("1", "{\"a\":1}", .failed, failure: desk.failure())])
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    #expect(try await desk.state("1") == "failed")
    try await desk.bring([desk.record("1", "{\"a\":2}")])
    #expect(try await desk.state("1") == "pending")
    #expect(try await desk.detail("1").summary.error == nil)
  },
  Rule("a record that the hub selects by now is sent, and one it no longer selects is not") { desk in
    try await desk.bring([desk.record("1", "{}", .filtered), desk.record("2")])
    let counts = try await desk.bring([desk.record("1", "{}", .pending), desk.record("2", "{}", .filtered)])
    #expect(counts.unchanged == 2 && counts.filtered == 1)
    #expect(try await desk.pending().map(\.key) == ["1"])
    #expect(try await desk.state("2") == "filtered")
    #expect(try await desk.detail("1").summary.revision == 1)
    #expect(try await desk.status().records == ["pending": 1, "filtered": 1])
  },
  Rule("a record that was delivered and comes unchanged stays done; changed, it is sent with what the target knows") {
    desk in
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: "T-7")])
    try await desk.bring([desk.record("1", "{\"a\":1}")])
    #expect(try await desk.state("1") == "done")
    try await desk.bring([desk.record("1", "{\"a\":2}")])
    #expect(try await desk.pending().map(\.delivered) == [Delivered(revision: 1, id: "T-7")])
  },
  Rule("a record that changes while it is queued waits, and is sent again when its write is settled") { desk in
    let ends: [(String, ItemOutcome.Result)] = [
      ("done", .done(id: "T")), ("failed", .failed(desk.failure())), ("again", .again(desk.failure("uncertain"))),
    ]
    for (key, end) in ends {
      try await desk.bring([desk.record(key, "{\"a\":1}")])
      try await desk.queue()
      let task = try await desk.claimOne(.target)
      #expect(try await desk.bring([desk.record(key, "{\"a\":2}")]).changed == 1)
      #expect(try await desk.state(key) == "queued")
      #expect(try await desk.pending().isEmpty)
      try await desk.settle(task, [end])
      let pending = try await desk.pending()
      #expect(pending.map(\.key) == [key] && pending.map(\.revision) == [2])
      #expect(pending.first?.delivered == (key == "done" ? Delivered(revision: 1, id: "T") : nil))
      try await desk.queue()
      try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
      #expect(try await desk.state(key) == "done")
      #expect(try await desk.detail(key).deliveredRevision == 2)
    }
  },
  Rule("a record that is filtered or failed by its newer revision becomes so when its write is settled") { desk in
    try await desk.bring([desk.record("1", "1"), desk.record("2", "1")])
    try await desk.queue(batch: 2)
    let task = try await desk.claimOne(.target)
    try await desk.bring([
      desk.record("1", "2", .filtered), desk.record("2", "2", .failed, failure: desk.failure("noKey")),
    ])
    #expect(try await desk.state("1") == "queued")
    try await desk.settle(task, [.done(id: "A"), .done(id: "B")])
    #expect(try await desk.state("1") == "filtered")
    #expect(try await desk.detail("1").deliveredRevision == 1)
    #expect(try await desk.state("2") == "failed")
    #expect(try await desk.detail("2").summary.error?.kind == "noKey")
    #expect(try await desk.status().records == ["filtered": 1, "failed": 1])
  },
  Rule("an uncertain record stays uncertain whatever newer revision comes") { desk in
    try await desk.bring([desk.record("1", "1")])
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.uncertain(desk.failure("uncertain"))])
    try await desk.bring([desk.record("1", "2")])
    #expect(try await desk.state("1") == "uncertain")
    #expect(try await desk.detail("1").content.json() == "2")
    #expect(try await desk.pending().isEmpty)
  },
  Rule("a record that is there and cannot be had whole keeps its content, and goes on when it comes whole") { desk in
    func refused(_ key: String) -> IncomingRecord {
      var record = desk.record(key, "{}", .failed, failure: desk.failure(Failure.detailKind))
      record.keepsContent = true
      return record
    }
    let whole = desk.record("1", "{\"a\":1}")
    try await desk.bring([whole])
    let counts = try await desk.bring([refused("1")])
    #expect(counts.failed == 1 && counts.unchanged == 1 && counts.changed == 0)
    let failed = try await desk.detail("1")
    #expect(failed.content.json() == "{\"a\":1}" && failed.summary.revision == 1 && failed.summary.state == "failed")
    #expect(failed.summary.error?.kind == Failure.detailKind)
    #expect(try await desk.bring([whole]).unchanged == 1)
    #expect(try await desk.pending().map(\.content) == [whole.content])
    #expect(try await desk.detail("1").summary.error == nil)
    // While it is sent nothing changes; what the target has is only noted.
    try await desk.queue()
    let task = try await desk.claimOne(.target)
    try await desk.bring([refused("1")])
    #expect(try await desk.state("1") == "queued")
    try await desk.settle(task, [.done(id: "T")])
    try await desk.bring([refused("1")])
    let done = try await desk.detail("1")
    #expect(done.summary.state == "done" && done.content.json() == "{\"a\":1}")
    #expect(done.summary.error?.kind == Failure.detailKind)
    try await desk.bring([whole])
    #expect(try await desk.detail("1").summary.error == nil)
    #expect(try await desk.status().records == ["done": 1])
  },
  Rule("a new record that cannot be had whole is kept as the list has it, and sent when it comes whole") { desk in
    for content in ["{}", "{\"a\":1}"] {
      var listed = desk.record(content, "{}", .failed, failure: desk.failure(Failure.detailKind))
      listed.keepsContent = true
      #expect(try await desk.bring([listed]).new == 1)
      #expect(try await desk.state(content) == "failed")
      try await desk.bring([desk.record(content, content)])
      #expect(try await desk.pending().last?.content == Array(content.utf8))
    }
    // One that failed for another reason does not go on by itself.
    try await desk.bring([desk.record("3", "{}", .failed, failure: desk.failure("noKey"))])
    try await desk.bring([desk.record("3", "{}")])
    #expect(try await desk.state("3") == "failed")
  },
  Rule("keys are taken as they are: empty, long, with quotes, zeros and other scripts") { desk in
    let keys = ["", "'; DROP TABLE hubs; --", "订单-١", "a\0b", String(repeating: "k", count: 5000), "%_\\"]
    try await desk.bring(keys.map { desk.record($0) })
    #expect(try await desk.pending().map(\.key) == keys)
    for key in keys { #expect(try await desk.detail(key).summary.key == key) }
  },
]
