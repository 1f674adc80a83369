import Keeping
import ServiceRuntime
import Values

/// Makes one change to the tasks a person chooses.
struct TaskBulkAct: Sendable {
  let selection: TaskSelection
  let options: ActOptions
  /// The word of the command.
  let name: String
  /// What became of a task: `retried`.
  let told: String
  let change: TaskChange

  /// The options of every such command.
  static func options(states: [TaskState], default usual: [TaskState] = []) -> [OptionForm] {
    TaskSelection.options + [
      Choosing.state(
        states.map(\.name), default: usual.isEmpty ? nil : usual.map(\.name).joined(separator: ",")),
      Choosing.limit(nil),
    ] + ActOptions.forms
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let numbers = try await open.store.taskNumbers(selection.filter)
      return try await run(numbers, open, context)
    }
  }

  func run(_ numbers: [Int64], _ open: OpenStore, _ context: CommandContext) async throws -> ExitCode {
    if numbers.isEmpty, let hub = selection.filter.hub { try await open.requireHub(hub) }
    let bulk = BulkAct(
      action: "task.\(name)", noun: ("task", "tasks"), verb: (name, told), options: options, isNamed: selection.isNamed)
    let hub = try await hub(of: numbers, open.store)
    let act = Act(
      bulk.action, by: currentUser(), reason: options.reason, hub: hub, details: details, at: currentTime())
    // From the last to the first where the order counts, each part before those that were moved.
    let isReversed = change == .front
    return try await bulk.run(isReversed ? numbers.reversed() : numbers, act, context.console) { first in
      var filter = TaskFilter(limit: BulkAct.shown)
      filter.ids = isReversed ? Array(numbers.prefix(BulkAct.shown)) : first
      let tasks = try await open.store.tasks(filter)
      let sorted = filter.ids.compactMap { id in tasks.first { $0.id == id } }
      return (TaskListCommand.table(sorted), try ValueEncoder().encode(sorted))
    } change: { some, act in
      try await open.store.change(tasks: isReversed ? some.reversed() : some, change, act)
    }
  }

  /// The hub that all the tasks are of, by which the audit log finds the act; nil where they are of several, or too many to look.
  private func hub(of numbers: [Int64], _ store: any Store) async throws -> String? {
    if let hub = selection.filter.hub { return hub }
    guard !numbers.isEmpty, numbers.count <= BulkAct.chunk else { return nil }
    let hubs = Set(try await store.tasks(TaskFilter(ids: numbers, limit: numbers.count)).map(\.hub))
    return hubs.count == 1 ? hubs.first : nil
  }

  /// What the audit log keeps of the choice.
  private var details: Value {
    var fields: [(String, Value)] = [("filter", selection.filter.noted)]
    switch change {
    case .retry(let atEnd): fields.append(("last", .bool(atEnd)))
    case .cancel(let rendersAnew): fields.append(("render", .bool(rendersAnew)))
    case .arrived(let id?): fields.append(("id", .string(id)))
    default: break
    }
    return .map(ValueMap(fields))
  }
}

extension TaskFilter {
  /// The filter as the audit log keeps it.
  var noted: Value {
    var fields: [(String, Value)] = []
    if !ids.isEmpty { fields.append(("ids", .list(ids.prefix(1_000).map { .int($0) }))) }
    if let hub { fields.append(("hub", .string(hub))) }
    if let side { fields.append(("side", .string(side.name))) }
    if !states.isEmpty {
      fields.append(("state", .list(TaskState.allCases.filter { states.contains($0) }.map { .string($0.name) })))
    }
    if !keys.isEmpty { fields.append(("key", .list(keys.prefix(1_000).map { .string($0) }))) }
    if let text { fields.append(("text", .string(text))) }
    if !errors.isEmpty { fields.append(("error", .list(errors.sorted().map { .string($0) }))) }
    if let since { fields.append(("since", .string(since.description))) }
    if let before { fields.append(("before", .string(before.description))) }
    return .map(ValueMap(fields))
  }
}

/// `datahub task front`: moves tasks before all others.
struct TaskFrontCommand: Command {
  static let form = CommandForm(
    name: "front", summary: "Move tasks before all others of their queues.",
    discussion:
      "They come before whatever is there now, in their own order. A task that waits for another attempt is due at once.",
    arguments: [TaskSelection.ids],
    options: TaskBulkAct.options(states: [.ready, .retrying], default: [.ready, .retrying]),
    examples: [
      .init("datahub task front 42 43", "Two tasks."),
      .init("datahub task front --hub orders --key CD000001", "The write of one order."),
    ])

  private let act: TaskBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try TaskSelection(arguments, usual: [.ready, .retrying])
    try selection.requireChoice("front")
    act = TaskBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "front", told: "moved to the front",
      change: .front)
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub task retry`: has tasks run once more.
struct TaskRetryCommand: Command {
  static let form = CommandForm(
    name: "retry", summary: "Have dead or cancelled tasks run once more.",
    discussion:
      "They take their old places, and so come before what is newer; --last puts them behind all others. A write goes out as it "
      + "was rendered, with the same idempotency keys; where one of its records has changed since, it is left and 'datahub record "
      + "retry' sends the records anew. A query takes its pull up again, where no newer pull reads the same window. A task that "
      + "waits for another attempt, chosen by its number or --state retrying, is due at once.",
    arguments: [TaskSelection.ids],
    options: TaskBulkAct.options(states: [.dead, .cancelled, .retrying], default: [.dead])
      + [.flag("last", "Put them behind all others.")],
    examples: [
      .init("datahub task retry --hub orders --dry-run", "What would be retried."),
      .init(
        "datahub task retry --hub orders --error notSent --since 2h", "What could not be sent in the last two hours."),
    ])

  private let act: TaskBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try TaskSelection(arguments, usual: [.dead])
    try selection.requireChoice("retry")
    act = TaskBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "retry", told: "retried",
      change: .retry(atEnd: arguments.flag("last")))
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub task cancel`: takes tasks out of their queues.
struct TaskCancelCommand: Command {
  static let form = CommandForm(
    name: "cancel", summary: "Take tasks out of their queues.",
    discussion:
      "The records of a write are held until 'datahub record release'; with --render they are pending, in their old places, and "
      + "rendered anew, as after a change of the mapping. With a query its whole pull is closed, and the watermark stays. A task "
      + "that a worker runs is marked: it is cancelled where nothing was sent; a request that was on its way ends as what it is, or "
      + "uncertain, never cancelled.",
    arguments: [TaskSelection.ids],
    options: TaskBulkAct.options(states: [.ready, .retrying, .running], default: [.ready, .retrying])
      + [.flag("render", "Have the records rendered anew instead of holding them.")],
    examples: [
      .init("datahub task cancel 42 --reason 'wrong price'", "One task; its records are held."),
      .init("datahub task cancel --hub orders --side target --render", "What was rendered by the old mapping."),
    ])

  private let act: TaskBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try TaskSelection(arguments, usual: [.ready, .retrying])
    try selection.requireChoice("cancel")
    act = TaskBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "cancel", told: "cancelled",
      change: .cancel(rendersAnew: arguments.flag("render")))
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub task resolve`: says what became of uncertain writes.
struct TaskResolveCommand: Command {
  static let form = CommandForm(
    name: "resolve", summary: "Say of uncertain writes whether they arrived.",
    discussion:
      "Look in the target first. What arrived is done. What did not is sent again, in its old place and with the same idempotency "
      + "key; where the source has a newer content by now, that is sent.",
    arguments: [TaskSelection.ids],
    options: TaskBulkAct.options(states: [.uncertain], default: [.uncertain]) + ResolveOptions.forms,
    examples: [
      .init(
        "datahub task resolve 42 --arrived --id SO-2026-118", "The one record of task 42 is there, under this name."),
      .init("datahub task resolve --hub orders --not-arrived --reason 'ERP was down'", "None of them arrived."),
    ])

  private let act: TaskBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try TaskSelection(arguments, usual: [.uncertain])
    try selection.requireChoice("resolve")
    let resolve = try ResolveOptions(arguments)
    act = TaskBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "resolve", told: "resolved",
      change: resolve.hasArrived ? .arrived(id: resolve.id) : .notArrived)
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// What a person says became of a write.
struct ResolveOptions: Sendable {
  static let forms: [OptionForm] = [
    .flag("arrived", "They arrived."), .flag("not-arrived", "They did not arrive."),
    .value("id", "TARGET-ID", "With --arrived and a single record: the name the target gave it."),
  ]

  let hasArrived: Bool
  let id: String?

  init(_ arguments: Arguments) throws(UsageError) {
    guard arguments.flag("arrived") != arguments.flag("not-arrived") else {
      throw UsageError(
        "whether they arrived is to be said", help: "look in the target, then write --arrived or --not-arrived")
    }
    hasArrived = arguments.flag("arrived")
    id = arguments.value("id")
    if id != nil, !hasArrived { throw UsageError("'--id' goes with '--arrived'", help: "leave it out") }
  }
}
