import Keeping
import ServiceRuntime
import Values

/// The options by which tasks or records are chosen, alike for all commands that list or change them.
enum Choosing {
  /// The most that one act changes where nothing else is said.
  static let most = 10_000_000

  static func state(_ names: [String], default fallback: String? = nil) -> OptionForm {
    .value(
      "state", "STATE,...", "Only these states: \(names.joined(separator: ", ")).", default: fallback, repeats: true)
  }

  static let hub = OptionForm.value("hub", "HUB", "Only this hub's.")
  static let side = OptionForm.value(
    "side", "SIDE", "Only queries (source) or only writes (target).", choices: ["source", "target"])
  static let error = OptionForm.value(
    "error", "KIND,...", "Only with errors of these kinds: rejected, mapping, notSent, uncertain, ...", repeats: true)
  static let olderThan = OptionForm.value("older-than", "DURATION", "Only what has been as it is for so long: 2h, 7d.")
  static let since = OptionForm.value("since", "TIME", "Only what changed since: 2h (ago), 2026-11-20T08:00:00Z.")
  static let key = OptionForm.value(
    "key", "KEY", "Only the record of this key; of tasks, those it was last in.", repeats: true)
  static let text = OptionForm.value("text", "TEXT", "Only records whose key or number contains a text.")
  static func limit(_ fallback: Int?) -> OptionForm {
    .value(
      "limit", "N", fallback == nil ? "The most to change." : "The most to list.", default: fallback.map { "\($0)" })
  }

  static let times = [olderThan, since]

  /// The time before which what is chosen was changed last.
  static func before(_ arguments: Arguments, now: Timestamp) throws(UsageError) -> Timestamp? {
    try age(arguments).map { now - $0 }
  }

  /// How long what is chosen has been as it is; what may be removed for it is not left to a guess of its unit.
  static func age(_ arguments: Arguments) throws(UsageError) -> TimeSpan? {
    guard let text = arguments.value("older-than") else { return nil }
    guard let span = TimeSpan(text, days: true), span >= .zero else {
      throw UsageError(
        "'\(text)' is not a value of '--older-than'", help: "write a length of time with its unit, such as 2h or 90d")
    }
    return span
  }

  /// The time since when what is chosen was changed.
  static func since(_ arguments: Arguments, now: Timestamp) throws(UsageError) -> Timestamp? {
    guard let text = arguments.value("since") else { return nil }
    if let span = TimeSpan(text, days: true), span >= .zero { return now - span }
    if let moment = Timestamp(text) { return moment }
    throw UsageError(
      "'\(text)' is not a value of '--since'",
      help: "write a length of time such as 2h, or a moment: 2026-11-20T08:00:00Z")
  }

  /// The most to list or to change.
  static func limit(_ arguments: Arguments, listing fallback: Int?) throws(UsageError) -> Int {
    let most = fallback == nil ? Choosing.most : 10_000
    return try arguments.integer("limit", in: 1...most, default: fallback ?? most)
  }

  /// The kinds of error.
  static func errors(_ arguments: Arguments) -> Set<String> {
    Set(arguments.values("error").flatMap { $0.split(separator: ",") }.map { String($0) })
  }
}

/// Which tasks a command is about.
struct TaskSelection: Sendable {
  static let ids = ArgumentForm.rest("ID", "The tasks' numbers; without any, the options choose.")
  static let options = [Choosing.hub, Choosing.side, Choosing.error] + Choosing.times + [Choosing.key, Choosing.text]

  private(set) var filter: TaskFilter
  /// True where tasks were named by their numbers.
  var isNamed: Bool { !filter.ids.isEmpty }
  /// True where nothing was said that would leave any task out.
  let isEverything: Bool

  /// - Parameters:
  ///   - usual: the states that are meant where neither states nor numbers are given.
  ///   - fallback: how many are listed where nothing else is said; nil where they are changed.
  init(_ arguments: Arguments, usual: Set<TaskState> = [], listing fallback: Int? = nil) throws(UsageError) {
    let now = currentTime()
    var ids: [Int64] = []
    for text in arguments.arguments("ID") {
      ids.append(Int64(try arguments.integer(text, "ID", in: 1...Int.max)))
    }
    let states = try arguments.names("state", among: TaskState.allCases.map(\.name)) { TaskState(name: $0) }
    filter = TaskFilter(
      ids: ids, hub: arguments.value("hub"), side: Side.allCases.first { $0.name == arguments.value("side") },
      states: states.isEmpty && ids.isEmpty ? usual : Set(states), keys: arguments.values("key"),
      text: arguments.value("text"), errors: Choosing.errors(arguments), since: try Choosing.since(arguments, now: now),
      before: try Choosing.before(arguments, now: now),
      limit: try Choosing.limit(arguments, listing: fallback))
    isEverything =
      ids.isEmpty && states.isEmpty
      && !["hub", "side", "error", "older-than", "since", "key", "text"].contains { arguments.flag($0) }
    if filter.hub == nil, !filter.keys.isEmpty || filter.text != nil {
      throw UsageError("the hub of the records is to be said", help: "write --hub HUB beside --key or --text")
    }
  }

  /// - Throws: where nothing was chosen: to change everything must be said.
  func requireChoice(_ command: String) throws(UsageError) {
    guard isEverything else { return }
    throw UsageError(
      "which tasks is to be said",
      help: "name their numbers, or choose them: datahub task \(command) --hub HUB --state STATE")
  }
}

/// Which records a command is about.
struct RecordSelection: Sendable {
  static let hub = ArgumentForm.required("HUB", "The hub.")
  static let keys = ArgumentForm.rest("KEY", "The records' keys; without any, the options choose.")
  static let options = [Choosing.error] + Choosing.times + [Choosing.text]

  private(set) var filter: RecordFilter
  var isNamed: Bool { !filter.keys.isEmpty }
  let isEverything: Bool

  /// - Parameters:
  ///   - usual: the states that are meant where neither states nor keys are given.
  ///   - fallback: how many are listed where nothing else is said; nil where they are changed.
  init(_ arguments: Arguments, usual: Set<RecordState> = [], listing fallback: Int? = nil) throws(UsageError) {
    let now = currentTime()
    let states = try arguments.names("state", among: RecordState.allCases.map(\.name)) { RecordState(name: $0) }
    let keys = arguments.arguments("KEY") + arguments.values("key")
    filter = RecordFilter(
      hub: try arguments.required("HUB"), states: states.isEmpty && keys.isEmpty ? usual : Set(states), keys: keys,
      text: arguments.value("text") ?? arguments.value("search"), errors: Choosing.errors(arguments),
      since: try Choosing.since(arguments, now: now), before: try Choosing.before(arguments, now: now),
      limit: try Choosing.limit(arguments, listing: fallback))
    isEverything =
      keys.isEmpty && states.isEmpty
      && !["error", "older-than", "since", "text", "search"].contains { arguments.flag($0) }
  }
}
