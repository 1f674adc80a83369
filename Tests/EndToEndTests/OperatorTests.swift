import Foundation
import Testing
import Values

@Suite("Operators", .serialized, .timeLimit(.minutes(10)))
struct OperatorTests {
  @Test("lost answers leave uncertain writes, which a person resolves; every order is there once")
  func resolving() throws {
    let quickstart = try small(
      300, delivery: "at-most-once", batch: 10, faults: ["--drop-after", "0.3", "--seed", "3"])
    _ = try run(quickstart, "run", "orders", "--wait", "0s")
    let uncertain = try json(quickstart, "task", "list", "--hub", "orders", "--state", "uncertain")
    let count = try #require(uncertain.listValue?.count)
    try #require(count > 0)
    let id = try #require(uncertain.listValue?.first?["id"]?.intValue)

    let edited = try quickstart.program.run("task", "edit", "\(id)", "--set", "method=PUT")
    #expect(edited.code == 1 && edited.messages.contains("task resolve \(id)"))
    let neither = try quickstart.program.run("task", "resolve", "--hub", "orders")
    #expect(neither.code == 64 && neither.messages.contains("--arrived or --not-arrived"))
    let status = try quickstart.program.run("status")
    #expect(status.output.contains("\(count) uncertain of 'orders': datahub task list --hub orders --state uncertain"))

    let dry = try json(quickstart, "task", "resolve", "--hub", "orders", "--arrived", "--dry-run")
    #expect(dry["dryRun"] == true && dry["chosen"]?.intValue == Int64(count) && dry["changed"] == dry["chosen"])
    let resolved = try json(
      quickstart, "task", "resolve", "--hub", "orders", "--arrived", "--yes", "--reason", "seen in the ERP")
    #expect(resolved["changed"]?.intValue == Int64(count))
    quickstart.stopSandbox()
    try quickstart.startSandbox()
    #expect(try run(quickstart, "run", "orders").code == 0)
    let report = try quickstart.report()
    #expect(report["orders"] == 300 && report["inserts"] == 300 && report["duplicates"] == [])
    let key = try #require(
      try json(quickstart, "record", "list", "orders", "--limit", "1").listValue?.first?["key"]?.stringValue)
    for command in [
      ["record", "hold", "orders", key], ["record", "retry", "orders", key], ["task", "front", "\(id)"],
    ] {
      let trial = try quickstart.program.run(command + ["--dry-run"])
      #expect(trial.code == 1 && trial.output.hasPrefix("would \(command[1]) 0 "), "\(trial.output)")
      #expect(trial.messages.contains("left as it is"))
    }
    let mixed = try quickstart.program.run("record", "hold", "orders", key, "NOPE")
    #expect(mixed.code == 1 && mixed.messages.contains("(\(key)): it is done"))
    #expect(mixed.messages.contains("no record 'NOPE'"))
    let nothing = try quickstart.program.run("record", "export", "orders", key, "NOPE")
    #expect(nothing.code == 1 && nothing.output.contains(key) && nothing.messages.contains("no record 'NOPE'"))
    let none = try json(quickstart, "task", "retry", "--dry-run", "--hub", "orders")
    #expect(none["dryRun"] == true && none["chosen"] == 0)
    let unclear = try quickstart.program.run("task", "prune", "--older-than", "90", "--dry-run")
    #expect(unclear.code == 64 && unclear.messages.contains("90d"))
    let log = try json(quickstart, "audit", "list", "--task", "\(id)")
    #expect(log.listValue?.first?["reason"] == "seen in the ERP" && log.listValue?.first?["action"] == "task.resolve")
  }

  @Test("what a person says did not arrive is sent again, and then is there once")
  func notArrived() throws {
    let quickstart = try small(100, delivery: "at-most-once", batch: 10, startsSandbox: false)
    try quickstart.startSandbox()
    try queueWrites(quickstart)
    quickstart.stopSandbox()
    try quickstart.startSandbox(["--error-before", "0.5", "--seed", "5"])
    _ = try run(quickstart, "work", "--stop-when-empty")
    let before = try json(quickstart, "status", "orders").at("hubs")?.listValue?.first?.at("records", "uncertain")
    try #require(before?.intValue ?? 0 > 0)
    quickstart.stopSandbox()
    try quickstart.startSandbox()
    let keys = try json(quickstart, "record", "list", "orders", "--state", "uncertain", "--limit", "2").listValue ?? []
    let names = keys.compactMap { $0["key"]?.stringValue }
    #expect(try run(quickstart, ["record", "resolve", "orders", "--not-arrived"] + names).code == 0)
    #expect(try run(quickstart, "task", "resolve", "--hub", "orders", "--not-arrived", "--yes").code == 0)
    try eventually("the rest has been sent") { try quickstart.run().code == 0 }
    let report = try quickstart.report()
    #expect(report["orders"] == 100 && report["inserts"] == 100 && report["duplicates"] == [])
  }

  @Test("an edited write is sent as it was edited, under a new key, and the log keeps the old one")
  func editing() throws {
    let quickstart = try small(20, batch: 5)
    try queueWrites(quickstart)
    let tasks = try json(quickstart, "task", "list", "--hub", "orders", "--state", "ready")
    let id = try #require(tasks.listValue?.last?["id"]?.intValue)
    let old = try request(quickstart, id)
    let key = try #require(old.at("data")?.listValue?.first?["resubmitCheckKey"]?.stringValue)

    let unchanged = try quickstart.program.run("task", "edit", "\(id)", "--set", "method=POST")
    #expect(unchanged.code == 1 && unchanged.messages.contains("nothing was changed"))
    let lost = try quickstart.program.run("task", "edit", "\(id)", "--set", "body.none.of=1")
    #expect(lost.code == 1 && lost.messages.contains("leads nowhere"))
    let broken = try quickstart.program.run("task", "edit", "\(id)", "--set", "path=nowhere")
    #expect(broken.code == 1 && broken.messages.contains("no request any more"))
    let nobody = try quickstart.program.run("task", "edit", "\(id)")
    #expect(nobody.code == 64 && nobody.messages.contains("EDITOR"))

    let changed = try json(
      quickstart, "task", "edit", "\(id)", "--set", "body.data[0].order.amount=1000000.25", "--reason", "typo")
    #expect(changed["changed"] == ["body.data[0].order.amount"])
    let new = try request(quickstart, id)
    #expect(new.at("data")?.listValue?.first?["resubmitCheckKey"]?.stringValue != key)
    #expect(new.at("data")?.listValue?.first?.at("order", "amount")?.json() == "1000000.25")

    var program = quickstart.program
    program.environment["EDITOR"] = "sed -i s/USD/EUR/"
    #expect(try program.run("task", "edit", "\(id)").code == 0)
    program.environment["EDITOR"] = "true"
    #expect(try program.run("task", "edit", "\(id)").messages.contains("nothing was changed"))
    program.environment["EDITOR"] = "sed -i 1d"
    let garbled = try program.run("task", "edit", "\(id)")
    #expect(garbled.code == 1 && garbled.messages.contains("not JSON"))
    let kept = try #require(garbled.messages.firstMatch(of: /kept in (\S+\.json)/)?.1)
    try FileManager.default.removeItem(atPath: String(kept))

    #expect(try run(quickstart, "work", "--stop-when-empty").code == 0)
    let report = try quickstart.report()
    #expect(report["orders"] == 20 && report["inserts"] == 20)
    let amount = try #require(report["amount"]?.stringValue.flatMap { Amount($0) })
    let typed = try #require(Amount("1000000"))
    #expect(amount > typed)
    let entry = try #require(changed["audit"]?.intValue)
    let item = try json(quickstart, "audit", "show", "\(entry)").at("items")?.listValue?.first
    #expect(item?.at("before", "payload", "body")?.stringValue?.contains(key) == true)
  }

  @Test("cancelled writes hold their records until they are released; the front is the front")
  func queue() throws {
    let quickstart = try small(40, batch: 1)
    try queueWrites(quickstart)
    let last = try #require(
      try json(quickstart, "record", "list", "orders", "--limit", "1").listValue?.first?["key"]?.stringValue)
    let front = try json(quickstart, "task", "front", "--hub", "orders", "--side", "target", "--key", last)
    #expect(front["changed"] == 1)

    let refused = try quickstart.program.run("task", "cancel", "--hub", "orders")
    #expect(refused.code == 64 && refused.messages.contains("--yes"))
    #expect(try quickstart.program.run("task", "cancel").code == 64)
    let one = try json(quickstart, "task", "list", "--hub", "orders", "--state", "ready", "--limit", "1")
    let id = try #require(one.listValue?.first?["id"]?.intValue)
    #expect(try run(quickstart, "task", "cancel", "\(id)", "--reason", "wrong price").code == 0)
    let acts = try json(quickstart, "audit", "list", "--hub", "orders", "--action", "task.cancel").listValue
    #expect(acts?.count == 1 && acts?.first?["reason"] == "wrong price")
    let rest = try json(quickstart, "task", "cancel", "--hub", "orders", "--limit", "5", "--render")
    #expect(rest["changed"] == 5)
    #expect(try run(quickstart, "work", "--stop-when-empty").code == 0)
    #expect(try quickstart.report()["orders"] == 34)
    let held = try json(quickstart, "record", "list", "orders", "--state", "held").listValue
    #expect(held?.count == 1 && held?.first?.at("error", "message")?.stringValue?.contains("wrong price") == true)
    #expect(try run(quickstart, "record", "release", "orders").code == 0)
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["orders"] == 40)
    let pruned = try json(quickstart, "task", "prune", "--older-than", "0s", "--yes")
    #expect(pruned["changed"]?.intValue ?? 0 >= 40)
    #expect(try json(quickstart, "task", "list").listValue?.isEmpty == true)
  }

  @Test(
    "a running task that is to be cancelled is cancelled where nothing was sent, else uncertain",
    arguments: [false, true])
  func cancellingRunning(_ isSent: Bool) throws {
    let quickstart = try small(5, batch: 5)
    try queueWrites(quickstart)
    quickstart.stopSandbox()
    // The first request is for a token, which is long in coming, or comes and then the write's answer does not.
    try quickstart.startSandbox(["--latency", isSent ? "3000" : "600000"])
    let worker = try quickstart.program.start(["work", "--stop-when-empty"])
    defer { worker.terminate() }
    var id: Int64?
    try eventually("the write runs") {
      id = try json(quickstart, "task", "list", "--state", "running").listValue?.first?["id"]?.intValue
      return id != nil
    }
    if isSent { #expect(try run(quickstart, "sandbox", "faults", "latency=600000").code == 0) }
    let task = try #require(id)
    let cancelled = try json(quickstart, "task", "cancel", "\(task)")
    #expect(cancelled["requested"] == 1)
    try eventually("its worker has seen it", within: 60) {
      try json(quickstart, "task", "show", "\(task)")["state"] != "running"
    }
    #expect(try json(quickstart, "task", "show", "\(task)")["state"] == (isSent ? "uncertain" : "cancelled"))
    let state = isSent ? "uncertain" : "held"
    #expect(try json(quickstart, "record", "list", "orders", "--state", state).listValue?.count == 5)
  }

  @Test("held by the hub, changed after sending, purged and exported")
  func records() throws {
    let quickstart = try small(30, batch: 10, startsSandbox: false)
    try quickstart.edit(
      "hubs/orders.yaml", "  mapping:\n", "  hold: ${ record.pay_amount > 50 }\n  onChange: hold\n  mapping:\n")
    try quickstart.apply()
    try quickstart.startSandbox()
    #expect(try quickstart.run().code == 0)
    let held = try json(quickstart, "record", "list", "orders", "--state", "held").listValue ?? []
    try #require(!held.isEmpty && held.count < 30)
    #expect(try quickstart.report()["orders"]?.intValue == Int64(30 - held.count))
    #expect(try run(quickstart, "record", "release", "orders", "--error", "held", "--yes").code == 0)
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["orders"] == 30)

    #expect(try quickstart.program.run("sandbox", "change", "3").code == 0)
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["updates"] == 0)
    let changed = try json(quickstart, "record", "list", "orders", "--error", "changed").listValue ?? []
    #expect(changed.count == 3)
    #expect(try run(quickstart, "record", "release", "orders", "--error", "changed").code == 0)
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["updates"] == 3)

    let again = try quickstart.program.run("record", "retry", "orders", "CD000001", "--again", "--output", "json")
    #expect(again.code == 0 && again.messages.contains("twice"))
    #expect(try quickstart.run().code == 0)

    let lines = try quickstart.program.run("record", "export", "orders").output.split(separator: "\n")
    #expect(lines.count == 30)
    #expect(try Value(json: String(lines[0])).at("content", "so_id")?.stringValue != nil)
    let csv = try quickstart.program.run(
      "record", "export", "orders", "--format", "csv", "--columns", "key,record.items.0.sku_id,record.pay_amount")
    let rows = try CSV.rows(csv.output)
    #expect(rows.count == 31 && rows[0].fields == ["key", "record.items.0.sku_id", "record.pay_amount"])
    #expect(csv.output.contains("\r\n") && rows[1].fields[1] == "CD")
    #expect(try quickstart.program.run("record", "export", "orders", "--columns", "nonsense").code == 64)

    #expect(try quickstart.program.run("record", "purge", "orders").code == 64)
    let purged = try json(quickstart, "record", "purge", "orders", "--state", "done", "--yes")
    #expect(purged["changed"] == 30)
    #expect(try json(quickstart, "record", "list", "orders").listValue?.isEmpty == true)
  }

  @Test("records wait for a code, are woken by exactly that, and the run-time entry wins over the declared one")
  func values() throws {
    let quickstart = try small(50, batch: 10, startsSandbox: false)
    try quickstart.edit(
      "hubs/orders.yaml", "customer: ${ record.shop_buyer_id }",
      "customer: '${ value(\"customers\", record.shop_buyer_id) }'")
    let file = quickstart.project.appending(path: "values.yaml")
    try """
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: customers }
    spec: { entries: { "0001": DECLARED } }
    ---
    apiVersion: datahub/v1
    kind: ValueMapping
    metadata: { name: fixed }
    spec: { locked: true, entries: { a: b } }
    """.write(to: file, atomically: true, encoding: .utf8)
    try quickstart.apply()
    try quickstart.startSandbox()
    _ = try quickstart.run()
    let waiting = try json(quickstart, "record", "list", "orders", "--state", "waiting").listValue ?? []
    try #require(waiting.count > 5)

    let one = try #require(waiting.last?["key"]?.stringValue)
    let buyer = try #require(
      try json(quickstart, "record", "show", "orders", one).at("content", "shop_buyer_id")?.stringValue)
    let set = try json(
      quickstart, "value", "set", "customers", buyer, "C-1", "--label", "First", "--reason", "new shop")
    let woken = try #require(set["woken"]?.intValue)
    #expect(woken >= 1 && woken < Int64(waiting.count))
    let states = try json(quickstart, "status", "orders").at("hubs")?.listValue?.first?["records"]
    #expect(states?["pending"]?.intValue == woken)

    let buyers = try Set(
      waiting.compactMap { try json(quickstart, "record", "show", "orders", $0["key"]?.stringValue ?? "") }
        .compactMap { $0.at("content", "shop_buyer_id")?.stringValue }
    ).subtracting([buyer])
    let rows = buyers.sorted().map { "\($0),Shop \($0),C\($0),Customer \($0)" } + ["0001,,KEPT,"]
    try ("a_value,a_label,b_value,b_label\n" + rows.joined(separator: "\n") + "\n").write(
      to: quickstart.project.appending(path: "customers.csv"), atomically: true, encoding: .utf8)
    let dry = try quickstart.program.run("value", "import", "customers", "customers.csv", "--dry-run")
    #expect(dry.code == 0 && dry.output.contains("~ 0001 -> DECLARED => KEPT"))
    #expect(try run(quickstart, "value", "import", "customers", "customers.csv", "--yes").code == 0)
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["orders"] == 50)

    #expect(try run(quickstart, "value", "get", "customers", "0001").output == "KEPT\n")
    #expect(try run(quickstart, "value", "get", "customers", "C-1", "--reverse").output == buyer + "\n")
    let listed = try json(quickstart, "value", "list", "customers", "--origin", "overriding").listValue
    #expect(listed?.count == 1 && listed?.first?["declared"] == "DECLARED")
    #expect(try run(quickstart, "value", "remove", "customers", "0001").code == 0)
    #expect(try run(quickstart, "value", "get", "customers", "0001").output == "DECLARED\n")
    let exported = try run(quickstart, "value", "export", "customers", "--origin", "kept").output
    #expect(try CSV.rows(exported).contains { $0.fields == [buyer, "First", "C-1", ""] })

    func label() throws -> Value? {
      try json(quickstart, "value", "list", "customers").listValue?.first { $0["code"]?.stringValue == buyer }?["label"]
    }
    #expect(try run(quickstart, "value", "set", "customers", buyer, "C-1").code == 0)
    #expect(try label() == "First")
    #expect(try run(quickstart, "value", "set", "customers", buyer, "C-1", "--label", "").code == 0)
    #expect(try label() != "First")

    let locked = try quickstart.program.run("value", "set", "fixed", "a", "c")
    #expect(locked.code == 1 && locked.messages.contains("locked"))
    let unknown = try quickstart.program.run("value", "get", "customer", "1")
    #expect(unknown.code == 64 && unknown.messages.contains("did you mean 'customers'?"))
  }

  @Test("the store of another tenant is refused, from every command")
  func tenants() throws {
    let quickstart = try small(1, startsSandbox: false)
    let store = quickstart.project.appending(path: ".datahub/development")
    try quickstart.edit("datahub.yaml", "tenant: quickstart", "tenant: other")
    for file in try FileManager.default.contentsOfDirectory(atPath: store.path)
    where file.hasPrefix("quickstart.sqlite") {
      let renamed = file.replacing("quickstart.sqlite", with: "other.sqlite")
      try FileManager.default.moveItem(at: store.appending(path: file), to: store.appending(path: renamed))
    }
    for words in [
      ["status"], ["work", "--stop-when-empty"], ["task", "list"], ["record", "list", "orders"], ["audit"],
      ["value", "list"], ["apply", "--yes"], ["run", "orders"],
    ] {
      let outcome = try quickstart.program.run(words)
      #expect(outcome.code == 1, "\(words)")
      #expect(outcome.messages.contains("belongs to the tenant \"quickstart\", not to \"other\""), "\(words)")
    }
  }

  @Test("status goes on as lines of JSON until it is told to stop")
  func watching() throws {
    let quickstart = try small(1, startsSandbox: false)
    let log = quickstart.folder.appending(path: "watch.log")
    try Data().write(to: log)
    let process = try quickstart.program.start(
      ["status", "--watch", "--every", "100ms", "--output", "json"], output: try FileHandle(forWritingTo: log))
    try eventually("three lines are there") {
      try String(contentsOf: log, encoding: .utf8).split(separator: "\n").count >= 3
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
    for line in lines { #expect(try Value(json: String(line))["generation"] == 1) }
    #expect(try quickstart.program.run("status", "--watch").code == 64)
  }

  // MARK: - Means

  /// The quickstart with its first orders only, deployed.
  private func small(
    _ orders: Int, delivery: String = "idempotency-key", batch: Int = 100, faults: [String] = [],
    startsSandbox: Bool = true
  ) throws -> Quickstart {
    let quickstart = try Quickstart(startSandbox: false)
    let data = quickstart.project.appending(path: "data/cdnow-sample.csv")
    let lines = try String(contentsOf: data, encoding: .utf8).split(whereSeparator: \.isNewline).prefix(orders + 1)
    try (lines.joined(separator: "\n") + "\n").write(to: data, atomically: true, encoding: .utf8)
    try quickstart.edit("hubs/orders.yaml", "batch: 100", "batch: \(batch)")
    try quickstart.edit("hubs/orders.yaml", "delivery: idempotency-key", "delivery: \(delivery)")
    if startsSandbox { try quickstart.startSandbox(faults) }
    try quickstart.apply()
    return quickstart
  }

  /// Reads the source and renders the writes, and sends none.
  private func queueWrites(_ quickstart: Quickstart) throws {
    #expect(try run(quickstart, "dispatch", "orders", "--source").code == 0)
    #expect(try run(quickstart, "work", "--stop-when-empty").code == 0)
    #expect(try run(quickstart, "dispatch", "orders", "--target").code == 0)
  }

  /// The body of a write.
  private func request(_ quickstart: Quickstart, _ task: Int64) throws -> Value {
    let shown = try json(quickstart, "task", "show", "\(task)")
    return try Value(json: try #require(shown.at("payload", "body")?.stringValue))
  }

  private func run(_ quickstart: Quickstart, _ words: String...) throws -> Program.Outcome {
    try run(quickstart, words)
  }

  private func run(_ quickstart: Quickstart, _ words: [String]) throws -> Program.Outcome {
    try quickstart.program.run(words)
  }

  /// The output of a command that ends well, as JSON.
  private func json(_ quickstart: Quickstart, _ words: String...) throws -> Value {
    let outcome = try quickstart.program.run(words + ["--output", "json"])
    try #require(outcome.code == 0, "\(words): \(outcome.messages)")
    return try outcome.json()
  }
}
