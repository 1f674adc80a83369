import Keeping
import Plans
import Values

/// What the leading scheduler does once a day besides: it removes finished tasks the project's retention lets go.
///
/// It is done in parts, so that schedules are looked at and the lead is kept in between. When it was done last is kept in the
/// store; where a scheduler ends in the middle, the next one goes on.
struct Upkeep {
  /// One removal that is under way.
  private struct Sweep {
    /// Only what was over by then: it comes to an end however much is finished meanwhile.
    let time: Timestamp
    var numbers: ArraySlice<Int64> = []
    var act: Act
    var count = 0
  }

  /// The name the store keeps its time by.
  static let chore = "prune"
  private static let period = TimeSpan(seconds: 86_400)

  private let context: RunContext
  private let retention: RetentionPlan
  /// How many tasks are looked for at once: to find them the whole queue is read.
  private let batch: Int
  private let report: @Sendable (Int) -> Void
  private var sweep: Sweep?
  /// When it was done last; nil where that is yet to be looked at.
  private var last: Timestamp?

  /// - Parameter report: called with how many tasks were removed, where there were any.
  init(
    _ context: RunContext, _ retention: RetentionPlan, batch: Int = 50 * Pruner.chunk,
    report: @escaping @Sendable (Int) -> Void
  ) {
    self.context = context
    self.retention = retention
    self.batch = batch
    self.report = report
  }

  /// Begins anew: another scheduler led meanwhile.
  mutating func startOver() { (sweep, last) = (nil, nil) }

  /// Does the next part of what is due; true where there is more to do at once.
  mutating func goOn(under lead: Lead) async throws -> Bool {
    guard var sweep = try await begun() else { return false }
    let pruner = Pruner(context.store)
    if sweep.numbers.isEmpty {
      sweep.numbers = try await pruner.due(retention, TaskFilter(limit: batch), now: sweep.time)[...]
    }
    guard !sweep.numbers.isEmpty else {
      try await context.store.note(Upkeep.chore, doneAt: sweep.time, under: lead)
      (self.sweep, last) = (nil, sweep.time)
      if sweep.count > 0 { report(sweep.count) }
      return false
    }
    sweep.count += try await pruner.prune(Array(sweep.numbers.prefix(Pruner.chunk)), &sweep.act)
    sweep.numbers = sweep.numbers.dropFirst(Pruner.chunk)
    self.sweep = sweep
    return true
  }

  /// The removal under way, or a new one where it is time for that.
  private mutating func begun() async throws -> Sweep? {
    if let sweep { return sweep }
    let now = context.now()
    if last == nil { last = try await context.store.lastTime(of: Upkeep.chore) }
    // A time to come is that of a clock that was set back since.
    if let last, last <= now, now - last < Upkeep.period { return nil }
    let act = Act(
      "task.prune", by: "scheduler@\(context.owner)", reason: "the project's retention",
      details: [
        "doneMilliseconds": .int(retention.doneMilliseconds), "deadMilliseconds": .int(retention.deadMilliseconds),
      ], at: now)
    return Sweep(time: now, act: act)
  }
}
