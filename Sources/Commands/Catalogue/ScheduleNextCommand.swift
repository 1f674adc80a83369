import Scheduling
import ServiceRuntime
import Values

/// `datahub schedule next`: when a cron expression is due.
struct ScheduleNextCommand: Command {
  static let form = CommandForm(
    name: "next", summary: "Show when a cron expression is due; needs no project.",
    discussion:
      "Across changes of the clock: fixed times that are skipped are due right after the gap, fixed times that come twice "
      + "are due once, and what begins with * in minute or hour follows the time that goes by.",
    arguments: [.rest("EXPR", "The expression, in one word or five.")],
    options: [
      .value("zone", "ZONE", "The time zone.", default: "UTC"),
      .value("from", "TIME", "The moment after which (RFC 3339). Default: now."),
      .value("count", "N", "How many times.", default: "5"),
      .value(
        "in", "FILE",
        #"Answer each line of a file, {"expression": ..., "zone": ..., "from": ...}, with a line of JSON; '-' is the input."#
      ),
    ],
    examples: [
      .init("datahub schedule next '0 */2 * * mon-fri' --zone Asia/Shanghai", "The next five times."),
      .init("datahub schedule next '30 2 * * *' --zone Europe/Berlin --from 2026-03-28T00:00:00Z", "Over a change."),
    ])

  private let text: String?
  private let zone: Zone
  private let from: Timestamp?
  private let count: Int
  private let path: String?

  init(_ arguments: Arguments) throws(UsageError) {
    let words = arguments.arguments("EXPR")
    text = words.isEmpty ? nil : words.joined(separator: " ")
    path = arguments.value("in")
    count = try arguments.integer("count", in: 1...10_000, default: 5)
    guard (text == nil) != (path == nil) else {
      throw UsageError("an expression is to be given, or --in", help: "write datahub schedule next '0 */2 * * *'")
    }
    let name = arguments.value("zone") ?? "UTC"
    guard let zone = Zone(name) else {
      throw UsageError("'\(name)' is no time zone", help: "write a name such as Asia/Shanghai, or +08:00")
    }
    self.zone = zone
    from = arguments.value("from").flatMap { Timestamp($0) }
    if let given = arguments.value("from"), from == nil {
      throw UsageError("'\(given)' is not a value of '--from'", help: "write a moment such as 2026-01-01T00:00:00Z")
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let console = context.console
    if let path { return try answer(path, context) }
    do throws(CronError) {
      let times = try CronExpression(text ?? "").nextTimes(count, after: from ?? currentTime(), in: zone)
      if console.format == .json {
        console.line(Value.list(times.map { .string($0) }).json())
      } else {
        for time in times { console.line(time) }
      }
      return .done
    } catch {
      throw CommandFailure(.findings, error.message, help: error.help)
    }
  }

  private func answer(_ path: String, _ context: CommandContext) throws -> ExitCode {
    var lines = try LineReader(path == "-" ? nil : context.surroundings.absolute(path))
    var number = 0
    var exit = ExitCode.done
    while let line = try lines.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        context.console.line(Value.map(ValueMap([("times", try times(Value(jsonBytes: Array(line))))])).json())
      } catch {
        exit = .findings
        let message = (error as? CronError)?.description ?? CommandFailure.explaining(error).message
        context.console.line(
          Value.map(ValueMap([("line", .int(Int64(number))), ("error", .string(message))])).json())
      }
    }
    return exit
  }

  private func times(_ line: Value) throws -> Value {
    guard let text = line["expression"]?.stringValue else {
      throw CommandFailure(.findings, "the line has no 'expression'")
    }
    let name = line["zone"]?.stringValue ?? zone.name
    let start = line["from"]?.stringValue
    guard let zone = Zone(name) else { throw CommandFailure(.findings, "'\(name)' is no time zone") }
    guard let time = start.map({ Timestamp($0) }) ?? (from ?? currentTime()) else {
      throw CommandFailure(.findings, "'\(start ?? "")' is no moment")
    }
    return .list(try CronExpression(text).nextTimes(count, after: time, in: zone).map { .string($0) })
  }
}
