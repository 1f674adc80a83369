public import Keeping
import SQLiteKit
public import Values

extension SQLiteStore {
  /// Takes a lead, or keeps it for longer; nil where another one has it who lives.
  public func takeLead(_ name: String, owner: String, until: Timestamp, now: Timestamp) async throws -> Lead? {
    let workers = workers
    return try await write(now: now) { transaction in
      let connection = transaction.connection
      let find = try connection.prepare("SELECT owner, epoch, until FROM leads WHERE name = ?1")
      find.bind(1, name)
      var epoch: Int64 = 0
      if try find.step() {
        let holder = find.text(0)
        epoch = find.int64(1)
        if holder == owner {
          epoch -= 1
        } else if find.int64(2) >= transaction.now, workers.isAlive(holder) {
          return nil
        }
      }
      find.reset()
      let take = try connection.prepare(
        """
        INSERT INTO leads (name, owner, epoch, until) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, until = excluded.until
        """)
      take.bind(1, name)
      take.bind(2, owner)
      take.bind(3, epoch + 1)
      take.bind(4, until.milliseconds)
      try take.run()
      return Lead(name: name, owner: owner, epoch: epoch + 1, until: until)
    }
  }

  /// What is known of all schedules, by hub and kind.
  public func schedules() async throws -> [ScheduleState] {
    try await read { connection in
      let list = try connection.prepare(
        "SELECT h.name, s.kind, s.rule, s.seen, s.hub FROM schedules AS s JOIN hubs AS h ON h.id = s.hub ORDER BY 1, 2")
      var states: [ScheduleState] = []
      while try list.step() {
        let key = ScheduleKey(list.text(0), try ScheduleKind(kept: list.int(1)))
        states.append(
          ScheduleState(
            key: key, rule: list.text(2), seen: list.int64(3), runs: try openRuns(key, list.int64(4), connection)))
      }
      return states
    }
  }

  /// Keeps schedules in mind: those that are new, or say something new, from the slot they come with on.
  public func note(_ schedules: [NewSchedule], now: Timestamp) async throws {
    let known = hubs
    let added = try await write(now: now) { transaction in
      var added: [String: Int64] = [:]
      let note = try transaction.connection.prepare(
        """
        INSERT INTO schedules (hub, kind, rule, seen) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (hub, kind) DO UPDATE SET rule = excluded.rule, seen = iif(?5, excluded.seen, max(seen, excluded.seen))
        WHERE rule <> excluded.rule
        """)
      let forget = try transaction.connection.prepare("DELETE FROM schedule_runs WHERE hub = ?1 AND kind = ?2")
      for schedule in schedules {
        let hub = schedule.key.hub
        let id = try added[hub] ?? known[hub]?.id ?? transaction.addHub(hub)
        added[hub] = id
        note.bind(1, id)
        note.bind(2, schedule.key.kind.rawValue)
        note.bind(3, schedule.rule)
        note.bind(4, schedule.seen)
        note.bind(5, schedule.key.kind.countsAnew)
        try note.run()
        guard schedule.key.kind.countsAnew, transaction.connection.changes > 0 else { continue }
        forget.bind(1, id)
        forget.bind(2, schedule.key.kind.rawValue)
        try forget.run()
      }
      return added
    }
    for (hub, id) in added { _ = hubs.remember(hub, id) }
  }

  /// Takes the next step of a run that is new, that waits, or whose scheduler is gone; see ``Keeping/ScheduleStore``.
  public func take(_ step: RunStep) async throws -> ScheduledRun? {
    let hub = try await tables(of: step.key.hub)
    let workers = workers
    return try await write(now: step.now) { transaction in
      try transaction.hold(step.lead)
      guard try transaction.isOpen(step, hub, workers) else { return nil }
      return try transaction.take(step, hub)
    }
  }

  /// Notes that the writes of a run are queued; nothing happens where the run is another's by now.
  public func endRun(
    _ key: ScheduleKey, slot: Int64, owner: String, records: Int, writes: Int, now: Timestamp
  ) async throws {
    let hub = try await tables(of: key.hub)
    try await write(now: now) { transaction in
      let end = try transaction.connection.prepare(
        """
        UPDATE schedule_runs SET state = 2, ended_at = ?5, records = ?6, writes = ?7
        WHERE hub = ?1 AND kind = ?2 AND slot = ?3 AND state = 1 AND owner = ?4
        """)
      end.bind(1, hub.id)
      end.bind(2, key.kind.rawValue)
      end.bind(3, slot)
      end.bind(4, owner)
      end.bind(5, transaction.now)
      end.bind(6, records)
      end.bind(7, writes)
      try end.run()
    }
  }

  /// The latest runs of a schedule, newest first.
  public func runs(of key: ScheduleKey, limit: Int) async throws -> [ScheduledRun] {
    guard let hub = try await tables(ifAnyOf: key.hub) else { return [] }
    return try await read { connection in
      let list = try connection.prepare(
        "\(ScheduledRun.select) WHERE r.hub = ?1 AND r.kind = ?2 ORDER BY r.slot DESC LIMIT ?3")
      list.bind(1, hub.id)
      list.bind(2, key.kind.rawValue)
      list.bind(3, min(max(limit, 0), SQLiteStore.longestList))
      var runs: [ScheduledRun] = []
      while try list.step() { runs.append(try ScheduledRun(row: list, key)) }
      return runs
    }
  }

  /// The ends of the latest pulls of hubs, for those that were ever pulled.
  public func pullEnds(of hubs: [String]) async throws -> [PullEnd] {
    var tables: [(name: String, id: Int64)] = []
    for name in hubs {
      if let hub = try await self.tables(ifAnyOf: name) { tables.append((name, hub.id)) }
    }
    let wanted = tables
    return try await read { connection in
      let ended = try connection.prepare(
        """
        SELECT coalesce((SELECT id FROM pulls WHERE hub = ?1 AND state <> 0 ORDER BY id DESC LIMIT 1), 0),
          coalesce((SELECT id FROM pulls WHERE hub = ?1 AND state = 1 ORDER BY id DESC LIMIT 1), 0),
          records_0 + records_1 + target_0 + target_1 + target_3 FROM hubs WHERE id = ?1
        """)
      return try wanted.compactMap { hub in
        ended.bind(1, hub.id)
        defer { ended.reset() }
        guard try ended.step() else { return nil }
        return PullEnd(
          hub: hub.name, latest: ended.int64(0), latestComplete: ended.int64(1), isDelivered: ended.int64(2) == 0)
      }
    }
  }

  /// When a chore was done last; nil where it never was.
  public func lastTime(of chore: String) async throws -> Timestamp? {
    try await read { connection in
      let find = try connection.prepare("SELECT value FROM meta WHERE name = ?1")
      find.bind(1, "chore.\(chore)")
      defer { find.reset() }
      guard try find.step() else { return nil }
      let text = find.text(0)
      guard let milliseconds = Int64(text) else {
        throw StoreError.damaged("the chore '\(chore)' was done at \"\(text)\", which is no time")
      }
      return Timestamp(milliseconds: milliseconds)
    }
  }

  /// Notes when a chore was done; see ``Keeping/ScheduleStore``.
  public func note(_ chore: String, doneAt time: Timestamp, under lead: Lead) async throws {
    try await write(now: time) { transaction in
      try transaction.hold(lead)
      let keep = try transaction.connection.prepare(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      keep.bind(1, "chore.\(chore)")
      keep.bind(2, String(time.milliseconds))
      try keep.run()
    }
  }
}

extension Transaction {
  /// How many ended runs of a schedule are kept.
  private static let keptRuns = 200

  /// Makes sure that a lead is still its holder's.
  fileprivate func hold(_ lead: Lead?) throws {
    guard let lead else { return }
    let find = try connection.prepare("SELECT 1 FROM leads WHERE name = ?1 AND owner = ?2 AND epoch = ?3")
    find.bind(1, lead.name)
    find.bind(2, lead.owner)
    find.bind(3, lead.epoch)
    defer { find.reset() }
    guard try find.step() else { throw StoreError(.leaseLost, "another scheduler leads by now") }
  }

  /// Whether a step may be taken: the run is new and its slot was not looked at, or it waits, or its scheduler is gone.
  fileprivate func isOpen(_ step: RunStep, _ hub: HubTables, _ workers: WorkerFolder) throws -> Bool {
    let find = try connection.prepare(
      "SELECT state, owner, owner_until FROM schedule_runs WHERE hub = ?1 AND kind = ?2 AND slot = ?3")
    find.bind(1, hub.id)
    find.bind(2, step.key.kind.rawValue)
    find.bind(3, step.slot)
    defer { find.reset() }
    guard try find.step() else {
      let seen = try connection.prepare("SELECT seen FROM schedules WHERE hub = ?1 AND kind = ?2")
      seen.bind(1, hub.id)
      seen.bind(2, step.key.kind.rawValue)
      defer { seen.reset() }
      return try seen.step() && seen.int64(0) < step.slot
    }
    switch ScheduledRunState(rawValue: find.int(0)) {
    case .waiting: return true
    case .begun:
      // Its own scheduler comes again after a new plan was taken up in between.
      let owner = find.text(1)
      return owner == step.owner || (find.optionalInt64(2) ?? 0) < now || !workers.isAlive(owner)
    default: return false
    }
  }

  fileprivate func take(_ step: RunStep, _ hub: HubTables) throws -> ScheduledRun {
    var run = ScheduledRun(
      key: step.key, slot: step.slot, state: .dispatched, missed: step.missed,
      enteredAt: Timestamp(milliseconds: now))
    var until: Int64?
    switch step.action {
    case .pull(let pull, let waits): try start(pull, waits, hub, &run)
    case .begin(let time): (run.state, until) = (.begun, time.milliseconds)
    case .end(let note): run.note = note
    case .wait(let note): (run.state, run.note) = (.waiting, note)
    case .skip(let note): (run.state, run.note) = (.skipped, note)
    case .miss(let note): (run.state, run.note) = (.missed, note)
    }
    if run.state.isOver { run.endedAt = run.enteredAt }
    try keep(run, step.owner, until, hub)
    return run
  }

  /// Starts the pull of a run, unless another one is in its way.
  private func start(_ pull: NewPull, _ waits: Bool, _ hub: HubTables, _ run: inout ScheduledRun) throws {
    if let started = try open(pull, hub) {
      (run.pull, run.pullState) = (started.id, started.openQueries > 0 ? "open" : "complete")
      return
    }
    let find = try connection.prepare("SELECT kind FROM pulls WHERE hub = ?1 AND state = 0")
    find.bind(1, hub.id)
    defer { find.reset() }
    let isAlike = try find.step() && find.int(0) == pull.kind.rawValue
    run.state = isAlike && !waits ? .skipped : .waiting
    run.note = isAlike ? "the pull before it has not ended" : "another pull of the hub has not ended"
  }

  private func keep(_ run: ScheduledRun, _ owner: String, _ until: Int64?, _ hub: HubTables) throws {
    let keep = try connection.prepare(
      """
      INSERT INTO schedule_runs (hub, kind, slot, state, missed, entered_at, ended_at, owner, owner_until, pull, note)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      ON CONFLICT (hub, kind, slot) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at,
        owner = excluded.owner, owner_until = excluded.owner_until, pull = excluded.pull, note = excluded.note
      """)
    keep.bind(1, hub.id)
    keep.bind(2, run.key.kind.rawValue)
    keep.bind(3, run.slot)
    keep.bind(4, run.state.rawValue)
    keep.bind(5, run.missed)
    keep.bind(6, now)
    keep.bind(7, run.endedAt?.milliseconds)
    keep.bind(8, owner)
    keep.bind(9, until)
    keep.bind(10, run.pull)
    keep.bind(11, run.note)
    try keep.run()
    let look = try connection.prepare("UPDATE schedules SET seen = max(seen, ?3) WHERE hub = ?1 AND kind = ?2")
    look.bind(1, hub.id)
    look.bind(2, run.key.kind.rawValue)
    look.bind(3, run.slot)
    try look.run()
    let forget = try connection.prepare(
      """
      DELETE FROM schedule_runs WHERE hub = ?1 AND kind = ?2 AND state >= 2 AND slot <= (
        SELECT slot FROM schedule_runs WHERE hub = ?1 AND kind = ?2 ORDER BY slot DESC LIMIT 1 OFFSET \(Transaction.keptRuns))
      """)
    forget.bind(1, hub.id)
    forget.bind(2, run.key.kind.rawValue)
    try forget.run()
  }
}

/// The runs of a schedule that have not ended, and its latest one.
private func openRuns(_ key: ScheduleKey, _ hub: Int64, _ connection: Connection) throws -> [ScheduledRun] {
  var runs: [ScheduledRun] = []
  for choice in ["r.state < 2 ORDER BY r.slot LIMIT 1000", "1 ORDER BY r.slot DESC LIMIT 1"] {
    let list = try connection.prepare("\(ScheduledRun.select) WHERE r.hub = ?1 AND r.kind = ?2 AND \(choice)")
    list.bind(1, hub)
    list.bind(2, key.kind.rawValue)
    defer { list.reset() }
    while try list.step() {
      let run = try ScheduledRun(row: list, key)
      if runs.last?.slot != run.slot { runs.append(run) }
    }
  }
  return runs
}

extension ScheduledRun {
  fileprivate static let select = """
    SELECT r.slot, r.state, r.missed, r.entered_at, r.ended_at, r.pull, p.state, r.records, r.writes, r.note
    FROM schedule_runs AS r LEFT JOIN pulls AS p ON p.id = r.pull
    """

  fileprivate init(row: Statement, _ key: ScheduleKey) throws {
    guard let state = ScheduledRunState(rawValue: row.int(1)) else {
      throw StoreError.damaged("a scheduled run is in state \(row.int(1))")
    }
    self.init(
      key: key, slot: row.int64(0), state: state, missed: row.int(2),
      enteredAt: Timestamp(milliseconds: row.int64(3)),
      endedAt: row.optionalInt64(4).map(Timestamp.init(milliseconds:)),
      pull: row.optionalInt64(5), pullState: row.optionalInt(6).flatMap { PullState(rawValue: $0) }.map { "\($0)" },
      records: row.int(7), writes: row.int(8), note: row.optionalText(9))
  }
}

extension ScheduleKind {
  fileprivate init(kept number: Int) throws {
    guard let kind = ScheduleKind(rawValue: number) else {
      throw StoreError.damaged("a schedule is of kind \(number)")
    }
    self = kind
  }
}
