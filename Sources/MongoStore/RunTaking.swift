import Keeping
import MongoKit
import Values

/// Takes the next step of a scheduled run; all of it is one transaction.
///
/// The lead and the schedule are touched, so that of two schedulers that take a step of the same schedule the second sees what
/// the first did, and a lead that passes meanwhile undoes the step.
struct RunTaking: Sendable {
  private let step: RunStep
  private let token: String
  private let ended: EndedSessions

  init(_ step: RunStep, token: String, _ ended: EndedSessions) {
    self.step = step
    self.token = token
    self.ended = ended
  }

  private var id: Value { .string(step.key.id(of: step.slot)) }

  /// A run whose step was taken, and the place of the first task of its pull.
  typealias Taken = (run: ScheduledRun, position: Int64?)

  /// Takes the step; nil where it is not to be taken.
  func run(_ tenant: Tenant) throws -> Taken? {
    if let lead = step.lead { try tenant.hold(lead) }
    guard try isOpen(tenant) else { return nil }
    var run = ScheduledRun(
      key: step.key, slot: step.slot, state: .dispatched, missed: step.missed, enteredAt: step.now)
    var until: Timestamp?
    var position: Int64?
    switch step.action {
    case .pull(let pull, let waits): position = try start(pull, waits, &run, tenant)
    case .begin(let time): (run.state, until) = (.begun, time)
    case .end(let note): run.note = note
    case .wait(let note): (run.state, run.note) = (.waiting, note)
    case .skip(let note): (run.state, run.note) = (.skipped, note)
    case .miss(let note): (run.state, run.note) = (.missed, note)
    }
    if run.state.isOver { run.endedAt = run.enteredAt }
    try keep(run, until, tenant)
    return (run, position)
  }

  /// True where the run shows that this step was taken.
  func wasKept(_ tenant: Tenant) throws -> Bool {
    try tenant.runs.findOne(["_id": id], fields: ["changed": 1])?.text("changed") == token
  }

  /// Whether the step may be taken: the run is new and its slot was not looked at, or it waits, or its scheduler is gone.
  private func isOpen(_ tenant: Tenant) throws -> Bool {
    guard let run = try tenant.runs.findOne(["_id": id], fields: ["state": 1, "owner": 1, "ownerUntil": 1]) else {
      return try tenant.schedules.findOne(["_id": .string(step.key.id), "seen": ["$lt": .int(step.slot)]]) != nil
    }
    switch run.int("state").flatMap(ScheduledRunState.init(rawValue:)) {
    case .waiting: return true
    case .begun:
      // Its own scheduler comes again after a new plan was taken up in between.
      let owner = run.text("owner") ?? ""
      if owner == step.owner { return true }
      if let until = run.time("ownerUntil"), until >= step.now { return try !tenant.isAlive(owner, ended) }
      return true
    default: return false
    }
  }

  /// Starts the pull of a run, unless another one is in its way.
  private func start(_ pull: NewPull, _ waits: Bool, _ run: inout ScheduledRun, _ tenant: Tenant) throws -> Int64? {
    if let open = try tenant.pulls.findOne(["hub": .string(pull.hub), "state": PullState.open.value]) {
      let isAlike = try NewPull.Kind(open) == pull.kind
      run.state = isAlike && !waits ? .skipped : .waiting
      run.note = isAlike ? "the pull before it has not ended" : "another pull of the hub has not ended"
      return nil
    }
    let id = try tenant.takePullNumber()
    let count = pull.queries.count
    let position = try tenant.takeQueuePlaces(count, pull.hub, .source)
    try tenant.open(pull, id, try tenant.takeTaskNumbers(count), position, token)
    (run.pull, run.pullState) = (id, "\(count > 0 ? PullState.open : .complete)")
    return count > 0 ? position : nil
  }

  private func keep(_ run: ScheduledRun, _ until: Timestamp?, _ tenant: Tenant) throws {
    var set: [(String, Value)] = [
      ("state", run.state.value), ("owner", .string(step.owner)), ("changed", .string(token)),
    ]
    var unset: [(String, Value)] = []
    func put(_ name: String, _ value: Value?) {
      if let value { set.append((name, value)) } else { unset.append((name, "")) }
    }
    put("endedAt", run.endedAt.map(Value.timestamp))
    put("ownerUntil", until.map(Value.timestamp))
    put("pull", run.pull.map(Value.int))
    put("note", run.note.map(Value.string))
    try tenant.runs.updateOne(
      ["_id": id],
      [
        "$set": .map(ValueMap(set)), "$unset": .map(ValueMap(unset)),
        "$setOnInsert": [
          "hub": .string(step.key.hub), "kind": step.key.kind.value, "slot": .int(step.slot),
          "missed": .int(Int64(step.missed)), "enteredAt": .timestamp(step.now), "records": 0, "writes": 0,
        ],
      ], upsert: true)
    // The latest run is the one of the last slot that was looked at, unless the schedule was given another start since.
    let schedule = try tenant.schedules.findOne(["_id": .string(step.key.id)], fields: ["latestSlot": 1])
    var seen: [(String, Value)] = [("$max", ["seen": .int(step.slot), "latestSlot": .int(step.slot)])]
    if step.slot >= schedule?.int64("latestSlot") ?? .min { seen.append(("$set", ["latest": id])) }
    try tenant.schedules.updateOne(["_id": .string(step.key.id)], .map(ValueMap(seen)))
  }
}
