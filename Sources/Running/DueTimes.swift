import Plans
import Scheduling
import Values

/// Which times of a schedule are to be run for, seen from a moment.
struct DueTimes: Equatable {
  /// The times to run for, the oldest first.
  var times: [Timestamp] = []
  /// How many times are passed over.
  var missed = 0
  /// The latest time, where it is not run for.
  var passedOver: Timestamp?

  /// A time that is looked at so soon was not missed, however busy the machine is.
  private static let patience = TimeSpan(seconds: 120)
  /// The most times that are made up for at once.
  private static let mostTimes = 100
  /// The most times that are counted.
  private static let mostCounted = 1_000
  private static let day = TimeSpan(seconds: 86_400)

  /// The times after `seen`, up to now.
  init(_ cron: CronExpression, in zone: Zone, after seen: Timestamp, now: Timestamp, _ policy: SchedulingPlan) {
    guard let latest = cron.previous(upTo: now, in: zone), latest > seen else { return }
    let catchUp = policy.catchUpMilliseconds.map { TimeSpan(milliseconds: $0) }
    func isRecent(_ time: Timestamp, _ span: TimeSpan?) -> Bool {
      // However short the span, a time that was not missed is in it.
      span.map { now - time <= max($0, DueTimes.patience) } ?? true
    }
    switch policy.misfire ?? .latest {
    case .skip: times = isRecent(latest, DueTimes.patience) ? [latest] : []
    case .latest: times = isRecent(latest, catchUp) ? [latest] : []
    case .all:
      var time = Optional(latest)
      while let each = time, each > seen, isRecent(each, catchUp ?? DueTimes.day), times.count < DueTimes.mostTimes {
        times.append(each)
        time = cron.previous(upTo: each - TimeSpan(seconds: 1), in: zone)
      }
      times.reverse()
    }
    if times.isEmpty { passedOver = latest }
    missed = DueTimes.count(cron, zone, seen, latest) - times.count
  }

  private static func count(_ cron: CronExpression, _ zone: Zone, _ seen: Timestamp, _ latest: Timestamp) -> Int {
    var count = 0
    var time = seen
    while count < mostCounted, let next = cron.next(after: time, in: zone), next <= latest {
      count += 1
      time = next
    }
    // A change of the zone's rules between two calls cannot make it less than what is run.
    return max(count, 1)
  }
}
