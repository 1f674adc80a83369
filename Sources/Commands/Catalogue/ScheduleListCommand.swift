import Keeping
import Plans
import Running
import Scheduling
import ServiceRuntime
import Values

/// `datahub schedule list`: when hubs run.
struct ScheduleListCommand: Command {
  static let form = CommandForm(
    name: "list", summary: "Show when hubs run next, and what became of the last time.",
    arguments: [.optional("HUB", "Only this hub.")],
    options: [.value("count", "N", "How many of the next times.", default: "3")],
    examples: [
      .init("datahub schedule list", "All schedules of development."),
      .init("datahub -e production schedule list orders --count 10 --output json", "One hub, for programs."),
    ])

  /// A schedule, for programs.
  private struct Row: Encodable {
    let hub: String
    let side: String
    let schedule: String
    let timeZone: String?
    let next: [String]
    let last: ScheduledRunView?
  }

  private let hub: String?
  private let count: Int

  init(_ arguments: Arguments) throws(UsageError) {
    hub = arguments.argument("HUB")
    count = try arguments.integer("count", in: 1...1_000, default: 3)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let found = try await OpenStore.with(context) { open in
      let (_, plan) = try await open.deployedPlan()
      if let hub, plan.hub(hub) == nil { throw OpenStore.unknownHub(hub, plan) }
      let states = try await open.store.schedules()
      let last = Dictionary(states.map { ($0.key, $0.runs.last) }, uniquingKeysWith: { $1 })
      return try plan.hubs.filter { hub == nil || $0.name == hub }.flatMap { hubPlan in
        try rows(of: hubPlan, plan, last, now: currentTime())
      }
    }
    if context.console.format == .json {
      try context.console.json(found)
    } else {
      show(found, context.console)
    }
    return .done
  }

  private func rows(
    of hub: HubPlan, _ plan: ExecutionPlan, _ last: [ScheduleKey: ScheduledRun?], now: Timestamp
  ) throws -> [Row] {
    var rows = try Schedule.all(of: hub, timeZone: plan.timeZone).map { schedule in
      let last = last[schedule.key].flatMap { $0 }.map(ScheduledRunView.init)
      switch schedule.trigger {
      case .times(let cron, let zone):
        return Row(
          hub: hub.name, side: schedule.key.kind.name, schedule: cron.text, timeZone: zone.name,
          next: cron.nextTimes(count, after: now, in: zone), last: last)
      case .after(let trigger):
        return Row(
          hub: hub.name, side: schedule.key.kind.name, schedule: "after \(trigger.hub) (\(trigger.on.rawValue))",
          timeZone: nil, next: [], last: last)
      case .fed(let upstream):
        return Row(
          hub: hub.name, side: schedule.key.kind.name, schedule: "fed by \(upstream)", timeZone: nil, next: [],
          last: last)
      }
    }
    if hub.target.schedule == "onRecords" {
      rows.append(Row(hub: hub.name, side: "target", schedule: "onRecords", timeZone: nil, next: [], last: nil))
    }
    return rows
  }

  // MARK: - View

  private func show(_ rows: [Row], _ console: Console) {
    if rows.isEmpty { return console.line("nothing has a schedule") }
    var table = TextTable(["HUB", "SIDE", "SCHEDULE", "ZONE", "NEXT", "LAST"])
    for row in rows {
      let last = row.last.map { "\($0.slot): \($0.outcome)" }
      table.add(
        row.hub, row.side, row.schedule, row.timeZone ?? "",
        row.next.isEmpty ? "-" : row.next.joined(separator: ", "), last ?? "never")
    }
    console.output(table.text())
  }
}

extension CronExpression {
  /// The next times in RFC 3339, as clocks of the zone show them.
  func nextTimes(_ count: Int, after start: Timestamp, in zone: Zone) -> [String] {
    var times: [String] = []
    var time = start
    while times.count < count, let next = next(after: time, in: zone) {
      times.append(next.text(in: zone))
      time = next
    }
    return times
  }
}

extension Timestamp {
  /// RFC 3339 with the zone's offset: `2026-11-24T11:10:00+08:00`.
  fileprivate func text(in zone: Zone) -> String {
    let offset = zone.offset(at: self)
    guard offset % 60 == 0, offset != 0 else { return description }
    let shown = (self + TimeSpan(seconds: Int64(offset))).description.dropLast()
    func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(shown)\(offset < 0 ? "-" : "+")\(digits(abs(offset) / 3_600)):\(digits(abs(offset) / 60 % 60))"
  }
}
