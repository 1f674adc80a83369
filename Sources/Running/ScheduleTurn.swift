import Keeping
import Plans
import Values

/// One schedule's turn in a look of the scheduler.
struct ScheduleTurn {
  /// A run that is due.
  struct Due {
    let slot: Int64
    /// How many times before it were missed.
    let missed: Int
    /// True where nothing is to be done but to note that its time was missed.
    var isMissed = false
  }

  /// The most runs of a schedule that wait for another.
  private static let mostWaiting = 100
  /// How long a scheduler that cannot be seen to live may take to queue writes.
  private static let patience = TimeSpan(seconds: 600)

  let context: RunContext
  let flow: Flow
  let schedule: Schedule
  let lead: Lead?
  let now: Timestamp

  /// Goes on with the runs that are not over; gives those that changed, and those that are still not over.
  func goOn(with runs: [ScheduledRun]) async throws -> (changed: [ScheduledRun], open: [ScheduledRun]) {
    var changed: [ScheduledRun] = []
    for (place, run) in runs.enumerated() {
      // Runs of a source wait for the end of the pull under way: one read tells.
      if schedule.key.kind != .target, try await context.store.openPull(hub: flow.name) != nil {
        return (changed, Array(runs[place...]))
      }
      guard let next = try await start(run.slot, missed: run.missed) else { return (changed, Array(runs[place...])) }
      if next.state != .waiting { changed.append(next) }
      if !next.state.isOver { return (changed, Array(runs[place...])) }
    }
    return (changed, [])
  }

  /// Enters a run that is due, behind those that are not over.
  func enter(_ due: Due, behind open: [ScheduledRun]) async throws -> ScheduledRun? {
    if due.isMissed { return try await take(due.slot, due.missed, .miss(note: "no scheduler ran at its time")) }
    guard !open.isEmpty else { return try await start(due.slot, missed: due.missed) }
    // What waits for another hub's pull reads all there is by then: one run that waits is enough.
    let readsAll = schedule.key.kind == .after || schedule.key.kind == .fed
    let waits = schedule.policy.overlap == .queue && !readsAll && open.count < ScheduleTurn.mostWaiting
    return try await take(
      due.slot, due.missed,
      waits ? .wait(note: "the run before it has not ended") : .skip(note: "the run before it has not ended"))
  }

  // MARK: - Starting

  private func start(_ slot: Int64, missed: Int) async throws -> ScheduledRun? {
    let dispatcher = SourceDispatcher(context)
    switch schedule.key.kind {
    case .source:
      // Where each missed time is made up for, each reads up to its own time.
      let moment = schedule.policy.misfire == .all ? Timestamp(milliseconds: slot) : nil
      return try await take(slot, missed, pull(try await dispatcher.newPull(flow, asOf: moment)))
    case .after, .fed:
      return try await take(slot, missed, pull(try await dispatcher.newPull(flow), waits: true))
    case .remedy:
      return try await take(slot, missed, pull(try await remedy(dispatcher)))
    case .target:
      return try await queueWrites(slot, missed)
    }
  }

  private func remedy(_ dispatcher: SourceDispatcher) async throws -> NewPull? {
    guard let remedy = flow.plan.source.remedy else { return nil }
    return try await dispatcher.newRemedy(flow, remedy)
  }

  private func pull(_ pull: NewPull?, waits: Bool = false) -> RunStep.Action {
    guard let pull else { return .end(note: "there is nothing to read yet") }
    return .pull(pull, waitsForItsLike: waits || schedule.policy.overlap == .queue)
  }

  /// Queues the writes of all pending records; a scheduler that is killed meanwhile leaves a run that is begun again.
  private func queueWrites(_ slot: Int64, _ missed: Int) async throws -> ScheduledRun? {
    guard var run = try await take(slot, missed, .begin(until: now + ScheduleTurn.patience)) else { return nil }
    // What they wait for may have come.
    try await context.store.wakeWaiting(hub: flow.name, now: context.now())
    let total = try await TargetDispatcher(context).dispatchAll(flow)
    guard !context.isStopping else { return run }
    try await context.store.endRun(
      schedule.key, slot: slot, owner: context.owner, records: total.records, writes: total.writes, now: context.now())
    (run.state, run.records, run.writes) = (.dispatched, total.records, total.writes)
    if total.isOverBudget { run.note = "stopped: more records failed than 'stopAfter' allows; the others stay pending" }
    return run
  }

  private func take(_ slot: Int64, _ missed: Int, _ action: RunStep.Action) async throws -> ScheduledRun? {
    try await context.store.take(
      RunStep(
        key: schedule.key, slot: slot, missed: missed, owner: context.owner, lead: lead, action: action,
        now: context.now()))
  }
}
