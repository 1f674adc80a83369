import Keeping
import Testing
import Values

/// Does random things that workers and persons do, and checks after each that the books agree: what a hub's status counts is what its
/// lists show, a record is in a write exactly while it is queued, and no key is in flight twice.
func checkRandomWork(_ desk: Desk, seed: UInt64, steps: Int) async throws {
  var random = SplitMix(state: seed)
  var tasks: [ClaimedTask] = []
  var worker = try await desk.store.openSession()
  try await desk.keep(["n"])
  for step in 0..<steps {
    let now = Int64(step)
    switch random.next() % 11 {
    case 8: try await actOnTasks(desk, &random, at: now)
    case 9, 10: try await actOnRecords(desk, &random, at: now)
    case 0, 1:
      let records = (0..<random.next() % 6).map { _ in
        let states: [RecordState] = [.pending, .pending, .pending, .filtered, .failed, .held]
        var record = desk.record(
          "\(random.next() % 12)", #"{"n":\#(random.next() % 4)}"#, states[Int(random.next() % 6)],
          failure: random.next() % 2 == 0 ? desk.failure() : nil)
        record.holdsChange = random.next() % 4 == 0
        return record
      }
      if try await desk.openPull(["a", "b"], to: now) != nil || random.next() % 2 == 0 {
        if let query = try await desk.claim(.source, at: now, owner: worker.owner).first {
          try await desk.settle(query, records, next: random.next() % 3 == 0 ? "next" : nil, at: now)
        }
      }
    case 2, 3: try await desk.queue(batch: Int(random.next() % 3) + 1, sendsAgain: random.next() % 3 > 0, at: now)
    case 4: tasks += try await desk.claim(.target, limit: 2, at: now, owner: worker.owner)
    case 5, 6:
      guard let task = tasks.popLast() else { continue }
      let results = task.items.map { _ -> ItemOutcome.Result in
        switch random.next() % 8 {
        case 0: .failed(desk.failure())
        case 1, 2: .again(desk.failure("uncertain"))
        case 3: .uncertain(desk.failure("uncertain"))
        default: .done(id: "T")
        }
      }
      try await desk.settle(task, results, at: now)
    default:
      if let task = tasks.popLast() {
        let setbacks: [TaskSetback] = [
          .retry(at: desk.at(now + 3), countsAsAttempt: true), .give, .uncertain,
          .retry(at: desk.at(now), countsAsAttempt: false),
        ]
        try await desk.store.setBack(
          task.lease, setbacks[Int(random.next() % 4)], desk.failure("notSent"), now: desk.at(now))
      }
      if random.next() % 3 == 0 {
        await worker.close()
        tasks = []
        try await desk.store.rescueOrphans(now: desk.at(now))
        worker = try await desk.store.openSession()
      }
    }
    try await checkBooks(desk)
  }
  await worker.close()
}

private func actOnTasks(_ desk: Desk, _ random: inout SplitMix, at now: Int64) async throws {
  let changes: [TaskChange] = [
    .front, .retry(atEnd: false), .retry(atEnd: true), .cancel(rendersAnew: false), .cancel(rendersAnew: true),
    .arrived(id: nil), .arrived(id: "T"), .notArrived, .prune,
  ]
  let numbers = try await desk.store.taskNumbers(TaskFilter(hub: desk.hub, limit: 1000))
  let chosen = numbers.filter { _ in random.next() % 4 == 0 }
  let change = changes[Int(random.next() % UInt64(changes.count))]
  let report = try await desk.change(tasks: chosen, change, at: now)
  #expect((report.changed > 0) == (report.act != nil))
  guard let number = chosen.first, let payload = try await desk.store.payload(ofTask: number) else { return }
  _ = try await desk.store.edit(
    task: number, expecting: payload, payload: { _ in payload }, desk.act("task.edit", at: now))
}

private func actOnRecords(_ desk: Desk, _ random: inout SplitMix, at now: Int64) async throws {
  let changes: [RecordChange] = [
    .retry, .sendAnew, .release, .release, .hold, .arrived(id: "T"), .notArrived, .purge(byForce: false),
    .purge(byForce: true),
  ]
  let chosen = (0..<12).filter { _ in random.next() % 4 == 0 }.map { "\($0)" }
  if chosen.isEmpty { return }
  _ = try await desk.change(chosen, changes[Int(random.next() % UInt64(changes.count))])
  if random.next() % 3 > 0 { return }
  let waiting = try await desk.pending(limit: 1).map { record in
    UnsendableRecord(
      item: WriteItem(record: record.id, revision: record.revision), failure: desk.failure("waiting"), isWaiting: true,
      waitsFor: "w: \(record.key)")
  }
  _ = try await desk.store.enqueueWrites(hub: desk.hub, [], unsendable: waiting, now: desk.at(now))
  let code = "\(random.next() % 12)"
  _ = try await desk.set(code, "\(random.next() % 3)", supplies: ["w: \(code)"])
}

private func checkBooks(_ desk: Desk) async throws {
  let status = try await desk.status()
  let records = try await desk.store.records(RecordFilter(hub: desk.hub, limit: 1000))
  let tasks = try await desk.store.tasks(TaskFilter(hub: desk.hub, limit: 1000))
  #expect(status.records == Dictionary(records.map { ($0.state, 1) }, uniquingKeysWith: +))
  #expect(status.tasks == Dictionary(tasks.map { ("\($0.side).\($0.state)", 1) }, uniquingKeysWith: +))
  #expect(try await desk.pending().count == status.records["pending", default: 0])
  try await checkLookups(desk, records)
  var inFlight: [String] = []
  for task in tasks where task.side == "target" && ["ready", "running", "retrying"].contains(task.state) {
    inFlight += try #require(try await desk.store.task(task.id)).keys
  }
  // A worker that had a task taken from it and given back may settle none of its records twice: each is in one write.
  #expect(inFlight.sorted() == records.filter { $0.state == "queued" }.map(\.key).sorted())
}

/// What is found by a value is what has it.
private func checkLookups(_ desk: Desk, _ records: [RecordSummary]) async throws {
  var counts = [0, 0, 0, 0]
  for record in records {
    let content = try await desk.detail(record.key).content
    counts[Int(try #require(content["n"]?.intValue))] += 1
  }
  let found = try await desk.find((0...3).map { ["n": .int($0)] }).map { answer in
    switch answer {
    case .none: 0
    case .one: 1
    case .several(let count, _): count
    }
  }
  #expect(found == counts)
}

/// Random numbers that are the same for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
