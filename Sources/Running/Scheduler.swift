public import Keeping
public import Plans
import ServiceRuntime
import Synchronization
public import Values

/// Starts what is due: pulls of sources, remedies, writes to targets, and pulls that follow other hubs' pulls.
///
/// Of many schedulers on a store one leads and the others wait for it to end. That only saves work: what makes a run happen
/// once is its row in the store. The leader also removes finished tasks, once a day, as the project's retention says.
public struct Scheduler: Sendable {
  /// What one look came to.
  public struct Look: Sendable {
    /// The runs that were started, put off or passed over.
    public var runs: [ScheduledRun] = []
    /// When something is due next.
    public var next: Timestamp?
    /// True where a run waits for the end of another.
    public var hasWaiting = false
  }

  private static let leadName = "scheduler"

  private let context: RunContext
  private let flows: [String: Flow]
  private let schedules: [Schedule]
  private let bell = Wakeup()
  /// Called with each run that was started, put off or passed over.
  private let report: @Sendable (ScheduledRun) -> Void
  private let retention: RetentionPlan
  private let reportRemoval: @Sendable (Int) -> Void

  /// A scheduler of some hubs of a plan.
  ///
  /// - Parameters:
  ///   - retention: for how long finished tasks of all hubs are kept.
  ///   - removed: called with how many of them were removed.
  public init(
    _ context: RunContext, _ flows: [Flow], timeZone: String, retention: RetentionPlan = .usual,
    report: @escaping @Sendable (ScheduledRun) -> Void = { _ in },
    removed: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    self.retention = retention
    reportRemoval = removed
    self.context = context
    self.flows = Dictionary(flows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    schedules = try flows.flatMap { try Schedule.all(of: $0.plan, timeZone: timeZone) }
    self.report = report
  }

  /// How many schedules there are.
  public var count: Int { schedules.count }

  // MARK: - Staying

  /// Starts what is due, whenever it is, until told to stop.
  public func run() async throws {
    let watch = context.store.watch { [bell] in bell.ring() }
    defer { withExtendedLifetime(watch) {} }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [bell] in
        await context.stop.wait()
        bell.ring()
      }
      defer { group.cancelAll() }
      try await lead()
    }
  }

  private func lead() async throws {
    var look = Look()
    var seen = Seen()
    var isNew = true
    var held: Lead?
    var upkeep = Upkeep(context, retention, report: reportRemoval)
    while !context.isStopping {
      let now = context.now()
      held = try await renewed(held, now)
      guard let lead = held else {
        isNew = true
        upkeep.startOver()
        await context.stop.sleep(for: .seconds(5))
        continue
      }
      let latest = try await see()
      do {
        if isNew || look.hasWaiting || look.next.map({ $0 <= now }) == true || latest != seen {
          look = try await self.look(under: lead)
          (seen, isNew) = (latest, false)
        }
        if !context.isStopping, try await upkeep.goOn(under: lead) { continue }
      } catch let error as StoreError where error.code == .leaseLost {
        (held, isNew) = (nil, true)
        upkeep.startOver()
        continue
      }
      await wait(for: look)
    }
  }

  /// The lead, kept for longer where a third of it is over; nil where another one has it.
  private func renewed(_ lead: Lead?, _ now: Timestamp) async throws -> Lead? {
    let third = TimeSpan(milliseconds: context.lease.milliseconds / 3)
    if let lead, now >= lead.until - context.lease, lead.until - now > third + third { return lead }
    return try await context.store.takeLead(
      Scheduler.leadName, owner: context.owner, until: now + context.lease, now: now)
  }

  /// Waits for the next time, for a change in the store where that matters, or for the lead to be kept for longer.
  private func wait(for look: Look) async {
    let now = context.now()
    // Short enough for the lead, and for clocks that are set.
    let renewal = TimeSpan(milliseconds: context.lease.milliseconds / 3 + 1)
    let untilNext = look.next.map { max($0 - now, TimeSpan(milliseconds: 1)) } ?? renewal
    let dependsOnPulls = look.hasWaiting || schedules.contains { $0.key.kind == .after || $0.key.kind == .fed }
    guard dependsOnPulls else { return await context.stop.sleep(for: min(untilNext, renewal).duration) }
    // A busy store rings all the time.
    await context.stop.sleep(for: min(untilNext, TimeSpan(milliseconds: 300)).duration)
    guard !context.isStopping else { return }
    await bell.wait(atMost: min(untilNext, look.hasWaiting ? TimeSpan(seconds: 2) : TimeSpan(seconds: 5)).duration)
  }

  /// What of the hubs that others wait for is seen.
  private struct Seen: Equatable {
    var ends: [String: PullEnd] = [:]
    /// Up to which position those have delivered that feed others.
    var deliveries: [String: Int64] = [:]
  }

  private func see() async throws -> Seen {
    var seen = Seen()
    var hubs: Set<String> = []
    for schedule in schedules {
      switch schedule.trigger {
      case .times: break
      case .after(let trigger): hubs.insert(trigger.hub)
      case .fed(let hub):
        // Where its own pull ends without success it is read again.
        hubs.insert(schedule.key.hub)
        guard hubs.insert(hub).inserted || seen.deliveries[hub] == nil else { continue }
        try await context.store.keepDeliveries(of: hub)
        seen.deliveries[hub] = try await context.store.latestDelivery(of: hub)
      }
    }
    if hubs.isEmpty { return seen }
    seen.ends = Dictionary(
      try await context.store.pullEnds(of: hubs.sorted()).map { ($0.hub, $0) }, uniquingKeysWith: { $1 })
    return seen
  }

  // MARK: - One look

  /// Starts what is due now.
  ///
  /// - Parameter lead: the lead under which it is done; without one the rows of the runs alone keep others away.
  public func look(under lead: Lead? = nil) async throws -> Look {
    let now = context.now()
    let seen = try await see()
    let states = try await knownStates(now, seen.ends)
    var look = Look()
    for schedule in schedules where !context.isStopping {
      guard let state = states[schedule.key], let flow = flows[schedule.key.hub] else { continue }
      let turn = ScheduleTurn(context: context, flow: flow, schedule: schedule, lead: lead, now: now)
      let runs = try await turn.goOn(with: state.runs.filter { !$0.state.isOver })
      var open = runs.open
      look.runs += runs.changed
      let due = try await steps(schedule, state, now, seen)
      if due.isPutOff { look.hasWaiting = true }
      for step in due.steps {
        guard let run = try await turn.enter(step, behind: open) else { continue }
        if !run.state.isOver { open.append(run) }
        look.runs.append(run)
      }
      look.hasWaiting = look.hasWaiting || !open.isEmpty
    }
    for run in look.runs { report(run) }
    look.next = schedules.lazy.compactMap { $0.next(after: now) }.min()
    return look
  }

  /// What the store knows of the schedules, with those that are new to it from now on.
  private func knownStates(_ now: Timestamp, _ ends: [String: PullEnd]) async throws -> [ScheduleKey: ScheduleState] {
    let states = try await context.store.schedules()
    let known = Dictionary(states.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    let new = schedules.filter { known[$0.key]?.rule != $0.rule }
    guard !new.isEmpty else { return known }
    try await context.store.note(
      new.map { schedule in
        let seen: Int64
        switch schedule.trigger {
        // The minute it is seen first counts: who writes a schedule and looks at once expects it to run.
        case .times: seen = now.milliseconds - now.milliseconds % 60_000 - 1
        case .after(let trigger): seen = ends[trigger.hub]?.latest ?? 0
        // What was delivered before it was there is read as well.
        case .fed: seen = SourceDispatcher.beforeAll
        }
        return NewSchedule(key: schedule.key, rule: schedule.rule, seen: seen)
      }, now: now)
    return Dictionary(try await context.store.schedules().map { ($0.key, $0) }, uniquingKeysWith: { $1 })
  }

  /// How long a hub that is still being sent to is not read by those it feeds: else they would read a few records at a time.
  private static let breath = TimeSpan(seconds: 30)
  /// How long after a pull that failed a hub that another one feeds is read again, where nothing new is delivered.
  private static let patience = TimeSpan(seconds: 300)

  /// The runs of a schedule that are due, and whether there is one that is put off for a while.
  private func steps(
    _ schedule: Schedule, _ state: ScheduleState, _ now: Timestamp, _ seen: Seen
  ) async throws -> (steps: [ScheduleTurn.Due], isPutOff: Bool) {
    switch schedule.trigger {
    case .times(let cron, let zone):
      let due = DueTimes(cron, in: zone, after: Timestamp(milliseconds: state.seen), now: now, schedule.policy)
      if let time = due.passedOver {
        return ([.init(slot: time.milliseconds, missed: due.missed, isMissed: true)], false)
      }
      let steps = due.times.enumerated().map { place, time in
        ScheduleTurn.Due(slot: time.milliseconds, missed: place == 0 ? due.missed : 0)
      }
      return (steps, false)
    case .after(let trigger):
      guard let end = seen.ends[trigger.hub] else { return ([], false) }
      let pull = trigger.on == .any ? end.latest : end.latestComplete
      guard pull > state.seen, trigger.on != .delivered || end.isDelivered else { return ([], false) }
      return ([.init(slot: pull, missed: 0)], false)
    case .fed(let hub):
      guard let latest = seen.deliveries[hub] else { return ([], false) }
      let cursor = try await context.store.cursor(hub: schedule.key.hub, upstream: hub)
      guard cursor.map({ latest > $0 }) ?? true else { return ([], false) }
      var slot = latest
      var rest = seen.ends[hub]?.isDelivered == false ? Scheduler.breath : .zero
      if latest <= state.seen {
        // It was looked at, and is not read: the pull for it has failed, unless it is still under way.
        guard state.runs.allSatisfy(\.state.isOver), try await context.store.openPull(hub: schedule.key.hub) == nil
        else { return ([], false) }
        slot = state.seen + 1
        rest = state.runs.last?.pullState == "failed" ? Scheduler.patience : Scheduler.breath
      }
      let last = state.runs.last?.enteredAt
      if let last, now >= last, now - last < rest { return ([], true) }
      return ([.init(slot: slot, missed: 0)], false)
    }
  }
}
