public import Keeping
public import Plans
public import Scheduling
public import Values

/// One schedule of a plan: what starts a side of a hub.
public struct Schedule: Sendable {
  /// What starts it.
  public enum Trigger: Sendable {
    /// The times of an expression in a zone.
    case times(CronExpression, Zone)
    /// The end of another hub's pull.
    case after(TriggerPlan)
    /// What another hub has delivered, as soon as there is any of it.
    case fed(by: String)
  }

  /// Which one it is.
  public let key: ScheduleKey
  /// What starts it.
  public let trigger: Trigger
  /// What becomes of missed times and overlapping runs.
  public let policy: SchedulingPlan

  /// The schedules of a plan, by hub and kind.
  ///
  /// - Throws: ``RunError`` for an expression or a zone that this program does not know.
  public static func all(of plan: ExecutionPlan) throws -> [Schedule] {
    try plan.hubs.flatMap { try all(of: $0, timeZone: plan.timeZone) }
  }

  /// The schedules of a hub.
  ///
  /// - Parameter timeZone: the zone where the hub has none of its own.
  public static func all(of hub: HubPlan, timeZone: String) throws -> [Schedule] {
    let name = hub.timeZone ?? timeZone
    guard let zone = Zone(name) else {
      throw RunError(.damagedPlan, "hub '\(hub.name)': the time zone '\(name)' is not known on this machine")
    }
    let policy = hub.scheduling ?? SchedulingPlan()
    var schedules: [Schedule] = []
    func add(_ kind: ScheduleKind, _ trigger: Trigger) {
      schedules.append(Schedule(key: ScheduleKey(hub.name, kind), trigger: trigger, policy: policy))
    }
    func times(_ text: String) throws -> Trigger {
      do throws(CronError) {
        return .times(try CronExpression(text), zone)
      } catch {
        throw RunError(.damagedPlan, "hub '\(hub.name)': \(error.message)")
      }
    }
    if let text = hub.source.schedule { add(.source, try times(text)) }
    if let text = hub.target.schedule, text != HubPlan.onRecords { add(.target, try times(text)) }
    if let remedy = hub.source.remedy { add(.remedy, try times(remedy.schedule)) }
    if let after = hub.source.after { add(.after, .after(after)) }
    if let upstream = hub.source.upstream, hub.source.schedule == nil, hub.source.after == nil {
      add(.fed, .fed(by: upstream.hub))
    }
    return schedules
  }

  /// What it says, as a store keeps it: another text is another schedule.
  var rule: String {
    switch trigger {
    case .times(let cron, let zone): "\(cron.text) \(zone.name)"
    case .after(let trigger): "after \(trigger.hub) \(trigger.on.rawValue)"
    case .fed(let hub): "fed by \(hub)"
    }
  }

  /// The next time after a moment; nil for what has no times.
  public func next(after time: Timestamp) -> Timestamp? {
    guard case .times(let cron, let zone) = trigger else { return nil }
    return cron.next(after: time, in: zone)
  }
}

extension HubPlan {
  /// The target schedule that means: as soon as there are records.
  static let onRecords = "onRecords"

  /// Whether records are sent as soon as there are any.
  var sendsOnRecords: Bool { target.schedule == HubPlan.onRecords }
}
