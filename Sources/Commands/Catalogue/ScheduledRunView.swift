import Keeping
import Values

/// A run of a schedule, as commands show it.
struct ScheduledRunView: Encodable, Sendable {
  let hub: String
  let side: String
  /// The time it is for; RFC 3339.
  let time: String?
  /// For `after`: the pull it follows.
  let follows: Int64?
  /// For `fed`: the position up to which the other hub had delivered.
  let upTo: Int64?
  let state: String
  let missed: Int
  let pull: Int64?
  let pullState: String?
  let records: Int
  let writes: Int
  let note: String?

  init(_ run: ScheduledRun) {
    hub = run.key.hub
    side = run.key.kind.name
    let kind = run.key.kind
    time = kind == .after || kind == .fed ? nil : Timestamp(milliseconds: run.slot).description
    follows = kind == .after ? run.slot : nil
    upTo = kind == .fed ? run.slot : nil
    state = run.state.name
    missed = run.missed
    pull = run.pull
    pullState = run.pullState
    records = run.records
    writes = run.writes
    note = run.note
  }

  /// What became of it, in a few words.
  var outcome: String {
    var text: String
    switch (pull, pullState) {
    case (let pull?, "open"?): text = "pull \(pull) under way"
    case (let pull?, let state?): text = "pull \(pull) \(state)"
    default:
      text =
        side == ScheduleKind.target.name && state == ScheduledRunState.dispatched.name
        ? "\(counted(writes, "write")) queued" : state
    }
    if let note { text += " (\(note))" }
    if missed > 0 { text += ", \(counted(missed, "time")) missed before" }
    return text
  }

  /// What it is for.
  var slot: String { time ?? upTo.map { "fed up to \($0)" } ?? "after pull \(follows ?? 0)" }

  /// Hub, side, time and outcome in a line.
  var line: String { "\(slot)  \(hub) \(side): \(outcome)" }
}
