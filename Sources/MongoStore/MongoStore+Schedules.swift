public import Keeping
import MongoKit
public import Values

extension MongoStore {
  /// Takes a lead, or keeps it for longer; nil where another one has it who lives.
  public func takeLead(_ name: String, owner: String, until: Timestamp, now: Timestamp) async throws -> Lead? {
    let ended = ended
    return try await perform { tenant in
      // One that only schedules has no leases by which it would be heard of.
      try tenant.sessions.updateOne(["_id": .string(owner)], ["$currentDate": ["seenAt": true]])
      while true {
        guard let row = try tenant.leads.findOne(["_id": .string(name)]) else {
          do {
            try tenant.leads.insert([
              ["_id": .string(name), "owner": .string(owner), "epoch": 1, "until": .timestamp(until)]
            ])
            return Lead(name: name, owner: owner, epoch: 1, until: until)
          } catch let error as MongoError where error.kind == .duplicateKey {
            continue
          }
        }
        guard let holder = row.text("owner"), let epoch = row.int64("epoch"), let end = row.time("until") else {
          throw StoreError.damaged("a lead without owner, epoch or end")
        }
        let isOwn = holder == owner
        if !isOwn, end >= now, try tenant.isAlive(holder, ended) { return nil }
        // Only where nobody has taken it since it was read.
        let isTaken = try tenant.leads.updateOne(
          ["_id": .string(name), "owner": .string(holder), "epoch": .int(epoch)],
          ["$set": ["owner": .string(owner), "until": .timestamp(until)], "$inc": ["epoch": isOwn ? 0 : 1]])
        if isTaken { return Lead(name: name, owner: owner, epoch: isOwn ? epoch : epoch + 1, until: until) }
      }
    }
  }

  /// What is known of all schedules, by hub and kind.
  public func schedules() async throws -> [ScheduleState] {
    try await perform { tenant in
      let rows = try tenant.schedules.find([:])
      var runs = try tenant.openRuns()
      let latest = rows.compactMap { $0.text("latest").map(Value.string) }
      for run in try tenant.runs(["_id": ["$in": .list(latest)]], sort: nil, limit: latest.count) {
        if runs[run.key]?.contains(where: { $0.slot == run.slot }) != true { runs[run.key, default: []].append(run) }
      }
      return try rows.map { row in
        let key = try ScheduleKey(row)
        guard let rule = row.text("rule"), let seen = row.int64("seen") else {
          throw StoreError.damaged("a schedule without its rule or its slot")
        }
        return ScheduleState(
          key: key, rule: rule, seen: seen, runs: (runs[key] ?? []).sorted { $0.slot < $1.slot })
      }.sorted { $0.key < $1.key }
    }
  }

  /// Keeps schedules in mind: those that are new, or say something new, from the slot they come with on.
  public func note(_ schedules: [NewSchedule], now: Timestamp) async throws {
    for schedule in schedules { try await ensureHub(schedule.key.hub) }
    try await perform { tenant in
      var known: [String: String] = [:]
      for row in try tenant.schedules.find([:], fields: ["rule": 1]) { known[row.text("_id") ?? ""] = row.text("rule") }
      for schedule in schedules where known[schedule.key.id] == nil {
        try Schema.once {
          try tenant.schedules.updateOne(
            ["_id": .string(schedule.key.id)],
            [
              "$setOnInsert": [
                "hub": .string(schedule.key.hub), "kind": schedule.key.kind.value, "rule": .string(schedule.rule),
                "seen": .int(schedule.seen),
              ]
            ], upsert: true)
        }
      }
      // Before the new rule is kept: whoever comes after a crash in between does it again.
      for schedule in schedules where schedule.key.kind.countsAnew {
        guard let rule = known[schedule.key.id], rule != schedule.rule else { continue }
        try tenant.runs.delete(schedule.key.filter())
      }
      let changes = schedules.map { schedule in
        let set: Value =
          schedule.key.kind.countsAnew
          ? [
            "$set": ["rule": .string(schedule.rule), "seen": .int(schedule.seen)],
            "$unset": ["latest": "", "latestSlot": ""],
          ]
          : ["$set": ["rule": .string(schedule.rule)], "$max": ["seen": .int(schedule.seen)]]
        return MongoChange(["_id": .string(schedule.key.id), "rule": ["$ne": .string(schedule.rule)]], set)
      }
      if !changes.isEmpty { try tenant.schedules.update(changes) }
    }
  }

  /// Takes the next step of a run that is new, that waits, or whose scheduler is gone; see ``Keeping/ScheduleStore``.
  public func take(_ step: RunStep) async throws -> ScheduledRun? {
    try await ensureHub(step.key.hub)
    guard let (run, position) = try await carryOut(step) else { return nil }
    if let position { try await lowerHead(step.key.hub, .source, to: position) }
    if run.state.isOver { try await perform { try $0.forgetRuns(of: step.key) } }
    return run
  }

  private func carryOut(_ step: RunStep) async throws -> RunTaking.Taken? {
    let taking = RunTaking(step, token: MongoStore.newToken(), ended)
    do {
      return try await transact({ try taking.run($0) }, wasKept: { try taking.wasKept($0) })
    } catch let error as StoreError where error.code == .damaged {
      // Somebody opened a pull of the hub, of which there is one, at the same moment; now that is seen.
      guard case .pull = step.action, try await openPull(hub: step.key.hub) != nil else { throw error }
      return try await transact({ try taking.run($0) }, wasKept: { try taking.wasKept($0) })
    }
  }

  /// Notes that the writes of a run are queued; nothing happens where the run is another's by now.
  public func endRun(
    _ key: ScheduleKey, slot: Int64, owner: String, records: Int, writes: Int, now: Timestamp
  ) async throws {
    try await perform { tenant in
      _ = try tenant.runs.updateOne(
        ["_id": .string(key.id(of: slot)), "state": ScheduledRunState.begun.value, "owner": .string(owner)],
        [
          "$set": [
            "state": ScheduledRunState.dispatched.value, "endedAt": .timestamp(now), "records": .int(Int64(records)),
            "writes": .int(Int64(writes)),
          ]
        ])
      try tenant.forgetRuns(of: key)
    }
  }

  /// The latest runs of a schedule, newest first.
  public func runs(of key: ScheduleKey, limit: Int) async throws -> [ScheduledRun] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    return try await perform { try $0.runs(key.filter(), sort: ["slot": -1], limit: limit) }
  }

  /// The ends of the latest pulls of hubs, for those that were ever pulled.
  public func pullEnds(of hubs: [String]) async throws -> [PullEnd] {
    if hubs.isEmpty { return [] }
    return try await perform { tenant in
      let rows = try tenant.hubs.find(
        ["_id": ["$in": .list(hubs.map(Value.string))]], fields: ["latestPull": 1, "latestComplete": 1])
      var ends: [String: PullEnd] = [:]
      for row in rows {
        let hub = row.text("_id") ?? ""
        ends[hub] = PullEnd(
          hub: hub, latest: row.int64("latestPull") ?? 0, latestComplete: row.int64("latestComplete") ?? 0,
          isDelivered: try tenant.isDelivered(hub))
      }
      return hubs.compactMap { ends[$0] }
    }
  }
}

extension MongoStore {
  /// When a chore was done last; nil where it never was.
  public func lastTime(of chore: String) async throws -> Timestamp? {
    try await perform { try $0.meta.findOne(["_id": .string("chore.\(chore)")])?.time("at") }
  }

  /// Notes when a chore was done; see ``Keeping/ScheduleStore``.
  public func note(_ chore: String, doneAt time: Timestamp, under lead: Lead) async throws {
    let id: Value = ["_id": .string("chore.\(chore)")]
    let token = MongoStore.newToken()
    try await transact(
      { tenant in
        try tenant.hold(lead)
        try tenant.meta.updateOne(id, ["$set": ["at": .timestamp(time), "made": .string(token)]], upsert: true)
      }, wasKept: { try $0.meta.findOne(id)?.text("made") == token })
  }
}

extension Tenant {
  /// Makes sure that a lead is still its holder's, and stays so until the commit of the transaction.
  func hold(_ lead: Lead) throws {
    let isHeld = try leads.updateOne(
      ["_id": .string(lead.name), "owner": .string(lead.owner), "epoch": .int(lead.epoch)], ["$inc": ["touched": 1]])
    guard isHeld else { throw StoreError(.leaseLost, "another scheduler leads by now") }
  }

  /// How many ended runs of a schedule are kept.
  private static let keptRuns = 200
  /// How many runs of a schedule that are not over are told of.
  private static let mostOpenRuns = 1_000

  /// Runs that fit a filter.
  fileprivate func runs(_ filter: Value, sort: Value?, limit: Int) throws -> [ScheduledRun] {
    if limit == 0 { return [] }
    let rows = try runs.find(filter, sort: sort, limit: limit)
    let numbers = rows.compactMap { $0.int64("pull").map(Value.int) }
    var states: [Int64: PullState] = [:]
    for start in stride(from: 0, to: numbers.count, by: 10_000) {
      let part = numbers[start..<min(start + 10_000, numbers.count)]
      for pull in try pulls.find(["_id": ["$in": .list(Array(part))]], fields: ["state": 1]) {
        states[pull.int64("_id") ?? 0] = pull.int("state").flatMap(PullState.init(rawValue:))
      }
    }
    return try rows.map { row in try ScheduledRun(row, pull: row.int64("pull").flatMap { states[$0] }) }
  }

  /// The first runs of each schedule that are not over.
  fileprivate func openRuns() throws -> [ScheduleKey: [ScheduledRun]] {
    let open = ScheduledRunState.allCases.filter { !$0.isOver }.map(\.value)
    let runs = try runs(["state": ["$in": .list(open)]], sort: nil, limit: 10 * MongoStore.longestList)
    return Dictionary(grouping: runs, by: \.key).mapValues { runs in
      Array(runs.sorted { $0.slot < $1.slot }.prefix(Tenant.mostOpenRuns))
    }
  }

  /// Forgets the oldest runs of a schedule that are over.
  fileprivate func forgetRuns(of key: ScheduleKey) throws {
    let latest = try runs.find(key.filter(), fields: ["slot": 1], sort: ["slot": -1], limit: Tenant.keptRuns + 1)
    guard latest.count > Tenant.keptRuns, let last = latest.last?.int64("slot") else { return }
    let over = ScheduledRunState.allCases.filter(\.isOver).map(\.value)
    try runs.delete(key.filter([("slot", ["$lte": .int(last)]), ("state", ["$in": .list(over)])]))
  }

  /// True where nothing of a hub is left to be sent.
  fileprivate func isDelivered(_ hub: String) throws -> Bool {
    let records = [RecordState.pending, .queued].map(\.value)
    if try self.records(hub).findOne(["state": ["$in": .list(records)]], fields: ["_id": 1]) != nil { return false }
    let tasks = [TaskState.ready, .running, .retrying].map(\.value)
    return try self.tasks.findOne(
      ["hub": .string(hub), "side": Side.target.value, "state": ["$in": .list(tasks)]], fields: ["_id": 1]) == nil
  }
}

extension ScheduleKey {
  fileprivate init(_ row: BSONDocument) throws {
    guard let hub = row.text("hub"), let kind = row.int("kind").flatMap(ScheduleKind.init(rawValue:)) else {
      throw StoreError.damaged("a schedule without its hub or its kind")
    }
    self.init(hub, kind)
  }

  /// The number of the document in `datahub.schedules`.
  var id: String { "\(kind.name)/\(hub)" }
  /// The number of a run's document in `datahub.runs`.
  func id(of slot: Int64) -> String { "\(kind.name)/\(slot)/\(hub)" }
  /// What the schedule's runs fit.
  fileprivate func filter(_ more: [(String, Value)] = []) -> Value {
    .map(ValueMap([("hub", .string(hub)), ("kind", kind.value)] + more))
  }
}

extension ScheduleKind {
  var value: Value { .int(Int64(rawValue)) }
}

extension ScheduledRunState {
  var value: Value { .int(Int64(rawValue)) }
}

extension ScheduledRun {
  fileprivate init(_ row: BSONDocument, pull: PullState?) throws {
    guard let slot = row.int64("slot"), let entered = row.time("enteredAt"),
      let state = row.int("state").flatMap(ScheduledRunState.init(rawValue:))
    else { throw StoreError.damaged("a scheduled run without slot, time or state") }
    self.init(
      key: try ScheduleKey(row), slot: slot, state: state, missed: row.int("missed") ?? 0, enteredAt: entered,
      endedAt: row.time("endedAt"), pull: row.int64("pull"), pullState: pull.map { "\($0)" },
      records: row.int("records") ?? 0, writes: row.int("writes") ?? 0, note: row.text("note"))
  }
}
