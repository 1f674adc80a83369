import Keeping
import Running
import Values

/// What `run` shows at its end.
struct RunView {
  let outcome: RunOutcome
  let console: Console

  /// Shows the summary as the result, and what is left to do as messages.
  func show(now: Timestamp) throws {
    switch console.format {
    case .json: console.line(json.json())
    case .text: console.output(table)
    }
    for line in remarks(now: now) { console.note(printable(line)) }
  }

  private var json: Value {
    let counts = outcome.ending.counts
    let pages = counts.pages
    func number(_ value: Int) -> Value { .int(Int64(value)) }
    return .map(
      ValueMap([
        ("hub", .string(outcome.hub)), ("environment", .string(outcome.environment)),
        ("generation", number(outcome.generation)), ("read", number(pages.read)), ("new", number(pages.new)),
        ("changed", number(pages.changed)), ("unchanged", number(pages.unchanged)),
        ("filtered", number(pages.filtered)),
        ("sent", number(counts.sent)), ("done", number(counts.done)), ("failed", number(counts.failed)),
        ("waiting", number(outcome.records(.waiting))), ("uncertain", number(outcome.records(.uncertain))),
        ("retrying", number(outcome.tasks(.retrying))), ("pending", number(outcome.records(.pending))),
        ("queued", number(outcome.records(.queued))), ("requests", number(counts.requests)),
        ("overBudget", .bool(outcome.ending.exceeded != nil)), ("open", number(outcome.ending.open.records)),
        ("openUntil", outcome.ending.open.until.map { .string($0.description) } ?? .null),
        ("seconds", .decimal(outcome.seconds)),
      ]))
  }

  private var table: String {
    let counts = outcome.ending.counts
    let pages = counts.pages
    var table = TextTable(alignments: [.left, .right])
    table.add(
      "read", grouped(pages.read),
      "\(grouped(pages.new)) new, \(grouped(pages.changed)) changed, \(grouped(pages.unchanged)) unchanged, "
        + "\(grouped(pages.filtered)) filtered")
    table.add("requests", grouped(counts.requests), "to both systems")
    table.add("sent", grouped(counts.sent))
    table.add("done", grouped(counts.done), rate)
    table.add("failed", grouped(counts.failed))
    let left = [
      ("waiting", outcome.records(.waiting)), ("uncertain", outcome.records(.uncertain)), ("left", outcome.recordsLeft),
    ]
    for (name, number) in left where number > 0 { table.add(name, grouped(number)) }
    let head = "\(outcome.hub) in '\(outcome.environment)', generation \(outcome.generation), \(outcome.seconds) s"
    return printable(head) + "\n" + table.text(width: console.width)
  }

  private var rate: String {
    let seconds = outcome.seconds.double
    return seconds > 0 ? "\(grouped(Int(Double(outcome.ending.counts.done) / seconds))) records/s" : ""
  }

  // MARK: - What is left, and what to do

  private func remarks(now: Timestamp) -> [String] {
    var lines: [String] = []
    let counts = outcome.ending.counts
    let call = datahubCall(in: outcome.environment)
    if counts.failed > 0 {
      lines.append("\(counted(counts.failed, "record")) failed\(because).")
      lines.append("See which and why: \(call) record list \(outcome.hub) --state failed")
    }
    if outcome.records(.uncertain) > 0 {
      lines.append(
        "\(counted(outcome.records(.uncertain), "record")) may or may not have arrived; look in the target: "
          + "\(call) record list \(outcome.hub) --state uncertain")
    }
    if outcome.readingFailed {
      lines.append(
        "The source was not read to the end\(because). The next run reads the same window again: \(call) run \(outcome.hub)"
      )
    }
    if let allowed = outcome.ending.exceeded {
      let left = outcome.recordsLeft > 0 ? " \(counted(outcome.recordsLeft, "record")) left as they were." : ""
      lines.append("The run was stopped: \(overBudget(counts, allowed)).\(left)")
      lines.append("Mend what is wrong, apply it, then go on with: \(call) run \(outcome.hub)")
    } else if outcome.isStopped {
      lines.append("Stopped before the end; it goes on with: \(call) run \(outcome.hub)")
    } else if outcome.recordsLeft > outcome.ending.open.records || outcome.tasksLeft > 0 {
      lines += leftOver(call, now)
    } else if outcome.ending.open.records > 0, let until = outcome.ending.open.until {
      lines.append(
        "\(counted(outcome.ending.open.records, "record")) left for more of their group, for \(span(until - now)) at first. "
          + "Then go on with: \(call) run \(outcome.hub), or keep a worker running: \(call) work")
    }
    return lines
  }

  private var because: String { outcome.ending.lastFailure.map { ": \($0.message)" } ?? "" }

  private func leftOver(_ call: String, _ now: Timestamp) -> [String] {
    let what =
      outcome.recordsLeft > 0
      ? "\(counted(outcome.recordsLeft, "record")) not sent yet" : "\(counted(outcome.tasksLeft, "task")) not done yet"
    let start = outcome.isUnreachable ? "A system was not reached\(because)." : "Left over: \(what)\(because)."
    let due = outcome.ending.nextDue.map { "; the next attempt is due in \(span($0 - now)), at \($0)" } ?? ""
    let rest = outcome.isUnreachable ? "Left: \(what)\(due)." : "Nothing is lost\(due)."
    return [start, rest, "Then go on with: \(call) run \(outcome.hub), or keep a worker running: \(call) work"]
  }

  private func span(_ span: TimeSpan) -> String {
    let seconds = max(span.seconds, 0)
    if seconds < 60 { return "\(seconds) s" }
    return seconds < 3_600 ? "\(seconds / 60) min" : "\(seconds / 3_600) h \(seconds / 60 % 60) min"
  }
}
